// The shapes of loops, and the lists of types to instantiate kernels for.
//
// A kernel is an expression in x (and y, z) of element type; the macros below wrap it in a loop per stride pattern. The
// contiguous and broadcast-scalar loops are vectorised; elementwise expressions give the same bits in a vector lane as alone.
#pragma once

/// Vectorise without proof that operands do not overlap: an output is either exactly an input or apart from it.
#define CK_VECTORIZE _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
/// Loops around calls into the C library, or around integer division, stay scalar.
#define CK_SCALAR

#define CK_AT(pointer, i, stride) ((pointer)[(ptrdiff_t)(i) * (stride)])

// Lists of types: M(suffix, type, type of wrapping arithmetic).
#define CK_SMALL_INTEGERS(M) M(u8, uint8_t, uint32_t) M(i8, int8_t, uint32_t) M(i16, int16_t, uint32_t)
#define CK_INTEGERS(M) CK_SMALL_INTEGERS(M) M(i32, int32_t, uint32_t) M(i64, int64_t, uint64_t)
#define CK_FLOATS(M) M(f32, float, float) M(f64, double, double)
#define CK_NUMBERS(M) CK_INTEGERS(M) CK_FLOATS(M)
#define CK_ALL_TYPES(M) M(bool, uint8_t, uint32_t) CK_NUMBERS(M)

/// static void NAME: out = EXPR of x. HINT is CK_VECTORIZE or CK_SCALAR.
#define CK_UNARY_KERNEL(NAME, OUT, IN, HINT, EXPR)                                           \
  static void NAME(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {         \
    OUT *const o = out;                                                                      \
    const IN *const p = a;                                                                   \
    if (so == 1 && sa == 1) {                                                                \
      HINT for (size_t i = 0; i < n; i++) {                                                  \
        const IN x = p[i];                                                                   \
        o[i] = (OUT)(EXPR);                                                                  \
      }                                                                                      \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) {                                                       \
        const IN x = CK_AT(p, i, sa);                                                        \
        CK_AT(o, i, so) = (OUT)(EXPR);                                                       \
      }                                                                                      \
    }                                                                                        \
  }

/// static void NAME: out = EXPR of x and y.
#define CK_BINARY_KERNEL(NAME, OUT, IN, HINT, EXPR)                                          \
  static void NAME(                                                                          \
      size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b,         \
      ptrdiff_t sb) {                                                                        \
    OUT *const o = out;                                                                      \
    const IN *const p = a;                                                                   \
    const IN *const q = b;                                                                   \
    if (n == 0) return;                                                                      \
    if (so == 1 && sa == 1 && sb == 1) {                                                     \
      HINT for (size_t i = 0; i < n; i++) {                                                  \
        const IN x = p[i], y = q[i];                                                         \
        o[i] = (OUT)(EXPR);                                                                  \
      }                                                                                      \
    } else if (so == 1 && sa == 1 && sb == 0) {                                              \
      const IN y = q[0];                                                                     \
      HINT for (size_t i = 0; i < n; i++) {                                                  \
        const IN x = p[i];                                                                   \
        o[i] = (OUT)(EXPR);                                                                  \
      }                                                                                      \
    } else if (so == 1 && sa == 0 && sb == 1) {                                              \
      const IN x = p[0];                                                                     \
      HINT for (size_t i = 0; i < n; i++) {                                                  \
        const IN y = q[i];                                                                   \
        o[i] = (OUT)(EXPR);                                                                  \
      }                                                                                      \
    } else {                                                                                 \
      for (size_t i = 0; i < n; i++) {                                                       \
        const IN x = CK_AT(p, i, sa), y = CK_AT(q, i, sb);                                   \
        CK_AT(o, i, so) = (OUT)(EXPR);                                                       \
      }                                                                                      \
    }                                                                                        \
  }

// MARK: Functions

/// Elements per block of a function kernel.
enum { CK_BLOCK = 256 };

/// Vectors of one AVX-512 register (and two or four of the lower levels): blocks are padded to a multiple of this, so no element is left to a scalar
/// loop.
#define CK_LANES_f32 16
#define CK_LANES_f64 8
#define CK_BITS_f32 uint32_t
#define CK_BITS_f64 uint64_t
#define CK_VECTORIZE_f32 _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1)")
#define CK_VECTORIZE_f64 _Pragma("clang loop vectorize(assume_safety) vectorize_width(8) interleave_count(1)")

/// Whether any of many keys lies beyond a limit, told by one number: in float32 the largest key; in float64, for which the lower levels have no maximum,
/// the highest bits of limit - key. Keys and limits are below 2^63 there.
#define CK_GATHER_f32(all, key, limit) ((key) > (all) ? (key) : (all))
#define CK_GATHER_f64(all, key, limit) ((all) | ((limit) - (key)))
#define CK_IS_BEYOND_f32(all, limit) ((all) > (limit))
#define CK_IS_BEYOND_f64(all, limit) ((all) >> 63 != 0)

/// static void NAME: a function of x by blocks: CORE where KEY of all elements is at most LIMIT, else FULL. The two give the same bits where CORE is right.
/// Keys are made of bits, so that few operations tell. In place they are looked at first; otherwise along the way, and a block that has
/// to be is done again.
#define CK_FUNCTION_KERNEL(NAME, S, T, KEY, LIMIT, CORE, FULL_HINT, FULL)                    \
  /* n is a multiple of CK_LANES. */                                                         \
  static void NAME##_block(size_t n, T *o, const T *p) {                                     \
    CK_BITS_##S all = 0;                                                                     \
    if (o == p) {                                                                            \
      CK_VECTORIZE_##S for (size_t i = 0; i < n; i++) {                                      \
        const T x = p[i];                                                                    \
        const CK_BITS_##S key = (KEY);                                                       \
        all = CK_GATHER_##S(all, key, (CK_BITS_##S)(LIMIT));                                 \
      }                                                                                      \
      if (!CK_IS_BEYOND_##S(all, LIMIT)) {                                                   \
        CK_VECTORIZE_##S for (size_t i = 0; i < n; i++) {                                    \
          const T x = p[i];                                                                  \
          o[i] = (CORE);                                                                     \
        }                                                                                    \
      }                                                                                      \
    } else {                                                                                 \
      CK_VECTORIZE_##S for (size_t i = 0; i < n; i++) {                                      \
        const T x = p[i];                                                                    \
        const CK_BITS_##S key = (KEY);                                                       \
        all = CK_GATHER_##S(all, key, (CK_BITS_##S)(LIMIT));                                 \
        o[i] = (CORE);                                                                       \
      }                                                                                      \
    }                                                                                        \
    if (CK_IS_BEYOND_##S(all, LIMIT)) {                                                      \
      FULL_HINT for (size_t i = 0; i < n; i++) {                                             \
        const T x = p[i];                                                                    \
        o[i] = (FULL);                                                                       \
      }                                                                                      \
    }                                                                                        \
  }                                                                                          \
  static void NAME(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {         \
    CK_BY_BLOCKS(T, CK_LANES_##S, NAME##_block)                                              \
  }

/// As CK_FUNCTION_KERNEL for a function that is vectorised over all of its domain.
#define CK_SIMPLE_FUNCTION_KERNEL(NAME, S, T, FULL)                                          \
  static void NAME##_block(size_t n, T *o, const T *p) {                                     \
    CK_VECTORIZE_##S for (size_t i = 0; i < n; i++) {                                        \
      const T x = p[i];                                                                      \
      o[i] = (FULL);                                                                         \
    }                                                                                        \
  }                                                                                          \
  static void NAME(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa) {         \
    CK_BY_BLOCKS(T, CK_LANES_##S, NAME##_block)                                              \
  }

/// Runs BLOCK(n, out, a) over a run. Contiguous whole vectors are taken where they are, other elements by way of a padded buffer.
#define CK_BY_BLOCKS(T, LANES, BLOCK)                                                        \
  T *const o = out;                                                                          \
  const T *const p = a;                                                                      \
  for (size_t start = 0; start < n;) {                                                       \
    size_t length = n - start < CK_BLOCK ? n - start : CK_BLOCK;                             \
    if (so == 1 && sa == 1 && length >= LANES) {                                             \
      length -= length % LANES;                                                              \
      BLOCK(length, o + start, p + start);                                                   \
    } else {                                                                                 \
      T buffer[CK_BLOCK];                                                                    \
      const size_t padded = (length + LANES - 1) / LANES * LANES;                            \
      for (size_t i = 0; i < length; i++) buffer[i] = CK_AT(p, start + i, sa);               \
      for (size_t i = length; i < padded; i++) buffer[i] = buffer[0];                        \
      BLOCK(padded, buffer, buffer);                                                         \
      for (size_t i = 0; i < length; i++) CK_AT(o, start + i, so) = buffer[i];               \
    }                                                                                        \
    start += length;                                                                         \
  }
