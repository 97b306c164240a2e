// Programs of kernels over tiles, and the order of their sums.
//
// The order is that of pairwise summation (kernels/sum.h): a range of more than a tile is halved, the first half rounded down to a multiple
// of 8, so every tile is a whole subtree and its sum can be left to the kernel. The kernel adds 0 first, which could
// only turn a subtree's -0 into 0, and the root does that anyhow.
#include "include/CKernels.h"

#include <string.h>

/// The sums of a range, one cell each.
typedef struct {
  uint64_t cell[CK_TILE_SUMS];
} sums;

static inline char *address(const ck_tile_operand *o, char *scratch, size_t start) {
  const uintptr_t origin = o->scratch ? (uintptr_t)scratch : 0;
  return (char *)(origin + (uintptr_t)o->base + (uintptr_t)(o->step * (ptrdiff_t)start));
}

/// Fills `n` elements with the pattern's elements from place `start` on.
static void load(const ck_tile_instruction *i, char *out, size_t start, size_t n) {
  const size_t size = (size_t)i->size, inner = i->inner, period = i->period;
  const char *const a = i->a.base;
  size_t row = start / inner % period, offset = start % inner;
  for (size_t done = 0; done < n;) {
    if (inner == 1) {
      const size_t length = n - done < period - row ? n - done : period - row;
      memcpy(out + done * size, a + row * size, length * size);
      done += length;
      row = 0;
    } else {
      const size_t length = n - done < inner - offset ? n - done : inner - offset;
      ck_fill(length, out + done * size, 1, a + row * size, size);
      done += length;
      offset = 0;
      row = row + 1 == period ? 0 : row + 1;
    }
  }
}

static void run_tile(const ck_tile_program *p, char *scratch, size_t start, size_t n, sums *s) {
  if (p->native) {
    p->native(p->operands, start, n, s->cell);
    return;
  }
  const ck_tile_instruction *i = p->code;
  const ck_tile_instruction *const end = i + p->instructions;
  for (; i < end; i++) {
    const char *const a = address(&i->a, scratch, start);
    switch (i->kind) {
      case CK_TILE_UNARY:
        ((ck_unary_fn)i->function)(n, address(&i->out, scratch, start), i->out.stride, a, i->a.stride);
        break;
      case CK_TILE_PARAM:
        ((ck_param_fn)i->function)(n, address(&i->out, scratch, start), i->out.stride, a, i->a.stride, i->p, i->q);
        break;
      case CK_TILE_BINARY:
        ((ck_binary_fn)i->function)(
            n, address(&i->out, scratch, start), i->out.stride, a, i->a.stride, address(&i->b, scratch, start),
            i->b.stride);
        break;
      case CK_TILE_TERNARY:
        ((ck_ternary_fn)i->function)(
            n, address(&i->out, scratch, start), i->out.stride, a, i->a.stride, address(&i->b, scratch, start),
            i->b.stride, address(&i->c, scratch, start), i->c.stride);
        break;
      case CK_TILE_SUM: ((ck_reduce_fn)i->function)(n, a, i->a.stride, &s->cell[i->sum]); break;
      case CK_TILE_SUM2:
        ((ck_reduce2_fn)i->function)(
            n, a, i->a.stride, address(&i->b, scratch, start), i->b.stride, &s->cell[i->sum]);
        break;
      case CK_TILE_LOAD: load(i, address(&i->out, scratch, start), start, n); break;
    }
  }
}

/// left += right, sum by sum.
static void combine(const ck_tile_program *p, sums *left, const sums *right) {
  for (size_t k = 0; k < p->instructions; k++) {
    const ck_tile_instruction *const i = &p->code[k];
    if (i->kind != CK_TILE_SUM && i->kind != CK_TILE_SUM2) continue;
    if (i->dtype == CK_FLOAT64) {
      double a, b;
      memcpy(&a, &left->cell[i->sum], sizeof a);
      memcpy(&b, &right->cell[i->sum], sizeof b);
      a += b;
      memcpy(&left->cell[i->sum], &a, sizeof a);
    } else {
      float a, b;
      memcpy(&a, &left->cell[i->sum], sizeof a);
      memcpy(&b, &right->cell[i->sum], sizeof b);
      a += b;
      memcpy(&left->cell[i->sum], &a, sizeof a);
    }
  }
}

static inline size_t left_half(size_t n) { return n / 2 - n / 2 % 8; }

static void run_range(const ck_tile_program *p, char *scratch, size_t start, size_t n, sums *s) {
  if (n <= CK_TILE) {
    run_tile(p, scratch, start, n, s);
    return;
  }
  const size_t left = left_half(n);
  run_range(p, scratch, start, left, s);
  sums right;
  run_range(p, scratch, start + left, n - left, &right);
  if (p->sums > 0) combine(p, s, &right);
}

// MARK: Threads

enum { DEPTH = 3, TASKS = 1 << DEPTH };

/// A run split into the subtrees of a level of the recursion.
typedef struct {
  const ck_tile_program *program;
  char *scratch;
  size_t start[TASKS], length[TASKS];
  sums sums[TASKS];
} split;

static void run_task(void *context, int32_t task, int32_t worker) {
  split *const s = context;
  run_range(
      s->program, s->scratch + (size_t)worker * s->program->scratch, s->start[task], s->length[task], &s->sums[task]);
}

static void run_on_threads(const ck_tile_program *p, char *scratch, int32_t threads, sums *result) {
  split s = {.program = p, .scratch = scratch};
  s.length[0] = p->count;
  for (int width = TASKS; width > 1; width /= 2) {
    for (int at = 0; at < TASKS; at += width) {
      const size_t left = left_half(s.length[at]);
      s.start[at + width / 2] = s.start[at] + left;
      s.length[at + width / 2] = s.length[at] - left;
      s.length[at] = left;
    }
  }
  ck_parallel(TASKS, threads, run_task, &s);
  for (int width = 2; width <= TASKS && p->sums > 0; width *= 2) {
    for (int at = 0; at < TASKS; at += width) combine(p, &s.sums[at], &s.sums[at + width / 2]);
  }
  *result = s.sums[0];
}

void ck_tile_run(const ck_tile_program *p, void *scratch, int32_t threads) {
  sums s;
  if (threads > 1 && p->count >= (size_t)TASKS * 4 * CK_TILE) {
    run_on_threads(p, scratch, threads, &s);
  } else {
    run_range(p, scratch, 0, p->count, &s);
  }
  if (p->sums == 0) return;
  for (size_t k = 0; k < p->instructions; k++) {
    const ck_tile_instruction *const i = &p->code[k];
    if (i->kind != CK_TILE_SUM && i->kind != CK_TILE_SUM2) continue;
    memcpy(i->out.base, &s.cell[i->sum], i->dtype == CK_FLOAT64 ? 8 : 4);
  }
}
