// Float sums in NumPy's pairwise order, plain and fused with a map.
//
// The order (numpy/_core/src/umath/loops_utils.h.src, "pairwise summation"): fewer than 8 terms one after the other; up to 128 by eight
// accumulators combined as ((0+1)+(2+3))+((4+5)+(6+7)) and then the tail; more are split into halves, the first rounded down to a
// multiple of 8. The outcome is added to 0, so that a sum of negative zeros is 0.
// One addition takes several cycles. Processors fill them with the next blocks; eight float32 accumulators are so short that two
// neighbouring blocks run together, and in cache those of float64 too. From memory that takes longer, since more places are read at once.
// The order of the additions within each sum is untouched.
#pragma once

typedef float vec8_f32 __attribute__((vector_size(32), aligned(4)));
typedef double vec8_f64 __attribute__((vector_size(64), aligned(8)));

/// total_S: ((0+1)+(2+3))+((4+5)+(6+7)) of eight accumulators, by vectors. `even` and `odd` are the lanes that form pairs, `left` and `right`
/// the pairs that are added to each other, in the order in which processors pair them.
#define CK_TOTAL(S, T, EVEN, ODD, LEFT, RIGHT)                                               \
  typedef T vec4_##S __attribute__((vector_size(4 * sizeof(T))));                            \
  typedef T vec2_##S __attribute__((vector_size(2 * sizeof(T))));                            \
  CK_INLINE T total_##S(const vec8_##S *v) {                                                 \
    const vec4_##S pairs = __builtin_shufflevector(*v, *v, EVEN) + __builtin_shufflevector(*v, *v, ODD); \
    const vec2_##S fours =                                                                   \
        __builtin_shufflevector(pairs, pairs, LEFT) + __builtin_shufflevector(pairs, pairs, RIGHT); \
    return fours[0] + fours[1];                                                              \
  }
#define CK_LANES(...) __VA_ARGS__
CK_TOTAL(f32, float, CK_LANES(0, 2, 4, 6), CK_LANES(1, 3, 5, 7), CK_LANES(0, 2), CK_LANES(1, 3))
CK_TOTAL(f64, double, CK_LANES(0, 4, 2, 6), CK_LANES(1, 5, 3, 7), CK_LANES(0, 1), CK_LANES(2, 3))

/// Up to so many elements are taken to be in cache.
enum { CK_NEAR = 4096 };

/// The terms in the first half of a sum.
CK_INLINE size_t left_half(size_t n) { return n / 2 - n / 2 % 8; }

/// sum_NAME: the sum of the terms i in start..<start+n of EXPR, which may use x (and y), elements or vectors of eight.
#define CK_DEFINE_SUM(NAME, S, T, EXPR)                                                      \
  typedef struct {                                                                           \
    const T *a, *b;                                                                          \
    ptrdiff_t sa, sb;                                                                        \
  } terms_##NAME;                                                                            \
  CK_INLINE T term_##NAME(const terms_##NAME *t, size_t i) {                                 \
    const T x = CK_AT(t->a, i, t->sa), y = CK_AT(t->b, i, t->sb);                            \
    (void)y;                                                                                 \
    return EXPR;                                                                             \
  }                                                                                          \
  /* *out = eight terms; by pointer, since vectors as results have no common calling convention. */ \
  CK_INLINE void terms8_##NAME(const terms_##NAME *t, size_t i, const int contiguous, vec8_##S *out) { \
    vec8_##S x, y;                                                                           \
    if (contiguous) {                                                                        \
      x = *(const vec8_##S *)(t->a + i);                                                     \
      y = *(const vec8_##S *)(t->b + i);                                                     \
    } else {                                                                                 \
      for (int k = 0; k < 8; k++) x[k] = CK_AT(t->a, i + k, t->sa), y[k] = CK_AT(t->b, i + k, t->sb); \
    }                                                                                        \
    (void)y;                                                                                 \
    *out = EXPR;                                                                             \
  }                                                                                          \
  CK_INLINE void add8_##NAME(const terms_##NAME *t, size_t i, const int contiguous, vec8_##S *sums) { \
    vec8_##S more;                                                                           \
    terms8_##NAME(t, i, contiguous, &more);                                                  \
    *sums += more;                                                                           \
  }                                                                                          \
  CK_INLINE T tail_##NAME(const terms_##NAME *t, T sum, size_t i, size_t end) {              \
    for (; i < end; i++) sum += term_##NAME(t, i);                                           \
    return sum;                                                                              \
  }                                                                                          \
  /* One block of 8...128 terms. */                                                          \
  CK_INLINE T block_##NAME(const terms_##NAME *t, size_t start, size_t n, const int contiguous) { \
    vec8_##S sums;                                                                           \
    terms8_##NAME(t, start, contiguous, &sums);                                              \
    size_t i = 8;                                                                            \
    for (; i < n - n % 8; i += 8) add8_##NAME(t, start + i, contiguous, &sums);              \
    return tail_##NAME(t, total_##S(&sums), start + i, start + n);                           \
  }                                                                                          \
  /* Two neighbouring blocks, the first of whole vectors and no more than the second. */     \
  CK_INLINE T two_blocks_##NAME(                                                             \
      const terms_##NAME *t, size_t start, size_t n0, size_t n1, const int contiguous) {     \
    const size_t next = start + n0;                                                          \
    vec8_##S s0, s1;                                                                         \
    terms8_##NAME(t, start, contiguous, &s0);                                                \
    terms8_##NAME(t, next, contiguous, &s1);                                                 \
    size_t i = 8;                                                                            \
    for (; i < n0; i += 8) {                                                                 \
      add8_##NAME(t, start + i, contiguous, &s0);                                            \
      add8_##NAME(t, next + i, contiguous, &s1);                                             \
    }                                                                                        \
    for (; i < n1 - n1 % 8; i += 8) add8_##NAME(t, next + i, contiguous, &s1);               \
    return total_##S(&s0) + tail_##NAME(t, total_##S(&s1), next + i, next + n1);             \
  }                                                                                          \
  CK_INLINE T pairwise_step_##NAME(                                                          \
      const terms_##NAME *t, size_t start, size_t n, const int contiguous, const int near,   \
      T (*recurse)(const terms_##NAME *, size_t, size_t)) {                                  \
    if (n <= 128) return block_##NAME(t, start, n, contiguous);                              \
    const size_t left = left_half(n);                                                        \
    const size_t right = n - left;                                                           \
    if ((sizeof(T) == 4 || near) && right <= 128) return two_blocks_##NAME(t, start, left, right, contiguous); \
    return recurse(t, start, left) + recurse(t, start + left, right);                        \
  }                                                                                          \
  static T contiguous_##NAME(const terms_##NAME *t, size_t start, size_t n) {                \
    return pairwise_step_##NAME(t, start, n, 1, 0, contiguous_##NAME);                       \
  }                                                                                          \
  static T near_##NAME(const terms_##NAME *t, size_t start, size_t n) {                      \
    return pairwise_step_##NAME(t, start, n, 1, 1, near_##NAME);                             \
  }                                                                                          \
  static T strided_##NAME(const terms_##NAME *t, size_t start, size_t n) {                   \
    return pairwise_step_##NAME(t, start, n, 0, 0, strided_##NAME);                          \
  }                                                                                          \
  CK_INLINE T pairwise_##NAME(const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, size_t n) { \
    const terms_##NAME t = {a, b, sa, sb};                                                   \
    if (n < 8) return tail_##NAME(&t, 0, 0, n);                                              \
    if (sa != 1 || sb != 1) return 0 + strided_##NAME(&t, 0, n);                             \
    return 0 + (n <= CK_NEAR ? near_##NAME(&t, 0, n) : contiguous_##NAME(&t, 0, n));         \
  }

#define CK_SUM_KERNEL(NAME, S, T, EXPR)                                                      \
  CK_DEFINE_SUM(NAME, S, T, EXPR)                                                            \
  static void NAME(size_t n, const void *a, ptrdiff_t sa, void *out) {                       \
    *(T *)out = pairwise_##NAME(a, sa, a, sa, n);                                            \
  }
#define CK_SUM2_KERNEL(NAME, S, T, EXPR)                                                     \
  CK_DEFINE_SUM(NAME, S, T, EXPR)                                                            \
  static void NAME(size_t n, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *out) { \
    *(T *)out = pairwise_##NAME(a, sa, b, sb, n);                                            \
  }

#define CK_FLOAT_SUM_KERNELS(S, T, U)                                                        \
  CK_SUM_KERNEL(sum_##S, S, T, x)                                                            \
  CK_SUM_KERNEL(sum_squares_##S, S, T, x *x)                                                 \
  CK_SUM_KERNEL(sum_abs_##S, S, T, __builtin_elementwise_abs(x))                             \
  CK_SUM2_KERNEL(sum_products_##S, S, T, x *y)                                               \
  CK_SUM2_KERNEL(sum_squared_differences_##S, S, T, (x - y) * (x - y))
CK_FLOATS(CK_FLOAT_SUM_KERNELS)

/// Σ a and Σ a b at once: of each element that is read, two sums grow. In cache two neighbouring blocks run together; from memory, one after the
/// other is faster.
#define CK_SUM_AND_PRODUCTS_KERNEL(S, T, U)                                                  \
  typedef struct {                                                                           \
    T plain, products;                                                                       \
  } two_sums_##S;                                                                            \
  CK_INLINE two_sums_##S finish_##S(                                                         \
      const vec8_##S *plain, const vec8_##S *products, const T *p, const T *q, size_t i, size_t n) { \
    two_sums_##S s = {total_##S(plain), total_##S(products)};                            \
    for (; i < n; i++) s.plain += p[i], s.products += p[i] * q[i];                           \
    return s;                                                                                \
  }                                                                                          \
  CK_INLINE void grow_##S(const T *p, const T *q, size_t i, vec8_##S *plain, vec8_##S *products) { \
    const vec8_##S x = *(const vec8_##S *)(p + i);                                           \
    *plain += x;                                                                             \
    *products += x * *(const vec8_##S *)(q + i);                                             \
  }                                                                                          \
  /* One block of 8...128 terms, or two, the first of which has none but whole vectors and no more than the second. */ \
  CK_INLINE two_sums_##S sum_blocks_##S(const T *p, const T *q, size_t first, size_t second) { \
    const T *const p2 = p + first, *const q2 = q + first;                                    \
    vec8_##S plain = *(const vec8_##S *)p, products = plain * *(const vec8_##S *)q;          \
    vec8_##S plain2 = plain, products2 = products;                                           \
    size_t i = 8;                                                                            \
    if (second == 0) {                                                                       \
      for (; i + 8 <= first; i += 8) grow_##S(p, q, i, &plain, &products);                   \
      return finish_##S(&plain, &products, p, q, i, first);                                  \
    }                                                                                        \
    plain2 = *(const vec8_##S *)p2;                                                          \
    products2 = plain2 * *(const vec8_##S *)q2;                                              \
    for (; i < first; i += 8) {                                                              \
      grow_##S(p, q, i, &plain, &products);                                                  \
      grow_##S(p2, q2, i, &plain2, &products2);                                              \
    }                                                                                        \
    for (; i + 8 <= second; i += 8) grow_##S(p2, q2, i, &plain2, &products2);                \
    two_sums_##S s = finish_##S(&plain, &products, p, q, first, first);                      \
    const two_sums_##S last = finish_##S(&plain2, &products2, p2, q2, i, second);            \
    s.plain += last.plain;                                                                   \
    s.products += last.products;                                                             \
    return s;                                                                                \
  }                                                                                          \
  CK_INLINE two_sums_##S both_##S(                                                           \
      const T *p, const T *q, size_t n, two_sums_##S (*recurse)(const T *, const T *, size_t)) { \
    const size_t left = left_half(n);                                                        \
    two_sums_##S s = recurse(p, q, left);                                                    \
    const two_sums_##S more = recurse(p + left, q + left, n - left);                         \
    s.plain += more.plain;                                                                   \
    s.products += more.products;                                                             \
    return s;                                                                                \
  }                                                                                          \
  static two_sums_##S near_halves_##S(const T *p, const T *q, size_t n) {                    \
    if (n <= 128) return sum_blocks_##S(p, q, n, 0);                                         \
    const size_t left = left_half(n), right = n - left;                                      \
    if (right <= 128) return sum_blocks_##S(p, q, left, right);                              \
    return both_##S(p, q, n, near_halves_##S);                                               \
  }                                                                                          \
  static two_sums_##S far_halves_##S(const T *p, const T *q, size_t n) {                     \
    if (n <= 128) return sum_blocks_##S(p, q, n, 0);                                         \
    return both_##S(p, q, n, far_halves_##S);                                                \
  }                                                                                          \
  static void sum_and_products_##S(                                                          \
      size_t n, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *out) {       \
    T *const plain = out;                                                                    \
    T *const products = (T *)((char *)out + 8);                                              \
    if (n < 8 || sa != 1 || sb != 1) {                                                       \
      sum_##S(n, a, sa, plain);                                                              \
      sum_products_##S(n, a, sa, b, sb, products);                                           \
      return;                                                                                \
    }                                                                                        \
    const two_sums_##S s = n <= CK_NEAR ? near_halves_##S(a, b, n) : far_halves_##S(a, b, n); \
    *plain = 0 + s.plain;                                                                    \
    *products = 0 + s.products;                                                              \
  }
CK_FLOATS(CK_SUM_AND_PRODUCTS_KERNEL)

// Integers wrap in 64 bits, so their order does not matter.
#define CK_INTEGER_SUM(S, T, U)                                                              \
  static void sum_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {                    \
    const T *const p = a;                                                                    \
    uint64_t sum = 0;                                                                        \
    if (sa == 1) {                                                                           \
      CK_VECTORIZE for (size_t i = 0; i < n; i++) sum += (uint64_t)p[i];                     \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) sum += (uint64_t)CK_AT(p, i, sa);                       \
    }                                                                                        \
    *(int64_t *)out = (int64_t)sum;                                                          \
  }
CK_INTEGER_SUM(bool, uint8_t, )
CK_INTEGERS(CK_INTEGER_SUM)

#define CK_INTEGER_SUM_PRODUCTS(S, T, U)                                                     \
  static void sum_products_##S(                                                              \
      size_t n, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *out) {       \
    const T *const p = a;                                                                    \
    const T *const q = b;                                                                    \
    uint64_t sum = 0;                                                                        \
    if (sa == 1 && sb == 1) {                                                                \
      CK_VECTORIZE for (size_t i = 0; i < n; i++) sum += (uint64_t)p[i] * (uint64_t)q[i];    \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) sum += (uint64_t)CK_AT(p, i, sa) * (uint64_t)CK_AT(q, i, sb); \
    }                                                                                        \
    *(int64_t *)out = (int64_t)sum;                                                          \
  }                                                                                          \
  static void sum_squares_##S(size_t n, const void *a, ptrdiff_t sa, void *out) {            \
    sum_products_##S(n, a, sa, a, sa, out);                                                  \
  }
CK_INTEGERS(CK_INTEGER_SUM_PRODUCTS)
