// Programs of kernels over tiles, and the order of their sums.
//
// The order is that of pairwise summation (kernels/sum.h): a range of more than a tile is halved, the first half rounded down to a multiple
// of 8, so every tile is a whole subtree and its sum can be left to the kernel. A kernel may add 0 first, which could
// only turn a subtree's -0 into 0, and the root does that anyhow.
#include "include/CKernels.h"

#include <stdbool.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum {
  /// Elements times work from which on a run is shared among threads: several times what waking one takes.
  SPLIT_WORK = 1 << 20,
};

/// The sums of a range, one cell each.
typedef struct {
  uint64_t cell[CK_TILE_SUMS];
} sums;

/// Which elements of the run are worked on, and how far behind the first thread's tiles this thread's lie.
typedef struct {
  size_t start, n, scratch;
} range;

/// Where an operand's elements of a range begin. `all` says that it is the whole run, on the first thread.
INLINE char *address(const ck_tile_operand *o, const range *r, const bool all) {
  if (all) return o->base;
  return (char *)((uintptr_t)o->base + (uintptr_t)(o->step * (ptrdiff_t)r->start) + (o->scratch ? r->scratch : 0));
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

INLINE void run_instruction(const ck_tile_instruction *i, const range *r, const bool all, sums *s) {
  const size_t n = r->n;
  const char *const a = address(&i->a, r, all);
  switch (i->kind) {
    case CK_TILE_UNARY:
      ((ck_unary_fn)i->function)(n, address(&i->out, r, all), i->out.stride, a, i->a.stride);
      break;
    case CK_TILE_PARAM:
      ((ck_param_fn)i->function)(n, address(&i->out, r, all), i->out.stride, a, i->a.stride, i->p, i->q);
      break;
    case CK_TILE_BINARY:
      ((ck_binary_fn)i->function)(
          n, address(&i->out, r, all), i->out.stride, a, i->a.stride, address(&i->b, r, all), i->b.stride);
      break;
    case CK_TILE_TERNARY:
      ((ck_ternary_fn)i->function)(
          n, address(&i->out, r, all), i->out.stride, a, i->a.stride, address(&i->b, r, all), i->b.stride,
          address(&i->c, r, all), i->c.stride);
      break;
    case CK_TILE_AFFINE:
      ((ck_affine_fn)i->function)(
          n, address(&i->out, r, all), i->out.stride, a, i->a.stride, address(&i->b, r, all), address(&i->c, r, all),
          address(&i->d, r, all), i->d.stride);
      break;
    case CK_TILE_LINE_SUMS:
      ((ck_line_sums_fn)i->function)(
          n, address(&i->out, r, all), a, address(&i->b, r, all), address(&i->c, r, all), address(&i->d, r, all), i->d.stride,
          address(&i->e, r, all), address(&i->f, r, all), &s->cell[i->sum]);
      break;
    case CK_TILE_SUM: ((ck_reduce_fn)i->function)(n, a, i->a.stride, &s->cell[i->sum]); break;
    case CK_TILE_SUM2:
      ((ck_reduce2_fn)i->function)(n, a, i->a.stride, address(&i->b, r, all), i->b.stride, &s->cell[i->sum]);
      break;
    case CK_TILE_LOAD: load(i, address(&i->out, r, all), r->start, n); break;
  }
}

/// left += right, sum by sum.
static void combine(const ck_tile_program *p, sums *left, const sums *right) {
  for (size_t k = 0; k < p->sums; k++) {
    if (p->results[k].dtype == CK_FLOAT64) {
      double a, b;
      memcpy(&a, &left->cell[k], sizeof a);
      memcpy(&b, &right->cell[k], sizeof b);
      a += b;
      memcpy(&left->cell[k], &a, sizeof a);
    } else {
      float a, b;
      memcpy(&a, &left->cell[k], sizeof a);
      memcpy(&b, &right->cell[k], sizeof b);
      a += b;
      memcpy(&left->cell[k], &a, sizeof a);
    }
  }
}

static inline size_t left_half(size_t n) { return n / 2 - n / 2 % 8; }

enum { LINE = 64 };

/// What of a stream belongs to the tile behind the one that is worked on and has not been asked for yet.
typedef struct {
  const char *next, *end;
  size_t portion;
  int32_t is_written;
} ahead;

static void look_ahead(const ck_tile_program *p, const range *r, ahead *streams) {
  const size_t next = r->start + r->n, n = p->count - next < r->n ? p->count - next : r->n;
  for (size_t i = 0; i < p->streams; i++) {
    const ck_tile_stream *const s = &p->stream[i];
    const size_t bytes = n * (size_t)s->step;
    const char *const a = (const char *)s->base + next * (size_t)s->step;
    const size_t portion = (bytes / p->instructions + LINE) / LINE * LINE;
    streams[i] = (ahead){.next = a, .end = a + bytes, .portion = portion, .is_written = s->is_written};
  }
}

/// Asks for the next portion of each stream: it arrives while this tile is worked on, in whose kernels the processor does not see that far ahead. By
/// portions, since only so many lines can be on their way at once.
static void prefetch(ahead *streams, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ahead *const s = &streams[i];
    const char *const end = (size_t)(s->end - s->next) < s->portion ? s->end : s->next + s->portion;
    const char *line = s->next;
    if (s->is_written) {
      for (; line < end; line += LINE) __builtin_prefetch(line, 1);
    } else {
      for (; line < end; line += LINE) __builtin_prefetch(line, 0);
    }
    s->next = end;
  }
}

static void run_tile(const ck_tile_program *p, const range *r, sums *s) {
  if (p->streams == 0) {
    for (size_t k = 0; k < p->instructions; k++) run_instruction(&p->code[k], r, false, s);
    return;
  }
  ahead streams[CK_TILE_STREAMS];
  look_ahead(p, r, streams);
  for (size_t k = 0; k < p->instructions; k++) {
    prefetch(streams, p->streams);
    run_instruction(&p->code[k], r, false, s);
  }
}

static void run_tiles(const ck_tile_program *p, const range *r, sums *s) {
  if (r->n <= CK_TILE) return run_tile(p, r, s);
  const size_t left = left_half(r->n);
  run_tiles(p, &(range){r->start, left, r->scratch}, s);
  sums right;
  run_tiles(p, &(range){r->start + left, r->n - left, r->scratch}, &right);
  combine(p, s, &right);
}

static void run_range(const ck_tile_program *p, const range *r, sums *s) {
  if (p->native) {
    p->native(p->operands, r->start, r->n, s->cell);
    return;
  }
  run_tiles(p, r, s);
}

// MARK: Threads

enum { DEPTH = 3, TASKS = 1 << DEPTH };

/// A run split into the subtrees of a level of the recursion.
typedef struct {
  const ck_tile_program *program;
  size_t start[TASKS], length[TASKS];
  sums sums[TASKS];
} split;

static void run_task(void *context, int32_t task, int32_t worker) {
  split *const s = context;
  const range r = {s->start[task], s->length[task], (size_t)worker * s->program->scratch_bytes};
  run_range(s->program, &r, &s->sums[task]);
}

static void run_on_threads(const ck_tile_program *p, sums *result) {
  split s = {.program = p};
  s.length[0] = p->count;
  for (int width = TASKS; width > 1; width /= 2) {
    for (int at = 0; at < TASKS; at += width) {
      const size_t left = left_half(s.length[at]);
      s.start[at + width / 2] = s.start[at] + left;
      s.length[at + width / 2] = s.length[at] - left;
      s.length[at] = left;
    }
  }
  ck_parallel(TASKS, p->threads, run_task, &s);
  for (int width = 2; width <= TASKS; width *= 2) {
    for (int at = 0; at < TASKS; at += width) combine(p, &s.sums[at], &s.sums[at + width / 2]);
  }
  *result = s.sums[0];
}

// MARK: Runs

int ck_tile_is_split(const ck_tile_program *p) {
  return p->threads > 1 && p->count >= TASKS * CK_TILE && (double)p->count * (double)p->work >= SPLIT_WORK;
}

/// Stores the sums of the whole run. 0 + sum: a sum of negative zeros is 0.
static inline void store(const ck_tile_program *p, const sums *s) {
  for (size_t k = 0; k < p->sums; k++) {
    if (p->results[k].dtype == CK_FLOAT64) {
      double sum;
      memcpy(&sum, &s->cell[k], sizeof sum);
      *(double *)p->results[k].out = 0 + sum;
    } else {
      float sum;
      memcpy(&sum, &s->cell[k], sizeof sum);
      *(float *)p->results[k].out = 0 + sum;
    }
  }
}

void ck_tile_run(const ck_tile_program *p) {
  sums s;
  const range all = {.n = p->count};
  if (p->count <= CK_TILE && !p->native) {
    for (size_t k = 0; k < p->instructions; k++) run_instruction(&p->code[k], &all, true, &s);
  } else if (ck_tile_is_split(p)) {
    run_on_threads(p, &s);
  } else {
    run_range(p, &all, &s);
  }
  store(p, &s);
}

void ck_tile_plan_run(const ck_tile_plan *plan) {
  if (plan->native) {
    plan->native(plan->operands);
  } else {
    for (size_t k = 0; k < plan->count; k++) ck_tile_run(plan->programs[k]);
  }
  for (size_t k = 0; k < plan->moves; k++) {
    const ck_move *const move = &plan->move[k];
    // One number is the usual case.
    if (move->bytes == 8) {
      memcpy(move->to, move->from, 8);
    } else {
      memcpy(move->to, move->from, move->bytes);
    }
  }
}
