// out = a compared with b, as 0 or 1.
#pragma once

#define CK_COMPARE_KERNELS(S, T, U)                                                          \
  CK_BINARY_KERNEL(eq_##S, uint8_t, T, CK_VECTORIZE, x == y)                                 \
  CK_BINARY_KERNEL(ne_##S, uint8_t, T, CK_VECTORIZE, x != y)                                 \
  CK_BINARY_KERNEL(lt_##S, uint8_t, T, CK_VECTORIZE, x < y)                                  \
  CK_BINARY_KERNEL(le_##S, uint8_t, T, CK_VECTORIZE, x <= y)                                 \
  CK_BINARY_KERNEL(gt_##S, uint8_t, T, CK_VECTORIZE, x > y)                                  \
  CK_BINARY_KERNEL(ge_##S, uint8_t, T, CK_VECTORIZE, x >= y)
CK_ALL_TYPES(CK_COMPARE_KERNELS)
