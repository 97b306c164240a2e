/// Inner loops of the array library, chosen once per process for the processor at hand.
///
/// Each kernel walks one dimension. Pointers address the first element, strides count *elements* (not bytes) and may be 0
/// (a broadcast scalar) or negative. Every kernel has fast paths for contiguous and stride-0 operands and a general one.
///
/// Aliasing: an output may be exactly an input (same address, same stride). Any other overlap gives undefined values.
/// Lengths: n may be 0 unless said otherwise; then nothing is read or written, except that a reduction stores its identity.
///
/// Bits: arithmetic, sums and all functions give the same bits at every level (baseline, x86-64-v3, x86-64-v4): the
/// levels are one source compiled for different processors, without contraction to fma (functions ask for it by name) and without reassociation. Results do depend on
/// the C library where a function is documented as "libm".
///
/// Getters return NULL where an operation has no meaning for a dtype. They cost one load; ask once per call, not per row.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Element types. CK_BOOL is one byte holding 0 or 1.
typedef enum ck_dtype : uint8_t {
  CK_BOOL = 0,
  CK_UINT8,
  CK_INT8,
  CK_INT16,
  CK_INT32,
  CK_INT64,
  CK_FLOAT32,
  CK_FLOAT64,
} ck_dtype;
enum { CK_DTYPE_COUNT = 8 };

// MARK: Levels

/// A set of processor features the kernels are compiled for.
typedef enum ck_level : int32_t {
  CK_LEVEL_BASELINE = 0,  ///< what every processor of the architecture has (x86-64: SSE2)
  CK_LEVEL_V3 = 1,        ///< x86-64-v3: AVX2
  CK_LEVEL_V4 = 2,        ///< x86-64-v4: AVX-512
} ck_level;
enum { CK_LEVEL_COUNT = 3 };

/// The highest level this processor and this build support.
ck_level ck_best_level(void);
/// The level in use. It is `ck_best_level()` until `ck_force_level` chooses another.
ck_level ck_current_level(void);
/// Chooses the level for all kernels asked for from now on, in every thread; meant for tests and measurements. Returns 0, or -1
/// (and changes nothing) where the processor does not support the level.
int ck_force_level(ck_level level);

// MARK: Unary

/// out[i] = op(a[i]).
typedef void (*ck_unary_fn)(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa);

/// Unary operations. "all" means all dtypes; bool behaves as stated, other results have the operand's dtype.
typedef enum ck_unary_op : int32_t {
  CK_NEG,         ///< -x, wraps; not for bool
  CK_ABS,         ///< |x|, wraps at the least integer; not for bool
  CK_SIGN,        ///< -1, 0, 1; 0 for NaN; all (bool: itself)
  CK_CEIL,        ///< all but bool, integers unchanged (so for the next three)
  CK_FLOOR,
  CK_ROUND,       ///< to nearest, ties to even
  CK_TRUNC,
  CK_FRAC,        ///< x - trunc(x); floats
  CK_SQUARE,      ///< x * x; all but bool
  CK_RELU,        ///< x < 0 ? 0 : x, so NaN stays and -0 stays; all but bool
  CK_BITWISE_NOT, ///< integers; bool: logical not
  CK_LOGICAL_NOT, ///< all → bool
  CK_ISNAN,       ///< all → bool
  CK_ISINF,       ///< all → bool
  CK_ISFINITE,    ///< all → bool
  // From here on: float32 and float64 only.
  CK_SQRT,
  CK_RSQRT,       ///< 1 / sqrt(x)
  CK_RECIPROCAL,  ///< 1 / x
  CK_EXP,
  CK_EXP2,
  CK_EXPM1,
  CK_LOG,
  CK_LOG2,
  CK_LOG10,
  CK_LOG1P,
  CK_SIN,
  CK_COS,
  CK_TAN,
  CK_ASIN,
  CK_ACOS,
  CK_ATAN,
  CK_SINH,
  CK_COSH,
  CK_TANH,
  CK_ASINH,
  CK_ACOSH,
  CK_ATANH,
  CK_ERF,
  CK_ERFC,
  CK_SIGMOID,     ///< 1 / (1 + exp(-x))
  CK_LOGSIGMOID,  ///< min(x, 0) - log1p(exp(-|x|))
  CK_SILU,        ///< x * sigmoid(x) = x / (1 + exp(-x))
  CK_GELU,        ///< x/2 (1 + erf(x / √2))
  CK_GELU_TANH,   ///< x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
} ck_unary_op;
enum { CK_UNARY_COUNT = CK_GELU_TANH + 1 };

ck_unary_fn _Nullable ck_unary(ck_unary_op op, ck_dtype dtype);

/// out[i] = op(a[i]; p, q) with parameters; float32 and float64. The parameters are rounded to the dtype first.
typedef void (*ck_param_fn)(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, double p, double q);

typedef enum ck_param_op : int32_t {
  CK_LEAKY_RELU,  ///< x > 0 ? x : p x
  CK_ELU,         ///< x > 0 ? x : p (exp(x) - 1)
  CK_SOFTPLUS,    ///< beta = p, threshold = q: p x > q ? x : log1p(exp(p x)) / p
  CK_HARDTANH,    ///< x below p gives p, above q gives q; NaN stays
} ck_param_op;
enum { CK_PARAM_COUNT = CK_HARDTANH + 1 };

ck_param_fn _Nullable ck_param(ck_param_op op, ck_dtype dtype);

// MARK: Binary

/// out[i] = op(a[i], b[i]).
typedef void (*ck_binary_fn)(
    size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb);

/// Binary operations; the result has the operands' dtype unless stated. Integer arithmetic wraps. A zero integer divisor never traps:
/// the quotient is 0 and the remainder is the dividend (ask `CK_ALL` of `ck_reduce` about the divisors to refuse such a call).
typedef enum ck_binary_op : int32_t {
  CK_ADD,           ///< all; bool: or
  CK_SUB,           ///< all but bool
  CK_MUL,           ///< all; bool: and
  CK_DIV,           ///< true division; floats
  CK_FLOOR_DIVIDE,  ///< floor(a / b) as PyTorch and Python; all but bool
  CK_DIV_TRUNC,     ///< trunc(a / b); all but bool
  CK_REMAINDER,     ///< sign of the divisor, as Python's %; all but bool
  CK_FMOD,          ///< sign of the dividend, as C; all but bool
  CK_POW,           ///< floats (libm in float64 at hard cases); integers: wraps, negative exponent gives 0 unless |a| is 1
  CK_ATAN2,         ///< floats
  CK_HYPOT,         ///< floats
  CK_MAXIMUM,       ///< NaN wins; of equal operands the first (so for -0 and 0); all
  CK_MINIMUM,       ///< as maximum
  CK_BITWISE_AND,   ///< integers and bool (so for the next two)
  CK_BITWISE_OR,
  CK_BITWISE_XOR,
  CK_LOGICAL_AND,   ///< all → bool; non-zero is true, NaN too (so for the next two)
  CK_LOGICAL_OR,
  CK_LOGICAL_XOR,
  CK_MUL_DOUBLED,   ///< a (b + b), b + b rounded first: the derivative of a square; floats
} ck_binary_op;
enum { CK_BINARY_COUNT = CK_MUL_DOUBLED + 1 };

/// The kernels of the level in use, by operation and dtype; NULL before the first is asked for.
extern const ck_binary_fn _Nullable *_Nullable ck_binary_kernels;
const ck_binary_fn _Nullable *_Nonnull ck_choose_binary_kernels(void);
static inline ck_binary_fn _Nullable ck_binary(ck_binary_op op, ck_dtype dtype) {
  const ck_binary_fn _Nullable *_Nullable kernels = __atomic_load_n(&ck_binary_kernels, __ATOMIC_ACQUIRE);
  if (kernels == NULL) kernels = ck_choose_binary_kernels();
  return kernels[op * CK_DTYPE_COUNT + dtype];
}

/// Comparisons; all dtypes → bool. With NaN only `ne` is true.
typedef enum ck_compare_op : int32_t { CK_EQ, CK_NE, CK_LT, CK_LE, CK_GT, CK_GE } ck_compare_op;
enum { CK_COMPARE_COUNT = CK_GE + 1 };

ck_binary_fn _Nonnull ck_compare(ck_compare_op op, ck_dtype dtype);

/// out[i] = op(a[i], b[i]) with a factor; `factor` points to one element of the dtype. Each product and sum rounds (no fma).
typedef void (*ck_scaled_fn)(
    size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, const void *factor);

typedef enum ck_scaled_op : int32_t {
  CK_ADD_SCALED,  ///< a + f b: `add` with alpha; y += f x; with f = -rate the update w -= rate g. All but bool
  CK_SCALE_ADD,   ///< f a + b: momentum. All but bool
} ck_scaled_op;
enum { CK_SCALED_COUNT = CK_SCALE_ADD + 1 };

ck_scaled_fn _Nullable ck_scaled(ck_scaled_op op, ck_dtype dtype);

// MARK: Ternary

/// out[i] = op(a[i], b[i], c[i]).
typedef void (*ck_ternary_fn)(
    size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, const void *c,
    ptrdiff_t sc);

/// out[i] = a[i] ? b[i] : c[i], where a is bool and b, c and out have the dtype.
ck_ternary_fn _Nonnull ck_where(ck_dtype dtype);
/// out[i] = min(max(a[i], b[i]), c[i]); a NaN in any of the three wins; the upper bound wins over the lower. All dtypes.
ck_ternary_fn _Nonnull ck_clamp(ck_dtype dtype);
/// a = start, b = end, c = weight: |c| < ½ ? a + c (b - a) : b - (b - a) (1 - c), as PyTorch. Floats.
ck_ternary_fn _Nullable ck_lerp(ck_dtype dtype);

/// As `ck_ternary_fn` with a factor, which points to one element of the dtype.
typedef void (*ck_ternary_scaled_fn)(
    size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, const void *c,
    ptrdiff_t sc, const void *factor);

/// out[i] = a[i] + (f b[i]) c[i]; all but bool.
ck_ternary_scaled_fn _Nullable ck_addcmul(ck_dtype dtype);
/// out[i] = a[i] + (f b[i]) / c[i]; floats.
ck_ternary_scaled_fn _Nullable ck_addcdiv(ck_dtype dtype);

/// How the second of two operations takes the result r of the first and the third operand c.
typedef enum ck_pair_op : int32_t {
  CK_THEN_ADD,       ///< r + c
  CK_THEN_SUBTRACT,  ///< r - c
  CK_THEN_LEAVE,     ///< c - r
  CK_THEN_MULTIPLY,  ///< r c
} ck_pair_op;
enum { CK_PAIR_COUNT = CK_THEN_MULTIPLY + 1 };

/// Two operations in one pass, each of which rounds: out[i] = second(first(a[i], b[i]), c[i]). `first` is CK_ADD, CK_SUB or CK_MUL. Floats.
ck_ternary_fn _Nullable ck_pair(ck_binary_op first, ck_pair_op second, ck_dtype dtype);

/// out[i] = third(a[i] *b + *c, d[i]): a straight line of a, and what is done with its points.
typedef void (*ck_affine_fn)(
    size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, const void *b, const void *c, const void *d,
    ptrdiff_t sd);

/// Three operations in one pass, each of which rounds. Floats.
ck_affine_fn _Nullable ck_affine(ck_pair_op third, ck_dtype dtype);

/// What is summed of the values t that a map of a line's points stores: one of these or several, added. Each sum takes 8 bytes, in this order.
enum {
  CK_TERM_PLAIN = 1,     ///< Σ t
  CK_TERM_SQUARES = 2,   ///< Σ t²
  CK_TERM_PRODUCTS = 4,  ///< Σ t e
  CK_TERM_SCALED = 8,    ///< with all three: Σ t f, Σ t² and Σ (t f) e
  CK_TERM_SETS = 16,
};

/// out[i] = third(a[i] *b + *c, d[i]) of contiguous runs, or one d for all, and sums over the run, in pairwise order as `CK_SUM`, but for the sign of a
/// sum that is 0. Without products `e` is any run that can be read, and without scale `f` any element.
typedef void (*ck_line_sums_fn)(
    size_t n, void *out, const void *a, const void *b, const void *c, const void *d, ptrdiff_t sd, const void *e,
    const void *f, void *sums);

/// Up to nine operations in one pass, each of which rounds. Floats; NULL for sums that there are no kernels for.
ck_line_sums_fn _Nullable ck_line_sums(ck_pair_op third, int32_t terms, ck_dtype dtype);

// MARK: Conversion, filling, copying

/// out[i] = a[i] as another dtype; every pair. Integers wrap; → bool is x != 0 (NaN is true); bool gives 0 or 1; float → integer drops the fraction.
/// Floats out of range and NaN give what PyTorch gives on x86: int64 and int32 their least value; uint8, int8 and int16 the low bits of
/// the int32 result (so 0 for NaN).
ck_unary_fn _Nonnull ck_cast(ck_dtype from, ck_dtype to);

/// Stores *value (one element of elementSize 1, 2, 4 or 8 bytes) n times.
void ck_fill(size_t n, void *out, ptrdiff_t so, const void *value, size_t elementSize);
/// Copies n elements of elementSize 1, 2, 4 or 8 bytes. Contiguous operands must not overlap, or be the same.
void ck_copy_strided(size_t n, void *out, ptrdiff_t so, const void *a, ptrdiff_t sa, size_t elementSize);
/// Copies a matrix of elements of 1, 2, 4 or 8 bytes: out[i, j] = a[i, j], with a row stride and a column stride each, by blocks that stay in
/// cache where one side is transposed.
void ck_copy_2d(
    size_t rows, size_t columns, void *out, ptrdiff_t outRow, ptrdiff_t outColumn, const void *a, ptrdiff_t aRow,
    ptrdiff_t aColumn, size_t elementSize);

// MARK: Reductions

/// *out = the reduction of a run. `out` need not be aligned beyond its type.
typedef void (*ck_reduce_fn)(size_t n, const void *a, ptrdiff_t sa, void *out);

/// Reductions. Float sums use NumPy's pairwise order at every level and stride: under 8 elements one after the other; up to 128 eight accumulators,
/// combined as ((0+1)+(2+3))+((4+5)+(6+7)), then the tail; above, two halves, the first rounded down to a multiple of 8.
/// The result equals `numpy.sum` of a contiguous array of the same dtype bit for bit.
typedef enum ck_reduce_op : int32_t {
  CK_SUM,            ///< floats → same dtype; bool and integers → int64, wraps
  CK_SUM_SQUARES,    ///< Σ x², as CK_SUM
  CK_SUM_ABS,        ///< Σ |x|, as CK_SUM; floats
  CK_PROD,           ///< from left to right, as numpy.prod; floats → same dtype; others → int64, wraps
  CK_MAX,            ///< n ≥ 1; NaN wins; → same dtype
  CK_MIN,            ///< as CK_MAX
  CK_ARGMAX,         ///< n ≥ 1; first of equals; the first NaN wins; → int64
  CK_ARGMIN,         ///< as CK_ARGMAX
  CK_ANY,            ///< some x != 0 (NaN counts) → bool
  CK_ALL,            ///< every x != 0 (NaN counts) → bool
  CK_COUNT_NONZERO,  ///< → int64
  CK_LOGSUMEXP,      ///< log Σ exp(x - max) + max, the max counted as 0 where infinite; n ≥ 1; floats
} ck_reduce_op;
enum { CK_REDUCE_COUNT = CK_LOGSUMEXP + 1 };

ck_reduce_fn _Nullable ck_reduce(ck_reduce_op op, ck_dtype dtype);

/// *out = the reduction of two runs together.
typedef void (*ck_reduce2_fn)(size_t n, const void *a, ptrdiff_t sa, const void *b, ptrdiff_t sb, void *out);

/// Fused pairs: the bits are those of the elementwise operation followed by CK_SUM, without the intermediate array.
typedef enum ck_reduce2_op : int32_t {
  CK_SUM_PRODUCTS,             ///< Σ a b (the dot product in pairwise order); floats, integers → int64, wraps
  CK_SUM_SQUARED_DIFFERENCES,  ///< Σ (a - b)²; floats
  CK_SUM_AND_PRODUCTS,         ///< Σ a and, 8 bytes behind it, Σ a b, each as if alone; floats
} ck_reduce2_op;
enum { CK_REDUCE2_COUNT = CK_SUM_AND_PRODUCTS + 1 };

ck_reduce2_fn _Nullable ck_reduce2(ck_reduce2_op op, ck_dtype dtype);

// MARK: Rows

/// Operations that map a run to a run of the same length as a whole. They may work in place.
typedef enum ck_row_op : int32_t {
  CK_SOFTMAX,      ///< exp(x - max) / Σ exp(x - max); floats
  CK_LOG_SOFTMAX,  ///< (x - max) - log Σ exp(x - max); floats
  CK_CUMSUM,       ///< running sum from left to right; floats → same dtype; others → int64, wraps
  CK_CUMPROD,      ///< running product, as CK_CUMSUM
} ck_row_op;
enum { CK_ROW_COUNT = CK_CUMPROD + 1 };

ck_unary_fn _Nullable ck_row(ck_row_op op, ck_dtype dtype);

/// Adds `rows` rows of n contiguous elements, `step` elements apart, to the row `out`, from the first to the last, in fewer passes over `out`.
typedef void (*ck_add_rows_fn)(size_t n, void *out, const void *a, ptrdiff_t step, size_t rows);
/// Floats.
ck_add_rows_fn _Nullable ck_add_rows(ck_dtype dtype);

// MARK: Tiles

/// Elements in a tile at most: few enough for half a dozen tiles of eight-byte elements to stay in the first-level cache, enough for four blocks
/// of a sum.
enum { CK_TILE = 512, CK_TILE_SUMS = 16, CK_TILE_STREAMS = 8 };
/// What takes fewer bytes in all is in the second-level cache, so that nothing need be fetched ahead.
enum { CK_TILE_NEAR_BYTES = 1024 * 1024 };

/// What an instruction of a tile program does; the kernel behind `function` has the type named here.
typedef enum ck_tile_kind : int32_t {
  CK_TILE_UNARY,    ///< ck_unary_fn: out = f(a)
  CK_TILE_PARAM,    ///< ck_param_fn: out = f(a; p, q)
  CK_TILE_BINARY,   ///< ck_binary_fn: out = f(a, b)
  CK_TILE_TERNARY,  ///< ck_ternary_fn: out = f(a, b, c)
  CK_TILE_AFFINE,   ///< ck_affine_fn: out = f(a, b, c, d); b and c are one element for all
  CK_TILE_LINE_SUMS,  ///< ck_line_sums_fn: out = f(a, b, c, d) and up to three sums of it, e and f; b, c and f are one element for all
  CK_TILE_SUM,      ///< ck_reduce_fn, a sum of `dtype`: the sum over the whole run, in pairwise order
  CK_TILE_SUM2,     ///< ck_reduce2_fn, a sum of `dtype` over terms of a and b; two of them for CK_SUM_AND_PRODUCTS
  CK_TILE_LOAD,     ///< out[i] = a[(i / inner) % period]: a row or column repeated along the run; `size` bytes per element
} ck_tile_kind;

/// Where the elements of an operand lie: at base + step · i for element i of the run. A step of 0 with stride 0 is one element for
/// all; a tile of scratch memory has step 0, stride 1 and lies at `base` for the first thread, `scratch_bytes` further on for each other.
typedef struct ck_tile_operand {
  void *_Nullable base;
  ptrdiff_t step;
  ptrdiff_t stride;
  int32_t scratch;
} ck_tile_operand;

/// One instruction. A sum leaves its result to the program: it is the `sum`-th; more of them are those behind it.
typedef struct ck_tile_instruction {
  ck_tile_kind kind;
  ck_dtype dtype;
  int32_t sum;
  int32_t size;
  void *_Nullable function;
  ck_tile_operand out, a, b, c, d, e, f;
  double p, q;
  size_t inner, period;
} ck_tile_instruction;

/// Where a sum over the whole run is stored.
typedef struct ck_tile_sum {
  void *out;
  ck_dtype dtype;  ///< CK_FLOAT32 or CK_FLOAT64
} ck_tile_sum;

/// Memory that a run goes through once, from its beginning to its end.
typedef struct ck_tile_stream {
  const void *base;
  ptrdiff_t step;  ///< bytes per element
  int32_t is_written;
} ck_tile_stream;

/// Kernels run one after the other over tiles of one run, so that what they hand on stays in cache. Sums over the run come out in
/// NumPy's pairwise order, as `CK_SUM` gives them: tiles are the subtrees of its recursion.
typedef struct ck_tile_program {
  size_t count;  ///< elements in the run; at least 1
  size_t instructions;
  size_t work;  ///< how long an element takes, in units of an addition
  const ck_tile_instruction *_Nullable code;
  size_t sums;  ///< at most CK_TILE_SUMS
  const ck_tile_sum *_Nullable results;
  size_t scratch_bytes;  ///< scratch memory of each thread
  int32_t threads;       ///< how many may work on it; the result does not depend on their number
  /// What is to be fetched from memory ahead of the tiles; none where it is in cache.
  size_t streams;  ///< at most CK_TILE_STREAMS
  const ck_tile_stream *_Nullable stream;
  /// Compiled code in place of the instructions, or NULL: for the elements start..<start+n, which are the whole run or a subtree of the sums'
  /// recursion. Operands are those of `operands`, sums go to `sums`, 8 bytes each.
  void (*_Nullable native)(const void *const _Nonnull *_Nonnull operands, size_t start, size_t n, void *sums);
  const void *const _Nonnull *_Nullable operands;
} ck_tile_program;

/// Whether a run is shared among threads: it may use several, and takes several times as long as waking one.
int ck_tile_is_split(const ck_tile_program *program);
/// Runs the program.
void ck_tile_run(const ck_tile_program *program);

/// Elements to be copied as they lie.
typedef struct ck_move {
  void *to;
  const void *from;
  size_t bytes;
} ck_move;

/// Programs one after the other, then copies one after the other.
typedef struct ck_tile_plan {
  size_t count;
  const ck_tile_program *const _Nonnull *_Nullable programs;
  size_t moves;
  ck_move *_Nullable move;
  /// Compiled code in place of all programs, or NULL.
  void (*_Nullable native)(const void *const _Nonnull *_Nonnull operands);
  const void *const _Nonnull *_Nullable operands;
} ck_tile_plan;

/// Runs the plan.
void ck_tile_plan_run(const ck_tile_plan *plan);

// MARK: Memory

/// A buffer of at least `bytes` bytes on a 64-byte boundary, contents undefined, or NULL where it cannot be had. Zero bytes give a valid buffer too.
/// Small buffers come from a list per thread and size class (a few nanoseconds); large ones are kept, up to a bounded total, so that their
/// pages need not be faulted in again. Give each back by `ck_free` with the same `bytes`, from any thread.
void *_Nullable ck_alloc(size_t bytes);
void ck_free(void *_Nullable buffer, size_t bytes);
/// Whether so many bytes can be had from the system at present, for memory that is not asked for here; kept buffers are given back where that helps.
int ck_has_room(size_t bytes);
/// Gives all kept buffers of this thread and the shared ones back to the system.
void ck_release_cached(void);

// MARK: Spare objects

/// What each thread has of its own, read here and not by a call: small operations ask several times.
#define CK_OF_THREAD extern __thread __attribute__((tls_model("initial-exec")))

/// Objects of one kind that a thread is done with and keeps for its next need: to set an object's fields anew takes a fraction of the time of
/// freeing it and making another. They are Swift's, linked by a field of theirs; the list holds a reference to each.
typedef struct ck_spares {
  const void *_Nullable kind;
  void *_Nullable first;
  size_t count;
} ck_spares;

/// Size classes of small buffers: multiples of 64 bytes up to 1 KiB, then four per doubling.
enum { CK_SMALL_LIMIT = 64 * 1024, CK_LINEAR_LIMIT = 1024, CK_LINEAR_CLASSES = 16, CK_SMALL_CLASSES = 16 + 4 * 6 };
static inline unsigned ck_small_class(size_t bytes) {
  if (bytes <= CK_LINEAR_LIMIT) return bytes == 0 ? 0 : (unsigned)((bytes - 1) / 64);
  const int exponent = 63 - __builtin_clzll((unsigned long long)bytes - 1);
  const unsigned quarter = (unsigned)((bytes - 1) >> (exponent - 2)) & 3;
  return CK_LINEAR_CLASSES + 4 * (unsigned)(exponent - 10) + quarter;
}

enum { CK_SPARE_KINDS = 64, CK_SPARE_LIMIT = 256 };
CK_OF_THREAD ck_spares *_Nullable ck_spare_lists;

/// This thread's list for objects of a kind, which any address names; NULL where it keeps none yet. A kind has one of two places; where others
/// have both, the list is one of another kind, as its field says.
static inline ck_spares *_Nullable ck_spares_of_kind(const void *kind) {
  ck_spares *const lists = ck_spare_lists;
  if (lists == NULL) return NULL;
  const size_t place = ((uintptr_t)kind * 0x9e3779b97f4a7c15u) >> 58;
  ck_spares *const first = lists + place, *const second = lists + (place ^ 1);
  return first->kind == kind ? first : second->kind == kind || first->first != NULL ? second : first;
}
/// This thread's list for arrays' storages with buffers of `bytes` bytes, at most CK_SMALL_LIMIT; NULL where it keeps none yet.
static inline ck_spares *_Nullable ck_spares_of_size(size_t bytes) {
  ck_spares *const lists = ck_spare_lists;
  return lists == NULL ? NULL : lists + CK_SPARE_KINDS + ck_small_class(bytes);
}
/// Makes this thread's lists. 0 when there are none to be made any more: the thread is about to end.
int ck_open_spares(void);
/// Whether this thread has lists; makes them.
static inline int ck_keeps_spares(void) { return ck_spare_lists != NULL || ck_open_spares(); }
/// For sanitizers: nobody may read or write a spare storage's buffer of `bytes` bytes, or may again.
extern const int ck_marks_memory;
void ck_mark_spare(void *buffer, size_t bytes);
void ck_mark_used(void *buffer, size_t bytes);

// MARK: Kernels that wait

/// This thread's queue of kernels that were asked for and have not run, an object of Swift's; NULL while it has none.
CK_OF_THREAD void *_Nullable ck_queue;
static inline void *_Nullable ck_queue_get(void) { return ck_queue; }
/// Makes `queue`, a reference that is given away, this thread's until it ends. 0 when the thread is about to end: the reference is not taken.
int ck_keep_queue(void *queue);

// MARK: Threads

/// How many threads large operations may use: the environment's OMP_NUM_THREADS, else as many as there are processors, until set.
int32_t ck_thread_count(void);
/// Sets it for all operations from now on. Returns 0, or -1 (and changes nothing) unless 1 ≤ count ≤ 256.
int ck_set_thread_count(int32_t count);

/// Calls run(context, part, worker) for each part below `parts`, worker below `threads`, on this thread (worker 0) and on others, each part once
/// and in no order, and returns when all are done. A part must not depend on another. Calls from inside a part, and while another thread's task
/// runs, do all parts on their own thread.
void ck_parallel(
    int32_t parts, int32_t threads, void (*run)(void *_Nullable context, int32_t part, int32_t worker),
    void *_Nullable context);

/// How long an element takes, in units of an addition.
typedef enum ck_cost : int32_t {
  CK_COST_ARITHMETIC = 1,
  CK_COST_FUNCTION = 4,   ///< a vectorised polynomial
  CK_COST_LIBRARY = 30,   ///< "libm"
} ck_cost;
ck_cost ck_unary_cost(ck_unary_op op, ck_dtype dtype);
/// Whether there are several threads and n elements of `size` bytes take several times as long as waking one.
int ck_is_worth_splitting(size_t n, size_t size, ck_cost cost);

/// The kernel over contiguous runs, where these are long: split among threads, and past the caches where the operands do not fit in them. An
/// operand's stride is 1, or 0 for one value; `size` is that of one element. The bits are the kernel's own.
void ck_run_unary(
    ck_unary_fn kernel, ck_cost cost, size_t n, void *out, size_t outSize, const void *a, ptrdiff_t sa, size_t aSize);
void ck_run_binary(
    ck_binary_fn kernel, ck_cost cost, size_t n, void *out, size_t outSize, const void *a, ptrdiff_t sa, const void *b,
    ptrdiff_t sb, size_t size);

// MARK: Modes of the thread

CK_OF_THREAD int32_t ck_grad_mode;
CK_OF_THREAD int32_t ck_inference_mode;
CK_OF_THREAD uint64_t ck_sequence;

/// Whether operations of this thread are recorded for derivatives: 1 at first.
static inline int32_t ck_grad_mode_get(void) { return ck_grad_mode; }
static inline void ck_grad_mode_set(int32_t enabled) { ck_grad_mode = enabled; }
/// Whether this thread makes arrays that never take part in recording: 0 at first.
static inline int32_t ck_inference_mode_get(void) { return ck_inference_mode; }
static inline void ck_inference_mode_set(int32_t enabled) { ck_inference_mode = enabled; }
/// A number larger than all that this thread was given before: the order in which operations were recorded.
static inline uint64_t ck_next_sequence(void) { return ck_sequence++; }

/// Takes the one right in the process to keep a backward sweep's notes in the graph's nodes themselves: the number of the sweep, from 1 on,
/// or 0 when it is taken.
uint64_t ck_sweep_try_begin(void);
/// Gives the right back.
void ck_sweep_end(void);

// MARK: Frames

/// Whether up to `limit` callers can be followed by their frame pointers and the files they are from be read in memory: not where one
/// of the callers keeps something else in the register, nor under Valgrind.
int ck_frames_are_sound(int32_t limit);

/// The Swift runtime's own: a symbol's name as it is written in Swift, with the modules that everything in it comes from; NULL when it is
/// no symbol of Swift. With no buffer given the result is to be freed.
char *_Nullable swift_demangle(const char *symbol, size_t length, char *_Nullable buffer,
                               size_t *_Nullable buffer_size, uint32_t flags);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
