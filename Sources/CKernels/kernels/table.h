// The set of kernels of one level. The level files fill one constant table each; dispatch.c picks among them.
#pragma once

#include "../include/CKernels.h"

struct ck_kernels {
  ck_unary_fn unary[CK_UNARY_COUNT][CK_DTYPE_COUNT];
  ck_param_fn param[CK_PARAM_COUNT][CK_DTYPE_COUNT];
  ck_binary_fn binary[CK_BINARY_COUNT][CK_DTYPE_COUNT];
  ck_binary_fn compare[CK_COMPARE_COUNT][CK_DTYPE_COUNT];
  ck_scaled_fn scaled[CK_SCALED_COUNT][CK_DTYPE_COUNT];
  ck_ternary_fn where[CK_DTYPE_COUNT];
  ck_ternary_fn clamp[CK_DTYPE_COUNT];
  ck_ternary_fn lerp[CK_DTYPE_COUNT];
  ck_ternary_fn pair[3][CK_PAIR_COUNT][CK_DTYPE_COUNT];
  ck_affine_fn affine[CK_PAIR_COUNT][CK_DTYPE_COUNT];
  ck_line_sums_fn line_sums[CK_PAIR_COUNT][CK_TERM_SETS][CK_DTYPE_COUNT];
  ck_ternary_scaled_fn addcmul[CK_DTYPE_COUNT];
  ck_ternary_scaled_fn addcdiv[CK_DTYPE_COUNT];
  ck_unary_fn cast[CK_DTYPE_COUNT][CK_DTYPE_COUNT];
  ck_reduce_fn reduce[CK_REDUCE_COUNT][CK_DTYPE_COUNT];
  ck_reduce2_fn reduce2[CK_REDUCE2_COUNT][CK_DTYPE_COUNT];
  ck_unary_fn row[CK_ROW_COUNT][CK_DTYPE_COUNT];
  ck_add_rows_fn add_rows[CK_DTYPE_COUNT];
};

extern const struct ck_kernels ck_kernels_baseline;
#if defined(__x86_64__)
extern const struct ck_kernels ck_kernels_v3;
extern const struct ck_kernels ck_kernels_v4;
#endif
