/* cmd_models.c -- avalign models list|verify */
#include <string.h>

#include "common/tool.h"

int cmd_models(int argc, char **argv)
{
    const char *dir = NULL, *verb = NULL;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--models") && i + 1 < argc) {
            dir = argv[++i];
        } else if (!verb && argv[i][0] != '-') {
            verb = argv[i];
        } else {
            verb = NULL;
            break;
        }
    }
    if (!verb || (strcmp(verb, "list") && strcmp(verb, "verify"))) {
        int asked = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
        fprintf(asked ? stdout : stderr, "usage: avalign models list|verify [--models DIR]\n\n"
                "  list     role, licence, name and SHA-256 of each net\n"
                "  verify   compare each file with its SHA-256 and load it\n");
        return asked ? EXIT_CLEAR : EXIT_INPUT;
    }
    int code = EXIT_CLEAR;
    AvalignModels *m = tool_models(dir, &code);
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
