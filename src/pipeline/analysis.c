/* analysis.c -- what the stages of one analysis share: its log, its warnings, and who was asked for. */
#include "pipeline/analysis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "infer/infer.h"
#include "util/err.h"

void ava_log(AvalignContext *c, AvalignLogLevel level, const char *stage, const char *fmt, ...)
{
    char raw[512], line[512];
    if (!c->cfg.log || (int)level > c->cfg.min_log_level)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
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
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_array_append_new(c->warnings, json_pack("{s:s,s:I,s:s}", "code", code, "count", (json_int_t)count, "text", text));
    ava_log(c, AVALIGN_LOG_WARNING, code, "%s", text);
}

int ava_wanted(const AvalignContext *c, const AvaAnalyzer *a)
{
    return ava_analyzer_runs(a, c->analyzers, c->cfg.lse);
}

int ava_role_of_picture(const char *role)
{
    return !strncmp(role, "face", 4) || !strcmp(role, "sync-lips") || !strcmp(role, "sync-mouth") || !strcmp(role, "mouth-shape") ||
           !strcmp(role, "syncnet-face");
}

int ava_needs(const AvalignContext *c, const char *role)
{
    if (!c->need_video && ava_role_of_picture(role))
        return 0;
    for (size_t i = 0; ava_analyzers[i]; i++) {
        const AvaAnalyzer *a = ava_analyzers[i];
        if (ava_wanted(c, a))
            for (const char *const *r = a->info.roles; *r; r++)
                if (!strcmp(*r, role))
                    return 1;
    }
    return 0;
}

int ava_needs_background(const AvalignContext *c)
{
    return ava_models_row(c->models, "background") && (ava_needs(c, "voice-embed") || ava_needs(c, "voice-emotion") || ava_needs(c, "voice-spoof"));
}
