// Reductions other than sums: products, extremes and their places, truth.
#pragma once

// MARK: Products, from left to right (NumPy's order)

#define CK_PRODUCT_KERNEL(S, T, WIDE, RESULT)                                                \
  static void prod_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {                   \
    const T *const p = a;                                                                    \
    WIDE product = 1;                                                                        \
    for (size_t i = 0; i < n; i++) product *= (WIDE)CK_AT(p, i, sa);                         \
    *(RESULT *)out = (RESULT)product;                                                        \
  }
#define CK_INTEGER_PRODUCT(S, T, U) CK_PRODUCT_KERNEL(S, T, uint64_t, int64_t)
#define CK_FLOAT_PRODUCT(S, T, U) CK_PRODUCT_KERNEL(S, T, T, T)
CK_INTEGER_PRODUCT(bool, uint8_t, )
CK_INTEGERS(CK_INTEGER_PRODUCT)
CK_FLOATS(CK_FLOAT_PRODUCT)

// MARK: Extremes

/// x replaces the best so far where it is better, or where it is the first NaN.
#define CK_IS_BETTER_max(x, best) (((x) > (best)) | (((x) != (x)) & ((best) == (best))))
#define CK_IS_BETTER_min(x, best) (((x) < (best)) | (((x) != (x)) & ((best) == (best))))

/// Runs are taken in blocks, of which argmax and argmin search only the one that brought the last improvement.
enum { CK_EXTREME_BLOCK = 1024, CK_EXTREME_LANES = 32 };

#define CK_EXTREME_KERNELS(OP, S, T)                                                         \
  /* The extreme of n ≥ 1 contiguous elements, by lanes that do not depend on each other. */ \
  CK_INLINE T OP##_run_##S(size_t n, const T *p) {                                           \
    T best = p[0];                                                                           \
    size_t i = 0;                                                                            \
    if (n >= CK_EXTREME_LANES) {                                                             \
      T lanes[CK_EXTREME_LANES];                                                             \
      for (int k = 0; k < CK_EXTREME_LANES; k++) lanes[k] = p[k];                            \
      for (i = CK_EXTREME_LANES; i + CK_EXTREME_LANES <= n; i += CK_EXTREME_LANES) {         \
        for (int k = 0; k < CK_EXTREME_LANES; k++) {                                         \
          const T x = p[i + k];                                                              \
          lanes[k] = CK_IS_BETTER_##OP(x, lanes[k]) ? x : lanes[k];                          \
        }                                                                                    \
      }                                                                                      \
      for (int half = CK_EXTREME_LANES / 2; half > 0; half /= 2) {                           \
        for (int k = 0; k < half; k++) {                                                     \
          lanes[k] = CK_IS_BETTER_##OP(lanes[k + half], lanes[k]) ? lanes[k + half] : lanes[k]; \
        }                                                                                    \
      }                                                                                      \
      best = lanes[0];                                                                       \
    }                                                                                        \
    for (; i < n; i++) best = CK_IS_BETTER_##OP(p[i], best) ? p[i] : best;                   \
    return best;                                                                             \
  }                                                                                          \
  static void OP##_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {                   \
    const T *const p = a;                                                                    \
    T best = p[0];                                                                           \
    if (sa == 1) {                                                                           \
      best = OP##_run_##S(n, p);                                                             \
    } else {                                                                                 \
      for (size_t i = 1; i < n; i++) {                                                       \
        const T x = CK_AT(p, i, sa);                                                         \
        best = CK_IS_BETTER_##OP(x, best) ? x : best;                                        \
      }                                                                                      \
    }                                                                                        \
    *(T *)out = best;                                                                        \
  }                                                                                          \
  static void arg##OP##_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {              \
    const T *const p = a;                                                                    \
    T best = p[0];                                                                           \
    size_t at = 0;                                                                           \
    if (sa == 1) {                                                                           \
      for (size_t start = 0; start < n; start += CK_EXTREME_BLOCK) {                         \
        const size_t length = n - start < CK_EXTREME_BLOCK ? n - start : CK_EXTREME_BLOCK;   \
        const T x = OP##_run_##S(length, p + start);                                         \
        if (CK_IS_BETTER_##OP(x, best)) best = x, at = start;                                \
      }                                                                                      \
      while (best == best ? p[at] != best : p[at] == p[at]) at++;                            \
    } else {                                                                                 \
      for (size_t i = 1; i < n; i++) {                                                       \
        const T x = CK_AT(p, i, sa);                                                         \
        if (CK_IS_BETTER_##OP(x, best)) best = x, at = i;                                    \
      }                                                                                      \
    }                                                                                        \
    *(int64_t *)out = (int64_t)at;                                                           \
  }
#define CK_EXTREMES(S, T, U) CK_EXTREME_KERNELS(max, S, T) CK_EXTREME_KERNELS(min, S, T)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtautological-compare"
CK_ALL_TYPES(CK_EXTREMES)
#pragma clang diagnostic pop

// MARK: Truth

/// Elements looked at between two questions whether the answer is known.
enum { CK_TRUTH_BLOCK = 4096 };

#define CK_TRUTH_KERNELS(S, T, U)                                                            \
  CK_INLINE size_t count_run_##S(size_t n, const T *p, ptrdiff_t sa) {                       \
    size_t count = 0;                                                                        \
    if (sa == 1) {                                                                           \
      CK_VECTORIZE for (size_t i = 0; i < n; i++) count += p[i] != 0;                        \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) count += CK_AT(p, i, sa) != 0;                          \
    }                                                                                        \
    return count;                                                                            \
  }                                                                                          \
  static void count_nonzero_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {          \
    *(int64_t *)out = (int64_t)count_run_##S(n, a, sa);                                      \
  }                                                                                          \
  static void any_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {                    \
    const T *const p = a;                                                                    \
    uint8_t found = 0;                                                                       \
    for (size_t start = 0; start < n && !found; start += CK_TRUTH_BLOCK) {                   \
      const size_t length = n - start < CK_TRUTH_BLOCK ? n - start : CK_TRUTH_BLOCK;         \
      found = count_run_##S(length, p + (ptrdiff_t)start * sa, sa) != 0;                     \
    }                                                                                        \
    *(uint8_t *)out = found;                                                                 \
  }                                                                                          \
  static void all_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {                    \
    const T *const p = a;                                                                    \
    uint8_t held = 1;                                                                        \
    for (size_t start = 0; start < n && held; start += CK_TRUTH_BLOCK) {                     \
      const size_t length = n - start < CK_TRUTH_BLOCK ? n - start : CK_TRUTH_BLOCK;         \
      held = count_run_##S(length, p + (ptrdiff_t)start * sa, sa) == length;                 \
    }                                                                                        \
    *(uint8_t *)out = held;                                                                  \
  }
CK_ALL_TYPES(CK_TRUTH_KERNELS)
