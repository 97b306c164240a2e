// The table of one level, named CK_TABLE by the level file. A missing entry stays NULL.
#pragma once

#define CK_ROW_FLOATS(NAME) [CK_FLOAT32] = NAME##_f32, [CK_FLOAT64] = NAME##_f64
#define CK_ROW_INTEGERS(NAME)                                                                \
  [CK_UINT8] = NAME##_u8, [CK_INT8] = NAME##_i8, [CK_INT16] = NAME##_i16, [CK_INT32] = NAME##_i32, [CK_INT64] = NAME##_i64
#define CK_ROW_NUMBERS(NAME) CK_ROW_INTEGERS(NAME), CK_ROW_FLOATS(NAME)
#define CK_ROW_BITS(NAME) [CK_BOOL] = NAME##_bool, CK_ROW_INTEGERS(NAME)
#define CK_ROW_ALL(NAME) CK_ROW_BITS(NAME), CK_ROW_FLOATS(NAME)
/// One kernel for bool and all integers, and one for each float.
#define CK_ROW_PREDICATE(EXACT, NAME)                                                        \
  [CK_BOOL] = EXACT, [CK_UINT8] = EXACT, [CK_INT8] = EXACT, [CK_INT16] = EXACT, [CK_INT32] = EXACT, [CK_INT64] = EXACT, \
  CK_ROW_FLOATS(NAME)
#define CK_ROW_ROUNDING(NAME) CK_ROW_INTEGERS(same), CK_ROW_FLOATS(NAME)
#define CK_ROW_BY_SIZE(NAME)                                                                 \
  NAME##_1, NAME##_1, NAME##_1, NAME##_2, NAME##_4, NAME##_8, NAME##_4, NAME##_8
#define CK_ROW_PAIRS(NAME)                                                                   \
  {[CK_THEN_ADD] = {CK_ROW_FLOATS(NAME##_add)}, [CK_THEN_SUBTRACT] = {CK_ROW_FLOATS(NAME##_subtract)}, \
   [CK_THEN_LEAVE] = {CK_ROW_FLOATS(NAME##_leave)}, [CK_THEN_MULTIPLY] = {CK_ROW_FLOATS(NAME##_multiply)}}
#define CK_ROW_TERMS(NAME)                                                                   \
  {{0}, {CK_ROW_FLOATS(NAME##_1000)}, {CK_ROW_FLOATS(NAME##_0100)}, {CK_ROW_FLOATS(NAME##_1100)}, \
   {CK_ROW_FLOATS(NAME##_0010)}, {CK_ROW_FLOATS(NAME##_1010)}, {CK_ROW_FLOATS(NAME##_0110)}, {CK_ROW_FLOATS(NAME##_1110)}, \
   [CK_TERM_SETS - 1] = {CK_ROW_FLOATS(NAME##_1111)}}
#define CK_ROW_CAST(FROM)                                                                    \
  cast_##FROM##_bool, cast_##FROM##_u8, cast_##FROM##_i8, cast_##FROM##_i16, cast_##FROM##_i32, cast_##FROM##_i64, \
  cast_##FROM##_f32, cast_##FROM##_f64

const struct ck_kernels CK_TABLE = {
    .unary =
        {
            [CK_NEG] = {CK_ROW_NUMBERS(neg)},
            [CK_ABS] = {CK_ROW_NUMBERS(abs)},
            [CK_SIGN] = {[CK_BOOL] = same_bool, CK_ROW_NUMBERS(sign)},
            [CK_CEIL] = {CK_ROW_ROUNDING(ceil)},
            [CK_FLOOR] = {CK_ROW_ROUNDING(floor)},
            [CK_ROUND] = {CK_ROW_ROUNDING(round)},
            [CK_TRUNC] = {CK_ROW_ROUNDING(trunc)},
            [CK_FRAC] = {CK_ROW_FLOATS(frac)},
            [CK_SQUARE] = {CK_ROW_NUMBERS(square)},
            [CK_RELU] = {CK_ROW_NUMBERS(relu)},
            [CK_BITWISE_NOT] = {[CK_BOOL] = logical_not_bool, CK_ROW_INTEGERS(bitwise_not)},
            [CK_LOGICAL_NOT] = {CK_ROW_ALL(logical_not)},
            [CK_ISNAN] = {CK_ROW_PREDICATE(never, isnan)},
            [CK_ISINF] = {CK_ROW_PREDICATE(never, isinf)},
            [CK_ISFINITE] = {CK_ROW_PREDICATE(always, isfinite)},
            [CK_SQRT] = {CK_ROW_FLOATS(sqrt)},
            [CK_RSQRT] = {CK_ROW_FLOATS(rsqrt)},
            [CK_RECIPROCAL] = {CK_ROW_FLOATS(reciprocal)},
            [CK_EXP] = {CK_ROW_FLOATS(exp)},
            [CK_EXP2] = {CK_ROW_FLOATS(exp2)},
            [CK_EXPM1] = {CK_ROW_FLOATS(expm1)},
            [CK_LOG] = {CK_ROW_FLOATS(log)},
            [CK_LOG2] = {CK_ROW_FLOATS(log2)},
            [CK_LOG10] = {CK_ROW_FLOATS(log10)},
            [CK_LOG1P] = {CK_ROW_FLOATS(log1p)},
            [CK_SIN] = {CK_ROW_FLOATS(sin)},
            [CK_COS] = {CK_ROW_FLOATS(cos)},
            [CK_TAN] = {CK_ROW_FLOATS(tan)},
            [CK_ASIN] = {CK_ROW_FLOATS(asin)},
            [CK_ACOS] = {CK_ROW_FLOATS(acos)},
            [CK_ATAN] = {CK_ROW_FLOATS(atan)},
            [CK_SINH] = {CK_ROW_FLOATS(sinh)},
            [CK_COSH] = {CK_ROW_FLOATS(cosh)},
            [CK_TANH] = {CK_ROW_FLOATS(tanh)},
            [CK_ASINH] = {CK_ROW_FLOATS(asinh)},
            [CK_ACOSH] = {CK_ROW_FLOATS(acosh)},
            [CK_ATANH] = {CK_ROW_FLOATS(atanh)},
            [CK_ERF] = {CK_ROW_FLOATS(erf)},
            [CK_ERFC] = {CK_ROW_FLOATS(erfc)},
            [CK_SIGMOID] = {CK_ROW_FLOATS(sigmoid)},
            [CK_LOGSIGMOID] = {CK_ROW_FLOATS(logsigmoid)},
            [CK_SILU] = {CK_ROW_FLOATS(silu)},
            [CK_GELU] = {CK_ROW_FLOATS(gelu)},
            [CK_GELU_TANH] = {CK_ROW_FLOATS(gelu_tanh)},
        },
    .param =
        {
            [CK_LEAKY_RELU] = {CK_ROW_FLOATS(leaky_relu)},
            [CK_ELU] = {CK_ROW_FLOATS(elu)},
            [CK_SOFTPLUS] = {CK_ROW_FLOATS(softplus)},
            [CK_HARDTANH] = {CK_ROW_FLOATS(hardtanh)},
        },
    .binary =
        {
            [CK_ADD] = {[CK_BOOL] = logical_or_bool, CK_ROW_NUMBERS(add)},
            [CK_SUB] = {CK_ROW_NUMBERS(sub)},
            [CK_MUL] = {[CK_BOOL] = logical_and_bool, CK_ROW_NUMBERS(mul)},
            [CK_DIV] = {CK_ROW_FLOATS(div)},
            [CK_FLOOR_DIVIDE] = {CK_ROW_NUMBERS(floor_divide)},
            [CK_DIV_TRUNC] = {CK_ROW_NUMBERS(div_trunc)},
            [CK_REMAINDER] = {CK_ROW_NUMBERS(remainder)},
            [CK_FMOD] = {CK_ROW_NUMBERS(fmod)},
            [CK_POW] = {CK_ROW_NUMBERS(pow)},
            [CK_ATAN2] = {CK_ROW_FLOATS(atan2)},
            [CK_HYPOT] = {CK_ROW_FLOATS(hypot)},
            [CK_MAXIMUM] = {CK_ROW_ALL(maximum)},
            [CK_MINIMUM] = {CK_ROW_ALL(minimum)},
            [CK_BITWISE_AND] = {CK_ROW_BITS(bitwise_and)},
            [CK_BITWISE_OR] = {CK_ROW_BITS(bitwise_or)},
            [CK_BITWISE_XOR] = {CK_ROW_BITS(bitwise_xor)},
            [CK_LOGICAL_AND] = {CK_ROW_ALL(logical_and)},
            [CK_LOGICAL_OR] = {CK_ROW_ALL(logical_or)},
            [CK_LOGICAL_XOR] = {CK_ROW_ALL(logical_xor)},
            [CK_MUL_DOUBLED] = {CK_ROW_FLOATS(mul_doubled)},
        },
    .compare =
        {
            [CK_EQ] = {CK_ROW_ALL(eq)},
            [CK_NE] = {CK_ROW_ALL(ne)},
            [CK_LT] = {CK_ROW_ALL(lt)},
            [CK_LE] = {CK_ROW_ALL(le)},
            [CK_GT] = {CK_ROW_ALL(gt)},
            [CK_GE] = {CK_ROW_ALL(ge)},
        },
    .scaled =
        {
            [CK_ADD_SCALED] = {CK_ROW_NUMBERS(add_scaled)},
            [CK_SCALE_ADD] = {CK_ROW_NUMBERS(scale_add)},
        },
    .where = {CK_ROW_BY_SIZE(where)},
    .clamp = {CK_ROW_ALL(clamp)},
    .lerp = {CK_ROW_FLOATS(lerp)},
    .pair = {CK_ROW_PAIRS(add_then), CK_ROW_PAIRS(sub_then), CK_ROW_PAIRS(mul_then)},
    .affine =
        {
            [CK_THEN_ADD] = {CK_ROW_FLOATS(affine_add)},
            [CK_THEN_SUBTRACT] = {CK_ROW_FLOATS(affine_subtract)},
            [CK_THEN_LEAVE] = {CK_ROW_FLOATS(affine_leave)},
            [CK_THEN_MULTIPLY] = {CK_ROW_FLOATS(affine_multiply)},
        },
    .line_sums =
        {
            [CK_THEN_ADD] = CK_ROW_TERMS(line_add),
            [CK_THEN_SUBTRACT] = CK_ROW_TERMS(line_subtract),
            [CK_THEN_LEAVE] = CK_ROW_TERMS(line_leave),
            [CK_THEN_MULTIPLY] = CK_ROW_TERMS(line_multiply),
        },
    .addcmul = {CK_ROW_NUMBERS(addcmul)},
    .addcdiv = {CK_ROW_FLOATS(addcdiv)},
    .cast =
        {
            [CK_BOOL] = {CK_ROW_CAST(bool)},
            [CK_UINT8] = {CK_ROW_CAST(u8)},
            [CK_INT8] = {CK_ROW_CAST(i8)},
            [CK_INT16] = {CK_ROW_CAST(i16)},
            [CK_INT32] = {CK_ROW_CAST(i32)},
            [CK_INT64] = {CK_ROW_CAST(i64)},
            [CK_FLOAT32] = {CK_ROW_CAST(f32)},
            [CK_FLOAT64] = {CK_ROW_CAST(f64)},
        },
    .reduce =
        {
            [CK_SUM] = {CK_ROW_ALL(sum)},
            [CK_SUM_SQUARES] = {CK_ROW_NUMBERS(sum_squares)},
            [CK_SUM_ABS] = {CK_ROW_FLOATS(sum_abs)},
            [CK_PROD] = {CK_ROW_ALL(prod)},
            [CK_MAX] = {CK_ROW_ALL(max)},
            [CK_MIN] = {CK_ROW_ALL(min)},
            [CK_ARGMAX] = {CK_ROW_ALL(argmax)},
            [CK_ARGMIN] = {CK_ROW_ALL(argmin)},
            [CK_ANY] = {CK_ROW_ALL(any)},
            [CK_ALL] = {CK_ROW_ALL(all)},
            [CK_COUNT_NONZERO] = {CK_ROW_ALL(count_nonzero)},
            [CK_LOGSUMEXP] = {CK_ROW_FLOATS(logsumexp)},
        },
    .reduce2 =
        {
            [CK_SUM_PRODUCTS] = {CK_ROW_NUMBERS(sum_products)},
            [CK_SUM_SQUARED_DIFFERENCES] = {CK_ROW_FLOATS(sum_squared_differences)},
            [CK_SUM_AND_PRODUCTS] = {CK_ROW_FLOATS(sum_and_products)},
        },
    .row =
        {
            [CK_SOFTMAX] = {CK_ROW_FLOATS(softmax)},
            [CK_LOG_SOFTMAX] = {CK_ROW_FLOATS(log_softmax)},
            [CK_CUMSUM] = {CK_ROW_ALL(cumsum)},
            [CK_CUMPROD] = {CK_ROW_ALL(cumprod)},
        },
    .add_rows = {CK_ROW_FLOATS(add_rows)},
};
