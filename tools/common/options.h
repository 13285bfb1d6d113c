/* options.h -- every option of every command is one row of a table: its name, argument, what it may be, help text, the
 * commands it belongs to and where it is kept. Parsing, help, man page, completions, the settings that batch, submit and
 * worker pass on, and the job's JSON all come from it. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/tool.h"

typedef enum Command {
    CMD_ANALYZE, CMD_EMBED, CMD_ENROLL, CMD_VERIFY, CMD_EMOTION, CMD_BATCH, CMD_SUBMIT, CMD_WORKER, CMD_QUEUE, CMD_SELFTEST, CMD_EVAL, CMD_DOCTOR,
    CMD_MODELS, CMD_FEATURES, CMD_FIX, CMD_SERVE, CMD_WORKER_PROCESS, /* the last is started by batch, serve and worker, not by people */
    CMD_N
} Command;

typedef struct CommandInfo {
    const char *name, *summary, *usage; /* usage: what follows the name */
    const char *about, *codes;          /* help text over and under the options */
    int least, most;                    /* operands; most -1: any number */
    int inputs_from;                    /* operands from this one on are files that are read; -1: none */
} CommandInfo;
extern const CommandInfo commands[CMD_N];

typedef enum OptionKind {
    OPTION_FLAG,      /* int */
    OPTION_TEXT,      /* const char *, not empty */
    OPTION_REAL,      /* double from min to max */
    OPTION_WHOLE,     /* long from min to max */
    OPTION_CHOICE,    /* const char *, one of the choices */
    OPTION_ANALYZERS, /* const char *, names of analyzers with commas between */
    OPTION_POLICY,    /* const char *, a built-in policy's name or a document; files are read */
    OPTION_MARKS,     /* const char *[OPTIONS_MARKS], FORMAT=OUT */
    OPTION_DATE,      /* time_t */
    OPTION_INPUT,     /* const char *, a file that is read */
    OPTION_OUTPUT,    /* const char *, a file that is written, "-": standard output */
    OPTION_FOLDER     /* const char *, made when it isn't there */
} OptionKind;

typedef struct Option {
    const char *name, *argument, *help;
    OptionKind kind;
    uint32_t commands; /* bit per Command */
    size_t at;         /* in Options */
    double min, max;
    const char *const *choices;
    int passed_on; /* a setting of the analysis: batch and worker hand it to their processes, submit puts it into the job */
} Option;
extern const Option option_table[];
extern const size_t option_count;

enum { OPTIONS_MARKS = 10, OPTIONS_MAX_JOBS = 64, OPTIONS_SETTINGS = 1024 };
extern const struct OptionMarks {
    const char *name;
    AvalignFormat format;
} option_marks[OPTIONS_MARKS];

/* What was asked for. Zero: not asked for, but for offset_ms, where that is NAN. Texts point into argv, but for what options_free() frees. */
typedef struct Options {
    const char *only, *except, *policy, *profile, *transcript, *tracks, *models;
    double flag_at, max_duration, window, offset_ms;
    long audio_stream, video_stream, max_faces, threads;
    int dry_run, lse, transcribe, timings, checksums, encoder, allow_network, live, sandbox, no_sandbox, quiet, page;
    const char *json, *html, *case_file, *overlay, *marks[OPTIONS_MARKS], *progress;
    const char *out, *fix, *key, *reference, *degrade, *keep, *results, *markdown, *root;
    const char *url, *credentials, *queue_name;
    double timeout, renew, idle_exit;
    long jobs, memory;
    time_t since;
    const char *host;
    double expire;
    long port, max_file, max_total;
    int all_marks, people;
    int quick, crop, retry_failed, json_lines, retry, drop;
    char **operand, **argv; /* argv: all, from the command's name on */
    int n_operands;
    /* -- owned -- */
    char *analyzers;   /* only and except as the library takes them */
    char *policy_text; /* of a file */
} Options;

/* Reads a command's arguments; wrong ones are told in one line with what is allowed. Outputs that are inputs or each other are
 * refused, as are places that can't be written to. -1: go on; else the exit code to leave with. */
int options_parse(Command command, int argc, char **argv, Options *o);
void options_free(Options *o);
/* The arguments of a call on which its result depends: without what it writes and shows. NULL at the end; to be freed, the texts stay argv's. */
char **options_measuring(Command c, char *const *argv);
/* Sets one option from text. 0, or -1 with what it takes in why. */
int options_set(Options *o, const Option *row, const char *value, char why[256]);
/* Settings of the analysis into the library's form; texts stay with o. 0 or -1 (out of memory, told). */
int options_config(Options *o, AvalignConfig *cfg);

/* The rows that are passed on and set, as text: a walk. value: room for numbers. Start with *i 0; NULL at the end. */
const Option *options_next_passed(const Options *o, size_t *i, const char **value, char room[32]);
/* In words, what a result depends on: version and settings. */
void options_settings(const Options *o, char out[OPTIONS_SETTINGS]);
int options_same_settings(const Options *a, const Options *b);

/* The commands. Each gets what was asked for and gives the exit code. */
int cmd_analyze(Options *o);
int cmd_models(Options *o);
int cmd_features(Options *o);
int cmd_fix(Options *o);
int cmd_embed(Options *o);
int cmd_enroll(Options *o);
int cmd_verify(Options *o);
int cmd_emotion(Options *o);
int cmd_eval(Options *o);
int cmd_batch(Options *o);
int cmd_submit(Options *o);
int cmd_serve(Options *o);
int cmd_worker(Options *o);
int cmd_queue(Options *o);
int cmd_selftest(Options *o);
int cmd_doctor(Options *o);

#endif
