// Modes of the current thread.
#include "include/CKernels.h"

#include <stdatomic.h>
#include <stdbool.h>

static _Thread_local int32_t grad_mode = 1;
static _Thread_local int32_t inference_mode = 0;

int32_t ck_grad_mode_get(void) { return grad_mode; }
void ck_grad_mode_set(int32_t enabled) { grad_mode = enabled; }
int32_t ck_inference_mode_get(void) { return inference_mode; }
void ck_inference_mode_set(int32_t enabled) { inference_mode = enabled; }

static _Thread_local uint64_t sequence = 0;
uint64_t ck_next_sequence(void) { return sequence++; }

static atomic_bool sweeping = false;
static uint64_t sweeps = 0;
uint64_t ck_sweep_try_begin(void) {
  return atomic_exchange_explicit(&sweeping, true, memory_order_acquire) ? 0 : ++sweeps;
}
void ck_sweep_end(void) { atomic_store_explicit(&sweeping, false, memory_order_release); }
