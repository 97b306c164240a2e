// A run to a run as a whole: softmax and running sums; and the reduction akin to softmax.
#pragma once

/// Elements whose exponentials are summed by pairwise order without storing the run: exponentials go through a buffer of this many.
enum { CK_SOFTMAX_BLOCK = 1024 };

#define CK_SOFTMAX_KERNELS(S, T, EXP, LOG)                                                   \
  /* Σ exp(x - shift), block by block; the block sums are added from left to right. */       \
  CK_INLINE T sum_exp_##S(size_t n, const T *p, ptrdiff_t sa, T shift) {                     \
    T exponentials[CK_SOFTMAX_BLOCK], total = 0;                                             \
    for (size_t start = 0; start < n; start += CK_SOFTMAX_BLOCK) {                           \
      const size_t length = n - start < CK_SOFTMAX_BLOCK ? n - start : CK_SOFTMAX_BLOCK;     \
      for (size_t i = 0; i < length; i++) exponentials[i] = CK_AT(p, start + i, sa) - shift; \
      exp_##S(length, exponentials, 1, exponentials, 1);                                     \
      T sum;                                                                                 \
      sum_##S(length, exponentials, 1, &sum);                                                \
      total += sum;                                                                          \
    }                                                                                        \
    return total;                                                                            \
  }                                                                                          \
  /* out[i] /= divisor. With the reciprocal rounded to nearest and the remainder exact, the second step rounds the quotient correctly */ \
  /* (Markstein 1990), several times faster than dividing. */                                \
  CK_INLINE void divide_##S(size_t n, T *o, ptrdiff_t so, T divisor) {                       \
    const T reciprocal = 1 / divisor;                                                        \
    if (so != 1) return div_##S(n, o, so, o, so, &divisor, 0);                               \
    CK_VECTORIZE for (size_t i = 0; i < n; i++) {                                            \
      const T q = o[i] * reciprocal;                                                         \
      o[i] = CK_FMA(CK_FMA(-q, divisor, o[i]), reciprocal, q);                               \
    }                                                                                        \
  }                                                                                          \
  static void softmax_##S(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {  \
    if (n == 0) return;                                                                      \
    T largest, sum;                                                                          \
    max_##S(n, a, sa, &largest);                                                             \
    sub_##S(n, out, so, a, sa, &largest, 0);                                                 \
    exp_##S(n, out, so, out, so);                                                            \
    sum_##S(n, out, so, &sum);                                                               \
    divide_##S(n, out, so, sum);                                                             \
  }                                                                                          \
  static void log_softmax_##S(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) { \
    if (n == 0) return;                                                                      \
    T largest;                                                                               \
    max_##S(n, a, sa, &largest);                                                             \
    const T log_sum = LOG(sum_exp_##S(n, a, sa, largest));                                   \
    sub_##S(n, out, so, a, sa, &largest, 0);                                                 \
    sub_##S(n, out, so, out, so, &log_sum, 0);                                               \
  }                                                                                          \
  static void logsumexp_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {              \
    T largest;                                                                               \
    max_##S(n, a, sa, &largest);                                                             \
    if (__builtin_elementwise_abs(largest) == (T)INFINITY) largest = 0;                      \
    *(T *)out = LOG(sum_exp_##S(n, a, sa, largest)) + largest;                               \
  }
CK_SOFTMAX_KERNELS(f32, float, expf, logf)
CK_SOFTMAX_KERNELS(f64, double, exp, log)

// Running sums and products of float32 are kept in float64, as PyTorch has them.
#define CK_RUNNING_KERNEL(NAME, T, WIDE, RESULT, IDENTITY, OP)                               \
  static void NAME(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {         \
    const T *const p = a;                                                                    \
    RESULT *const o = out;                                                                   \
    WIDE value = IDENTITY;                                                                   \
    for (size_t i = 0; i < n; i++) {                                                         \
      value = value OP(WIDE) CK_AT(p, i, sa);                                                \
      CK_AT(o, i, so) = (RESULT)value;                                                       \
    }                                                                                        \
  }
#define CK_INTEGER_RUNNING(S, T, U)                                                          \
  CK_RUNNING_KERNEL(cumsum_##S, T, uint64_t, int64_t, 0, +)                                  \
  CK_RUNNING_KERNEL(cumprod_##S, T, uint64_t, int64_t, 1, *)
#define CK_FLOAT_RUNNING(S, T, U)                                                            \
  CK_RUNNING_KERNEL(cumsum_##S, T, double, T, -0.0, +)                                       \
  CK_RUNNING_KERNEL(cumprod_##S, T, double, T, 1, *)
CK_INTEGER_RUNNING(bool, uint8_t, )
CK_INTEGERS(CK_INTEGER_RUNNING)
CK_FLOATS(CK_FLOAT_RUNNING)

// MARK: Adding rows

/// out[j] = (((out[j] + a[j]) + a[j + step]) + …) over `rows` rows, four at a time: the order is that of one after the other.
#define CK_ADD_ROWS_KERNEL(S, T, U)                                                          \
  static void add_rows_##S(size_t n, void *out, const void *a, ptrdiff_t step, size_t rows) { \
    T *const o = out;                                                                        \
    const T *p = a;                                                                          \
    for (; rows >= 4; rows -= 4, p += 4 * step) {                                            \
      const T *const p1 = p + step, *const p2 = p1 + step, *const p3 = p2 + step;            \
      CK_VECTORIZE for (size_t j = 0; j < n; j++) o[j] = (((o[j] + p[j]) + p1[j]) + p2[j]) + p3[j]; \
    }                                                                                        \
    for (; rows > 0; rows--, p += step) {                                                    \
      CK_VECTORIZE for (size_t j = 0; j < n; j++) o[j] = o[j] + p[j];                        \
    }                                                                                        \
  }
CK_FLOATS(CK_ADD_ROWS_KERNEL)
