/* batch_tables.c -- the folder that batch leaves: results.jsonl, summary.csv, json/ and pages/. */
#include "batch/batch_tables.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/output.h"
#include "common/tool.h"

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *batch_path(char room[BATCH_PATH], const char *out, const char *folder, int64_t id, const char *path, const char *ext)
{
    snprintf(room, BATCH_PATH, "%.4500s/%s/%06lld-%.180s.%s", out, folder, (long long)id, base_of(path), ext);
    return room;
}

int batch_folders(const char *out, int pages)
{
    char path[4200];
    static const char *const names[] = { "", "/json", "/pages" };
    for (size_t i = 0; i < (pages ? 3u : 2u); i++) {
        snprintf(path, sizeof path, "%.4100s%s", out, names[i]);
        if (mkdir(path, 0777) && errno != EEXIST)
            return tool_complain(path, strerror(errno));
    }
    return 0;
}

static void csv_text(FILE *f, const char *s)
{
    fputc('"', f);
    if (s && strchr("=+-@", *s) && *s) /* a spreadsheet would take it for a formula */
        fputc('\'', f);
    for (; s && *s; s++) {
        if (*s == '"')
            fputc('"', f);
        fputc(*s, f);
    }
    fputc('"', f);
}

typedef struct Tables {
    const char *out;
    FILE *jsonl, *csv;
    int fixes; /* columns of --fix */
} Tables;

/* The verdict comes first, then the fields in their order. */
static const AvalignFieldInfo *batch_tables_column(size_t i) { return avalign_field_info(i ? i - 1 : AVALIGN_ANOMALY_SCORE); }

static void csv_number(FILE *f, double x)
{
    fputc(',', f);
    if (!isnan(x))
        fprintf(f, "%.3f", x);
}

static void csv_fix(FILE *f, const BatchFix *fix)
{
    fprintf(f, ",%s", fix->status ? fix->status : "");
    csv_number(f, fix->before_ms);
    csv_number(f, fix->moved_ms);
    csv_number(f, fix->after_ms);
    fputc(',', f);
    csv_text(f, fix->out);
    fputc(',', f);
    csv_text(f, fix->note);
}

static int write_row(void *cookie, int64_t id, const char *path, const char *status, int exit_code, double seconds, const char *error, const char *original,
                     const char *result, const BatchFix *fix)
{
    Tables *t = cookie;
    json_t *doc = result ? json_loads(result, 0, NULL) : NULL;
    if (result && !doc)
        return -1;
    csv_text(t->csv, path);
    fprintf(t->csv, ",%s,%s,%.2f", status, !doc ? "" : exit_code == EXIT_FLAGGED ? "1" : exit_code == EXIT_CLEAR ? "0" : "", seconds);
    for (size_t i = 0; i < AVALIGN_N_FIELDS; i++) {
        const json_t *v = json_object_get(doc, batch_tables_column(i)->key);
        fputc(',', t->csv);
        if (json_is_number(v))
            fprintf(t->csv, "%.3f", json_number_value(v));
    }
    if (t->fixes)
        csv_fix(t->csv, fix);
    fputc(',', t->csv);
    csv_text(t->csv, error ? error : original ? original : "");
    fputs("\r\n", t->csv);
    if (doc) {
        char to[BATCH_PATH];
        struct stat st;
        json_object_del(doc, "series"); /* the long curves are in json/ */
        char *line = json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(9));
        if (line)
            fprintf(t->jsonl, "%s\n", line);
        free(line);
        if (stat(batch_path(to, t->out, "json", id, path, "json"), &st)) { /* killed between the two */
            if (output_put(to, result, strlen(result))) {
                json_decref(doc);
                return tool_complain(to, strerror(errno));
            }
        }
    }
    if (!doc) {
        json_t *line = json_pack("{s:s,s:s,s:s}", "file", path, "status", status, error ? "error" : "duplicate_of", error ? error : original ? original : "");
        char *text = json_dumps(line, JSON_COMPACT); /* NULL: the name is no UTF-8 */
        fprintf(t->jsonl, "%s\n", text ? text : "{\"file\":null,\"status\":\"failed\",\"error\":\"its name is no UTF-8; see summary.csv\"}");
        free(text);
        json_decref(line);
    }
    json_decref(doc);
    return ferror(t->csv) || ferror(t->jsonl) ? -1 : 0;
}

static char *table_path(const char *out, const char *name, char room[4300])
{
    snprintf(room, 4300, "%.4200s/%s", out, name);
    return room;
}

int batch_tables(const char *out, BatchDb *db)
{
    char jsonl_path[4300], csv_path[4300];
    Output jsonl, csv;
    if (output_begin(&jsonl, table_path(out, "results.jsonl", jsonl_path), "", 1))
        return tool_complain(jsonl_path, strerror(errno));
    if (output_begin(&csv, table_path(out, "summary.csv", csv_path), "", 1)) {
        tool_complain(csv_path, strerror(errno));
        return output_end(&jsonl, jsonl_path, 1);
    }
    Tables t = { out, jsonl.f, csv.f, batch_db_count_fixes(db, NULL) > 0 };
    fputs("file,status,flagged,seconds", t.csv);
    for (size_t i = 0; i < AVALIGN_N_FIELDS; i++)
        fprintf(t.csv, ",%s", batch_tables_column(i)->key);
    fprintf(t.csv, "%s,note\r\n", t.fixes ? ",fix,fix_before_ms,fix_moved_ms,fix_after_ms,fix_file,fix_note" : "");
    int rc = batch_db_each(db, write_row, &t) ? tool_complain(out, "output: the tables could not be written; free space and run it again") : 0;
    if (output_end(&jsonl, jsonl_path, rc) && !rc)
        rc = tool_complain(jsonl_path, strerror(errno));
    if (output_end(&csv, csv_path, rc) && !rc)
        rc = tool_complain(csv_path, strerror(errno));
    return rc;
}
