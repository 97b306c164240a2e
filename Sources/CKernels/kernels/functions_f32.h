// Elementary functions of float, as functions_f64.h (see there). Where no short way was found, the function of double is rounded.
#pragma once

CK_INLINE uint32_t bits_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

CK_INLINE float from_bits_f32(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

#define CK_ROUNDER_F32 0x1.8p23f

/// 2^k for an integer -126 ≤ k ≤ 127 given as k + CK_ROUNDER_F32.
CK_INLINE float power_of_two_f32(float rounded) {
  return from_bits_f32((bits_f32(rounded) << 23) + ((uint32_t)127 << 23));
}

CK_INLINE float copysign_f32(float magnitude, float sign) {
  const uint32_t top = (uint32_t)1 << 31;
  return from_bits_f32((bits_f32(magnitude) & ~top) | (bits_f32(sign) & top));
}

// MARK: Exponentials

/// (e^r - 1 - r) / r² for |r| ≤ ½ ln 2; error of e^r below 2^-28.
CK_INLINE float exp_tail_f32(float r) {
  float p = 0x1.6a23e2p-10f;
  p = CK_FMA(p, r, 0x1.123a20p-7f);
  p = CK_FMA(p, r, 0x1.5558f2p-5f);
  p = CK_FMA(p, r, 0x1.555492p-3f);
  return CK_FMA(p, r, 0x1.fffffcp-2f);
}

typedef struct {
  float rounded, k, r, rest;
} exp_split_f32;

CK_INLINE exp_split_f32 split_exp_f32(float x) {
  const float rounded = CK_FMA(x, 0x1.715476p+0f, CK_ROUNDER_F32);
  const float k = rounded - CK_ROUNDER_F32;
  const float high = CK_FMA(k, -0x1.62e430p-1f, x);
  const float r = CK_FMA(k, 0x1.05c610p-29f, high);
  return (exp_split_f32){rounded, k, r, CK_FMA(k, 0x1.05c610p-29f, high - r)};
}

CK_INLINE float exp_reduced_f32(float r) { return 1 + CK_FMA(r * r, exp_tail_f32(r), r); }

CK_INLINE float shift_exponent_f32(float y, float rounded) {
  return from_bits_f32(bits_f32(y) + (bits_f32(rounded) << 23));
}

CK_INLINE float scale_f32(float y, float k) {
  const float half = k * 0.5f + CK_ROUNDER_F32;
  const float other = (k - (half - CK_ROUNDER_F32)) + CK_ROUNDER_F32;
  return y * power_of_two_f32(half) * power_of_two_f32(other);
}

/// |x| ≤ 87.
CK_INLINE float exp_f32_core(float x) {
  const exp_split_f32 s = split_exp_f32(x);
  return shift_exponent_f32(exp_reduced_f32(s.r), s.rounded);
}
CK_INLINE float exp_f32_full(float x) {
  const float raised = x < -105 ? -105 : x;
  const exp_split_f32 s = split_exp_f32(raised > 89 ? 89 : raised);
  return scale_f32(exp_reduced_f32(s.r), s.k);
}

/// |x| ≤ 126.
CK_INLINE float exp2_f32_core(float x) {
  const float rounded = x + CK_ROUNDER_F32;
  const float r = (x - (rounded - CK_ROUNDER_F32)) * 0x1.62e430p-1f;
  return shift_exponent_f32(exp_reduced_f32(r), rounded);
}
CK_INLINE float exp2_f32_full(float x) {
  const float raised = x < -160 ? -160 : x;
  const float clamped = raised > 130 ? 130 : raised;
  const float k = (clamped + CK_ROUNDER_F32) - CK_ROUNDER_F32;
  const float r = (clamped - k) * 0x1.62e430p-1f;
  return scale_f32(exp_reduced_f32(r), k);
}

/// |x| ≤ 20. As in double.
CK_INLINE float expm1_f32_positive(float x) {
  const exp_split_f32 s = split_exp_f32(x);
  const float power = power_of_two_f32(s.rounded);
  const float whole = power - 1;
  const float sum = CK_FMA(power, s.r, whole);
  const float lost = CK_FMA(power, s.r, whole - sum);
  return sum + CK_FMA(power, CK_FMA(s.r * s.r, exp_tail_f32(s.r), s.rest), lost);
}
/// With the sign of x where the sum is 0.
CK_INLINE float expm1_f32_core(float x) { return copysign_f32(expm1_f32_positive(x), x); }
CK_INLINE float expm1_f32_full(float x) {
  const float large = exp_f32_full(x);
  const float raised = x < -20 ? -20 : x;
  return x > 20 ? large : expm1_f32_core(raised > 20 ? 20 : raised);
}

// MARK: Logarithms

/// log(u) for normal positive u, plus `extra`, small against one, where `corrected` (a constant): with u = 2^e (1 + f) and √½ ≤ 1 + f ≤ √2,
/// e ln 2 + f - ½ f² + f³ P(f).
CK_INLINE float log_plus_f32(float u, const int corrected, float extra) {
  const int32_t exponent = ((int32_t)bits_f32(u) - 0x3f3504f3) >> 23;
  const float e = (float)exponent;
  const float f = from_bits_f32(bits_f32(u) - ((uint32_t)exponent << 23)) - 1;
  const float z = f * f;
  float p = 0x1.055b40p-3f, q = -0x1.38b514p-4f;
  p = CK_FMA(p, z, 0x1.22da24p-3f), q = CK_FMA(q, z, -0x1.0d8544p-3f);
  p = CK_FMA(p, z, 0x1.99a008p-3f), q = CK_FMA(q, z, -0x1.547244p-3f);
  p = CK_FMA(p, z, 0x1.555554p-2f), q = CK_FMA(q, z, -0x1.000226p-2f);
  p = CK_FMA(q, f, p);
  const float tail = e * -0x1.05c610p-29f;
  const float low = CK_FMA(z * f, p, corrected ? tail + extra : tail);
  return CK_FMA(e, 0x1.62e430p-1f, f + CK_FMA(z, -0.5f, low));
}

/// Normal positive finite x.
CK_INLINE float log_f32_core(float x) { return log_plus_f32(x, 0, 0); }
CK_INLINE float log_f32_full(float x) {
  const _Bool subnormal = x < 0x1p-126f;
  const float value = log_plus_f32(subnormal ? x * 0x1p24f : x, 0, 0);
  const float shifted = subnormal ? value - 0x1.0a2b24p+4f : value;  // 24 ln 2
  const float finite = x < INFINITY ? shifted : x;
  const float positive = x == 0 ? -INFINITY : finite;
  return x < 0 ? NAN : positive;
}

/// -1 < x < ∞.
CK_INLINE float log1p_f32_core(float x) {
  const float u = 1 + x;
  const float lost = x < 1 ? x - (u - 1) : 1 - (u - x);
  return copysign_f32(log_plus_f32(u, 1, lost / u), x);
}
CK_INLINE float log1p_f32_full(float x) {
  const float value = log1p_f32_core(x);
  const float finite = x < INFINITY ? value : x;
  const float above = x == -1 ? -INFINITY : finite;
  return x < -1 ? NAN : above;
}

// MARK: Sine and cosine

/// x - n π for n up to 2^20 in halves: π in three parts, each rounded down, so that the sign of a zero stays; the first difference is exact.
CK_INLINE float minus_pi_times_f32(float x, float n) {
  return CK_FMA(n, -0x1.846988p-47f, CK_FMA(n, -0x1.4442d0p-23f, CK_FMA(n, -0x1.921fb4p+1f, x)));
}

/// For |r| ≤ 1.62: the rounded quotient of an x near 2^20 is not always the nearest. Two coefficients were moved by some units, so that cos 0 is 1.
CK_INLINE uint32_t sin_reduced_bits_f32(float r) {
  const float z = r * r;
  float p = -0x1.992d6ep-26f;
  p = CK_FMA(p, z, 0x1.71643ap-19f);
  p = CK_FMA(p, z, -0x1.a01798p-13f);
  p = CK_FMA(p, z, 0x1.111114p-7f);
  p = CK_FMA(p, z, -0x1.555556p-3f);
  const float ratio = CK_FMA(z, p, CK_FMA(r, r, -z) * p);
  return bits_f32(CK_FMA(r, ratio, r)) | (bits_f32(r) & ((uint32_t)1 << 31));
}

/// |x| ≤ 2^20. As in double.
CK_INLINE float sin_f32_core(float x) {
  const float rounded = CK_FMA(x, 0x1.45f306p-2f, CK_ROUNDER_F32);
  const float r = minus_pi_times_f32(x, rounded - CK_ROUNDER_F32);
  return from_bits_f32(sin_reduced_bits_f32(r) ^ (bits_f32(rounded) << 31));
}
/// |x| ≤ 2^20.
CK_INLINE float cos_f32_core(float x) {
  const float rounded = CK_FMA(x, 0x1.45f306p-2f, -0.5f) + CK_ROUNDER_F32;
  const float r = minus_pi_times_f32(x, (rounded - CK_ROUNDER_F32) + 0.5f);
  return from_bits_f32(sin_reduced_bits_f32(r) ^ ((bits_f32(rounded) + 1) << 31));
}

// MARK: Hyperbolic tangent and activations

/// x + x (x² P(x²)) below 0.6, above 1 - 2 / (e^(2|x|) + 1), in which the quotient and its errors are the smaller part. From 10 on it is 1.
CK_INLINE float tanh_f32_full(float x) {
  const float magnitude = __builtin_elementwise_abs(x);
  const float z = x * x;
  float p = -0x1.7fce8ep-8f;
  p = CK_FMA(p, z, 0x1.546268p-6f);
  p = CK_FMA(p, z, -0x1.b896e6p-5f);
  p = CK_FMA(p, z, 0x1.110a12p-3f);
  p = CK_FMA(p, z, -0x1.555542p-2f);
  const float small = CK_FMA(magnitude, z * p, magnitude);
  const float e = exp_f32_core(2 * (magnitude > 10 ? 10 : magnitude));
  return copysign_f32(magnitude < 0.6f ? small : 1 - 2 / (e + 1), x);
}

CK_INLINE float sigmoid_of_exp_f32(float x, float e) { return (x < 0 ? e : 1) / (1 + e); }
CK_INLINE float sigmoid_f32_core(float x) {
  return sigmoid_of_exp_f32(x, exp_f32_core(-__builtin_elementwise_abs(x)));
}
CK_INLINE float sigmoid_f32_full(float x) {
  return sigmoid_of_exp_f32(x, exp_f32_full(-__builtin_elementwise_abs(x)));
}
CK_INLINE float silu_f32_core(float x) { return x * sigmoid_f32_core(x); }
CK_INLINE float silu_f32_full(float x) { return x * sigmoid_f32_full(x); }

CK_INLINE float logsigmoid_f32_core(float x) {
  return (x < 0 ? x : 0) - log1p_f32_core(exp_f32_core(-__builtin_elementwise_abs(x)));
}
CK_INLINE float logsigmoid_f32_full(float x) {
  return (x < 0 ? x : 0) - log1p_f32_core(exp_f32_full(-__builtin_elementwise_abs(x)));
}

CK_INLINE float gelu_tanh_f32_full(float x) {
  const float inner = (float)(M_SQRT2 * M_2_SQRTPI * 0.5) * (x + 0.044715f * (x * x * x));
  return 0.5f * x * (1 + tanh_f32_full(inner));
}

// MARK: By way of double

CK_INLINE float log2_f32_full(float x) { return (float)(log_f64_full(x) * 0x1.71547652b82fep+0); }
CK_INLINE float log10_f32_full(float x) { return (float)(log_f64_full(x) * 0x1.bcb7b1526e50ep-2); }
CK_INLINE float tan_f32_core(float x) { return (float)(sin_f64_core(x) / cos_f64_core(x)); }
