// The kernels for x86-64-v4: the same source, compiled for AVX-512.
#if defined(__x86_64__)
#include "../kernels/prelude.h"

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
// Loops that ask for vectors of 512 bits get them: by itself the compiler halves them for this architecture.
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#define CK_TABLE ck_kernels_v4
#include "../kernels/all.h"
#pragma clang attribute pop
#pragma clang attribute pop
#endif
