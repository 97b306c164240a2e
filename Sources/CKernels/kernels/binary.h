// out = op(a, b).
#pragma once

#define CK_BINARY_INTEGERS(S, T, U)                                                          \
  CK_BINARY_KERNEL(add_##S, T, T, CK_VECTORIZE, (U)x + (U)y)                                 \
  CK_BINARY_KERNEL(sub_##S, T, T, CK_VECTORIZE, (U)x - (U)y)                                 \
  CK_BINARY_KERNEL(mul_##S, T, T, CK_VECTORIZE, (U)x *(U)y)                                  \
  CK_BINARY_KERNEL(floor_divide_##S, T, T, CK_SCALAR, floor_divide_##S##_of(x, y))           \
  CK_BINARY_KERNEL(div_trunc_##S, T, T, CK_SCALAR, div_trunc_##S##_of(x, y))                 \
  CK_BINARY_KERNEL(remainder_##S, T, T, CK_SCALAR, remainder_##S##_of(x, y))                 \
  CK_BINARY_KERNEL(fmod_##S, T, T, CK_SCALAR, fmod_##S##_of(x, y))                           \
  CK_BINARY_KERNEL(pow_##S, T, T, CK_SCALAR, pow_##S##_of(x, y))
CK_INTEGERS(CK_BINARY_INTEGERS)

#define CK_BINARY_BITS(S, T, U)                                                              \
  CK_BINARY_KERNEL(bitwise_and_##S, T, T, CK_VECTORIZE, x &y)                                \
  CK_BINARY_KERNEL(bitwise_or_##S, T, T, CK_VECTORIZE, x | y)                                \
  CK_BINARY_KERNEL(bitwise_xor_##S, T, T, CK_VECTORIZE, x ^ y)                               \
  CK_BINARY_KERNEL(maximum_##S, T, T, CK_VECTORIZE, x >= y ? x : y)                          \
  CK_BINARY_KERNEL(minimum_##S, T, T, CK_VECTORIZE, x <= y ? x : y)
CK_BINARY_BITS(bool, uint8_t, )
CK_INTEGERS(CK_BINARY_BITS)

#define CK_BINARY_FLOATS(S, T, U)                                                            \
  CK_BINARY_KERNEL(add_##S, T, T, CK_VECTORIZE, x + y)                                       \
  CK_BINARY_KERNEL(sub_##S, T, T, CK_VECTORIZE, x - y)                                       \
  CK_BINARY_KERNEL(mul_##S, T, T, CK_VECTORIZE, x *y)                                        \
  CK_BINARY_KERNEL(mul_doubled_##S, T, T, CK_VECTORIZE, x *(y + y))                          \
  CK_BINARY_KERNEL(div_##S, T, T, CK_VECTORIZE, x / y)                                       \
  CK_BINARY_KERNEL(div_trunc_##S, T, T, CK_VECTORIZE, __builtin_elementwise_trunc(x / y))    \
  CK_BINARY_KERNEL(floor_divide_##S, T, T, CK_SCALAR, floor_divide_##S##_of(x, y))           \
  CK_BINARY_KERNEL(remainder_##S, T, T, CK_SCALAR, remainder_##S##_of(x, y))                 \
  /* A NaN on the left compares false below, so it is asked for by itself; on the right it is what remains. */ \
  CK_BINARY_KERNEL(maximum_##S, T, T, CK_VECTORIZE, ((x >= y) | (x != x)) ? x : y)             \
  CK_BINARY_KERNEL(minimum_##S, T, T, CK_VECTORIZE, ((x <= y) | (x != x)) ? x : y)
CK_FLOATS(CK_BINARY_FLOATS)

#define CK_BINARY_FUNCTION_KERNELS(NAME)                                                     \
  CK_BINARY_KERNEL(NAME##_f32, float, float, CK_SCALAR, NAME##f(x, y))                       \
  CK_BINARY_KERNEL(NAME##_f64, double, double, CK_SCALAR, NAME(x, y))
CK_BINARY_FUNCTION_KERNELS(fmod)
CK_BINARY_FUNCTION_KERNELS(pow)
CK_BINARY_FUNCTION_KERNELS(atan2)
CK_BINARY_FUNCTION_KERNELS(hypot)

#define CK_BINARY_LOGICAL(S, T, U)                                                           \
  CK_BINARY_KERNEL(logical_and_##S, uint8_t, T, CK_VECTORIZE, (x != 0) & (y != 0))           \
  CK_BINARY_KERNEL(logical_or_##S, uint8_t, T, CK_VECTORIZE, (x != 0) | (y != 0))            \
  CK_BINARY_KERNEL(logical_xor_##S, uint8_t, T, CK_VECTORIZE, (x != 0) ^ (y != 0))
CK_ALL_TYPES(CK_BINARY_LOGICAL)

// MARK: With a factor

/// static void NAME: out = EXPR of x, y and the factor f.
#define CK_SCALED_KERNEL(NAME, T, EXPR)                                                      \
  static void NAME(                                                                          \
      size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, \
      const void *factor) {                                                                  \
    T *const o = out;                                                                        \
    const T *const p = a;                                                                    \
    const T *const q = b;                                                                    \
    const T f = *(const T *)factor;                                                          \
    if (so == 1 && sa == 1 && sb == 1) {                                                     \
      CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                          \
        const T x = p[i], y = q[i];                                                          \
        o[i] = (T)(EXPR);                                                                    \
      }                                                                                      \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) {                                                       \
        const T x = CK_AT(p, i, sa), y = CK_AT(q, i, sb);                                    \
        CK_AT(o, i, so) = (T)(EXPR);                                                         \
      }                                                                                      \
    }                                                                                        \
  }

#define CK_SCALED_KERNELS(S, T, U)                                                           \
  CK_SCALED_KERNEL(add_scaled_##S, T, (U)x + (U)f * (U)y)                                    \
  CK_SCALED_KERNEL(scale_add_##S, T, (U)f * (U)x + (U)y)
CK_NUMBERS(CK_SCALED_KERNELS)
