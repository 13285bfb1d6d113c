/* joint.c -- turns an embedding into the shared one. */
#include "nets/joint.h"

#include <string.h>

#include "util/err.h"

int ava_joint_run(AvaSession *s, const float *embedding, size_t n, size_t dim, float *out, AvalignErrorInfo *e)
{
    size_t size = 0;
    float *x = ava_session_input(s, 0, (int64_t[]){ (int64_t)n, (int64_t)dim }, 2);
    if (!x)
        return ava_fail(e, AVALIGN_ERR_NOMEM, "speaker", AVA_NO_TIME, 0, "out of memory");
    memcpy(x, embedding, n * dim * sizeof *x);
    int rc = ava_session_run(s, e);
    const float *o = rc ? NULL : ava_session_output(s, 0, &size);
    if (!o || size != n)
        return rc ? rc : ava_fail(e, AVALIGN_ERR_INFER, "speaker", AVA_NO_TIME, 0, "a joint net has another shape");
    memcpy(out, o, n * sizeof *out);
    return 0;
}
