// out = f(a) for the elementary functions and activations of floats.
#pragma once

/// Functions of the C library, one element at a time.
#define CK_LIBRARY_KERNEL_f32(NAME) CK_UNARY_KERNEL(NAME##_f32, float, float, CK_SCALAR, NAME##f(x))
#define CK_LIBRARY_KERNEL_f64(NAME) CK_UNARY_KERNEL(NAME##_f64, double, double, CK_SCALAR, NAME(x))
#define CK_LIBRARY_KERNELS(NAME) CK_LIBRARY_KERNEL_f32(NAME) CK_LIBRARY_KERNEL_f64(NAME)

// MARK: Exponentials and logarithms

/// Ranges as keys and limits: a bound on the magnitude, and that x is normal, positive and finite. NaN is outside.
#define CK_MAGNITUDE_KEY(S, x) bits_##S(__builtin_elementwise_abs(x))
#define CK_NORMAL_KEY_f32(x) (bits_f32(x) - 0x00800000u)
#define CK_NORMAL_LIMIT_f32 0x7effffffu
#define CK_NORMAL_KEY_f64(x) ((bits_f64(x) - ((uint64_t)1 << 52)) >> 1)
#define CK_NORMAL_LIMIT_f64 (((uint64_t)0x7fe << 51) - 1)

#define CK_CHOSEN_KERNEL(NAME, S, T, KEY, LIMIT)                                             \
  CK_FUNCTION_KERNEL(                                                                        \
      NAME##_##S, S, T, KEY, LIMIT, NAME##_##S##_core(x), CK_VECTORIZE_##S, NAME##_##S##_full(x))
#define CK_RANGED_KERNEL(NAME, S, T, BOUND)                                                  \
  CK_CHOSEN_KERNEL(NAME, S, T, CK_MAGNITUDE_KEY(S, x), bits_##S(BOUND))

CK_RANGED_KERNEL(exp, f32, float, 87)
CK_RANGED_KERNEL(exp, f64, double, 708)
CK_RANGED_KERNEL(exp2, f32, float, 126)
CK_RANGED_KERNEL(exp2, f64, double, 1022)
CK_RANGED_KERNEL(expm1, f32, float, 20)
CK_RANGED_KERNEL(expm1, f64, double, 40)

CK_CHOSEN_KERNEL(log, f32, float, CK_NORMAL_KEY_f32(x), CK_NORMAL_LIMIT_f32)
CK_CHOSEN_KERNEL(log, f64, double, CK_NORMAL_KEY_f64(x), CK_NORMAL_LIMIT_f64)
CK_SIMPLE_FUNCTION_KERNEL(log2_f32, f32, float, log2_f32_full(x))
CK_SIMPLE_FUNCTION_KERNEL(log10_f32, f32, float, log10_f32_full(x))
CK_CHOSEN_KERNEL(log1p, f32, float, CK_NORMAL_KEY_f32(1 + x), CK_NORMAL_LIMIT_f32)
CK_CHOSEN_KERNEL(log1p, f64, double, CK_NORMAL_KEY_f64(1 + x), CK_NORMAL_LIMIT_f64)
// In double the powers of 2 and 10 must come out whole.
CK_LIBRARY_KERNEL_f64(log2)
CK_LIBRARY_KERNEL_f64(log10)

// MARK: Trigonometric functions

/// Beyond 2^20 the C library reduces the argument.
#define CK_TRIGONOMETRIC_KERNEL(NAME, S, T, LIBRARY)                                         \
  CK_FUNCTION_KERNEL(                                                                        \
      NAME##_##S, S, T, CK_MAGNITUDE_KEY(S, x), bits_##S(0x1p20f), NAME##_##S##_core(x), CK_SCALAR, \
      CK_MAGNITUDE_KEY(S, x) <= bits_##S(0x1p20f) ? NAME##_##S##_core(x) : LIBRARY(x))
CK_TRIGONOMETRIC_KERNEL(sin, f32, float, sinf)
CK_TRIGONOMETRIC_KERNEL(sin, f64, double, sin)
CK_TRIGONOMETRIC_KERNEL(cos, f32, float, cosf)
CK_TRIGONOMETRIC_KERNEL(cos, f64, double, cos)
CK_TRIGONOMETRIC_KERNEL(tan, f32, float, tanf)
CK_LIBRARY_KERNEL_f64(tan)
CK_LIBRARY_KERNELS(asin)
CK_LIBRARY_KERNELS(acos)
CK_LIBRARY_KERNELS(atan)

// MARK: Hyperbolic functions

CK_SIMPLE_FUNCTION_KERNEL(tanh_f32, f32, float, tanh_f32_full(x))
CK_SIMPLE_FUNCTION_KERNEL(tanh_f64, f64, double, tanh_f64_full(x))
CK_LIBRARY_KERNELS(sinh)
CK_LIBRARY_KERNELS(cosh)
CK_LIBRARY_KERNELS(asinh)
CK_LIBRARY_KERNELS(acosh)
CK_LIBRARY_KERNELS(atanh)

// MARK: Error function and activations

CK_LIBRARY_KERNELS(erf)
CK_LIBRARY_KERNELS(erfc)
// Zero times x: NaN at infinity, as PyTorch's float32 kernel has it (its float64 kernel has not).
CK_UNARY_KERNEL(gelu_f32, float, float, CK_SCALAR, 0.5f * x * (1 + erff(x * (float)M_SQRT1_2)) + 0 * x)
CK_UNARY_KERNEL(gelu_f64, double, double, CK_SCALAR, 0.5 * x * (1 + erf(x * M_SQRT1_2)))

CK_RANGED_KERNEL(sigmoid, f32, float, 87)
CK_RANGED_KERNEL(sigmoid, f64, double, 708)
CK_RANGED_KERNEL(silu, f32, float, 87)
CK_RANGED_KERNEL(silu, f64, double, 708)
CK_RANGED_KERNEL(logsigmoid, f32, float, 87)
CK_RANGED_KERNEL(logsigmoid, f64, double, 708)
CK_SIMPLE_FUNCTION_KERNEL(gelu_tanh_f32, f32, float, gelu_tanh_f32_full(x))
CK_SIMPLE_FUNCTION_KERNEL(gelu_tanh_f64, f64, double, gelu_tanh_f64_full(x))
