// out = a as another dtype.
#pragma once

/// Truncation with a defined value for everything: what does not fit gives the least integer, as x86's instruction does.
#define CK_DEFINE_TRUNCATION(F, FT, I, IT, LEAST, LIMIT)                                     \
  CK_INLINE IT truncate_##F##_##I(FT x) {                                                    \
    const _Bool fits = (x >= (FT)LEAST) & (x < LIMIT);                                       \
    return fits ? (IT)(fits ? x : 0) : LEAST;                                                \
  }
CK_DEFINE_TRUNCATION(f32, float, i32, int32_t, INT32_MIN, 0x1p31f)
CK_DEFINE_TRUNCATION(f32, float, i64, int64_t, INT64_MIN, 0x1p63f)
CK_DEFINE_TRUNCATION(f64, double, i64, int64_t, INT64_MIN, 0x1p63)
/// The values above -2³¹ - 1 truncate to -2³¹ too.
CK_INLINE int32_t truncate_f64_i32(double x) {
  const _Bool fits = (x > -0x1.00000002p31) & (x < 0x1p31);
  return fits ? (int32_t)(fits ? x : 0) : INT32_MIN;
}

#define CK_TO_BOOL(S, T, U) CK_UNARY_KERNEL(cast_##S##_bool, uint8_t, T, CK_VECTORIZE, x != 0)
CK_ALL_TYPES(CK_TO_BOOL)

#define CK_CAST_KERNEL(FROM, FT, TO, TT) CK_UNARY_KERNEL(cast_##FROM##_##TO, TT, FT, CK_VECTORIZE, x)

#define CK_FROM_INTEGER(S, T, U)                                                             \
  CK_CAST_KERNEL(S, T, u8, uint8_t)                                                          \
  CK_CAST_KERNEL(S, T, i8, int8_t)                                                           \
  CK_CAST_KERNEL(S, T, i16, int16_t)                                                         \
  CK_CAST_KERNEL(S, T, i32, int32_t)                                                         \
  CK_CAST_KERNEL(S, T, i64, int64_t)                                                         \
  CK_CAST_KERNEL(S, T, f32, float)                                                           \
  CK_CAST_KERNEL(S, T, f64, double)
CK_FROM_INTEGER(bool, uint8_t, )
CK_INTEGERS(CK_FROM_INTEGER)

#define CK_FROM_FLOAT(S, T, U)                                                               \
  CK_UNARY_KERNEL(cast_##S##_u8, uint8_t, T, CK_VECTORIZE, truncate_##S##_i32(x))            \
  CK_UNARY_KERNEL(cast_##S##_i8, int8_t, T, CK_VECTORIZE, truncate_##S##_i32(x))             \
  CK_UNARY_KERNEL(cast_##S##_i16, int16_t, T, CK_VECTORIZE, truncate_##S##_i32(x))           \
  CK_UNARY_KERNEL(cast_##S##_i32, int32_t, T, CK_VECTORIZE, truncate_##S##_i32(x))           \
  CK_UNARY_KERNEL(cast_##S##_i64, int64_t, T, CK_VECTORIZE, truncate_##S##_i64(x))           \
  CK_CAST_KERNEL(S, T, f32, float)                                                           \
  CK_CAST_KERNEL(S, T, f64, double)
CK_FLOATS(CK_FROM_FLOAT)
