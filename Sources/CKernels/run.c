// Kernels over long contiguous runs: by several threads, and by streaming where the result would only drive other data out of the caches.
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "include/CKernels.h"

enum {
  /// Work worth splitting, in additions of 8 bytes: several times what waking a worker takes.
  SPLIT_WORK = 1 << 20,
  /// Parts per thread, so that a thread that was held up does not hold up all.
  PARTS_PER_THREAD = 4,
  /// Elements of a part are a multiple of this: whole pages, whole blocks of the function kernels.
  PART_GRAIN = 4096,
  /// What is calculated in the first-level cache before it is streamed out.
  TILE_BYTES = 8 * 1024,
};

// MARK: Cost

ck_cost ck_unary_cost(ck_unary_op op, ck_dtype dtype) {
  if (op < CK_EXP) return CK_COST_ARITHMETIC;
  switch (op) {
    case CK_LOG2:
    case CK_LOG10:
    case CK_TAN: return dtype == CK_FLOAT32 ? CK_COST_FUNCTION : CK_COST_LIBRARY;
    case CK_ASIN:
    case CK_ACOS:
    case CK_ATAN:
    case CK_SINH:
    case CK_COSH:
    case CK_ASINH:
    case CK_ACOSH:
    case CK_ATANH:
    case CK_ERF:
    case CK_ERFC:
    case CK_GELU: return CK_COST_LIBRARY;
    default: return CK_COST_FUNCTION;
  }
}

int ck_is_worth_splitting(size_t n, size_t size, ck_cost cost) {
  return (double)n * (double)cost * (double)size >= 8.0 * SPLIT_WORK && ck_thread_count() > 1;
}

// MARK: Streaming

/// Operands of more bytes in all leave their result beside the caches: it would be driven out before anyone reads it, and a line that is not
/// written as a whole is first read. The last-level cache, of which a program on a large shared machine has not everything for itself.
static size_t streaming_limit(void) {
  static atomic_size_t known;
  size_t limit = atomic_load_explicit(&known, memory_order_relaxed);
  if (limit == 0) {
    const size_t most = (size_t)64 << 20;
    long cache = -1;
#if defined(_SC_LEVEL3_CACHE_SIZE)
    cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    limit = cache > 0 && (size_t)cache < most ? (size_t)cache : most;
    atomic_store_explicit(&known, limit, memory_order_relaxed);
  }
  return limit;
}

#if defined(__x86_64__)
/// Copies whole cache lines around the caches; `out` lies on a line's boundary.
static void stream_lines(void *out, const void *from, size_t bytes) {
  __m128i *const o = out;
  const __m128i *const p = from;
  for (size_t i = 0; i < bytes / 16; i += 4) {
    const __m128i a = _mm_load_si128(p + i), b = _mm_load_si128(p + i + 1);
    const __m128i c = _mm_load_si128(p + i + 2), d = _mm_load_si128(p + i + 3);
    _mm_stream_si128(o + i, a);
    _mm_stream_si128(o + i + 1, b);
    _mm_stream_si128(o + i + 2, c);
    _mm_stream_si128(o + i + 3, d);
  }
}
#endif

// MARK: Runs

typedef struct {
  ck_unary_fn unary;
  ck_binary_fn binary;
  size_t n, part, out_size, size;
  char *out;
  const char *a, *b;
  ptrdiff_t sa, sb;
  bool streams;
} long_run;

static inline void call(const long_run *run, void *out, size_t start, size_t n) {
  const char *const a = run->a + start * (size_t)run->sa * run->size;
  if (run->unary != NULL) return run->unary(n, out, 1, a, run->sa);
  run->binary(n, out, 1, a, run->sa, run->b + start * (size_t)run->sb * run->size, run->sb);
}

static void run_part(void *context, int32_t part, int32_t worker) {
  (void)worker;
  const long_run *const run = context;
  size_t start = (size_t)part * run->part;
  const size_t end = run->n - start < run->part ? run->n : start + run->part;
#if defined(__x86_64__)
  if (run->streams) {
    // Up to the first line's boundary, then by tiles of whole lines, then what is left.
    const size_t misaligned = (size_t)(uintptr_t)(run->out + start * run->out_size) % 64;
    const size_t head = misaligned == 0 ? 0 : (64 - misaligned) / run->out_size;
    call(run, run->out + start * run->out_size, start, head < end - start ? head : end - start);
    start += head;
    _Alignas(64) char tile[TILE_BYTES];
    const size_t length = TILE_BYTES / run->out_size;
    for (; start + length <= end; start += length) {
      call(run, tile, start, length);
      stream_lines(run->out + start * run->out_size, tile, TILE_BYTES);
    }
    _mm_sfence();
  }
#endif
  if (start < end) call(run, run->out + start * run->out_size, start, end - start);
}

static void run_long(long_run *run, ck_cost cost) {
  const size_t bytes = run->n * (run->out_size + run->size * ((run->sa != 0) + (run->binary != NULL && run->sb != 0)));
  // Where calculating takes longer than storing, the detour by a tile only costs.
  run->streams = cost == CK_COST_ARITHMETIC && bytes > streaming_limit() && run->out != run->a && run->out != run->b;
  const size_t parts = ck_is_worth_splitting(run->n, run->size, cost) ? (size_t)ck_thread_count() * PARTS_PER_THREAD : 1;
  run->part = ((run->n + parts - 1) / parts + PART_GRAIN - 1) / PART_GRAIN * PART_GRAIN;
  ck_parallel((int32_t)((run->n + run->part - 1) / run->part), ck_thread_count(), run_part, run);
}

void ck_run_unary(
    ck_unary_fn kernel, ck_cost cost, size_t n, void *out, size_t outSize, const void *a, ptrdiff_t sa, size_t aSize) {
  if (n < PART_GRAIN) return kernel(n, out, 1, a, sa);
  long_run run = {.unary = kernel, .n = n, .out_size = outSize, .size = aSize, .out = out, .a = a, .sa = sa};
  run_long(&run, cost);
}

void ck_run_binary(
    ck_binary_fn kernel, ck_cost cost, size_t n, void *out, size_t outSize, const void *a, ptrdiff_t sa, const void *b,
    ptrdiff_t sb, size_t size) {
  if (n < PART_GRAIN) return kernel(n, out, 1, a, sa, b, sb);
  long_run run = {
      .binary = kernel, .n = n, .out_size = outSize, .size = size, .out = out, .a = a, .sa = sa, .b = b, .sb = sb};
  run_long(&run, cost);
}
