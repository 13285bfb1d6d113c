/* analysis.c -- what the stages of one analysis share: its log, its warnings, and who was asked for. */
#include "pipeline/analysis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "infer/infer.h"
#include "util/err.h"
#include "util/format.h"

void ava_log(AvalignContext *c, AvalignLogLevel level, const char *stage, const char *fmt, ...)
{
    char raw[512], line[512];
    if (!c->cfg.log || (int)level > c->cfg.min_log_level)
        return;
    va_list ap;
    va_start(ap, fmt);
    ava_vformat(raw, sizeof raw, fmt, ap);
    va_end(ap);
    ava_clean_line(line, sizeof line, raw);
    pthread_mutex_lock(&c->callback_lock);
    c->cfg.log(c->cfg.cookie, level, stage, line);
    pthread_mutex_unlock(&c->callback_lock);
}

void ava_warn(AvalignContext *c, const char *code, uint64_t count, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    ava_vformat(text, sizeof text, fmt, ap);
    va_end(ap);
    AvaWarning w = { .count = count };
    snprintf(w.code, sizeof w.code, "%s", code);
    snprintf(w.text, sizeof w.text, "%s", text);
    if (ava_push(&c->warnings, w))
        return; /* out of memory, which is about to end the run */
    ava_log(c, AVALIGN_LOG_WARNING, code, "%s", text);
}

/* Those on request say by themselves which nets they miss. */
static int lacks_net(const AvalignContext *c, const AvaAnalyzer *a)
{
    const char *const *role = a->info.roles;
    while (role && *role && ava_models_has(c->models, *role))
        role++;
    return role && *role && !a->on_request;
}

unsigned ava_left_out(const AvalignContext *c)
{
    unsigned bits = 0;
    for (unsigned i = 0; ava_analyzers[i]; i++)
        bits |= (unsigned)lacks_net(c, ava_analyzers[i]) << i;
    return bits;
}

int ava_wanted(const AvalignContext *c, const AvaAnalyzer *a)
{
    return ava_analyzer_runs(a, c->analyzers, c->cfg.lse) && !lacks_net(c, a);
}

static int named(const AvalignContext *c, const AvaAnalyzer *a) { return c->analyzers && ava_analyzer_asked(a, c->analyzers, c->cfg.lse); }

static int has(const char *const *list, const char *role)
{
    for (; list && *list; list++)
        if (!strcmp(*list, role))
            return 1;
    return 0;
}

int ava_needs(const void *context, const char *role)
{
    const AvalignContext *c = context;
    if ((c->cfg.transcribe && !strcmp(role, "speech-words")) || (c->cfg.on_encoder && !strcmp(role, "speech-encoder")))
        return ava_models_has(c->models, role); /* questions of their own, not an analyzer's */
    for (size_t i = 0; ava_analyzers[i]; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        int answers = ava_wanted(c, a); /* named and without a net, it still leaves embeddings of those that it has */
        if ((answers && (!strcmp(a->info.name, role) || has(a->info.roles, role))) ||
            ((answers || named(c, a)) && (has(a->info.roles, role) || has(a->optional, role)) && ava_models_has(c->models, role)))
            return 1;
    }
    return 0;
}

AvaStageSetup ava_stage_setup(AvalignContext *c)
{
    return (AvaStageSetup){ .ev = &c->ev, .models = c->models, .transcript = c->transcript, .no_video = !c->need_video, .on_encoder = c->cfg.on_encoder,
                            .cookie = c->cfg.cookie, .timings = c->timings };
}
