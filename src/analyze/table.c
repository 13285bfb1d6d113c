/* table.c -- the analyzers of this build, and running them. */
#include <string.h>

#include "analyze/analyzer.h"
#include "util/err.h"

extern const AvaAnalyzer ava_lipsync, ava_lse, ava_viseme, ava_speaker, ava_emotion, ava_authenticity, ava_artifacts, ava_mouth, ava_verdict;

const AvaAnalyzer *const ava_analyzers[] = { &ava_lipsync, &ava_lse, &ava_viseme, &ava_speaker, &ava_emotion, &ava_authenticity, &ava_artifacts,
                                             &ava_mouth, &ava_verdict, NULL };

const AvalignAnalyzerInfo *avalign_analyzer(size_t i)
{
    return i < sizeof ava_analyzers / sizeof *ava_analyzers - 1 ? &ava_analyzers[i]->info : NULL;
}

/* The next name of a comma list, without blanks; 0 at the end. */
static size_t next_name(const char **list, const char **name)
{
    *list += strspn(*list, ", ");
    *name = *list;
    size_t n = strcspn(*list, ", ");
    *list += n;
    return n;
}

int ava_analyzer_wanted(const char *list, const char *name)
{
    const char *p = list, *item;
    if (!list || !*list)
        return 1;
    int excluding = 0;
    for (size_t n; (n = next_name(&p, &item)) > 0;) {
        int minus = *item == '-';
        excluding |= minus;
        if (n - (size_t)minus == strlen(name) && !strncmp(item + minus, name, n - (size_t)minus))
            return !minus;
    }
    return excluding;
}

int ava_analyzer_list_check(const char *list, char unknown[64])
{
    const char *p = list ? list : "", *item;
    for (size_t n; (n = next_name(&p, &item)) > 0;) {
        int known = 0, minus = *item == '-';
        item += minus;
        n -= (size_t)minus;
        for (size_t i = 0; ava_analyzers[i]; i++)
            known |= strlen(ava_analyzers[i]->info.name) == n && !strncmp(ava_analyzers[i]->info.name, item, n);
        if (!known) {
            n = n > 63 ? 63 : n;
            memcpy(unknown, item, n);
            unknown[n] = 0;
            return -1;
        }
    }
    return 0;
}

int ava_analyzer_asked(const AvaAnalyzer *a, const char *list, int on_request)
{
    return a->on_request ? on_request : ava_analyzer_wanted(list, a->info.name);
}

int ava_analyzer_runs(const AvaAnalyzer *a, const char *list, int on_request)
{
    if (ava_analyzer_asked(a, list, on_request))
        return 1;
    for (size_t i = 0; ava_analyzers[i]; i++) /* the readers of a come after it, so this ends */
        for (const char *const *name = ava_analyzers[i]->after; name && *name; name++)
            if (!strcmp(*name, a->info.name) && ava_analyzer_runs(ava_analyzers[i], list, on_request))
                return 1;
    return 0;
}

/* The verdict counts what was asked for, so what ran for others alone is gone by then. */
static void table_forget(const AvaAnalysisInput *in, AvaAnalysisOutput *out)
{
    for (size_t i = 0; ava_analyzers[i]; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        if (a->forget && !ava_analyzer_asked(a, in->analyzers, in->on_request)) {
            a->forget(out);
            ava_absent(out, a, "not-asked");
        }
    }
}

static int calibrated(const AvaAnalyzer *a, const AvaCalibration *c)
{
    for (const char *const *role = a->info.roles; role && *role; role++)
        if (!ava_calibrated(c, *role))
            return 0;
    return 1;
}

int ava_analyze(AvaAnalysisInput in, AvaAnalysisOutput *out, AvalignErrorInfo *e)
{
    AvaSyncFaces faces = { 0 };
    int rc = 0;
    in.faces = &faces;
    ava_analysis_output_init(out, "not-asked");
    for (size_t i = 0; ava_analyzers[i] && !rc; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        int verdict = *a->fields == AVALIGN_ANOMALY_SCORE; /* there always is one */
        if (in.cancel && atomic_load(in.cancel)) {
            rc = ava_fail(e, AVALIGN_ERR_CANCELLED, a->info.name, AVA_NO_TIME, 0, "cancelled");
            break;
        }
        if (verdict)
            table_forget(&in, out);
        if (verdict || ava_analyzer_runs(a, in.analyzers, in.on_request)) {
            if (in.left_out >> i & 1)
                ava_absent(out, a, "net-left-out");
            else if (calibrated(a, &in.ev->calibration))
                rc = a->run(&in, out, e);
            else
                ava_absent(out, a, "not-calibrated");
        }
        if (!rc && ava_cancelled(in.ev)) /* it may have left off half way */
            rc = AVALIGN_ERR_CANCELLED;
        if (rc) /* the first message wins; this is for one who had no words */
            ava_fail(e, rc, a->info.name, AVA_NO_TIME, 0, "%s", avalign_strerror(rc));
    }
    ava_sync_faces_free(&faces);
    return rc;
}
