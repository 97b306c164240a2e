// What the kernels need from outside. Included before a level's target attribute begins, so that nothing of the C library is compiled
// for that level.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "table.h"
