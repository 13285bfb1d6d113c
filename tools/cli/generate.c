/* generate.c -- what tools/completions/update.sh puts into docs/avalign.1, avalign.bash and _avalign. */
#include "cli/generate.h"

#include <string.h>

#include "common/options.h"

static int generate_belongs(const Option *row, size_t command) { return row->commands >> command & 1; }

/* ---- man ----------------------------------------------------------------------------------- */

static void roff(const char *s)
{
    for (; *s; s++)
        if (*s == '-' || *s == '\\')
            printf("\\%c", *s);
        else
            putchar(*s);
}

static void man(void)
{
    for (size_t i = 0; i < option_count; i++) {
        const Option *row = &option_table[i];
        int n = 0;
        if (!(row->commands & ((1u << CMD_WORKER_PROCESS) - 1)))
            continue;
        printf(".TP\n%s \\-\\-", row->argument ? ".BR" : ".B");
        roff(row->name);
        if (row->argument) {
            printf(" \" ");
            roff(row->argument);
            printf("\"");
        }
        printf("\n");
        for (size_t k = 0; k < CMD_WORKER_PROCESS; k++)
            if (generate_belongs(row, k))
                printf("%s%s", n++ ? ", " : "(", commands[k].name);
        printf(") ");
        roff(row->help);
        printf("\n");
    }
}

/* ---- bash ---------------------------------------------------------------------------------- */

static void analyzer_names(void)
{
    for (size_t i = 0; avalign_analyzer(i); i++)
        printf("%s%s", i ? " " : "", avalign_analyzer(i)->name);
}

static void words(const Option *row)
{
    for (size_t k = 0; row->kind == OPTION_CHOICE && row->choices[k]; k++)
        printf("%s%s", k ? " " : "", row->choices[k]);
    for (size_t k = 0; row->kind == OPTION_MARKS && k < OPTIONS_MARKS; k++)
        printf("%s%s=", k ? " " : "", option_marks[k].name);
    if (row->kind == OPTION_POLICY)
        printf("seed calibrated");
    if (row->kind == OPTION_ANALYZERS)
        analyzer_names();
}

static int is_folder(const Option *row) { return row->argument && !strcmp(row->argument, "DIR"); }
static int has_words(const Option *row) { return row->kind == OPTION_CHOICE || row->kind == OPTION_MARKS || row->kind == OPTION_POLICY || row->kind == OPTION_ANALYZERS; }
static int is_file(const Option *row) { return row->kind == OPTION_POLICY || row->kind == OPTION_INPUT || row->kind == OPTION_OUTPUT; }

static void bash(void)
{
    printf("# bash completion for avalign; written from the option table by tools/completions/update.sh\n_avalign() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n    if [ \"$COMP_CWORD\" = 1 ]; then\n        COMPREPLY=($(compgen -W \"");
    for (size_t k = 0; k < CMD_WORKER_PROCESS; k++)
        printf("%s ", commands[k].name);
    printf("--help --version\" -- \"$cur\")); return\n    fi\n    case ${COMP_WORDS[1]}:$prev in\n");
    for (size_t i = 0; i < option_count; i++) {
        const Option *row = &option_table[i];
        int n = 0;
        if (row->kind == OPTION_FLAG)
            continue;
        printf("        ");
        for (size_t k = 0; k < CMD_WORKER_PROCESS; k++)
            if (generate_belongs(row, k))
                printf("%s%s:--%s", n++ ? " | " : "", commands[k].name, row->name);
        printf(") COMPREPLY=(");
        if (has_words(row)) {
            printf("$(compgen -W \"");
            words(row);
            printf("\" -- \"$cur\")%s", is_file(row) ? " " : "");
        }
        if (is_folder(row) || is_file(row))
            printf("$(compgen -%c -- \"$cur\")", is_folder(row) ? 'd' : 'f');
        printf("); return ;;\n");
    }
    printf("    esac\n    case ${COMP_WORDS[1]}:$cur in\n");
    for (size_t k = 0; k < CMD_WORKER_PROCESS; k++) {
        printf("        %s:-*) COMPREPLY=($(compgen -W \"", commands[k].name);
        for (size_t i = 0; i < option_count; i++)
            if (generate_belongs(&option_table[i], k))
                printf("--%s ", option_table[i].name);
        printf("--help\" -- \"$cur\")) ;;\n");
    }
    printf("        models:*) COMPREPLY=($(compgen -W \"list verify\" -- \"$cur\")) ;;\n        queue:*) COMPREPLY=($(compgen -W \"status collect dead\" -- \"$cur\")) ;;\n"
           "        *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n    esac\n}\ncomplete -o filenames -F _avalign avalign\n");
}

/* ---- zsh ----------------------------------------------------------------------------------- */

static void quoted(const char *s) /* in single quotes, inside [...] */
{
    for (; *s; s++)
        if (*s == '\'')
            printf("'\\''");
        else if (strchr("[]:\\", *s))
            printf("\\%c", *s);
        else
            putchar(*s);
}

static void zsh(void)
{
    printf("#compdef avalign\n# written from the option table by tools/completions/update.sh\nlocal -a options\ncase $words[2] in\n");
    for (size_t k = 0; k < CMD_WORKER_PROCESS; k++) {
        printf("    %s) options=(", commands[k].name);
        for (size_t i = 0; i < option_count; i++) {
            const Option *row = &option_table[i];
            if (!generate_belongs(row, k))
                continue;
            printf("\n        '%s--%s[", row->kind == OPTION_MARKS ? "*" : "", row->name);
            quoted(row->help);
            printf("]");
            if (row->argument) {
                printf(":");
                quoted(row->argument);
                printf(":");
                if (is_folder(row))
                    printf("_directories");
                else if (has_words(row) && row->kind != OPTION_POLICY) {
                    printf("(");
                    words(row);
                    printf(")");
                } else if (is_file(row))
                    printf("_files");
            }
            printf("'");
        }
        printf(") ;;\n");
    }
    printf("esac\n_arguments '1:command:(");
    for (size_t k = 0; k < CMD_WORKER_PROCESS; k++)
        printf("%s%s", k ? " " : "", commands[k].name);
    printf(")' $options '*:file:_files'\n");
}

int generate(const char *what)
{
    if (!strcmp(what, "man"))
        man();
    else if (!strcmp(what, "bash"))
        bash();
    else if (!strcmp(what, "zsh"))
        zsh();
    else {
        fprintf(stderr, "avalign: --generate takes man, bash or zsh\n");
        return EXIT_INPUT;
    }
    return fflush(stdout) ? EXIT_INTERNAL : EXIT_CLEAR;
}
