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
