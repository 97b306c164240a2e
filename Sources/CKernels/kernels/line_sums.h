// A map of a straight line's points, stored, and sums of its values grown along the way, in the order of sum.h: one pass over the operands in
// place of one for the map and one for each sum.
#pragma once

/// Operands of such a kernel: out[i] = map(a[i] slope + height, d[i sd]); terms may have the factor e[i]. Along the way the lines at `fetch` are asked
/// for, as many as `a` has.
#define CK_LINE_TYPES(S, T, U)                                                               \
  typedef struct {                                                                           \
    T *out;                                                                                  \
    const T *a, *d, *e, *fetch;                                                              \
    ptrdiff_t sd;                                                                            \
    T slope, height;                                                                         \
  } line_##S;                                                                                \
  typedef struct {                                                                           \
    T first, second;                                                                         \
  } line_sums_##S;
CK_FLOATS(CK_LINE_TYPES)

/// static void NAME: stores MAP of x, a point of the line, and y; sums COUNT terms, FIRST and SECOND, of the value t and the factor e.
/// Blocks are calculated one after the other, so that memory is read from one place at a time; two neighbouring ones together where two sums make
/// each short. `out` may be an operand: elements are read before those of their places are stored.
#define CK_LINE_SUMS_KERNEL(NAME, S, T, MAP, COUNT, FIRST, SECOND)                           \
  /* Eight elements. The operands come by value: what is stored could be theirs, for all the compiler knows. */ \
  CK_INLINE void grow_##NAME(const line_##S l, size_t i, vec8_##S *first, vec8_##S *second) { \
    __builtin_prefetch(l.fetch + i);                                                         \
    const vec8_##S x = *(const vec8_##S *)(l.a + i) * l.slope + l.height;                    \
    const vec8_##S y = *(const vec8_##S *)(l.d + (ptrdiff_t)i * l.sd);                       \
    const vec8_##S e = *(const vec8_##S *)(l.e + i);                                         \
    const vec8_##S t = MAP;                                                                  \
    (void)e;                                                                                 \
    *(vec8_##S *)(l.out + i) = t;                                                            \
    *first += FIRST;                                                                         \
    if (COUNT == 2) *second += SECOND;                                                       \
  }                                                                                          \
  /* The end of a block: its sums of eight, and the elements i..<end that are left. */       \
  CK_INLINE line_sums_##S finish_##NAME(                                                     \
      const line_##S l, size_t i, size_t end, const vec8_##S *first, const vec8_##S *second) { \
    line_sums_##S s = {total_##S(first), COUNT == 2 ? total_##S(second) : 0};                \
    for (; i < end; i++) {                                                                   \
      const T x = l.a[i] * l.slope + l.height, y = l.d[(ptrdiff_t)i * l.sd], e = l.e[i], t = MAP; \
      (void)e;                                                                               \
      l.out[i] = t;                                                                          \
      s.first += FIRST;                                                                      \
      if (COUNT == 2) s.second += SECOND;                                                    \
    }                                                                                        \
    return s;                                                                                \
  }                                                                                          \
  CK_INLINE line_sums_##S block_##NAME(const line_##S l, size_t start, size_t n) {           \
    vec8_##S first = {0}, second = {0};                                                      \
    size_t i = start;                                                                        \
    for (; i + 8 <= start + n; i += 8) grow_##NAME(l, i, &first, &second);                   \
    return finish_##NAME(l, i, start + n, &first, &second);                                  \
  }                                                                                          \
  CK_INLINE line_sums_##S add_##NAME(line_sums_##S left, line_sums_##S right) {              \
    return (line_sums_##S){left.first + right.first, left.second + right.second};            \
  }                                                                                          \
  /* Two neighbouring blocks, the first of whole vectors and no more than the second. */     \
  CK_INLINE line_sums_##S two_blocks_##NAME(const line_##S l, size_t start, size_t n0, size_t n1) { \
    vec8_##S first0 = {0}, second0 = {0}, first1 = {0}, second1 = {0};                       \
    const size_t next = start + n0, end = next + n1;                                         \
    size_t i = start, j = next;                                                              \
    for (; i < next; i += 8, j += 8) {                                                       \
      grow_##NAME(l, i, &first0, &second0);                                                  \
      grow_##NAME(l, j, &first1, &second1);                                                  \
    }                                                                                        \
    for (; j + 8 <= end; j += 8) grow_##NAME(l, j, &first1, &second1);                       \
    return add_##NAME(                                                                       \
        finish_##NAME(l, next, next, &first0, &second0), finish_##NAME(l, j, end, &first1, &second1)); \
  }                                                                                          \
  static line_sums_##S halves_##NAME(const line_##S *l, size_t start, size_t n) {            \
    if (n <= 128) return block_##NAME(*l, start, n);                                         \
    const size_t left = n / 2 - (n / 2) % 8, right = n - left;                               \
    if (COUNT == 2 && right <= 128) return two_blocks_##NAME(*l, start, left, right);        \
    const line_sums_##S sums = halves_##NAME(l, start, left);                                \
    return add_##NAME(sums, halves_##NAME(l, start + left, right));                          \
  }                                                                                          \
  static void NAME(                                                                          \
      size_t n, void *out, const void *a, const void *b, const void *c, const void *d, ptrdiff_t sd, const void *e, \
      const void *fetch, void *sums) {                                                       \
    /* One element for all, eight times, so that a vector can be read. */                    \
    const vec8_##S flat = *(const T *)d - (vec8_##S){0};                                     \
    const line_##S l = {out, a, sd == 0 ? &flat : d, e, fetch, sd, *(const T *)b, *(const T *)c}; \
    const line_sums_##S s = halves_##NAME(&l, 0, n);                                         \
    *(T *)sums = s.first;                                                                    \
    if (COUNT == 2) *(T *)((char *)sums + 8) = s.second;                                     \
  }

#define CK_LINE_SUMS_KERNELS(NAME, S, T, MAP)                                                \
  CK_LINE_SUMS_KERNEL(NAME##_plain_##S, S, T, MAP, 1, t, t)                                  \
  CK_LINE_SUMS_KERNEL(NAME##_squares_##S, S, T, MAP, 1, t *t, t)                             \
  CK_LINE_SUMS_KERNEL(NAME##_products_##S, S, T, MAP, 1, t *e, t)                            \
  CK_LINE_SUMS_KERNEL(NAME##_plain_and_products_##S, S, T, MAP, 2, t, t *e)
#define CK_ALL_LINE_SUMS_KERNELS(S, T, U)                                                    \
  CK_LINE_SUMS_KERNELS(line_add, S, T, x + y)                                                \
  CK_LINE_SUMS_KERNELS(line_subtract, S, T, x - y)                                           \
  CK_LINE_SUMS_KERNELS(line_leave, S, T, y - x)                                              \
  CK_LINE_SUMS_KERNELS(line_multiply, S, T, x *y)
CK_FLOATS(CK_ALL_LINE_SUMS_KERNELS)
