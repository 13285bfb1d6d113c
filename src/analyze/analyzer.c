/* analyzer.c -- what all analyzers share. */
#include "analyze/analyzer.h"

#include <string.h>

void ava_absent(AvaAnalysisOutput *out, const AvaAnalyzer *a, const char *reason)
{
    memcpy((char *)out + a->absent_at, &reason, sizeof reason);
    for (const AvalignField *p = a->fields; *p != AVALIGN_N_FIELDS; p++)
        out->reason[*p] = reason;
}
