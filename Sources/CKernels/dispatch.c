// The choice of a level, and the getters.
//
// One pointer holds the table in use. It starts as NULL, and whoever finds it so chooses; a race chooses the same table twice.
// No constructor and no ifunc: both run before sanitizers are ready.
#include "kernels/table.h"

static const struct ck_kernels *active;

static const struct ck_kernels *table_of(ck_level level) {
#if defined(__x86_64__)
  if (level == CK_LEVEL_V4) return &ck_kernels_v4;
  if (level == CK_LEVEL_V3) return &ck_kernels_v3;
#endif
  (void)level;
  return &ck_kernels_baseline;
}

ck_level ck_best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return CK_LEVEL_V4;
  if (__builtin_cpu_supports("x86-64-v3")) return CK_LEVEL_V3;
#endif
  return CK_LEVEL_BASELINE;
}

static void use(const struct ck_kernels *table) {
  __atomic_store_n(&active, table, __ATOMIC_RELEASE);
  __atomic_store_n(&ck_binary_kernels, table->binary[0], __ATOMIC_RELEASE);
}

static __attribute__((noinline, cold)) const struct ck_kernels *choose(void) {
  const struct ck_kernels *const best = table_of(ck_best_level());
  use(best);
  return best;
}

static inline const struct ck_kernels *kernels(void) {
  const struct ck_kernels *const table = __atomic_load_n(&active, __ATOMIC_ACQUIRE);
  return __builtin_expect(table != NULL, 1) ? table : choose();
}

ck_level ck_current_level(void) {
  const struct ck_kernels *const table = kernels();
  for (ck_level level = CK_LEVEL_COUNT - 1; level > CK_LEVEL_BASELINE; level--) {
    if (table == table_of(level)) return level;
  }
  return CK_LEVEL_BASELINE;
}

int ck_force_level(ck_level level) {
  if (level < CK_LEVEL_BASELINE || level > ck_best_level()) return -1;
  use(table_of(level));
  return 0;
}

ck_unary_fn ck_unary(ck_unary_op op, ck_dtype dtype) { return kernels()->unary[op][dtype]; }
ck_param_fn ck_param(ck_param_op op, ck_dtype dtype) { return kernels()->param[op][dtype]; }
const ck_binary_fn *ck_binary_kernels;
const ck_binary_fn *ck_choose_binary_kernels(void) { return kernels()->binary[0]; }
ck_binary_fn ck_compare(ck_compare_op op, ck_dtype dtype) { return kernels()->compare[op][dtype]; }
ck_scaled_fn ck_scaled(ck_scaled_op op, ck_dtype dtype) { return kernels()->scaled[op][dtype]; }
ck_ternary_fn ck_where(ck_dtype dtype) { return kernels()->where[dtype]; }
ck_ternary_fn ck_clamp(ck_dtype dtype) { return kernels()->clamp[dtype]; }
ck_ternary_fn ck_lerp(ck_dtype dtype) { return kernels()->lerp[dtype]; }
ck_ternary_fn ck_pair(ck_binary_op first, ck_pair_op second, ck_dtype dtype) {
  switch (first) {
    case CK_ADD: return kernels()->pair[0][second][dtype];
    case CK_SUB: return kernels()->pair[1][second][dtype];
    case CK_MUL: return kernels()->pair[2][second][dtype];
    default: return NULL;
  }
}
ck_affine_fn ck_affine(ck_pair_op third, ck_dtype dtype) { return kernels()->affine[third][dtype]; }
ck_line_sums_fn ck_line_sums(ck_pair_op third, int32_t terms, ck_dtype dtype) {
  return kernels()->line_sums[third][terms][dtype];
}
ck_ternary_scaled_fn ck_addcmul(ck_dtype dtype) { return kernels()->addcmul[dtype]; }
ck_ternary_scaled_fn ck_addcdiv(ck_dtype dtype) { return kernels()->addcdiv[dtype]; }
ck_unary_fn ck_cast(ck_dtype from, ck_dtype to) { return kernels()->cast[from][to]; }
ck_reduce_fn ck_reduce(ck_reduce_op op, ck_dtype dtype) { return kernels()->reduce[op][dtype]; }
ck_reduce2_fn ck_reduce2(ck_reduce2_op op, ck_dtype dtype) { return kernels()->reduce2[op][dtype]; }
ck_unary_fn ck_row(ck_row_op op, ck_dtype dtype) { return kernels()->row[op][dtype]; }
ck_add_rows_fn ck_add_rows(ck_dtype dtype) { return kernels()->add_rows[dtype]; }
