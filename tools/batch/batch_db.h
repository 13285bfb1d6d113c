/* batch_db.h -- the state of a batch: one SQLite file, so that a kill at any instant loses nothing that was finished.
 * Schema: docs/batch.md. */
#ifndef BATCH_DB_H
#define BATCH_DB_H

#include <jansson.h>
#include <stdint.h>

typedef struct BatchDb BatchDb;

/* Opens or makes DIR/avalign.db. NULL with a line in why. */
BatchDb *batch_db_open(const char *dir, char why[256]);
void batch_db_close(BatchDb *db);

/* Puts a file on the list. One that is done stays so unless it or the settings changed; a failed one is tried again when
 * asked. 0 or -1. */
int batch_db_add(BatchDb *db, const char *path, int64_t size, int64_t mtime, const char *settings, int retry_failed);

/* The row of a path; 0 or -1. */
int batch_db_id(BatchDb *db, const char *path, int64_t *id);

typedef struct BatchFile {
    int64_t id, size;
    int attempts;
    char path[4096];
} BatchFile;

/* The next file to do, in order of path, from the last one given on; 1, 0 at the end, -1 on failure. */
int batch_db_next(BatchDb *db, BatchFile *out);
/* Written before a file is begun, so that one that takes everything down with it is found out. */
int batch_db_begin(BatchDb *db, int64_t id);
int batch_db_put_back(BatchDb *b, int64_t id); /* as if it had not been begun */
/* result: the JSON text of a finished file (and its document), or NULL with error. */
int batch_db_finish(BatchDb *db, int64_t id, int exit_code, double seconds, const char *result, const json_t *doc, const char *error);
/* Files of equal size and equal content (hash: path to 64 hex digits, 0 or -1): all but the first become duplicates. */
int batch_db_duplicates(BatchDb *db, int (*hash)(const char *path, char hex[65]));

typedef struct BatchCounts {
    int64_t queued, done, failed, duplicates, flagged;
} BatchCounts;
int batch_db_counts(BatchDb *db, BatchCounts *out);
/* What --fix made of a file; numbers that are not there are NAN. */
typedef struct BatchFix {
    const char *status; /* moved, check (its copy does not read as it should), in sync, refused, failed, would move, moving (begun); NULL: not looked at yet */
    double before_ms, moved_ms, after_ms;
    const char *out, *note; /* the copy; why */
} BatchFix;
int batch_db_set_fix(BatchDb *db, int64_t id, const BatchFix *f);
/* Every judged file in order of path. */
int batch_db_fixes(BatchDb *db, int (*row)(void *cookie, int64_t id, const char *path, const BatchFix *f), void *cookie);
int64_t batch_db_count_fixes(BatchDb *db, const char *status); /* NULL: all */
/* Every finished file in order of path; result NULL for failed ones and duplicates (whose original's path is given). */
int batch_db_each(BatchDb *db, int (*row)(void *cookie, int64_t id, const char *path, const char *status, int exit_code, double seconds, const char *error,
                                          const char *original, const char *result, const BatchFix *fix), void *cookie);

/* What a list shows of a file. Of a copy, score, offset and exit code are the original's. */
typedef struct BatchRow {
    int64_t id, size, mtime, same_as; /* same_as: the original's id; 0 */
    const char *path, *settings, *status, *error;
    int exit_code, finished;            /* finished: there is a result, of its own or the original's */
    double seconds, score, offset_ms;   /* NAN: none */
    int noticed;                        /* something was found, whether or not the verdict flags it */
    const char *no_offset;              /* why there is no offset; NULL */
} BatchRow;
/* One (id) or all (0) of them, in order of id; what row() returned if it was not 0, or -1. */
int batch_db_rows(BatchDb *db, int64_t id, int (*row)(void *cookie, const BatchRow *r), void *cookie);
/* The JSON text of a result, the original's for a copy; NULL: there is none. */
char *batch_db_result(BatchDb *db, int64_t id);
int batch_db_has(BatchDb *db, int64_t id, const char *path); /* 1, 0, -1 */
/* Puts a new file on the list whose hash is known: one of the same content and settings is marked as its copy. 0 or -1. */
int batch_db_take(BatchDb *db, const char *path, int64_t size, int64_t mtime, const char *settings, const char *sha256, int64_t *id);
int batch_db_set_settings(BatchDb *db, int64_t id, const char *settings);
int batch_db_retry(BatchDb *db, int64_t id); /* a failed one is queued again */
/* Takes a file off; its copies are queued, each to be judged on its own. */
int batch_db_remove(BatchDb *db, int64_t id);
void batch_db_rewind(BatchDb *db); /* batch_db_next() begins anew */
const char *batch_db_error(BatchDb *db);

#endif
