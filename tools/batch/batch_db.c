/* batch_db.c -- the state of a batch in SQLite. */
#include "batch/batch_db.h"

#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <avalign/avalign.h>

enum { SCHEMA = 1 };
#define NOTICED "noticed" /* among the scores: findings that the page's head speaks of; a result of an older version has none */

struct BatchDb {
    sqlite3 *db;
    char last[4096]; /* path given out last */
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS files(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER, mtime INTEGER, sha256 TEXT, settings TEXT NOT NULL,"
    " status TEXT NOT NULL CHECK(status IN('queued','done','failed','duplicate')), attempts INTEGER NOT NULL DEFAULT 0, exit_code INTEGER, seconds REAL,"
    " error TEXT, duplicate_of INTEGER REFERENCES files(id), result TEXT);"
    "CREATE TABLE IF NOT EXISTS scores(file INTEGER NOT NULL REFERENCES files(id), name TEXT NOT NULL, value REAL, reason TEXT, PRIMARY KEY(file, name));"
    "CREATE TABLE IF NOT EXISTS findings(file INTEGER NOT NULL REFERENCES files(id), kind TEXT NOT NULL, start_s REAL, end_s REAL, weight REAL, text TEXT);"
    "CREATE TABLE IF NOT EXISTS tracks(file INTEGER NOT NULL REFERENCES files(id), track INTEGER NOT NULL, start_s REAL, end_s REAL, speaking REAL);"
    "CREATE TABLE IF NOT EXISTS fixes(file INTEGER PRIMARY KEY REFERENCES files(id), status TEXT NOT NULL, before_ms REAL, moved_ms REAL, after_ms REAL, copy TEXT, note TEXT);"
    "CREATE INDEX IF NOT EXISTS findings_of ON findings(file); CREATE INDEX IF NOT EXISTS tracks_of ON tracks(file);"
    "CREATE INDEX IF NOT EXISTS files_by_hash ON files(sha256); CREATE INDEX IF NOT EXISTS files_by_status ON files(status, path);";

static int batch_db_run(BatchDb *b, const char *sql) { return sqlite3_exec(b->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1; }

static int64_t number_of(BatchDb *b, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

BatchDb *batch_db_open(const char *dir, char why[256])
{
    char path[4200], version[64];
    BatchDb *b = calloc(1, sizeof *b);
    snprintf(path, sizeof path, "%s/avalign.db", dir);
    snprintf(version, sizeof version, "PRAGMA user_version=%d", SCHEMA);
    if (!b || sqlite3_open(path, &b->db) != SQLITE_OK) {
        snprintf(why, 256, "%.200s", b && b->db ? sqlite3_errmsg(b->db) : "out of memory");
        batch_db_close(b);
        return NULL;
    }
    sqlite3_busy_timeout(b->db, 10000);
    int64_t is = number_of(b, "PRAGMA user_version");
    if (is != 0 && is != SCHEMA)
        snprintf(why, 256, "avalign.db has another version's tables (%lld); name another folder", (long long)is);
    else if (batch_db_run(b, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON") || batch_db_run(b, schema) || batch_db_run(b, version))
        snprintf(why, 256, "%.200s", sqlite3_errmsg(b->db));
    else
        return b;
    batch_db_close(b);
    return NULL;
}

void batch_db_close(BatchDb *b)
{
    if (!b)
        return;
    sqlite3_close(b->db);
    free(b);
}

const char *batch_db_error(BatchDb *b) { return sqlite3_errmsg(b->db); }

/* Prepares, binds by letter (i int64_t, d double, s text or NULL) and runs a statement without rows. */
static int batch_db_change(BatchDb *b, const char *sql, const char *kinds, ...)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) != SQLITE_OK)
        return -1;
    va_list ap;
    va_start(ap, kinds);
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 'i')
            sqlite3_bind_int64(s, i + 1, va_arg(ap, int64_t));
        else if (kinds[i] == 'd')
            sqlite3_bind_double(s, i + 1, va_arg(ap, double));
        else
            sqlite3_bind_text(s, i + 1, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
    }
    va_end(ap);
    int rc = sqlite3_step(s) == SQLITE_DONE ? 0 : -1;
    sqlite3_finalize(s);
    return rc;
}

int batch_db_add(BatchDb *b, const char *path, int64_t size, int64_t mtime, const char *settings, int retry_failed)
{
    return batch_db_change(b,
                  "INSERT INTO files(path, size, mtime, settings, status) VALUES(?1, ?2, ?3, ?4, 'queued') ON CONFLICT(path) DO UPDATE SET"
                  " size = ?2, mtime = ?3, settings = ?4, status = 'queued', attempts = 0, sha256 = NULL, duplicate_of = NULL"
                  " WHERE size IS NOT ?2 OR mtime IS NOT ?3 OR settings IS NOT ?4 OR (?5 AND status = 'failed')",
                  "siisi", path, size, mtime, settings, (int64_t)retry_failed);
}

int batch_db_id(BatchDb *b, const char *path, int64_t *id)
{
    sqlite3_stmt *s = NULL;
    int rc = -1;
    if (sqlite3_prepare_v2(b->db, "SELECT id FROM files WHERE path = ?1", -1, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
        if (sqlite3_step(s) == SQLITE_ROW) {
            *id = sqlite3_column_int64(s, 0);
            rc = 0;
        }
    }
    sqlite3_finalize(s);
    return rc;
}

int batch_db_next(BatchDb *b, BatchFile *out)
{
    sqlite3_stmt *s = NULL;
    int rc = -1;
    if (sqlite3_prepare_v2(b->db, "SELECT id, path, size, attempts FROM files WHERE status = 'queued' AND path > ?1 ORDER BY path LIMIT 1", -1, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_text(s, 1, b->last, -1, SQLITE_STATIC);
        int step = sqlite3_step(s);
        rc = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
        if (rc == 1) {
            out->id = sqlite3_column_int64(s, 0);
            snprintf(out->path, sizeof out->path, "%s", (const char *)sqlite3_column_text(s, 1));
            out->size = sqlite3_column_int64(s, 2);
            out->attempts = sqlite3_column_int(s, 3);
        }
    }
    sqlite3_finalize(s);
    if (rc == 1)
        memcpy(b->last, out->path, sizeof b->last);
    return rc;
}

int batch_db_begin(BatchDb *b, int64_t id) { return batch_db_change(b, "UPDATE files SET attempts = attempts + 1 WHERE id = ?1", "i", id); }

int batch_db_put_back(BatchDb *b, int64_t id) { return batch_db_change(b, "UPDATE files SET attempts = attempts - 1 WHERE id = ?1 AND attempts > 0", "i", id); }

static double batch_db_real(const json_t *o, const char *key) { return json_number_value(json_object_get(o, key)); }

static int keep_scores(BatchDb *b, int64_t id, const json_t *doc)
{
    const json_t *x;
    size_t i;
    const AvalignFieldInfo *f;
    for (i = 0; (f = avalign_field_info(i)) != NULL; i++) {
        const json_t *v = json_object_get(doc, f->key);
        const char *reason = json_string_value(json_object_get(json_object_get(doc, "absent"), f->key));
        if (json_is_number(v) ? batch_db_change(b, "INSERT INTO scores VALUES(?1, ?2, ?3, NULL)", "isd", id, f->key, json_number_value(v))
                              : batch_db_change(b, "INSERT INTO scores VALUES(?1, ?2, NULL, ?3)", "iss", id, f->key, reason))
            return -1;
    }
    if (batch_db_change(b, "INSERT INTO scores VALUES(?1, '" NOTICED "', ?2, NULL)", "id", id, (double)(json_array_size(json_object_get(doc, "anomalies")) + json_array_size(json_object_get(doc, "noticed")))))
        return -1;
    json_array_foreach(json_object_get(doc, "anomalies"), i, x) {
        int timed = json_object_get(x, "start_s") != NULL;
        const char *kind = json_string_value(json_object_get(x, "kind")), *text = json_string_value(json_object_get(x, "detail"));
        if (timed ? batch_db_change(b, "INSERT INTO findings VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "isddds", id, kind, batch_db_real(x, "start_s"), batch_db_real(x, "end_s"), batch_db_real(x, "weight"), text)
                  : batch_db_change(b, "INSERT INTO findings VALUES(?1, ?2, NULL, NULL, ?3, ?4)", "isds", id, kind, batch_db_real(x, "weight"), text))
            return -1;
    }
    json_array_foreach(json_object_get(doc, "tracks"), i, x)
        if (batch_db_change(b, "INSERT INTO tracks VALUES(?1, ?2, ?3, ?4, ?5)", "iiddd", id, (int64_t)json_integer_value(json_object_get(x, "id")), batch_db_real(x, "start_s"),
                   batch_db_real(x, "end_s"), batch_db_real(x, "speaking")))
            return -1;
    return 0;
}

int batch_db_finish(BatchDb *b, int64_t id, int exit_code, double seconds, const char *result, const json_t *doc, const char *error)
{
    if (batch_db_run(b, "BEGIN IMMEDIATE"))
        return -1;
    int rc = batch_db_change(b, "DELETE FROM scores WHERE file = ?1", "i", id) || batch_db_change(b, "DELETE FROM findings WHERE file = ?1", "i", id) ||
             batch_db_change(b, "DELETE FROM tracks WHERE file = ?1", "i", id) ||
             batch_db_change(b, "UPDATE fixes SET status = 'moving' WHERE file = ?1", "i", id) || (doc && keep_scores(b, id, doc)) ||
             batch_db_change(b, "UPDATE files SET status = ?2, exit_code = ?3, seconds = ?4, result = ?5, error = ?6, sha256 = coalesce(?7, sha256) WHERE id = ?1", "isidsss", id,
                    result ? "done" : "failed", (int64_t)exit_code, seconds, result, error, json_string_value(json_object_get(doc, "file_sha256")));
    return rc || batch_db_run(b, "COMMIT") ? (batch_db_run(b, "ROLLBACK"), -1) : 0;
}

/* Fills in the hashes of files that share their size with another. */
static int hash_alike(BatchDb *b, int (*hash)(const char *, char[65]))
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(b->db, "SELECT id, path FROM files WHERE sha256 IS NULL AND size IN (SELECT size FROM files GROUP BY size HAVING count(*) > 1)", -1, &s,
                                NULL) == SQLITE_OK ? 0 : -1;
    while (!rc && sqlite3_step(s) == SQLITE_ROW) {
        char hex[65];
        if (hash((const char *)sqlite3_column_text(s, 1), hex) == 0)
            rc = batch_db_change(b, "UPDATE files SET sha256 = ?2 WHERE id = ?1", "is", sqlite3_column_int64(s, 0), hex);
    }
    sqlite3_finalize(s);
    return rc;
}

int batch_db_duplicates(BatchDb *b, int (*hash)(const char *, char[65]))
{
    return hash_alike(b, hash) ||
           batch_db_run(b, "UPDATE files SET status = 'duplicate', duplicate_of = (SELECT o.id FROM files o WHERE o.sha256 = files.sha256 AND o.settings = files.settings"
                  " AND o.status <> 'duplicate' AND o.path < files.path ORDER BY o.path LIMIT 1)"
                  " WHERE status = 'queued' AND sha256 IS NOT NULL AND EXISTS (SELECT 1 FROM files o WHERE o.sha256 = files.sha256 AND o.settings = files.settings"
                  " AND o.status <> 'failed' AND o.path < files.path)")
               ? -1 : 0;
}

int batch_db_counts(BatchDb *b, BatchCounts *out)
{
    out->queued = number_of(b, "SELECT count(*) FROM files WHERE status = 'queued'");
    out->done = number_of(b, "SELECT count(*) FROM files WHERE status = 'done'");
    out->failed = number_of(b, "SELECT count(*) FROM files WHERE status = 'failed'");
    out->duplicates = number_of(b, "SELECT count(*) FROM files WHERE status = 'duplicate'");
    out->flagged = number_of(b, "SELECT count(*) FROM files WHERE status = 'done' AND exit_code = 1");
    return out->queued < 0 || out->done < 0 ? -1 : 0;
}

/* ---- copies that were put right --------------------------------------------------------------- */

static const char *text_or_null(sqlite3_stmt *s, int i) { return (const char *)sqlite3_column_text(s, i); }

static double real_or_nan(sqlite3_stmt *s, int i) { return sqlite3_column_type(s, i) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(s, i); }

#define FIX_COLUMNS "x.status, x.before_ms, x.moved_ms, x.after_ms, x.copy, x.note"

static BatchFix fix_of(sqlite3_stmt *s, int i)
{
    return (BatchFix){ text_or_null(s, i), real_or_nan(s, i + 1), real_or_nan(s, i + 2), real_or_nan(s, i + 3), text_or_null(s, i + 4), text_or_null(s, i + 5) };
}

int batch_db_set_fix(BatchDb *b, int64_t id, const BatchFix *f)
{
    return batch_db_change(b, "INSERT OR REPLACE INTO fixes VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", "isdddss", id, f->status, f->before_ms, f->moved_ms, f->after_ms, f->out, f->note); /* SQLite keeps NAN as NULL */
}

int64_t batch_db_count_fixes(BatchDb *b, const char *status)
{
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(b->db, "SELECT count(*) FROM fixes JOIN files ON id = file WHERE files.status = 'done' AND (?1 IS NULL OR fixes.status = ?1)", -1, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_text(s, 1, status, -1, SQLITE_STATIC);
        if (sqlite3_step(s) == SQLITE_ROW)
            n = sqlite3_column_int64(s, 0);
    }
    sqlite3_finalize(s);
    return n;
}

int batch_db_fixes(BatchDb *b, int (*row)(void *, int64_t, const char *, const BatchFix *), void *cookie)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(b->db, "SELECT f.id, f.path, " FIX_COLUMNS " FROM files f LEFT JOIN fixes x ON x.file = f.id"
                                       " WHERE f.status = 'done' ORDER BY f.path", -1, &s, NULL) == SQLITE_OK ? 0 : -1, step = SQLITE_DONE;
    while (!rc && (step = sqlite3_step(s)) == SQLITE_ROW) {
        BatchFix f = fix_of(s, 2);
        rc = row(cookie, sqlite3_column_int64(s, 0), (const char *)sqlite3_column_text(s, 1), &f);
    }
    sqlite3_finalize(s);
    return rc ? rc : step == SQLITE_DONE ? 0 : -1;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

int batch_db_each(BatchDb *b, int (*row)(void *, int64_t, const char *, const char *, int, double, const char *, const char *, const char *, const BatchFix *), void *cookie)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(b->db, "SELECT f.id, f.path, f.status, f.exit_code, f.seconds, f.error, o.path, f.result, " FIX_COLUMNS " FROM files f LEFT JOIN files o ON o.id = f.duplicate_of"
                                       " LEFT JOIN fixes x ON x.file = f.id AND f.status = 'done'"
                                       " WHERE f.status <> 'queued' ORDER BY f.path", -1, &s, NULL) == SQLITE_OK ? 0 : -1;
    int step = SQLITE_DONE;
    while (!rc && (step = sqlite3_step(s)) == SQLITE_ROW) {
        BatchFix fix = fix_of(s, 8);
        rc = row(cookie, sqlite3_column_int64(s, 0), text_or_null(s, 1), text_or_null(s, 2), sqlite3_column_int(s, 3), sqlite3_column_double(s, 4), text_or_null(s, 5), text_or_null(s, 6), text_or_null(s, 7), &fix);
    }
    sqlite3_finalize(s);
    return rc ? rc : step == SQLITE_DONE ? 0 : -1;
}

/* ---- what a list shows ------------------------------------------------------------------------ */

int batch_db_rows(BatchDb *b, int64_t id, int (*row)(void *, const BatchRow *), void *cookie)
{
    static const char sql[] =
        "SELECT f.id, f.path, f.size, f.mtime, f.settings, f.status, f.error, coalesce(f.duplicate_of, 0), coalesce(o.exit_code, f.exit_code), f.seconds,"
        " coalesce(o.status, f.status) = 'done', a.value, m.value, m.reason, coalesce(n.value, a.value) > 0 FROM files f LEFT JOIN files o ON o.id = f.duplicate_of"
        " LEFT JOIN scores a ON a.file = coalesce(o.id, f.id) AND a.name = ?2 LEFT JOIN scores m ON m.file = coalesce(o.id, f.id) AND m.name = ?3"
        " LEFT JOIN scores n ON n.file = coalesce(o.id, f.id) AND n.name = '" NOTICED "'"
        " WHERE f.id BETWEEN ?1 AND ?4 ORDER BY f.id";
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) == SQLITE_OK ? 0 : -1, step = SQLITE_DONE;
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 4, id ? id : INT64_MAX);
    sqlite3_bind_text(s, 2, avalign_field_info(AVALIGN_ANOMALY_SCORE)->key, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, avalign_field_info(AVALIGN_SYNC_OFFSET_MS)->key, -1, SQLITE_STATIC);
    while (!rc && (step = sqlite3_step(s)) == SQLITE_ROW) {
        BatchRow r = { .id = sqlite3_column_int64(s, 0), .path = (const char *)sqlite3_column_text(s, 1), .size = sqlite3_column_int64(s, 2),
                       .mtime = sqlite3_column_int64(s, 3), .settings = (const char *)sqlite3_column_text(s, 4), .status = (const char *)sqlite3_column_text(s, 5),
                       .error = (const char *)sqlite3_column_text(s, 6), .same_as = sqlite3_column_int64(s, 7), .exit_code = sqlite3_column_int(s, 8),
                       .seconds = real_or_nan(s, 9), .finished = sqlite3_column_int(s, 10), .score = real_or_nan(s, 11), .offset_ms = real_or_nan(s, 12),
                       .no_offset = (const char *)sqlite3_column_text(s, 13), .noticed = sqlite3_column_int(s, 14) };
        rc = row(cookie, &r);
    }
    sqlite3_finalize(s);
    return rc ? rc : step == SQLITE_DONE ? 0 : -1;
}

char *batch_db_result(BatchDb *b, int64_t id)
{
    sqlite3_stmt *s = NULL;
    char *text = NULL;
    if (sqlite3_prepare_v2(b->db, "SELECT coalesce(o.result, f.result) FROM files f LEFT JOIN files o ON o.id = f.duplicate_of WHERE f.id = ?1", -1, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(s, 1, id);
        if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0))
            text = strdup((const char *)sqlite3_column_text(s, 0));
    }
    sqlite3_finalize(s);
    return text;
}

int batch_db_has(BatchDb *b, int64_t id, const char *path)
{
    int64_t is;
    sqlite3_stmt *s = NULL;
    int rc = -1;
    if (sqlite3_prepare_v2(b->db, "SELECT count(*) FROM files WHERE id = ?1 AND path = ?2", -1, &s, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(s, 1, id);
        sqlite3_bind_text(s, 2, path, -1, SQLITE_STATIC);
        is = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
        rc = (int)is;
    }
    sqlite3_finalize(s);
    return rc;
}

int batch_db_take(BatchDb *b, const char *path, int64_t size, int64_t mtime, const char *settings, const char *sha256, int64_t *id)
{
    static const char copies[] =
        "UPDATE files SET status = 'duplicate', duplicate_of = (SELECT o.id FROM files o WHERE o.sha256 = ?2 AND o.settings = ?3 AND o.status NOT IN('duplicate', 'failed')"
        " AND o.id <> ?1 ORDER BY o.path LIMIT 1) WHERE id = ?1 AND EXISTS (SELECT 1 FROM files o WHERE o.sha256 = ?2 AND o.settings = ?3"
        " AND o.status NOT IN('duplicate', 'failed') AND o.id <> ?1)";
    if (batch_db_run(b, "BEGIN IMMEDIATE"))
        return -1;
    int rc = batch_db_add(b, path, size, mtime, settings, 0) || batch_db_id(b, path, id) || batch_db_change(b, "UPDATE files SET sha256 = ?2 WHERE id = ?1", "is", *id, sha256) ||
             batch_db_change(b, copies, "iss", *id, sha256, settings);
    return rc || batch_db_run(b, "COMMIT") ? (batch_db_run(b, "ROLLBACK"), -1) : 0;
}

int batch_db_set_settings(BatchDb *b, int64_t id, const char *settings) { return batch_db_change(b, "UPDATE files SET settings = ?2 WHERE id = ?1", "is", id, settings); }

int batch_db_retry(BatchDb *b, int64_t id)
{
    return batch_db_change(b, "UPDATE files SET status = 'queued', attempts = 0, error = NULL WHERE id = ?1 AND status = 'failed'", "i", id);
}

int batch_db_remove(BatchDb *b, int64_t id)
{
    static const char *const steps[] = { "UPDATE files SET status = 'queued', duplicate_of = NULL, attempts = 0 WHERE duplicate_of = ?1", "DELETE FROM scores WHERE file = ?1",
                                         "DELETE FROM findings WHERE file = ?1", "DELETE FROM tracks WHERE file = ?1", "DELETE FROM fixes WHERE file = ?1", "DELETE FROM files WHERE id = ?1" };
    int rc = batch_db_run(b, "BEGIN IMMEDIATE");
    if (rc)
        return -1;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc; i++)
        rc = batch_db_change(b, steps[i], "i", id);
    return rc || batch_db_run(b, "COMMIT") ? (batch_db_run(b, "ROLLBACK"), -1) : 0;
}

void batch_db_rewind(BatchDb *b) { *b->last = 0; }
