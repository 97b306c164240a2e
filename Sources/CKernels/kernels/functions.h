// Scalar building blocks shared by the kernels, all inlined and free of branches where they can be vectorised.
#pragma once

#define CK_INLINE static inline __attribute__((always_inline, unused))

/// PyTorch's floor division of floats: Python's, except that a zero divisor gives the quotient a / b.
#define CK_DEFINE_FLOAT_DIVISION(S, T, FMOD, FLOOR, COPYSIGN)                                \
  CK_INLINE T floor_divide_##S##_of(T x, T y) {                                              \
    if (y == 0) return x / y;                                                                \
    const T mod = FMOD(x, y);                                                                \
    T quotient = (x - mod) / y;                                                              \
    if (mod != 0 && (y < 0) != (mod < 0)) quotient -= 1;                                     \
    if (quotient == 0) return COPYSIGN((T)0, x / y);                                         \
    const T floored = FLOOR(quotient);                                                       \
    return quotient - floored > (T)0.5 ? floored + 1 : floored;                              \
  }                                                                                          \
  CK_INLINE T remainder_##S##_of(T x, T y) {                                                 \
    const T mod = FMOD(x, y);                                                                \
    return mod != 0 && (y < 0) != (mod < 0) ? mod + y : mod;                                 \
  }

CK_DEFINE_FLOAT_DIVISION(f32, float, fmodf, floorf, copysignf)
CK_DEFINE_FLOAT_DIVISION(f64, double, fmod, floor, copysign)

/// Integer division without traps: by zero the quotient is 0 and the remainder the dividend; the least value by -1 wraps.
#define CK_DEFINE_INTEGER_DIVISION(S, T, U)                                                  \
  CK_INLINE T div_trunc_##S##_of(T x, T y) {                                                 \
    if (y == 0) return 0;                                                                    \
    return y == (T)-1 && (T)-1 < 0 ? (T)(0 - (U)x) : (T)(x / y);                             \
  }                                                                                          \
  CK_INLINE T fmod_##S##_of(T x, T y) {                                                      \
    if (y == 0) return x;                                                                    \
    return y == (T)-1 && (T)-1 < 0 ? 0 : (T)(x % y);                                         \
  }                                                                                          \
  CK_INLINE T remainder_##S##_of(T x, T y) {                                                 \
    const T mod = fmod_##S##_of(x, y);                                                       \
    return y != 0 && mod != 0 && (y < 0) != (mod < 0) ? (T)(mod + y) : mod;                  \
  }                                                                                          \
  CK_INLINE T floor_divide_##S##_of(T x, T y) {                                              \
    const T mod = fmod_##S##_of(x, y);                                                       \
    const T quotient = div_trunc_##S##_of(x, y);                                             \
    return y != 0 && mod != 0 && (y < 0) != (mod < 0) ? (T)(quotient - 1) : quotient;        \
  }                                                                                          \
  /* By squaring. A negative exponent gives the truncated 1 / x^|y|: 0 unless x is 1 or -1. */ \
  CK_INLINE T pow_##S##_of(T x, T y) {                                                       \
    if (y < 0) return x == 1 ? 1 : x == (T)-1 ? (y % 2 == 0 ? 1 : (T)-1) : 0;                \
    U result = 1, base = (U)x;                                                               \
    for (uint64_t e = (uint64_t)y; e != 0; e >>= 1) {                                        \
      if (e & 1) result *= base;                                                             \
      base *= base;                                                                          \
    }                                                                                        \
    return (T)result;                                                                        \
  }
CK_INTEGERS(CK_DEFINE_INTEGER_DIVISION)
