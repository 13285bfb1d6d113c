/* options.c -- reads a command's arguments by the table, and writes its help from it. */
#include "common/options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output.h"

enum { COLUMN = 23, WIDTH = 118, WHY = 256 };

static void *member(const Options *o, const Option *row) { return (char *)o + row->at; }
static int options_belongs(const Option *row, Command c) { return c < CMD_N && row->commands >> c & 1; }

static const Option *options_find(Command c, const char *name, size_t n)
{
    for (size_t i = 0; i < option_count; i++)
        if (options_belongs(&option_table[i], c) && strlen(option_table[i].name) == n && !strncmp(option_table[i].name, name, n))
            return &option_table[i];
    return NULL;
}

/* ---- values ------------------------------------------------------------------------------ */

static int options_number(const Option *row, const char *value, double *out)
{
    char *end;
    errno = 0;
    *out = strtod(value, &end);
    if (!*value || strchr(" \t\r\n", *value) || *end || errno || !(*out >= row->min && *out <= row->max))
        return -1;
    return row->kind == OPTION_WHOLE && *out != (double)(long)*out ? -1 : 0;
}

static int known_analyzer(const char *name, size_t n)
{
    for (size_t i = 0; avalign_analyzer(i); i++)
        if (strlen(avalign_analyzer(i)->name) == n && !strncmp(avalign_analyzer(i)->name, name, n))
            return 1;
    return 0;
}

static int analyzers(const char *value, char why[WHY])
{
    size_t n = 0;
    for (const char *p = value;; p++) {
        size_t len = strcspn(p, ",");
        int twice = 0;
        for (const char *q = value; q < p && !twice; q += strcspn(q, ",") + 1)
            twice = strcspn(q, ",") == len && !strncmp(q, p, len);
        if (twice || !known_analyzer(p, len)) {
            n = (size_t)snprintf(why, WHY, "takes names with commas between, each once, from");
            for (size_t i = 0; avalign_analyzer(i) && n < WHY; i++)
                n += (size_t)snprintf(why + n, WHY - n, "%s %s", i ? "," : "", avalign_analyzer(i)->name);
            return -1;
        }
        p += len;
        if (!*p)
            return 0;
    }
}

static int marks(Options *o, const char *value, char why[WHY])
{
    const char *eq = strchr(value, '=');
    for (int k = 0; eq && eq[1] && k < OPTIONS_MARKS; k++)
        if (strlen(option_marks[k].name) == (size_t)(eq - value) && !strncmp(value, option_marks[k].name, (size_t)(eq - value))) {
            if (o->marks[k]) {
                snprintf(why, WHY, "takes each format once");
                return -1;
            }
            o->marks[k] = eq + 1;
            return 0;
        }
    snprintf(why, WHY, "takes FORMAT=OUT with vtt, edl, csv, rttm, textgrid, otio, sarif, ass, words-vtt or words-srt");
    return -1;
}

static int date(const char *value, time_t *out)
{
    struct tm tm = { .tm_isdst = -1 };
    int day = 0, all = 0, parts = sscanf(value, "%4d-%2d-%2d%nT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &day, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &all);
    struct tm want = tm;
    if (!(parts == 3 && !value[day]) && !(parts == 6 && !value[all]))
        return -1;
    tm.tm_year = want.tm_year -= 1900;
    tm.tm_mon = want.tm_mon -= 1;
    *out = mktime(&tm);
    return *out == -1 || tm.tm_mon != want.tm_mon || tm.tm_mday != want.tm_mday || tm.tm_min != want.tm_min ? -1 : 0; /* 2026-02-31 */
}

static int input(const char *value, char why[WHY])
{
    struct stat st;
    if (stat(value, &st) || access(value, R_OK))
        snprintf(why, WHY, "takes a file that can be read: %s; check the path", strerror(errno));
    else if (S_ISDIR(st.st_mode))
        snprintf(why, WHY, "takes a file, and this is a directory");
    else
        return 0;
    return -1;
}

static int folder(const char *value, char why[WHY])
{
    struct stat st;
    if (stat(value, &st) || S_ISDIR(st.st_mode))
        return 0; /* made later */
    snprintf(why, WHY, "takes a folder, and this is a file");
    return -1;
}

static int options_text(Options *o, const Option *row, const char *value, char why[WHY])
{
    const char **to = member(o, row);
    int rc = 0;
    if (row->kind == OPTION_OUTPUT && *to) {
        snprintf(why, WHY, "can be given once");
        return -1;
    }
    switch (row->kind) {
    case OPTION_CHOICE:
        for (size_t i = 0; row->choices[i]; i++)
            if (!strcmp(row->choices[i], value)) {
                *to = value;
                return 0;
            }
        rc = snprintf(why, WHY, "takes one of");
        for (size_t i = 0; row->choices[i] && rc < WHY; i++)
            rc += snprintf(why + rc, WHY - (size_t)rc, "%s %s", i ? "," : "", row->choices[i]);
        return -1;
    case OPTION_ANALYZERS:
        rc = analyzers(value, why);
        if (!rc && (o->only || o->except)) {
            snprintf(why, WHY, "can be given once, --only or --except");
            rc = -1;
        }
        break;
    case OPTION_POLICY: rc = o->policy ? (snprintf(why, WHY, "can be given once"), -1) : tool_policy(value, &o->policy, &o->policy_text, why); return rc;
    case OPTION_INPUT: rc = input(value, why); break;
    case OPTION_FOLDER: rc = folder(value, why); break;
    default: break;
    }
    if (!rc)
        *to = value;
    return rc;
}

int options_set(Options *o, const Option *row, const char *value, char why[WHY])
{
    double x;
    if (row->kind != OPTION_FLAG && !*value) {
        snprintf(why, WHY, "takes %s, not nothing", row->argument);
        return -1;
    }
    switch (row->kind) {
    case OPTION_FLAG: *(int *)member(o, row) = 1; return 0;
    case OPTION_REAL:
    case OPTION_WHOLE:
        if (options_number(row, value, &x)) {
            snprintf(why, WHY, "takes a %snumber from %.10g to %.10g", row->kind == OPTION_WHOLE ? "whole " : "", row->min, row->max);
            return -1;
        }
        if (row->kind == OPTION_WHOLE)
            *(long *)member(o, row) = (long)x;
        else
            *(double *)member(o, row) = x;
        return 0;
    case OPTION_DATE:
        if (date(value, member(o, row)) == 0)
            return 0;
        snprintf(why, WHY, "takes a date, 2026-11-23 or 2026-11-23T08:00:00");
        return -1;
    case OPTION_MARKS: return marks(o, value, why);
    default: return options_text(o, row, value, why);
    }
}

/* ---- help ---------------------------------------------------------------------------------- */

static void wrap(const char *text_, int column, int indent)
{
    for (const char *p = text_; *p;) {
        size_t word = strcspn(p, " ");
        if (column > indent && column + (int)word >= WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        printf("%.*s", (int)word, p);
        column += (int)word;
        p += word;
        if (*p == ' ') {
            p++;
            if (column + 1 + (int)strcspn(p, " ") < WIDTH)
                putchar(' ');
            column++;
        }
    }
    putchar('\n');
}

static void help(Command c)
{
    printf("usage: avalign %s %s\n\n", commands[c].name, commands[c].usage);
    wrap(commands[c].about, 0, 0);
    putchar('\n');
    for (size_t i = 0; i < option_count; i++) {
        const Option *row = &option_table[i];
        if (!options_belongs(row, c))
            continue;
        int n = printf("  --%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
        if (n >= COLUMN - 1)
            printf("\n%*s", COLUMN, "");
        else
            printf("%*s", COLUMN - n, "");
        wrap(row->help, COLUMN, COLUMN);
    }
    putchar('\n');
    wrap(commands[c].codes, 0, 0);
}

/* ---- arguments ----------------------------------------------------------------------------- */

static int options_refuse(Command c, const char *option, size_t n, const char *why, const char *value)
{
    const char *quote = value ? "\"" : "";
    tool_say(commands[c].name, "--%.*s%s%s%.80s%s: %s; see avalign %s --help", n < 80 ? (int)n : 80, option, value ? " " : "", quote, value ? value : "", quote, why, commands[c].name);
    return EXIT_INPUT;
}

static int unknown(Command c, const char *name, size_t n)
{
    char why[WHY] = "is no option of this command";
    for (size_t i = 0; i < option_count; i++)
        if (n > 1 && options_belongs(&option_table[i], c) && !strncmp(option_table[i].name, name, n))
            snprintf(why, sizeof why, "is no option of this command; is it --%s?", option_table[i].name);
    return options_refuse(c, name, n, why, NULL);
}

/* One argument that starts with two dashes; -1, or an exit code. *i moves on over its value. */
static int long_option(Command c, int argc, char **argv, int *i, Options *o)
{
    char why[WHY];
    const char *name = argv[*i] + 2, *value = "";
    size_t n = strcspn(name, "=");
    const Option *row = options_find(c, name, n);
    if (!strcmp(name, "help")) {
        help(c);
        return EXIT_CLEAR;
    }
    if (!row)
        return unknown(c, name, n);
    if (row->kind == OPTION_FLAG && name[n])
        return options_refuse(c, name, n, "takes no value", NULL);
    if (row->kind != OPTION_FLAG && name[n]) {
        value = name + n + 1;
    } else if (row->kind != OPTION_FLAG) {
        if (*i + 1 < argc)
            value = argv[++*i];
        else
            return snprintf(why, sizeof why, "takes %s, and none follows", row->argument), options_refuse(c, name, n, why, NULL);
        if (!strncmp(value, "--", 2) && options_find(c, value + 2, strcspn(value + 2, "=")))
            return snprintf(why, sizeof why, "takes %s, and another option follows", row->argument), options_refuse(c, name, n, why, NULL);
    }
    return options_set(o, row, value, why) ? options_refuse(c, name, n, why, *value ? value : NULL) : -1;
}

char **options_measuring(Command c, char *const *argv)
{
    static const char *const others[] = { "case", "quiet", "progress", "checksums" };
    size_t n = 0, kept = 0;
    while (argv[n])
        n++;
    char **out = calloc(n + 1, sizeof *out);
    for (size_t i = 0; i < n && out; i++) {
        const char *name = strncmp(argv[i], "--", 2) ? "" : argv[i] + 2;
        const Option *row = *name ? options_find(c, name, strcspn(name, "=")) : NULL;
        int two = row && row->kind != OPTION_FLAG && !strchr(name, '=') && i + 1 < n, leave = !strcmp(argv[i], "-q") || (row && (row->kind == OPTION_OUTPUT || row->kind == OPTION_MARKS));
        for (size_t k = 0; row && k < sizeof others / sizeof *others; k++)
            leave |= !strcmp(row->name, others[k]);
        if (!strcmp(argv[i], "--")) /* only operands from here on */
            c = CMD_N;
        if (!leave)
            out[kept++] = argv[i];
        if (!leave && two)
            out[kept++] = argv[i + 1];
        i += (size_t)two;
    }
    return out;
}

static int one_argument(Command c, int argc, char **argv, int *i, Options *o)
{
    const char *a = argv[*i];
    if (a[0] != '-' || !a[1]) {
        o->operand[o->n_operands++] = argv[*i];
        return -1;
    }
    if (a[1] == '-')
        return long_option(c, argc, argv, i, o);
    if (!strcmp(a, "-h")) {
        help(c);
        return EXIT_CLEAR;
    }
    if (!strcmp(a, "-q") && options_find(c, "quiet", 5)) {
        o->quiet = 1;
        return -1;
    }
    if (!strcmp(a, "-o") && options_find(c, "out", 3) && *i + 1 < argc) {
        char why[WHY];
        const char *value = argv[++*i];
        return options_set(o, options_find(c, "out", 3), value, why) ? options_refuse(c, "out", 3, why, value) : -1;
    }
    tool_say(commands[c].name, "no option %.200s; see avalign %s --help; a file of that name is ./%.200s", a, commands[c].name, a);
    return EXIT_INPUT;
}

static const char *out_name(const Option *row, const Options *o, size_t i)
{
    return row->kind == OPTION_OUTPUT && i == 0 ? *(const char *const *)member(o, row) : row->kind == OPTION_MARKS ? o->marks[i] : NULL;
}

/* Could every output be written, and is none of them an input or another output? */
static int check_outputs(Command c, const Options *o)
{
    OutputNames names = { 0 };
    int code = 0;
    for (size_t i = 0; i < option_count; i++)
        if (options_belongs(&option_table[i], c) && option_table[i].kind == OPTION_INPUT)
            output_names_in(&names, *(const char *const *)member(o, &option_table[i]));
    for (int i = commands[c].inputs_from; i >= 0 && i < o->n_operands; i++)
        output_names_in(&names, o->operand[i]);
    for (size_t i = 0; i < option_count && !code; i++)
        for (size_t k = 0; k < OPTIONS_MARKS && !code && options_belongs(&option_table[i], c); k++) {
            const char *path = out_name(&option_table[i], o, k);
            if (path && (code = output_names_out(&names, path)) == 0)
                code = output_check(path);
        }
    output_names_free(&names);
    return code;
}

int options_parse(Command c, int argc, char **argv, Options *o)
{
    const CommandInfo *info = &commands[c];
    int code = -1, only_operands = 0;
    *o = (Options){ .argv = argv, .offset_ms = NAN };
    if (!(o->operand = calloc((size_t)argc + 1, sizeof *o->operand)))
        return EXIT_INTERNAL;
    for (int i = 1; i < argc && code < 0; i++) {
        if (only_operands)
            o->operand[o->n_operands++] = argv[i];
        else if (!strcmp(argv[i], "--"))
            only_operands = 1;
        else
            code = one_argument(c, argc, argv, &i, o);
    }
    for (int i = 0; i < o->n_operands && code < 0; i++)
        if (o->operand[i] && !*o->operand[i]) {
            fprintf(stderr, "avalign: %s: an argument is empty; usage: avalign %s %s\n", info->name, info->name, info->usage);
            code = EXIT_INPUT;
        }
    if (code < 0 && (o->n_operands < info->least || (info->most >= 0 && o->n_operands > info->most))) {
        fprintf(stderr, "avalign: %s: %s; usage: avalign %s %s\n", info->name, o->n_operands < info->least ? "something is missing" : "too many arguments", info->name, info->usage);
        code = EXIT_INPUT;
    }
    int bad = code < 0 ? check_outputs(c, o) : 0;
    if (bad)
        code = bad;
    if (code >= 0)
        options_free(o);
    return code;
}

void options_free(Options *o)
{
    free(o->operand);
    free(o->analyzers);
    free(o->policy_text);
    memset(o, 0, sizeof *o);
}

/* ---- settings of the analysis ---------------------------------------------------------------- */

/* --only a,b as it is; --except a,b as -a,-b. */
static char *list_of(const char *names, int except)
{
    char *s = malloc(2 * strlen(names) + 2), *out = s;
    if (!s)
        return NULL;
    for (const char *p = names; *p; p++) {
        if (except && (p == names || p[-1] == ','))
            *out++ = '-';
        *out++ = *p;
    }
    *out = 0;
    return s;
}

int options_config(Options *o, AvalignConfig *cfg)
{
    avalign_config_init(cfg, sizeof *cfg);
    if ((o->only || o->except) && !o->analyzers && !(o->analyzers = list_of(o->only ? o->only : o->except, !o->only)))
        return tool_complain("options", "out of memory");
    cfg->analyzers = o->analyzers;
    cfg->policy = o->policy;
    cfg->profile = o->profile;
    cfg->flag_at = o->flag_at;
    cfg->lse = o->lse;
    cfg->transcribe = o->transcribe;
    cfg->timings = o->timings;
    cfg->audio_stream = (int)o->audio_stream;
    cfg->video_stream = (int)o->video_stream;
    cfg->max_duration_us = (int64_t)(o->max_duration * 1e6);
    cfg->max_faces = (unsigned)o->max_faces;
    cfg->n_threads = (unsigned)o->threads;
    cfg->allow_network = o->allow_network;
    return 0;
}

const Option *options_next_passed(const Options *o, size_t *i, const char **value, char room[32])
{
    while (*i < option_count) {
        const Option *row = &option_table[(*i)++];
        const void *at = member(o, row);
        int seen = 0; /* two rows may share a member */
        for (const Option *r = option_table; r < row; r++)
            seen |= r->passed_on && r->at == row->at;
        if (!row->passed_on || seen)
            continue;
        *value = NULL;
        if (row->kind == OPTION_FLAG)
            *value = *(const int *)at ? "1" : NULL;
        else if (row->kind == OPTION_WHOLE && *(const long *)at)
            snprintf(room, 32, "%ld", *(const long *)at), *value = room;
        else if (row->kind == OPTION_REAL && *(const double *)at > 0)
            snprintf(room, 32, "%.17g", *(const double *)at), *value = room;
        else if (row->kind != OPTION_WHOLE && row->kind != OPTION_REAL)
            *value = *(const char *const *)at;
        if (*value)
            return row;
    }
    return NULL;
}

void options_settings(const Options *o, char out[OPTIONS_SETTINGS])
{
    const char *value;
    char room[32], hash[65];
    size_t n = (size_t)snprintf(out, OPTIONS_SETTINGS, "avalign %s", avalign_version()), i = 0;
    for (const Option *row; (row = options_next_passed(o, &i, &value, room)) != NULL && n < OPTIONS_SETTINGS;) {
        if (row->kind == OPTION_POLICY && *value == '{') {
            struct sha256_ctx h;
            sha256_init(&h);
            sha256_update(&h, strlen(value), (const uint8_t *)value);
            tool_sha256_end(&h, hash);
            value = hash;
        }
        n += (size_t)snprintf(out + n, OPTIONS_SETTINGS - n, row->kind == OPTION_FLAG ? "; %s" : "; %s %s", row->name, value);
    }
}

int options_same_settings(const Options *a, const Options *b)
{
    char x[OPTIONS_SETTINGS], y[OPTIONS_SETTINGS];
    options_settings(a, x);
    options_settings(b, y);
    return !strcmp(x, y);
}
