// A map of a straight line's points, stored, and sums of its values grown along the way, in the order of sum.h: one pass over the operands in
// place of one for the map and one for each sum.
#pragma once

/// Operands of such a kernel: out[i] = map(a[i] slope + height, d[i sd]); terms may have the factors scale and e[i]. And up to three sums.
#define CK_LINE_TYPES(S, T, U)                                                               \
  typedef struct {                                                                           \
    T *out;                                                                                  \
    const T *a, *d, *e;                                                                      \
    ptrdiff_t sd;                                                                            \
    T slope, height, scale;                                                                  \
  } line_##S;                                                                                \
  typedef struct {                                                                           \
    T sum[3];                                                                                \
  } line_sums_##S;                                                                           \
  CK_INLINE line_sums_##S add_line_sums_##S(line_sums_##S left, line_sums_##S right) {       \
    return (line_sums_##S){{left.sum[0] + right.sum[0], left.sum[1] + right.sum[1], left.sum[2] + right.sum[2]}}; \
  }
CK_FLOATS(CK_LINE_TYPES)

/// static void NAME: stores MAP of x, a point of the line, and y; sums the values t, their squares and their products with the factor e, as far as
/// PLAIN, SQUARES and PRODUCTS are 1; SCALED, all but the squares are those of t times the scale.
/// Blocks are calculated one after the other, so that memory is read from one place at a time. `out` may be an operand: elements are read before those
/// of their places are stored.
#define CK_LINE_SUMS_KERNEL(NAME, S, T, MAP, PLAIN, SQUARES, PRODUCTS, SCALED)               \
  /* Eight elements. The operands come by value: what is stored could be theirs, for all the compiler knows. */ \
  CK_INLINE void grow_##NAME(const line_##S l, size_t i, vec8_##S sums[3]) {                 \
    const vec8_##S x = *(const vec8_##S *)(l.a + i) * l.slope + l.height;                    \
    const vec8_##S y = *(const vec8_##S *)(l.d + (ptrdiff_t)i * l.sd);                       \
    const vec8_##S e = *(const vec8_##S *)(l.e + i);                                         \
    const vec8_##S t = MAP;                                                                  \
    const vec8_##S s = SCALED ? t * l.scale : t;                                             \
    *(vec8_##S *)(l.out + i) = t;                                                            \
    if (PLAIN) sums[0] += s;                                                                 \
    if (SQUARES) sums[1] += t * t;                                                           \
    if (PRODUCTS) sums[2] += s * e;                                                          \
  }                                                                                          \
  /* The end of a block: its sums of eight, and the elements i..<end that are left. */       \
  CK_INLINE line_sums_##S finish_##NAME(const line_##S l, size_t i, size_t end, const vec8_##S sums[3]) { \
    line_sums_##S all = {{0}};                                                               \
    if (PLAIN) all.sum[0] = total_##S(&sums[0]);                                             \
    if (SQUARES) all.sum[1] = total_##S(&sums[1]);                                           \
    if (PRODUCTS) all.sum[2] = total_##S(&sums[2]);                                          \
    for (; i < end; i++) {                                                                   \
      const T x = l.a[i] * l.slope + l.height, y = l.d[(ptrdiff_t)i * l.sd], e = l.e[i], t = MAP; \
      const T s = SCALED ? t * l.scale : t;                                                  \
      l.out[i] = t;                                                                          \
      if (PLAIN) all.sum[0] += s;                                                            \
      if (SQUARES) all.sum[1] += t * t;                                                      \
      if (PRODUCTS) all.sum[2] += s * e;                                                     \
    }                                                                                        \
    return all;                                                                              \
  }                                                                                          \
  CK_INLINE line_sums_##S block_##NAME(const line_##S l, size_t start, size_t n) {           \
    vec8_##S sums[3] = {{0}};                                                                \
    size_t i = start;                                                                        \
    for (; i + 8 <= start + n; i += 8) grow_##NAME(l, i, sums);                              \
    return finish_##NAME(l, i, start + n, sums);                                             \
  }                                                                                          \
  /* Four neighbouring blocks in one go, as most tiles have them; where they end. */         \
  static line_sums_##S four_blocks_##NAME(const line_##S *operands, size_t i, const size_t ends[4]) { \
    const line_##S l = *operands;                                                            \
    vec8_##S sums[4][3] = {{{0}}};                                                           \
    _Pragma("clang loop unroll(full)") for (int block = 0; block < 4; block++) {             \
      for (; i + 8 <= ends[block]; i += 8) grow_##NAME(l, i, sums[block]);                   \
    }                                                                                        \
    return add_line_sums_##S(                                                                \
        add_line_sums_##S(finish_##NAME(l, i, i, sums[0]), finish_##NAME(l, i, i, sums[1])), \
        add_line_sums_##S(finish_##NAME(l, i, i, sums[2]), finish_##NAME(l, i, ends[3], sums[3]))); \
  }                                                                                          \
  static line_sums_##S halves_##NAME(const line_##S *l, size_t start, size_t n) {            \
    if (n <= 128) return block_##NAME(*l, start, n);                                         \
    const size_t left = left_half(n), right = n - left;                                      \
    const size_t ends[4] = {start + left_half(left), start + left, start + left + left_half(right), start + n}; \
    if (left > 128 && ends[3] - ends[2] <= 128) return four_blocks_##NAME(l, start, ends);   \
    const line_sums_##S sums = halves_##NAME(l, start, left);                                \
    return add_line_sums_##S(sums, halves_##NAME(l, start + left, right));                   \
  }                                                                                          \
  static void NAME(                                                                          \
      size_t n, void *out, const void *a, const void *b, const void *c, const void *d, ptrdiff_t sd, const void *e, \
      const void *f, void *sums) {                                                           \
    /* One element for all, eight times, so that a vector can be read. */                    \
    const vec8_##S flat = *(const T *)d - (vec8_##S){0};                                     \
    const line_##S l = {out, a, sd == 0 ? &flat : d, e, sd, *(const T *)b, *(const T *)c, *(const T *)f}; \
    const line_sums_##S s = halves_##NAME(&l, 0, n);                                         \
    char *cell = sums;                                                                       \
    if (PLAIN) *(T *)cell = s.sum[0], cell += 8;                                             \
    if (SQUARES) *(T *)cell = s.sum[1], cell += 8;                                           \
    if (PRODUCTS) *(T *)cell = s.sum[2];                                                     \
  }

/// The digits tell whether there are the plain sum, that of the squares and that of the products, and whether the scale.
#define CK_LINE_SUMS_KERNELS(NAME, S, T, MAP)                                                \
  CK_LINE_SUMS_KERNEL(NAME##_1000_##S, S, T, MAP, 1, 0, 0, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_0100_##S, S, T, MAP, 0, 1, 0, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_1100_##S, S, T, MAP, 1, 1, 0, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_0010_##S, S, T, MAP, 0, 0, 1, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_1010_##S, S, T, MAP, 1, 0, 1, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_0110_##S, S, T, MAP, 0, 1, 1, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_1110_##S, S, T, MAP, 1, 1, 1, 0)                                \
  CK_LINE_SUMS_KERNEL(NAME##_1111_##S, S, T, MAP, 1, 1, 1, 1)
#define CK_ALL_LINE_SUMS_KERNELS(S, T, U)                                                    \
  CK_LINE_SUMS_KERNELS(line_add, S, T, x + y)                                                \
  CK_LINE_SUMS_KERNELS(line_subtract, S, T, x - y)                                           \
  CK_LINE_SUMS_KERNELS(line_leave, S, T, y - x)                                              \
  CK_LINE_SUMS_KERNELS(line_multiply, S, T, x *y)
CK_FLOATS(CK_ALL_LINE_SUMS_KERNELS)
