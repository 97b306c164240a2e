// Elementary functions of double, written to be inlined into vectorised loops: no branches, no tables, no fma.
//
// Each function NAME_f64_core is right within the range named there; the kernels (unary.h) use it where all elements of a block lie within and
// otherwise NAME_f64_full, which agrees with it bit for bit there. Polynomials are minimax (Remez exchange on the stated interval, relative
// error of the function below 2^-57) and evaluated in pairs (Estrin), which shortens the chain of dependent operations. Measured errors
// stand with the tests.
#pragma once

CK_INLINE uint64_t bits_f64(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

CK_INLINE double from_bits_f64(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// Adding this rounds to an integer, which then stands in the low bits of the sum; subtracting it gives the integer as a double.
#define CK_ROUNDER_F64 0x1.8p52

/// 2^k for an integer -1022 ≤ k ≤ 1023 given as k + CK_ROUNDER_F64.
CK_INLINE double power_of_two_f64(double rounded) {
  return from_bits_f64((bits_f64(rounded) << 52) + ((uint64_t)1023 << 52));
}

CK_INLINE double copysign_f64(double magnitude, double sign) {
  const uint64_t top = (uint64_t)1 << 63;
  return from_bits_f64((bits_f64(magnitude) & ~top) | (bits_f64(sign) & top));
}

// MARK: Exponentials

/// (e^r - 1 - r) / r² for |r| ≤ ½ ln 2.
CK_INLINE double exp_tail_f64(double r) {
  const double z = r * r, w = z * z;
  const double q0 = 0x1.000000000000ap-1 + 0x1.55555555554f9p-3 * r;
  const double q2 = 0x1.555555555083ep-5 + 0x1.1111111127d10p-7 * r;
  const double q4 = 0x1.6c16c18438b84p-10 + 0x1.a01a012a0eeb0p-13 * r;
  const double q6 = 0x1.a01999e24fa53p-16 + 0x1.71df25b383d61p-19 * r;
  const double q8 = 0x1.28ad9b964f933p-22 + 0x1.ad7f3e5c6e47dp-26 * r;
  return (q0 + q2 * z) + ((q4 + q6 * z) + q8 * w) * w;
}

/// x = k ln 2 + r + rest with |r| ≤ ½ ln 2; `rounded` is k + CK_ROUNDER_F64. Cody and Waite: k times the upper part of ln 2 is exact.
typedef struct {
  double rounded, k, r, rest;
} exp_split_f64;

CK_INLINE exp_split_f64 split_exp_f64(double x) {
  const double rounded = x * 0x1.71547652b82fep+0 + CK_ROUNDER_F64;
  const double k = rounded - CK_ROUNDER_F64;
  const double high = x - k * 0x1.62e42fefa3800p-1;
  const double low = k * 0x1.ef35793c76730p-45;
  const double r = high - low;
  return (exp_split_f64){rounded, k, r, (high - r) - low};
}

/// e^r for the split's r.
CK_INLINE double exp_of_split_f64(exp_split_f64 s) {
  return 1 + (s.r + s.r * s.r * exp_tail_f64(s.r));
}

/// y 2^k in two exact steps and one rounding, for any k a double can need.
CK_INLINE double scale_f64(double y, double k) {
  const double half = k * 0.5 + CK_ROUNDER_F64;
  const double other = (k - (half - CK_ROUNDER_F64)) + CK_ROUNDER_F64;
  return y * power_of_two_f64(half) * power_of_two_f64(other);
}

/// Beyond these bounds e^x is 0 or infinite; NaN passes.
CK_INLINE double clamp_exp_f64(double x) {
  const double raised = x < -746 ? -746 : x;
  return raised > 710 ? 710 : raised;
}

/// |x| ≤ 708.
CK_INLINE double exp_f64_core(double x) {
  const exp_split_f64 s = split_exp_f64(x);
  return exp_of_split_f64(s) * power_of_two_f64(s.rounded);
}
CK_INLINE double exp_f64_full(double x) {
  const exp_split_f64 s = split_exp_f64(clamp_exp_f64(x));
  return scale_f64(exp_of_split_f64(s), s.k);
}

/// |x| ≤ 1022.
CK_INLINE double exp2_f64_core(double x) {
  const double rounded = x + CK_ROUNDER_F64;
  const double r = (x - (rounded - CK_ROUNDER_F64)) * 0x1.62e42fefa39efp-1;
  return (1 + (r + r * r * exp_tail_f64(r))) * power_of_two_f64(rounded);
}
CK_INLINE double exp2_f64_full(double x) {
  const double raised = x < -1080 ? -1080 : x;
  const double clamped = raised > 1030 ? 1030 : raised;
  const double k = (clamped + CK_ROUNDER_F64) - CK_ROUNDER_F64;
  const double r = (clamped - k) * 0x1.62e42fefa39efp-1;
  return scale_f64(1 + (r + r * r * exp_tail_f64(r)), k);
}

/// |x| ≤ 40. 2^k - 1 + 2^k (e^r - 1), the first two terms with what their sum loses (Dekker).
CK_INLINE double expm1_f64_core(double x) {
  const exp_split_f64 s = split_exp_f64(x);
  const double power = power_of_two_f64(s.rounded);
  const double whole = power - 1, linear = power * s.r;
  const double sum = whole + linear;
  const double lost = (whole - sum) + linear;
  return copysign_f64(sum + (lost + power * (s.rest + s.r * s.r * exp_tail_f64(s.r))), x);
}
CK_INLINE double expm1_f64_full(double x) {
  const double large = exp_f64_full(x);
  const double raised = x < -40 ? -40 : x;
  return x > 40 ? large : expm1_f64_core(raised > 40 ? 40 : raised);
}

// MARK: Logarithms

/// R in log(1 + f) = f - (f²/2 - s (f²/2 + R)), where s = f / (2 + f) and √½ ≤ 1 + f ≤ √2: the odd series of log((1 + s) / (1 - s)) beyond 2 s.
CK_INLINE double log_series_f64(double s) {
  const double z = s * s;
  const double w = z * z;
  const double r0 = 0x1.5555555555592p-1 + 0x1.999999997fd37p-2 * z;
  const double r2 = 0x1.24924941f8ce8p-2 + 0x1.c71c5202b53ebp-3 * z;
  const double r4 = 0x1.7466405b6e57fp-3 + 0x1.39a193416e80ep-3 * z;
  return z * (r0 + w * (r2 + w * (r4 + w * 0x1.2f0705249bba1p-3)));
}

/// log(u) for normal positive u, plus `extra`, small against one, where `corrected` (a constant).
CK_INLINE double log_plus_f64(double u, const int corrected, double extra) {
  // The exponent that leaves the fraction within √½...√2, biased so that shifts need no sign.
  const uint64_t from_root = bits_f64(u) - 0x3fe6a09e667f3bcdu + ((uint64_t)1023 << 52);
  const uint64_t biased = from_root >> 52;
  const double e = from_bits_f64(biased | 0x4330000000000000u) - (0x1p52 + 1023);
  const double f = from_bits_f64(bits_f64(u) - (biased << 52) + ((uint64_t)1023 << 52)) - 1;
  const double half_square = 0.5 * f * f;
  const double s = f / (2 + f);
  const double tail = e * 0x1.ef35793c76730p-45;
  const double low = s * (half_square + log_series_f64(s)) + (corrected ? tail + extra : tail);
  return e * 0x1.62e42fefa3800p-1 - ((half_square - low) - f);
}

/// Normal positive finite x.
CK_INLINE double log_f64_core(double x) { return log_plus_f64(x, 0, 0); }
CK_INLINE double log_f64_full(double x) {
  const _Bool subnormal = x < 0x1p-1022;
  const double value = log_plus_f64(subnormal ? x * 0x1p54 : x, 0, 0);
  const double shifted = subnormal ? value - 0x1.2b708872320e2p+5 : value;  // 54 ln 2
  const double finite = x < (double)INFINITY ? shifted : x;                  // infinity and NaN
  const double positive = x == 0 ? -(double)INFINITY : finite;
  return x < 0 ? (double)NAN : positive;
}

/// -1 < x < ∞. log(1 + x) with what 1 + x lost.
CK_INLINE double log1p_f64_core(double x) {
  const double u = 1 + x;
  const double lost = x < 1 ? x - (u - 1) : 1 - (u - x);
  return copysign_f64(log_plus_f64(u, 1, lost / u), x);
}
CK_INLINE double log1p_f64_full(double x) {
  const double value = log1p_f64_core(x);
  const double finite = x < (double)INFINITY ? value : x;
  const double above = x == -1 ? -(double)INFINITY : finite;
  return x < -1 ? (double)NAN : above;
}

// MARK: Sine and cosine

/// x - n ½ π for whole n up to 2^20: ½ π in three parts of 32 bits and a rest, so that the products are exact; the first difference is exact, and
/// what the second loses is carried along.
CK_INLINE double minus_half_pi_times_f64(double x, double n) {
  const double first = x - n * 0x1.921fb54400000p+0;
  const double product = n * 0x1.0b4611a600000p-34;
  const double second = first - product;
  const double lost = (first - second) - product;
  return (second - (n * 0x1.3198a2e000000p-69 - lost)) - n * 0x1.b839a252049c1p-104;
}

/// sin(r + q ½ π) for |r| ≤ ¼ π: ± sin r or ± cos r. Both are b + b r² P(r²), with b = r and b = 1; the lane chooses the coefficients.
CK_INLINE double sin_of_quadrant_f64(double r, uint64_t q) {
  const _Bool odd = (q & 1) != 0;
  const double z = r * r, w = z * z;
  const double base = odd ? 1 : r;
  const double p0 = (odd ? -0x1.0000000000000p-1 : -0x1.5555555555555p-3)
                    + (odd ? 0x1.5555555555539p-5 : 0x1.111111111110bp-7) * z;
  const double p2 = (odd ? -0x1.6c16c16c13ba5p-10 : -0x1.a01a01a018a6cp-13)
                    + (odd ? 0x1.a01a019b2d6c5p-16 : 0x1.71de3a53307fap-19) * z;
  const double p4 = (odd ? -0x1.27e4f72b6323ap-22 : -0x1.ae64528d6e961p-26)
                    + (odd ? 0x1.1ee96cbc08730p-29 : 0x1.61208c3d8ef90p-33) * z;
  const double p6 = odd ? -0x1.8f753eaec7572p-37 : -0x1.aaa241eb4e4b4p-41;
  const double value = base + base * (z * (p0 + w * (p2 + w * (p4 + w * p6))));
  // The sum of -0 and 0 is 0: the sign of a zero comes from r.
  const uint64_t sign = bits_f64(base) & ((uint64_t)1 << 63);
  return from_bits_f64((bits_f64(value) | sign) ^ ((q >> 1) << 63));
}

/// |x| ≤ 2^20. The quadrant stands in the low bits of the rounded quotient.
CK_INLINE double sin_f64_core(double x) {
  const double rounded = x * 0x1.45f306dc9c883p-1 + CK_ROUNDER_F64;
  return sin_of_quadrant_f64(minus_half_pi_times_f64(x, rounded - CK_ROUNDER_F64), bits_f64(rounded));
}
CK_INLINE double cos_f64_core(double x) {
  const double rounded = x * 0x1.45f306dc9c883p-1 + CK_ROUNDER_F64;
  return sin_of_quadrant_f64(minus_half_pi_times_f64(x, rounded - CK_ROUNDER_F64), bits_f64(rounded) + 1);
}

// MARK: Hyperbolic functions and activations

/// With e = e^(2|x|) - 1: e / (e + 2), written as ½ e - ½ e² / (e + 2) below ½ and as 1 - 2 / (e + 2) above, so that the quotient and its errors are
/// the smaller part. From 22 on it is 1.
CK_INLINE double tanh_f64_full(double x) {
  const double magnitude = __builtin_elementwise_abs(x);
  const double e = expm1_f64_core(2 * (magnitude > 22 ? 22 : magnitude));
  const _Bool small = magnitude < 0.5;
  const double half = 0.5 * e;
  return copysign_f64((small ? half : 1) - (small ? half * e : 2) / (e + 2), x);
}

/// 1 / (1 + e^-x), from e^-|x| so that nothing overflows.
CK_INLINE double sigmoid_of_exp_f64(double x, double e) { return (x < 0 ? e : 1) / (1 + e); }
CK_INLINE double sigmoid_f64_core(double x) {
  return sigmoid_of_exp_f64(x, exp_f64_core(-__builtin_elementwise_abs(x)));
}
CK_INLINE double sigmoid_f64_full(double x) {
  return sigmoid_of_exp_f64(x, exp_f64_full(-__builtin_elementwise_abs(x)));
}
CK_INLINE double silu_f64_core(double x) { return x * sigmoid_f64_core(x); }
CK_INLINE double silu_f64_full(double x) { return x * sigmoid_f64_full(x); }

/// min(x, 0) - log(1 + e^-|x|).
CK_INLINE double logsigmoid_f64_core(double x) {
  return (x < 0 ? x : 0) - log1p_f64_core(exp_f64_core(-__builtin_elementwise_abs(x)));
}
CK_INLINE double logsigmoid_f64_full(double x) {
  return (x < 0 ? x : 0) - log1p_f64_core(exp_f64_full(-__builtin_elementwise_abs(x)));
}

CK_INLINE double gelu_tanh_f64_full(double x) {
  const double inner = (M_SQRT2 * M_2_SQRTPI * 0.5) * (x + 0.044715 * (x * x * x));
  return 0.5 * x * (1 + tanh_f64_full(inner));
}
