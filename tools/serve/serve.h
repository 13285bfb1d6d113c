/* serve.h -- what the parts of the local page share. Two threads of work: main judges (batch_run), the HTTP library's threads answer;
 * each has its own connection to the database. */
#ifndef SERVE_H
#define SERVE_H

#include <pthread.h>
#include <stdint.h>

#include "batch/batch_run.h"
#include "serve/serve_events.h"

enum { SERVE_WHY = 256, SERVE_ID = 65, SERVE_PATH = 4096 };

typedef struct Serve {
    const Options *o;
    char out[2800], uploads[2810]; /* absolute */
    char settings[OPTIONS_SETTINGS], token[SERVE_ID];
    unsigned port;
    uint64_t max_file, max_total; /* bytes */
    double expire_s;
    int wake;      /* tells the judging side that files came or went */
    Events *events;
    /* -- under lock -- */
    pthread_mutex_t lock;
    BatchDb *db; /* of the HTTP side */
    uint64_t used;  /* bytes of uploads, those under way included */
    long next;      /* number of the next upload */
    char trouble[SERVE_WHY]; /* why judging can't go on at the moment; "" */
    int64_t at_work[OPTIONS_MAX_JOBS];
    double done[OPTIONS_MAX_JOBS];
} Serve;

/* ---- serve_upload.c: files in the private folder ---------------------------------------- */

typedef struct Upload Upload;
/* size: what was announced. 0, or an HTTP status with words in why, before a byte is read. */
int upload_begin(Serve *s, Upload **u, const char *name, uint64_t size, char why[SERVE_WHY]);
int upload_write(Upload *u, const char *bytes, size_t n, char why[SERVE_WHY]);
/* All of it came: it is queued. */
int upload_end(Upload *u, int64_t *id, char why[SERVE_WHY]);
void upload_free(Upload **u); /* what was not ended is removed */
/* Throws away what a kill left half way, counts the rest. 0, or -1 with the reason printed. */
int uploads_open(Serve *s);
void uploads_expire(Serve *s);
/* Removes a file with all that was made of it. 0 or an HTTP status. Only what lies in uploads is deleted; of others (a folder that batch
 * wrote) the results alone. */
int upload_remove(Serve *s, int64_t id, char why[SERVE_WHY]);
/* The part of a path that the user knows: without our folder. */
const char *upload_name(const Serve *s, const char *path);

/* ---- serve_api.c: JSON ------------------------------------------------------------------- */

json_t *serve_status(Serve *s);
json_t *serve_files(Serve *s);
json_t *serve_file(Serve *s, int64_t id); /* NULL: there is none */
/* The path of the media file, or of what was made of it (folder "json", "pages", "marks"); NULL: there is none. To be freed. */
char *serve_path(Serve *s, int64_t id, const char *folder, const char *ext);
/* Lets a plain link read one thing of one file: a hash of the token and the two. */
void serve_ticket(const Serve *s, int64_t id, const char *what, char hex[SERVE_ID]);
void serve_wake(Serve *s); /* the judging side: files came or went */
/* Tells everybody who looks on. */
void serve_tell_row(Serve *s, int64_t id);
void serve_tell_gone(Serve *s, int64_t id);

/* ---- serve_judge.c ------------------------------------------------------------------------ */

#define SERVE_JUDGED "judged" /* in a file of marks: the verdict they are of, once there is another; no format is called so */
/* asked: {"policy": NAME or DOCUMENT, "flag_at": NUMBER}. 0 or an HTTP status with words in why. */
int serve_judge(Serve *s, int64_t id, const json_t *asked, char why[SERVE_WHY]);
/* Are these marks of the verdict that the result has now? */
int serve_marks_hold(Serve *s, int64_t id, const json_t *marks);

/* ---- serve_people.c ----------------------------------------------------------------------- */

json_t *serve_people(Serve *s);
json_t *serve_person(Serve *s, int64_t id); /* NULL: there is none */
/* asked: {"name": TEXT, "files": [IDS]}; {"file": ID}. 0 or an HTTP status with words in why; they take as long as reading the files does. */
int serve_enroll(Serve *s, const json_t *asked, int64_t *id, char why[SERVE_WHY]);
int serve_verify(Serve *s, int64_t id, const json_t *asked, json_t **out, char why[SERVE_WHY]);
int serve_person_remove(Serve *s, int64_t id);

/* ---- serve_http.c, serve_reply.c: the only ones that know the HTTP library --------------- */

typedef struct ServeHttp ServeHttp;
ServeHttp *serve_http_open(Serve *s, char why[SERVE_WHY]);
void serve_http_close(ServeHttp *h);

#endif
