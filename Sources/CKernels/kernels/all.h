// Everything a level consists of, in order of use. Included once per level file, below that level's target attribute.
#pragma STDC FP_CONTRACT OFF

#include "loops.h"
#include "functions.h"
#include "functions_f64.h"
#include "functions_f32.h"

#include "unary.h"
#include "unary_functions.h"
#include "binary.h"
#include "compare.h"
#include "ternary.h"
#include "cast.h"
#include "sum.h"
#include "line_sums.h"
#include "reduce.h"
#include "rows.h"

#include "fill_table.h"
