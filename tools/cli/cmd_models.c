/* cmd_models.c -- avalign models list|verify */
#include <string.h>

#include "common/options.h"

int cmd_models(Options *o)
{
    const char *verb = o->operand[0];
    if (strcmp(verb, "list") && strcmp(verb, "verify")) {
        tool_say("models", "list or verify, not \"%.80s\"; see avalign models --help", verb);
        return EXIT_INPUT;
    }
    int code = EXIT_CLEAR;
    AvalignModels *m = tool_models(o->models, &code);
    if (!m)
        return code;
    for (size_t i = 0; i < avalign_models_count(m); i++) {
        AvalignModelInfo info;
        AvalignErrorInfo e;
        avalign_models_info(m, i, &info);
        if (!strcmp(verb, "list")) {
            printf("%-12s %-12s %.12s  %s\n%-12s %s\n", info.role, info.licence, info.sha256, info.name, "", info.source);
        } else if (avalign_models_verify(m, i, &e)) {
            tool_error(NULL, &e);
            code = EXIT_INPUT;
        } else {
            printf("ok %s  %s\n", info.role, info.file);
        }
    }
    avalign_models_free(&m);
    return code;
}
