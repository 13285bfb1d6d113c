/* judge_again.c -- results that were written before, under another policy. */
#include "analyze/analyzer.h"
#include "api/api.h"
#include "report/report.h"
#include "util/err.h"

extern const AvaAnalyzer ava_verdict;

typedef struct Judgement {
    AvaPolicy policy;
    double flag_at;
} Judgement;

static int judge(void *cookie, double speech_s, AvaAnalysisOutput *found, double *flag_at, AvalignErrorInfo *e)
{
    const Judgement *j = cookie;
    AvaEvidence ev = { .speech_s = speech_s };
    *flag_at = j->flag_at > 0 ? j->flag_at : j->policy.flag_at;
    return ava_verdict.run(&(AvaAnalysisInput){ .ev = &ev, .policy = &j->policy, .flag_at = j->flag_at }, found, e);
}

int avalign_judge_again(const char *result, size_t size, const char *policy, double flag_at, AvalignWriteFn *write, void *cookie, AvalignErrorInfo *why)
{
    Judgement j = { .flag_at = flag_at };
    AvalignErrorInfo e;
    ava_err_clear(why);
    ava_err_clear(&e);
    int rc = !result || !write || !(flag_at >= 0 && flag_at <= 1) ? ava_fail(&e, AVALIGN_ERR_ARG, "judge", AVA_NO_TIME, 0, "a result, a writer and a flag_at of 0 to 1 are needed")
                                                                  : ava_policy_parse(policy, &j.policy, &e);
    if (!rc)
        rc = ava_report_judge_again(result, size, judge, &j, write, cookie, &e);
    if (rc && why)
        *why = e;
    return rc;
}
