/* table.c -- the analyzers of this build. */
#include <math.h>
#include <string.h>

#include "analyze/analyzer.h"

extern const AvaAnalyzer ava_lipsync, ava_lse, ava_viseme, ava_speaker, ava_emotion, ava_authenticity, ava_artifacts, ava_verdict;

const AvaAnalyzer *const ava_analyzers[] = { &ava_lipsync, &ava_lse, &ava_viseme, &ava_speaker, &ava_emotion, &ava_authenticity, &ava_artifacts,
                                             &ava_verdict, NULL };

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

void ava_absent(AvaFindings *f, const AvaAnalyzer *a, const char *reason)
{
    json_t *s = json_object_get(f->signals, a->info.name);
    if (!s) {
        s = json_object();
        json_object_set_new(f->signals, a->info.name, s);
    }
    json_object_set_new(s, "absent", json_string(reason));
    for (const AvalignField *p = a->fields; *p != AVALIGN_N_FIELDS; p++)
        f->reason[*p] = reason;
}

json_t *ava_json_real(double v, int decimals)
{
    if (!isfinite(v))
        return json_null();
    double k = pow(10, decimals), r = rint(v * k) / k;
    return json_real(r == 0 ? 0 : r); /* no negative zero */
}
