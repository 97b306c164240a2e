// Elementary functions of double, written to be inlined into vectorised loops: no branches, no tables.
//
// CK_FMA multiplies and adds with one rounding at every level. Processors of the higher levels do so by themselves; below them the C library's fma,
// which gives the same bits, takes its time.
//
// Each function NAME_f64_core is right within the range named there; the kernels (unary.h) use it where all elements of a block lie within and
// otherwise NAME_f64_full, which agrees with it bit for bit there. Polynomials are minimax (Remez exchange on the stated interval, relative
// error of the function below 2^-57). Blocks give the processor many independent chains, but it looks only so far ahead: long polynomials are split
// into their even and odd powers, which halves the chain for one operation more, or none; short ones take the fewest operations (Horner). Measured
// errors stand with the tests.
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

#define CK_FMA(x, y, z) __builtin_elementwise_fma(x, y, z)

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
  const double z = r * r;
  double p = 0x1.28ad9b964f933p-22, q = 0x1.ad7f3e5c6e47dp-26;
  p = CK_FMA(p, z, 0x1.a01999e24fa53p-16), q = CK_FMA(q, z, 0x1.71df25b383d61p-19);
  p = CK_FMA(p, z, 0x1.6c16c18438b84p-10), q = CK_FMA(q, z, 0x1.a01a012a0eeb0p-13);
  p = CK_FMA(p, z, 0x1.555555555083ep-5), q = CK_FMA(q, z, 0x1.1111111127d10p-7);
  p = CK_FMA(p, z, 0x1.000000000000ap-1), q = CK_FMA(q, z, 0x1.55555555554f9p-3);
  return CK_FMA(q, r, p);
}

/// x = k ln 2 + r + rest with |r| ≤ ½ ln 2; `rounded` is k + CK_ROUNDER_F64. Cody and Waite: with one rounding the first difference is exact.
typedef struct {
  double rounded, k, r, rest;
} exp_split_f64;

CK_INLINE exp_split_f64 split_exp_f64(double x) {
  const double rounded = CK_FMA(x, 0x1.71547652b82fep+0, CK_ROUNDER_F64);
  const double k = rounded - CK_ROUNDER_F64;
  const double high = CK_FMA(k, -0x1.62e42fefa39efp-1, x);
  const double r = CK_FMA(k, -0x1.abc9e3b39803fp-56, high);
  return (exp_split_f64){rounded, k, r, CK_FMA(k, -0x1.abc9e3b39803fp-56, high - r)};
}

/// e^r for |r| ≤ ½ ln 2.
CK_INLINE double exp_reduced_f64(double r) { return 1 + CK_FMA(r * r, exp_tail_f64(r), r); }

/// y 2^k where the result is normal, by adding to the exponent.
CK_INLINE double shift_exponent_f64(double y, double rounded) {
  return from_bits_f64(bits_f64(y) + (bits_f64(rounded) << 52));
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
  return shift_exponent_f64(exp_reduced_f64(s.r), s.rounded);
}
CK_INLINE double exp_f64_full(double x) {
  const exp_split_f64 s = split_exp_f64(clamp_exp_f64(x));
  return scale_f64(exp_reduced_f64(s.r), s.k);
}

/// |x| ≤ 1022.
CK_INLINE double exp2_f64_core(double x) {
  const double rounded = x + CK_ROUNDER_F64;
  const double r = (x - (rounded - CK_ROUNDER_F64)) * 0x1.62e42fefa39efp-1;
  return shift_exponent_f64(exp_reduced_f64(r), rounded);
}
CK_INLINE double exp2_f64_full(double x) {
  const double raised = x < -1080 ? -1080 : x;
  const double clamped = raised > 1030 ? 1030 : raised;
  const double k = (clamped + CK_ROUNDER_F64) - CK_ROUNDER_F64;
  const double r = (clamped - k) * 0x1.62e42fefa39efp-1;
  return scale_f64(exp_reduced_f64(r), k);
}

/// |x| ≤ 40. 2^k - 1 + 2^k (e^r - 1), the first two terms with what their sum loses (Dekker).
CK_INLINE double expm1_f64_positive(double x) {
  const exp_split_f64 s = split_exp_f64(x);
  const double power = power_of_two_f64(s.rounded);
  const double whole = power - 1;
  const double sum = CK_FMA(power, s.r, whole);
  const double lost = CK_FMA(power, s.r, whole - sum);
  return sum + CK_FMA(power, CK_FMA(s.r * s.r, exp_tail_f64(s.r), s.rest), lost);
}
/// With the sign of x where the sum is 0.
CK_INLINE double expm1_f64_core(double x) { return copysign_f64(expm1_f64_positive(x), x); }
CK_INLINE double expm1_f64_full(double x) {
  const double large = exp_f64_full(x);
  const double raised = x < -40 ? -40 : x;
  return x > 40 ? large : expm1_f64_core(raised > 40 ? 40 : raised);
}

// MARK: Logarithms

/// ½ f² + R in log(1 + f) = f - (½ f² - s (½ f² + R)), where s = f / (2 + f) and √½ ≤ 1 + f ≤ √2: R is the odd series of log((1 + s) / (1 - s))
/// beyond 2 s.
CK_INLINE double log_series_f64(double s, double half_square) {
  const double z = s * s;
  const double w = z * z;
  const double r0 = CK_FMA(0x1.999999997fd37p-2, z, 0x1.5555555555592p-1);
  const double r2 = CK_FMA(0x1.c71c5202b53ebp-3, z, 0x1.24924941f8ce8p-2);
  const double r4 = CK_FMA(0x1.39a193416e80ep-3, z, 0x1.7466405b6e57fp-3);
  return CK_FMA(z, CK_FMA(w * w, CK_FMA(w, 0x1.2f0705249bba1p-3, r4), CK_FMA(w, r2, r0)), half_square);
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
  const double tail = e * 0x1.abc9e3b39803fp-56;
  const double low = CK_FMA(s, log_series_f64(s, half_square), corrected ? tail + extra : tail);
  return CK_FMA(e, 0x1.62e42fefa39efp-1, f - (half_square - low));
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

/// x - n π for n up to 2^20 in halves: π in three parts, each rounded down, so that the sign of a zero stays; the first difference is exact.
CK_INLINE double minus_pi_times_f64(double x, double n) {
  return CK_FMA(n, -0x1.c1cd129024e08p-106, CK_FMA(n, -0x1.1a62633145c06p-53, CK_FMA(n, -0x1.921fb54442d18p+1, x)));
}

/// The bits of the sine for |r| ≤ ½ π: r + r (r² P(r²)), with the sign of r where it is 0, too.
CK_INLINE uint64_t sin_reduced_bits_f64(double r) {
  const double z = r * r;
  const double w = z * z;
  double p = -0x1.ae4411aab21f3p-41, q = 0x1.8838a8e320548p-49;
  p = CK_FMA(p, w, -0x1.ae6454ea4a495p-26), q = CK_FMA(q, w, 0x1.6123d0ac02a19p-33);
  p = CK_FMA(p, w, -0x1.a01a01a015aa8p-13), q = CK_FMA(q, w, 0x1.71de3a52e3d5ep-19);
  p = CK_FMA(p, w, -0x1.5555555555555p-3), q = CK_FMA(q, w, 0x1.11111111110dbp-7);
  p = CK_FMA(q, z, p);
  // What rounding takes from r² counts where r is large.
  const double lost = CK_FMA(r, r, -z);
  const double ratio = CK_FMA(z, p, lost * p);
  // The sum of -0 and 0 is 0.
  return bits_f64(CK_FMA(r, ratio, r)) | (bits_f64(r) & ((uint64_t)1 << 63));
}

/// |x| ≤ 2^20. (-1)^n sin(x - n π); the parity of n stands in the lowest bit of the rounded quotient.
CK_INLINE double sin_f64_core(double x) {
  const double rounded = CK_FMA(x, 0x1.45f306dc9c883p-2, CK_ROUNDER_F64);
  const double r = minus_pi_times_f64(x, rounded - CK_ROUNDER_F64);
  return from_bits_f64(sin_reduced_bits_f64(r) ^ (bits_f64(rounded) << 63));
}
/// |x| ≤ 2^20. (-1)^(n+1) sin(x - (n + ½) π).
CK_INLINE double cos_f64_core(double x) {
  const double rounded = CK_FMA(x, 0x1.45f306dc9c883p-2, -0.5) + CK_ROUNDER_F64;
  const double r = minus_pi_times_f64(x, (rounded - CK_ROUNDER_F64) + 0.5);
  return from_bits_f64(sin_reduced_bits_f64(r) ^ ((bits_f64(rounded) + 1) << 63));
}

// MARK: Hyperbolic functions and activations

/// x + x (x² P(x²)) below 0.55, above 1 - 2 / (e^(2|x|) + 1), in which the quotient and its errors are the smaller part. From 22 on it is 1.
CK_INLINE double tanh_f64_full(double x) {
  const double magnitude = __builtin_elementwise_abs(x);
  const double z = x * x;
  const double w = z * z;
  double p = -0x1.463ca944fc16ap-16, q = 0x1.5d44f5dedbc97p-14;
  p = CK_FMA(p, w, -0x1.e96ee25d0b303p-13), q = CK_FMA(q, w, 0x1.3485649a35051p-11);
  p = CK_FMA(p, w, -0x1.7d904aeec3de4p-10), q = CK_FMA(q, w, 0x1.d6d2aaf5591c9p-9);
  p = CK_FMA(p, w, -0x1.226e2fa47e82dp-7), q = CK_FMA(q, w, 0x1.664f485f9281ep-6);
  p = CK_FMA(p, w, -0x1.ba1ba1b9a2975p-5), q = CK_FMA(q, w, 0x1.1111111110b03p-3);
  p = CK_FMA(p, w, -0x1.5555555555552p-2);
  p = CK_FMA(q, z, p);
  const double small = CK_FMA(magnitude, z * p, magnitude);
  const double e = exp_f64_core(2 * (magnitude > 22 ? 22 : magnitude));
  return copysign_f64(magnitude < 0.55 ? small : 1 - 2 / (e + 1), x);
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
