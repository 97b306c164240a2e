// Elementary functions of float, as functions_f64.h (see there). exp, log and what follows from them calculate in float; sine and cosine in
// double, where the reduction by π is short; the rest rounds the function of double.
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
  const float z = r * r;
  const float q0 = 0x1.fffffcp-2f + 0x1.555492p-3f * r;
  const float q2 = 0x1.5558f2p-5f + 0x1.123a20p-7f * r;
  return q0 + z * (q2 + z * 0x1.6a23e2p-10f);
}

typedef struct {
  float rounded, k, r, rest;
} exp_split_f32;

CK_INLINE exp_split_f32 split_exp_f32(float x) {
  const float rounded = x * 0x1.715476p+0f + CK_ROUNDER_F32;
  const float k = rounded - CK_ROUNDER_F32;
  const float high = x - k * 0x1.62e4p-1f;
  const float low = k * 0x1.7f7d1cp-20f;
  const float r = high - low;
  return (exp_split_f32){rounded, k, r, (high - r) - low};
}

CK_INLINE float exp_of_split_f32(exp_split_f32 s) {
  return 1 + (s.r + s.r * s.r * exp_tail_f32(s.r));
}

CK_INLINE float scale_f32(float y, float k) {
  const float half = k * 0.5f + CK_ROUNDER_F32;
  const float other = (k - (half - CK_ROUNDER_F32)) + CK_ROUNDER_F32;
  return y * power_of_two_f32(half) * power_of_two_f32(other);
}

/// |x| ≤ 87.
CK_INLINE float exp_f32_core(float x) {
  const exp_split_f32 s = split_exp_f32(x);
  return exp_of_split_f32(s) * power_of_two_f32(s.rounded);
}
CK_INLINE float exp_f32_full(float x) {
  const float raised = x < -105 ? -105 : x;
  const exp_split_f32 s = split_exp_f32(raised > 89 ? 89 : raised);
  return scale_f32(exp_of_split_f32(s), s.k);
}

/// |x| ≤ 126.
CK_INLINE float exp2_f32_core(float x) {
  const float rounded = x + CK_ROUNDER_F32;
  const float r = (x - (rounded - CK_ROUNDER_F32)) * 0x1.62e430p-1f;
  return (1 + (r + r * r * exp_tail_f32(r))) * power_of_two_f32(rounded);
}
CK_INLINE float exp2_f32_full(float x) {
  const float raised = x < -160 ? -160 : x;
  const float clamped = raised > 130 ? 130 : raised;
  const float k = (clamped + CK_ROUNDER_F32) - CK_ROUNDER_F32;
  const float r = (clamped - k) * 0x1.62e430p-1f;
  return scale_f32(1 + (r + r * r * exp_tail_f32(r)), k);
}

/// |x| ≤ 20. As in double.
CK_INLINE float expm1_f32_core(float x) {
  const exp_split_f32 s = split_exp_f32(x);
  const float power = power_of_two_f32(s.rounded);
  const float whole = power - 1, linear = power * s.r;
  const float sum = whole + linear;
  const float lost = (whole - sum) + linear;
  return copysign_f32(sum + (lost + power * (s.rest + s.r * s.r * exp_tail_f32(s.r))), x);
}
CK_INLINE float expm1_f32_full(float x) {
  const float large = exp_f32_full(x);
  const float raised = x < -20 ? -20 : x;
  return x > 20 ? large : expm1_f32_core(raised > 20 ? 20 : raised);
}

// MARK: Logarithms

/// log(u) for normal positive u, plus `extra`, small against one, where `corrected` (a constant); the series of log_series_f64 to z³.
CK_INLINE float log_plus_f32(float u, const int corrected, float extra) {
  const uint32_t from_root = bits_f32(u) - 0x3f3504f3u + ((uint32_t)127 << 23);
  const uint32_t biased = from_root >> 23;
  const float e = (float)((int32_t)biased - 127);
  const float f = from_bits_f32(bits_f32(u) - (biased << 23) + ((uint32_t)127 << 23)) - 1;
  const float half_square = 0.5f * f * f;
  const float s = f / (2 + f);
  const float z = s * s;
  const float series = z * ((0x1.55557ap-1f + 0x1.995eb4p-2f * z) + z * z * 0x1.31e3a6p-2f);
  const float tail = e * 0x1.7f7d1cp-20f;
  const float low = s * (half_square + series) + (corrected ? tail + extra : tail);
  return e * 0x1.62e4p-1f - ((half_square - low) - f);
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

/// sin(r) for |r| ≤ ½ π within 2^-27.
CK_INLINE double sin_reduced_f32(double r) {
  const double z = r * r;
  const double p0 = -0x1.55554bc840bc1p-3 + 0x1.110ed37cf3d0cp-7 * z;
  const double p2 = -0x1.9f6ffdb457d52p-13 + 0x1.5dbdd9ec2d568p-19 * z;
  return r + r * (z * (p0 + z * z * p2));
}

/// x - n π for n up to 2^20 in halves; the product with the upper 32 bits of π is exact.
CK_INLINE double minus_pi_times_f32(double x, double n) {
  return (x - n * 0x1.921fb54400000p+1) - n * 0x1.0b4611a626331p-33;
}

/// |x| ≤ 2^20. (-1)^n sin(x - n π); the parity of n stands in the lowest bit of the rounded quotient.
CK_INLINE float sin_f32_core(float x) {
  const double rounded = x * 0x1.45f306dc9c883p-2 + CK_ROUNDER_F64;
  const double r = minus_pi_times_f32(x, rounded - CK_ROUNDER_F64);
  // The sum of -0 and 0 is 0: the sign of a zero comes from r.
  const uint64_t value = bits_f64(sin_reduced_f32(r)) | (bits_f64(r) & (uint64_t)1 << 63);
  return (float)from_bits_f64(value ^ (bits_f64(rounded) << 63));
}
/// |x| ≤ 2^20. (-1)^(n+1) sin(x - (n + ½) π).
CK_INLINE float cos_f32_core(float x) {
  const double rounded = (x * 0x1.45f306dc9c883p-2 - 0.5) + CK_ROUNDER_F64;
  const double value = sin_reduced_f32(minus_pi_times_f32(x, (rounded - CK_ROUNDER_F64) + 0.5));
  return (float)from_bits_f64(bits_f64(value) ^ ((bits_f64(rounded) + 1) << 63));
}

// MARK: Hyperbolic tangent and activations

CK_INLINE float tanh_f32_full(float x) {
  const float magnitude = __builtin_elementwise_abs(x);
  const float e = expm1_f32_core(2 * (magnitude > 10 ? 10 : magnitude));
  const _Bool small = magnitude < 0.5f;
  const float half = 0.5f * e;
  return copysign_f32((small ? half : 1) - (small ? half * e : 2) / (e + 2), x);
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
