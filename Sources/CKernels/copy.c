// Filling and copying by element size.
#include <string.h>

#include "include/CKernels.h"

#define AT(pointer, i, stride) ((pointer)[(ptrdiff_t)(i) * (stride)])

// MARK: One dimension

#define DEFINE_FILL(BITS)                                                                    \
  static void fill_##BITS(size_t n, uint##BITS##_t *out, ptrdiff_t so, const void *value) {  \
    uint##BITS##_t v;                                                                        \
    memcpy(&v, value, sizeof v);                                                             \
    if (so == 1) {                                                                           \
      for (size_t i = 0; i < n; i++) out[i] = v;                                             \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) AT(out, i, so) = v;                                     \
    }                                                                                        \
  }
DEFINE_FILL(8)
DEFINE_FILL(16)
DEFINE_FILL(32)
DEFINE_FILL(64)

void ck_fill(size_t n, void *out, ptrdiff_t so, const void *value, size_t elementSize) {
  switch (elementSize) {
    case 1: return fill_8(n, out, so, value);
    case 2: return fill_16(n, out, so, value);
    case 4: return fill_32(n, out, so, value);
    case 8: return fill_64(n, out, so, value);
    default: __builtin_trap();
  }
}

#define DEFINE_COPY(BITS)                                                                    \
  static void copy_##BITS(                                                                   \
      size_t n, uint##BITS##_t *out, ptrdiff_t so, const uint##BITS##_t *a, ptrdiff_t sa) {  \
    if (n == 0) return;                                                                      \
    if (so == 1 && sa == 1) {                                                                \
      if (out != a) memcpy(out, a, n * sizeof *out);                                         \
    } else if (so == 1 && sa == 0) {                                                         \
      const uint##BITS##_t v = a[0];                                                         \
      for (size_t i = 0; i < n; i++) out[i] = v;                                             \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) AT(out, i, so) = AT(a, i, sa);                          \
    }                                                                                        \
  }
DEFINE_COPY(8)
DEFINE_COPY(16)
DEFINE_COPY(32)
DEFINE_COPY(64)

void ck_copy_strided(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, size_t elementSize) {
  switch (elementSize) {
    case 1: return copy_8(n, out, so, a, sa);
    case 2: return copy_16(n, out, so, a, sa);
    case 4: return copy_32(n, out, so, a, sa);
    case 8: return copy_64(n, out, so, a, sa);
    default: __builtin_trap();
  }
}

// MARK: Two dimensions

/// A transposed copy touches one cache line per element on one side. Tiles of one line's width by as many rows keep those lines in the
/// first-level cache until all their elements are used. No processor foresees the way from tile to tile, so each asks for the lines of one that comes
/// later.
enum { LINE_BYTES = 64, TILES_AHEAD = 4 };

#define DEFINE_COPY_2D(BITS)                                                                 \
  /* A whole tile; `a` does not overlap `out`. */                                            \
  static inline __attribute__((always_inline)) void transpose_tile_##BITS(                   \
      uint##BITS##_t *restrict out, ptrdiff_t out_row, ptrdiff_t out_column,                 \
      const uint##BITS##_t *restrict a, ptrdiff_t a_row, ptrdiff_t a_column) {               \
    for (int i = 0; i < LINE_BYTES * 8 / BITS; i++) {                                        \
      for (int j = 0; j < LINE_BYTES * 8 / BITS; j++) {                                      \
        out[i * out_row + j * out_column] = a[i * a_row + j * a_column];                     \
      }                                                                                      \
    }                                                                                        \
  }                                                                                          \
  static void transpose_##BITS(                                                              \
      size_t rows, size_t columns, uint##BITS##_t *out, ptrdiff_t out_row, ptrdiff_t out_column, \
      const uint##BITS##_t *a, ptrdiff_t a_row, ptrdiff_t a_column) {                        \
    const size_t tile = LINE_BYTES / sizeof *out, ahead = TILES_AHEAD * tile;                \
    for (size_t i0 = 0; i0 < rows; i0 += tile) {                                             \
      const size_t i1 = rows - i0 < tile ? rows : i0 + tile;                                 \
      for (size_t j0 = 0; j0 < columns; j0 += tile) {                                        \
        const size_t j1 = columns - j0 < tile ? columns : j0 + tile;                         \
        uint##BITS##_t *const o = out + (ptrdiff_t)i0 * out_row + (ptrdiff_t)j0 * out_column; \
        const uint##BITS##_t *const p = a + (ptrdiff_t)i0 * a_row + (ptrdiff_t)j0 * a_column; \
        if (i1 - i0 == tile && columns - j0 >= ahead + tile) {                               \
          for (size_t k = 0; k < tile; k++) {                                                \
            __builtin_prefetch(p + (ptrdiff_t)(ahead + k) * a_column);                       \
            __builtin_prefetch(o + (ptrdiff_t)k * out_row + (ptrdiff_t)ahead * out_column, 1); \
          }                                                                                  \
        }                                                                                    \
        if (i1 - i0 == tile && j1 - j0 == tile) {                                            \
          if (out_column == 1 && a_row == 1) {                                               \
            transpose_tile_##BITS(o, out_row, 1, p, 1, a_column);                            \
          } else {                                                                           \
            transpose_tile_##BITS(o, out_row, out_column, p, a_row, a_column);               \
          }                                                                                  \
          continue;                                                                          \
        }                                                                                    \
        for (size_t i = i0; i < i1; i++) {                                                   \
          for (size_t j = j0; j < j1; j++) {                                                 \
            out[(ptrdiff_t)i * out_row + (ptrdiff_t)j * out_column] =                        \
                a[(ptrdiff_t)i * a_row + (ptrdiff_t)j * a_column];                           \
          }                                                                                  \
        }                                                                                    \
      }                                                                                      \
    }                                                                                        \
  }
DEFINE_COPY_2D(8)
DEFINE_COPY_2D(16)
DEFINE_COPY_2D(32)
DEFINE_COPY_2D(64)

static size_t magnitude(ptrdiff_t x) { return x < 0 ? (size_t)-x : (size_t)x; }

void ck_copy_2d(
    size_t rows, size_t columns, void *out, ptrdiff_t outRow, ptrdiff_t outColumn, const void *a, ptrdiff_t aRow,
    ptrdiff_t aColumn, size_t elementSize) {
  if (rows == 0 || columns == 0) return;
  if (magnitude(outRow) < magnitude(outColumn)) {
    // Walk along the output's lines.
    ck_copy_2d(columns, rows, out, outColumn, outRow, a, aColumn, aRow, elementSize);
    return;
  }
  if (magnitude(aColumn) <= magnitude(aRow)) {
    for (size_t i = 0; i < rows; i++) {
      ck_copy_strided(
          columns, (char *)out + (ptrdiff_t)i * outRow * (ptrdiff_t)elementSize, outColumn,
          (const char *)a + (ptrdiff_t)i * aRow * (ptrdiff_t)elementSize, aColumn, elementSize);
    }
    return;
  }
  switch (elementSize) {
    case 1: return transpose_8(rows, columns, out, outRow, outColumn, a, aRow, aColumn);
    case 2: return transpose_16(rows, columns, out, outRow, outColumn, a, aRow, aColumn);
    case 4: return transpose_32(rows, columns, out, outRow, outColumn, a, aRow, aColumn);
    case 8: return transpose_64(rows, columns, out, outRow, outColumn, a, aRow, aColumn);
    default: __builtin_trap();
  }
}
