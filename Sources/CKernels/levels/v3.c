// The kernels for x86-64-v3: the same source, compiled for AVX2.
#if defined(__x86_64__)
#include "../kernels/prelude.h"

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define CK_TABLE ck_kernels_v3
#include "../kernels/all.h"
#pragma clang attribute pop
#endif
