// Modes of the current thread.
#include "include/CKernels.h"

#include <stdatomic.h>
#include <stdbool.h>

__thread int32_t ck_grad_mode = 1;
__thread int32_t ck_inference_mode = 0;
__thread uint64_t ck_sequence = 0;

static atomic_bool sweeping = false;
static uint64_t sweeps = 0;
uint64_t ck_sweep_try_begin(void) {
  return atomic_exchange_explicit(&sweeping, true, memory_order_acquire) ? 0 : ++sweeps;
}
void ck_sweep_end(void) { atomic_store_explicit(&sweeping, false, memory_order_release); }
