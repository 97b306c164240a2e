// out = op(a).
#pragma once

// MARK: Integers and bool

#define CK_UNARY_INTEGERS(S, T, U)                                                           \
  CK_UNARY_KERNEL(neg_##S, T, T, CK_VECTORIZE, 0 - (U)x)                                     \
  CK_UNARY_KERNEL(abs_##S, T, T, CK_VECTORIZE, x < 0 ? 0 - (U)x : (U)x)                      \
  CK_UNARY_KERNEL(sign_##S, T, T, CK_VECTORIZE, (x > 0) - (x < 0))                           \
  CK_UNARY_KERNEL(square_##S, T, T, CK_VECTORIZE, (U)x * (U)x)                               \
  CK_UNARY_KERNEL(relu_##S, T, T, CK_VECTORIZE, x < 0 ? 0 : x)                               \
  CK_UNARY_KERNEL(bitwise_not_##S, T, T, CK_VECTORIZE, ~x)
CK_INTEGERS(CK_UNARY_INTEGERS)

#define CK_LOGICAL_NOT_KERNEL(S, T, U)                                                       \
  CK_UNARY_KERNEL(logical_not_##S, uint8_t, T, CK_VECTORIZE, x == 0)
CK_ALL_TYPES(CK_LOGICAL_NOT_KERNEL)

/// Rounding leaves integers as they are; one copy per element size.
#define CK_SAME_KERNEL(S, T, U)                                                              \
  static void same_##S(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {     \
    ck_copy_strided(n, out, so, a, sa, sizeof(T));                                           \
  }
CK_SAME_KERNEL(bool, uint8_t, )
CK_INTEGERS(CK_SAME_KERNEL)

/// isnan, isinf and isfinite of what is always finite.
#define CK_CONSTANT_KERNEL(NAME, VALUE)                                                      \
  static void NAME(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {         \
    (void)a, (void)sa;                                                                       \
    const uint8_t value = VALUE;                                                             \
    ck_fill(n, out, so, &value, 1);                                                          \
  }
CK_CONSTANT_KERNEL(never, 0)
CK_CONSTANT_KERNEL(always, 1)

// MARK: Floats

#define CK_UNARY_FLOATS(S, T, U)                                                             \
  CK_UNARY_KERNEL(neg_##S, T, T, CK_VECTORIZE, -x)                                           \
  CK_UNARY_KERNEL(abs_##S, T, T, CK_VECTORIZE, __builtin_elementwise_abs(x))                 \
  CK_UNARY_KERNEL(sign_##S, T, T, CK_VECTORIZE, (x > 0) - (x < 0))                           \
  CK_UNARY_KERNEL(ceil_##S, T, T, CK_VECTORIZE, __builtin_elementwise_ceil(x))               \
  CK_UNARY_KERNEL(floor_##S, T, T, CK_VECTORIZE, __builtin_elementwise_floor(x))             \
  CK_UNARY_KERNEL(round_##S, T, T, CK_VECTORIZE, __builtin_elementwise_rint(x))              \
  CK_UNARY_KERNEL(trunc_##S, T, T, CK_VECTORIZE, __builtin_elementwise_trunc(x))             \
  CK_UNARY_KERNEL(frac_##S, T, T, CK_VECTORIZE, x - __builtin_elementwise_trunc(x))          \
  CK_UNARY_KERNEL(square_##S, T, T, CK_VECTORIZE, x *x)                                      \
  CK_UNARY_KERNEL(relu_##S, T, T, CK_VECTORIZE, x < 0 ? 0 : x)                               \
  CK_UNARY_KERNEL(sqrt_##S, T, T, CK_VECTORIZE, __builtin_elementwise_sqrt(x))               \
  CK_UNARY_KERNEL(rsqrt_##S, T, T, CK_VECTORIZE, 1 / __builtin_elementwise_sqrt(x))          \
  CK_UNARY_KERNEL(reciprocal_##S, T, T, CK_VECTORIZE, 1 / x)                                 \
  CK_UNARY_KERNEL(isnan_##S, uint8_t, T, CK_VECTORIZE, x != x)                               \
  CK_UNARY_KERNEL(isinf_##S, uint8_t, T, CK_VECTORIZE, __builtin_elementwise_abs(x) == (T)INFINITY) \
  CK_UNARY_KERNEL(isfinite_##S, uint8_t, T, CK_VECTORIZE, __builtin_elementwise_abs(x) < (T)INFINITY)
CK_FLOATS(CK_UNARY_FLOATS)

// MARK: With parameters

#define CK_PARAM_KERNEL(NAME, T, HINT, EXPR)                                                 \
  static void NAME(                                                                          \
      size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, double first, double second) { \
    T *const o = out;                                                                        \
    const T *const v = a;                                                                    \
    const T p = (T)first, q = (T)second;                                                     \
    (void)q;                                                                                 \
    if (so == 1 && sa == 1) {                                                                \
      HINT for (size_t i = 0; i < n; i++) {                                                  \
        const T x = v[i];                                                                    \
        o[i] = (EXPR);                                                                       \
      }                                                                                      \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) {                                                       \
        const T x = CK_AT(v, i, sa);                                                         \
        CK_AT(o, i, so) = (EXPR);                                                            \
      }                                                                                      \
    }                                                                                        \
  }

#define CK_PARAM_KERNELS(S, T, EXP, EXPM1, LOG1P)                                            \
  CK_PARAM_KERNEL(leaky_relu_##S, T, CK_VECTORIZE, x > 0 ? x : p * x)                        \
  CK_PARAM_KERNEL(elu_##S, T, CK_SCALAR, x > 0 ? x : p * EXPM1(x))                           \
  CK_PARAM_KERNEL(softplus_##S, T, CK_SCALAR, p * x > q ? x : LOG1P(EXP(p * x)) / p)         \
  CK_PARAM_KERNEL(hardtanh_##S, T, CK_VECTORIZE, x < p ? p : x > q ? q : x)
CK_PARAM_KERNELS(f32, float, expf, expm1f, log1pf)
CK_PARAM_KERNELS(f64, double, exp, expm1, log1p)
