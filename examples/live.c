/* live.c -- a stream without end from standard input, judged every ten seconds; the first interrupt ends it.
 *
 *   cc live.c $(pkg-config --cflags --libs avalign) -o live && ffmpeg -i rtsp://camera -c copy -f matroska - | ./live */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <avalign/avalign.h>

static AvalignContext *context;

static void interrupted(int sig)
{
    (void)sig;
    avalign_cancel(context); /* allowed from a handler: it sets a flag */
}

static int64_t read_stdin(void *cookie, uint8_t *buf, size_t n)
{
    (void)cookie;
    return (int64_t)read(0, buf, n);
}

static int on_window(void *cookie, int64_t start_us, int64_t end_us, const AvalignResult *r)
{
    const AvalignScore *offset = avalign_result_score(r, AVALIGN_SYNC_OFFSET_MS);
    int flagged = avalign_result_flagged(r);
    (void)cookie;
    printf("%.1f-%.1f s: %s", (double)start_us / 1e6, (double)end_us / 1e6, flagged < 0 ? "not judged" : flagged ? "flagged" : "not flagged");
    if (offset->present)
        printf(", the sound is %.0f ms %s", offset->value < 0 ? -offset->value : offset->value, offset->value > 0 ? "early" : "late");
    for (size_t i = 0; i < avalign_result_n_warnings(r); i++)
        printf("; %s", avalign_result_warning(r, i)->text);
    printf("\n");
    return fflush(stdout) != 0; /* nobody listens any more: stop */
}

int main(void)
{
    AvalignModels *models = NULL;
    AvalignErrorInfo why;
    AvalignReader in = { .read = read_stdin };
    const char *dir = getenv("AVALIGN_MODELS");
    int rc = avalign_models_load(&models, dir ? dir : "/usr/local/share/avalign/models", NULL, &why);

    if (!rc)
        rc = avalign_open(&context, models, NULL, &why);
    if (!rc) {
        signal(SIGINT, interrupted);
        rc = avalign_analyze_live(context, &in, NULL, 0, on_window, NULL);
        why = *avalign_last_error(context);
    }
    if (rc && rc != AVALIGN_ERR_CANCELLED)
        fprintf(stderr, "%s: %s\n", why.stage, why.message);
    signal(SIGINT, SIG_DFL);
    avalign_close(&context);
    avalign_models_free(&models);
    return rc && rc != AVALIGN_ERR_CANCELLED;
}
