// The kernels for every processor of the architecture.
#include "../kernels/prelude.h"

#define CK_TABLE ck_kernels_baseline
#include "../kernels/all.h"
