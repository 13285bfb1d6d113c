/* serve_people.c -- references of persons, made from uploads and held against them; voices and faces are read in a sandboxed process. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output.h"
#include "common/signals.h"
#include "serve/serve.h"

enum { MAX_CLIPS = JUDGE_MAX_CLIPS };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER; /* such a process has the larger nets */

static char *person_path(const Serve *s, int64_t id, char room[SERVE_PATH])
{
    snprintf(room, SERVE_PATH, "%.2790s/people/%06lld.avref", s->out, (long long)id);
    return room;
}

static json_t *person(const Serve *s, int64_t id)
{
    char path[SERVE_PATH];
    json_t *doc = json_load_file(person_path(s, id, path), 0, NULL), *name = json_object_get(doc, "name"), *lacks = json_object_get(doc, "lacks");
    json_t *out = json_is_string(name) ? json_pack("{s:I,s:O,s:o}", "id", (json_int_t)id, "name", name, "lacks", json_is_array(lacks) ? json_incref(lacks) : json_array()) : NULL;
    json_decref(doc);
    return out;
}

json_t *serve_people(Serve *s)
{
    char path[SERVE_PATH];
    json_t *list = json_array();
    int64_t most = 0;
    snprintf(path, sizeof path, "%.2790s/people", s->out);
    DIR *d = opendir(path);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
        long long id = strtoll(e->d_name, NULL, 10);
        most = id > most ? id : most;
    }
    if (d)
        closedir(d);
    for (int64_t id = 1; id <= most; id++) {
        json_t *p = person(s, id);
        if (p)
            json_array_append_new(list, p);
    }
    return json_pack("{s:o}", "people", list);
}

json_t *serve_person(Serve *s, int64_t id) { return person(s, id); }

int serve_person_remove(Serve *s, int64_t id)
{
    char path[SERVE_PATH];
    return unlink(person_path(s, id, path)) ? 404 : 0;
}

/* ---- the process ------------------------------------------------------------------------------- */

/* Hands one thing over and waits for the answer; 0 or an HTTP status. Takes fd. */
static int ask(const Serve *s, WorkerProcess *j, const char *name, int fd, ProcessAnswer *a, char why[SERVE_WHY])
{
    char how[96];
    double timeout = batch_timeout(s->o);
    int heard = process_give_open(j, 1, name, fd) ? -1 : 0;
    while (!heard && !signals_stopped() && process_seconds(j) < timeout) {
        poll(&(struct pollfd){ .fd = j->fd, .events = POLLIN }, 1, 200);
        heard = process_hear(j, a);
    }
    if (heard > 0 && a->json)
        return 0;
    if (heard > 0) {
        snprintf(why, SERVE_WHY, "%.60s%s%.180s", *name == 1 ? "" : name, *name == 1 ? "" : ": ", a->error ? a->error : "no answer was left");
        process_answer_free(a);
        return 422;
    }
    process_end(j, 1, how);
    snprintf(why, SERVE_WHY, "%.60s: %s", *name == 1 ? "the reference" : name, signals_stopped() ? "stopped" : heard == 0 ? "took too long" : *how ? how : "the process ended without a word");
    return 422;
}

/* The process is given an upload. */
static int give_clip(Serve *s, WorkerProcess *j, int64_t id, char why[SERVE_WHY])
{
    ProcessAnswer a = { 0 };
    char *path = serve_path(s, id, NULL, NULL), open_why[160];
    int fd = path ? tool_open(path, open_why) : -1;
    if (fd < 0)
        snprintf(why, SERVE_WHY, "%s", path ? open_why : "there is no such file (any more)");
    int code = fd < 0 ? 404 : ask(s, j, upload_name(s, path), fd, &a, why);
    if (!code)
        process_answer_free(&a);
    free(path);
    return code;
}

/* A process that has read these clips; 0 or an HTTP status. */
static int read_clips(Serve *s, WorkerProcess *j, const int64_t *id, size_t n, char why[SERVE_WHY])
{
    Options o = { .models = s->o->models, .threads = s->o->threads, .sandbox = s->o->sandbox, .memory = s->o->memory, .people = 1 };
    int code = 0;
    if (process_start(j, &o)) {
        snprintf(why, SERVE_WHY, "%s", strerror(errno));
        return 507;
    }
    for (size_t i = 0; i < n && !code; i++)
        code = give_clip(s, j, id[i], why);
    return code;
}

/* ---- what is asked for -------------------------------------------------------------------------- */

static int store(Serve *s, const char *reference, int64_t *id, char why[SERVE_WHY])
{
    char path[SERVE_PATH];
    int fd = -1;
    snprintf(path, sizeof path, "%.2790s/people", s->out);
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        for (*id = 1; fd < 0 && (fd = open(person_path(s, *id, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0 && errno == EEXIST; ++*id)
            ;
    tool_close(fd);
    if (fd >= 0 && output_put(path, reference, strlen(reference)) == 0)
        return 0;
    snprintf(why, SERVE_WHY, "%s", strerror(errno));
    if (fd >= 0)
        unlink(path);
    return 507;
}

int serve_enroll(Serve *s, const json_t *asked, int64_t *id, char why[SERVE_WHY])
{
    const char *name = json_string_value(json_object_get(asked, "name"));
    const json_t *files = json_object_get(asked, "files"), *x;
    int64_t clip[MAX_CLIPS] = { 0 };
    size_t n = json_array_size(files), i;
    char command[300], how[96];
    WorkerProcess j = { 0 };
    ProcessAnswer a = { 0 };
    json_array_foreach(files, i, x)
        if (i < MAX_CLIPS)
            clip[i] = json_integer_value(x);
    if (!name || !*name || strlen(name) > 120 || !n || n > MAX_CLIPS)
        return snprintf(why, SERVE_WHY, "\"name\" (1 to 120 bytes) and \"files\" (1 to %d of them) are needed", MAX_CLIPS), 422;
    if (pthread_mutex_trylock(&one_at_a_time))
        return snprintf(why, SERVE_WHY, "somebody is being enrolled or verified already; try again when that is done"), 409;
    int code = read_clips(s, &j, clip, n, why);
    snprintf(command, sizeof command, "%cenroll %s", 1, name);
    if (!code)
        code = ask(s, &j, command, open("/dev/null", O_RDONLY | O_CLOEXEC), &a, why);
    if (!code)
        code = store(s, a.json, id, why);
    process_answer_free(&a);
    process_end(&j, 1, how);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}

int serve_verify(Serve *s, int64_t id, const json_t *asked, json_t **out, char why[SERVE_WHY])
{
    int64_t clip = json_integer_value(json_object_get(asked, "file"));
    char path[SERVE_PATH], command[16], how[96];
    WorkerProcess j = { 0 };
    ProcessAnswer a = { 0 };
    int fd = open(person_path(s, id, path), O_RDONLY | O_CLOEXEC), code;
    if (fd < 0)
        return snprintf(why, SERVE_WHY, "nobody of this number is enrolled"), 404;
    if (clip <= 0 || pthread_mutex_trylock(&one_at_a_time)) {
        close(fd);
        return clip <= 0 ? (snprintf(why, SERVE_WHY, "\"file\" is needed"), 422) : (snprintf(why, SERVE_WHY, "somebody is being enrolled or verified already; try again when that is done"), 409);
    }
    if ((code = read_clips(s, &j, &clip, 1, why)) != 0)
        close(fd);
    snprintf(command, sizeof command, "%cverify", 1);
    if (!code)
        code = ask(s, &j, command, fd, &a, why);
    *out = code ? NULL : json_loads(a.json, 0, NULL);
    char *clip_path = *out ? serve_path(s, clip, NULL, NULL) : NULL;
    if (clip_path)
        json_object_set_new(*out, "file", tool_json_text(upload_name(s, clip_path)));
    free(clip_path);
    if (!code && !*out)
        code = 422, snprintf(why, SERVE_WHY, "the answer is no JSON");
    process_answer_free(&a);
    process_end(&j, 1, how);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}
