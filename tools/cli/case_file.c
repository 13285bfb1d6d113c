/* case_file.c -- reads the case file. */
#include "cli/case_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/output.h"
#include "common/tool.h"

enum { MOST = 64 << 10, OWN = 4 /* notes that are added: when, how, again, and what that gives */ };

struct CaseFile {
    json_t *entries;
};

/* The keys that have a label of their own, in the order of a report's head (ISO 21043-5, SWGDE 18-Q-002). Others follow as they are spelled. */
static const struct {
    const char *key, *label;
} known[] = {
    { "case", "Case" },
    { "exhibit", "Exhibit" },
    { "question", "Question asked" },
    { "requested_by", "Requested by" },
    { "supplied_by", "Supplied by" },
    { "received", "Received" },
    { "original_sha256", "SHA-256 of the original" },
    { "lawful_basis", "Lawful basis" },
    { "laboratory", "Laboratory" },
    { "examiner", "Examiner" },
    { "second_examiner", "Second examiner" },
    { "host", "Host" },
    { "remarks", "Remarks" },
};
enum { KNOWN = sizeof known / sizeof *known };

static int unusable(const char *path, const char *why)
{
    return tool_say(path, "case: %s", why);
}

/* Only texts and numbers, and not too many: 0 or -1, told. */
static int case_file_check(const char *path, json_t *j)
{
    const char *key;
    json_t *value;
    char why[200];
    if (!json_is_object(j) || !json_object_size(j) || json_object_size(j) > AVALIGN_MAX_NOTES - OWN)
        return unusable(path, "not a JSON object of 1 to 60 entries, such as {\"case\": \"2026-118\", \"examiner\": \"A. Lee\"}");
    json_object_foreach (j, key, value)
        if (!*key || strlen(key) > AVALIGN_MAX_NOTE_LABEL || (!json_is_string(value) && !json_is_number(value)) || json_string_length(value) > AVALIGN_MAX_NOTE_TEXT) {
            snprintf(why, sizeof why, "\"%.60s\" is no text (of %d bytes at most) or number; lists and objects have no place in a report's head", key, AVALIGN_MAX_NOTE_TEXT);
            return unusable(path, why);
        }
    return 0;
}

CaseFile *case_read(const char *path)
{
    char *text = malloc(MOST + 1);
    FILE *f = text ? fopen(path, "rb") : NULL;
    size_t n = f ? fread(text, 1, MOST + 1, f) : 0;
    int wrong = !f || ferror(f) ? errno : 0;
    if (f)
        fclose(f);
    CaseFile *c = NULL;
    json_error_t e;
    json_t *j = NULL;
    char why[200];
    if (wrong || !text)
        snprintf(why, sizeof why, "%s; check the path", strerror(text ? wrong : ENOMEM));
    else if (n > MOST)
        snprintf(why, sizeof why, "longer than %d kB; a case file has some lines of text", MOST >> 10);
    else if (!(j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &e)))
        snprintf(why, sizeof why, "not JSON: line %d: %.120s", e.line, e.text);
    if (!j)
        unusable(path, why);
    else if (!case_file_check(path, j) && (c = calloc(1, sizeof *c)))
        c->entries = json_incref(j);
    json_decref(j);
    free(text);
    return c;
}

void case_free(CaseFile **c)
{
    if (*c)
        json_decref((*c)->entries);
    free(*c);
    *c = NULL;
}

static int case_file_note(AvalignResult *r, const char *label, const json_t *value)
{
    AvalignErrorInfo e;
    char number[32] = "";
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, sizeof number, "%.10g", json_real_value(value));
    const char *text = json_is_string(value) ? json_string_value(value) : number;
    if (!*text || avalign_result_add_note(r, label, text, &e) == 0)
        return 0;
    tool_error(NULL, &e);
    return -1;
}

static int is_known(const char *key)
{
    for (int i = 0; i < KNOWN; i++)
        if (!strcmp(key, known[i].key))
            return 1;
    return 0;
}

/* An argument as a shell takes it again. */
static void quoted(FILE *f, const char *a)
{
    if (*a && strspn(a, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%") == strlen(a)) {
        fputs(a, f);
        return;
    }
    fputc('\'', f);
    for (; *a; a++)
        fputs(*a == '\'' ? "'\\''" : (char[]){ *a, 0 }, f);
    fputc('\'', f);
}

static void put_arguments(FILE *f, char *const *a)
{
    for (; *a; a++) {
        fputc(' ', f);
        quoted(f, *a);
    }
}

static int put_command(const void *argv, FILE *f)
{
    fputs("avalign", f);
    put_arguments(f, argv);
    return ferror(f);
}


/* What put() writes, as a note. 0 or -1, told. */
static int note_text(AvalignResult *r, const char *label, int (*put)(const void *, FILE *), const void *what)
{
    AvalignErrorInfo e;
    size_t n;
    char *line = output_text(put, what, &n);
    if (line && n > AVALIGN_MAX_NOTE_TEXT)
        strcpy(line + AVALIGN_MAX_NOTE_TEXT - 3, "...");
    int rc = !line || avalign_result_add_note(r, label, line, &e) ? -1 : 0;
    if (rc)
        tool_complain("case", line ? e.message : strerror(ENOMEM));
    free(line);
    return rc;
}

static int case_put_again(const void *argv, FILE *f)
{
    fputs("avalign analyze --quiet --json -", f); /* before a "--" */
    put_arguments(f, (char *const *)argv + 1);
    fputs(" | sha256sum", f);
    return ferror(f);
}

static int case_put_json(const void *r, FILE *f) { return avalign_result_write(r, AVALIGN_JSON, tool_write_file, f, NULL); }

static int put_hash(const void *hex, FILE *f) { return fputs(hex, f) < 0; }

/* What a second examiner types, and what comes out where nothing differs. */
static int note_again(AvalignResult *r, const Options *o)
{
    size_t n;
    char hex[65], **argv = options_measuring(CMD_ANALYZE, o->argv), *json = output_text(case_put_json, r, &n);
    struct sha256_ctx h;
    int rc = argv && json ? 0 : -1;
    if (!rc) {
        sha256_init(&h);
        sha256_update(&h, n, (const uint8_t *)json);
        tool_sha256_end(&h, hex);
        rc = note_text(r, "To run it again", case_put_again, argv) || note_text(r, "SHA-256 that it gives", put_hash, hex) ? -1 : 0;
    } else {
        tool_complain("case", strerror(ENOMEM));
    }
    free(argv);
    free(json);
    return rc;
}

int case_note(const CaseFile *c, AvalignResult *r, const Options *o)
{
    const char *key;
    json_t *value;
    char now[32];
    time_t t = time(NULL);
    struct tm utc;
    AvalignErrorInfo e;
    for (int i = 0; i < KNOWN; i++)
        if ((value = json_object_get(c->entries, known[i].key)) && case_file_note(r, known[i].label, value))
            return -1;
    json_object_foreach (c->entries, key, value)
        if (!is_known(key) && case_file_note(r, key, value))
            return -1;
    strftime(now, sizeof now, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&t, &utc));
    if (avalign_result_add_note(r, "Examined", now, &e)) {
        tool_complain("case", e.message);
        return -1;
    }
    return note_text(r, "Command", put_command, o->argv) || (!o->timings && note_again(r, o)) ? -1 : 0; /* times are not the same twice */
}
