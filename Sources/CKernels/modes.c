// Modes of the current thread.
#include "include/CKernels.h"

static _Thread_local int32_t grad_mode = 1;
static _Thread_local int32_t inference_mode = 0;

int32_t ck_grad_mode_get(void) { return grad_mode; }
void ck_grad_mode_set(int32_t enabled) { grad_mode = enabled; }
int32_t ck_inference_mode_get(void) { return inference_mode; }
void ck_inference_mode_set(int32_t enabled) { inference_mode = enabled; }
