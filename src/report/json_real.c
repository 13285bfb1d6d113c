/* json_real.c -- numbers, times and texts of the JSON. */
#include <math.h>

#include "report/json_parts.h"

json_t *ava_json_real(double v, int decimals) { return isfinite(v) ? json_real(ava_rounded(v, decimals)) : json_null(); }

json_t *ava_json_time(int64_t us, int decimals) { return ava_json_real((double)us / 1e6, decimals); }

json_t *ava_json_text(const char *s) { return s && *s ? json_string(s) : json_null(); }

json_t *ava_json_absent(const char *reason) { return json_pack("{s:s}", "absent", reason); }
