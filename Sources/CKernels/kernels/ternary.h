// out = op(a, b, c).
#pragma once

/// static void NAME: out = EXPR of x, y and z. The loops are those of the common calls: all contiguous, or the last two (bounds, branches,
/// weights) partly scalars.
#define CK_TERNARY_BODY(OUT, A, T, EXPR)                                                     \
  OUT *const o = out;                                                                        \
  const A *const p = a;                                                                      \
  const T *const q = b;                                                                      \
  const T *const r = c;                                                                      \
  if (n == 0) return;                                                                        \
  if (so == 1 && sa == 1 && sb == 1 && sc == 1) {                                            \
    CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                            \
      const A x = p[i];                                                                      \
      const T y = q[i], z = r[i];                                                            \
      o[i] = (OUT)(EXPR);                                                                    \
    }                                                                                        \
  } else if (so == 1 && sa == 1 && sb == 1 && sc == 0) {                                     \
    const T z = r[0];                                                                        \
    CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                            \
      const A x = p[i];                                                                      \
      const T y = q[i];                                                                      \
      o[i] = (OUT)(EXPR);                                                                    \
    }                                                                                        \
  } else if (so == 1 && sa == 1 && sb == 0 && sc == 1) {                                     \
    const T y = q[0];                                                                        \
    CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                            \
      const A x = p[i];                                                                      \
      const T z = r[i];                                                                      \
      o[i] = (OUT)(EXPR);                                                                    \
    }                                                                                        \
  } else if (so == 1 && sa == 1 && sb == 0 && sc == 0) {                                     \
    const T y = q[0], z = r[0];                                                              \
    CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                            \
      const A x = p[i];                                                                      \
      o[i] = (OUT)(EXPR);                                                                    \
    }                                                                                        \
  } else {                                                                                   \
    for (size_t i = 0; i < n; i++) {                                                         \
      const A x = CK_AT(p, i, sa);                                                           \
      const T y = CK_AT(q, i, sb), z = CK_AT(r, i, sc);                                      \
      CK_AT(o, i, so) = (OUT)(EXPR);                                                         \
    }                                                                                        \
  }

#define CK_TERNARY_KERNEL(NAME, A, T, EXPR)                                                  \
  static void NAME(                                                                          \
      size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, \
      const void *c, ptrdiff_t sc) {                                                         \
    CK_TERNARY_BODY(T, A, T, EXPR)                                                           \
  }

#define CK_TERNARY_SCALED_KERNEL(NAME, T, EXPR)                                              \
  static void NAME(                                                                          \
      size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, \
      const void *c, ptrdiff_t sc, const void *factor) {                                     \
    const T f = *(const T *)factor;                                                          \
    CK_TERNARY_BODY(T, T, T, EXPR)                                                           \
  }

// Both branches are read before the choice, so the choice is a blend, and the bits of a NaN pass untouched: hence integers of the size.
CK_TERNARY_KERNEL(where_1, uint8_t, uint8_t, x ? y : z)
CK_TERNARY_KERNEL(where_2, uint8_t, uint16_t, x ? y : z)
CK_TERNARY_KERNEL(where_4, uint8_t, uint32_t, x ? y : z)
CK_TERNARY_KERNEL(where_8, uint8_t, uint64_t, x ? y : z)

/// The larger of x and y, then the smaller of that and z; comparisons with NaN are false, so each operand's NaN is asked for.
#define CK_DEFINE_CLAMP_INTEGER(S, T, U)                                                     \
  CK_INLINE T clamp_##S##_of(T x, T low, T high) {                                           \
    const T raised = x < low ? low : x;                                                      \
    return raised > high ? high : raised;                                                    \
  }
#define CK_DEFINE_CLAMP_FLOAT(S, T, U)                                                       \
  CK_INLINE T clamp_##S##_of(T x, T low, T high) {                                           \
    const T raised = ((x >= low) | (x != x)) ? x : low;                                      \
    return ((raised <= high) | (raised != raised)) ? raised : high;                            \
  }
CK_DEFINE_CLAMP_INTEGER(bool, uint8_t, )
CK_INTEGERS(CK_DEFINE_CLAMP_INTEGER)
CK_FLOATS(CK_DEFINE_CLAMP_FLOAT)

#define CK_CLAMP_KERNEL(S, T, U) CK_TERNARY_KERNEL(clamp_##S, T, T, clamp_##S##_of(x, y, z))
CK_ALL_TYPES(CK_CLAMP_KERNEL)

/// Either formula is exact at its end of the interval; PyTorch's choice between them.
#define CK_LERP_KERNEL(S, T, U)                                                              \
  CK_TERNARY_KERNEL(                                                                         \
      lerp_##S, T, T,                                                                        \
      __builtin_elementwise_abs(z) < (T)0.5 ? x + z * (y - x) : y - (y - x) * (1 - z))
CK_FLOATS(CK_LERP_KERNEL)

#define CK_ADDCMUL_KERNEL(S, T, U) CK_TERNARY_SCALED_KERNEL(addcmul_##S, T, (U)x + (U)f * (U)y * (U)z)
CK_NUMBERS(CK_ADDCMUL_KERNEL)

#define CK_ADDCDIV_KERNEL(S, T, U) CK_TERNARY_SCALED_KERNEL(addcdiv_##S, T, x + f * y / z)
CK_FLOATS(CK_ADDCDIV_KERNEL)

// MARK: Two operations

#define CK_PAIR_KERNELS(NAME, S, T, FIRST)                                                   \
  CK_TERNARY_KERNEL(NAME##_add_##S, T, T, (FIRST) + z)                                       \
  CK_TERNARY_KERNEL(NAME##_subtract_##S, T, T, (FIRST) - z)                                  \
  CK_TERNARY_KERNEL(NAME##_leave_##S, T, T, z - (FIRST))                                     \
  CK_TERNARY_KERNEL(NAME##_multiply_##S, T, T, (FIRST) * z)
#define CK_ALL_PAIR_KERNELS(S, T, U)                                                         \
  CK_PAIR_KERNELS(add_then, S, T, x + y)                                                     \
  CK_PAIR_KERNELS(sub_then, S, T, x - y)                                                     \
  CK_PAIR_KERNELS(mul_then, S, T, x *y)
CK_FLOATS(CK_ALL_PAIR_KERNELS)

// MARK: Three operations

/// static void NAME: out = EXPR of x, a point of a straight line, and y.
#define CK_AFFINE_KERNEL(NAME, T, EXPR)                                                      \
  static void NAME(                                                                          \
      size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, const void *c, \
      const void *d, ptrdiff_t sd) {                                                         \
    T *const o = out;                                                                        \
    const T *const p = a;                                                                    \
    const T *const q = d;                                                                    \
    if (n == 0) return;                                                                      \
    const T slope = *(const T *)b, height = *(const T *)c;                                   \
    if (so == 1 && sa == 1 && sd == 1) {                                                     \
      CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                          \
        const T x = p[i] * slope + height, y = q[i];                                         \
        o[i] = (EXPR);                                                                       \
      }                                                                                      \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) {                                                       \
        const T x = CK_AT(p, i, sa) * slope + height, y = CK_AT(q, i, sd);                   \
        CK_AT(o, i, so) = (EXPR);                                                            \
      }                                                                                      \
    }                                                                                        \
  }
#define CK_AFFINE_KERNELS(S, T, U)                                                           \
  CK_AFFINE_KERNEL(affine_add_##S, T, x + y)                                                 \
  CK_AFFINE_KERNEL(affine_subtract_##S, T, x - y)                                            \
  CK_AFFINE_KERNEL(affine_leave_##S, T, y - x)                                               \
  CK_AFFINE_KERNEL(affine_multiply_##S, T, x *y)
CK_FLOATS(CK_AFFINE_KERNELS)
