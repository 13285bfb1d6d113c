/* findings.c -- every list of a result: its fields, what was found and where, who speaks when, what went less than well.
 *
 *   cc findings.c $(pkg-config --cflags --libs avalign) -o findings && ./findings video.mp4 */
#include <stdio.h>

#include <avalign/avalign.h>

int main(int argc, char **argv)
{
    AvalignResult *r;
    AvalignErrorInfo why;
    size_t i;

    if (argc != 2) {
        fprintf(stderr, "usage: findings VIDEO\n");
        return 2;
    }
    if (avalign_analyze_audio_visual_alignment(argv[1], NULL, &r, &why)) {
        fprintf(stderr, "%s: %s: %s\n", argv[1], why.stage, why.message);
        return 1;
    }
    for (i = 0; i < avalign_result_n_scores(r); i++) {
        const AvalignScore *s = avalign_result_score(r, i);
        const AvalignFieldInfo *f = avalign_field_info(i);
        if (s->present)
            printf("field    %-20s %.*f %s (%s)\n", f->label, f->decimals, s->value, s->unit, f->meaning);
        else
            printf("field    %-20s no answer: %s\n", f->label, s->reason);
    }
    for (i = 0; i < avalign_result_n_findings(r); i++) {
        const AvalignFinding *f = avalign_result_finding(r, i);
        printf("finding  %.2f-%.2f s %s, score %.2f%s: %s\n", f->start_s, f->end_s, f->kind, f->score, f->counts ? ", counts" : "", f->text);
    }
    for (i = 0; i < avalign_result_n_windows(r); i++) {
        const AvalignWindow *w = avalign_result_window(r, i);
        printf("window   %.2f-%.2f s face %d: %+.0f ms, positive is sound early (score %.2f)\n", w->start_s, w->end_s, w->track, w->offset_ms, w->score);
    }
    for (i = 0; i < avalign_result_n_voice_windows(r); i++) {
        const AvalignVoiceWindow *w = avalign_result_voice_window(r, i);
        printf("voice    %.2f-%.2f s %.3f, under .5 it shows signs of synthesis\n", w->start_s, w->end_s, w->score);
    }
    for (i = 0; i < avalign_result_n_mouths(r); i++) {
        const AvalignMouth *m = avalign_result_mouth(r, i);
        if (m->reason)
            printf("drawn    face %d: no answer: %s\n", m->track, m->reason);
        else
            printf("drawn    face %d, %.2f-%.2f s: score %.2f, under 0.5 it looks drawn (%lu pictures)\n", m->track, m->start_s, m->end_s, m->score,
                   (unsigned long)m->frames);
    }
    for (i = 0; i < avalign_result_n_mouth_windows(r); i++) {
        const AvalignMouthWindow *w = avalign_result_mouth_window(r, i);
        printf("drawn    %.2f-%.2f s face %d: log likelihood ratio %.2f, genuine against drawn\n", w->start_s, w->end_s, w->track, w->llr);
    }
    for (i = 0; i < avalign_result_n_segments(r); i++) {
        const AvalignSegment *s = avalign_result_segment(r, i);
        printf("segment  %.2f-%.2f s %s\n", s->start_s, s->end_s, s->kind);
    }
    for (i = 0; i < avalign_result_n_tracks(r); i++) {
        const AvalignTrack *t = avalign_result_track(r, i);
        printf("face %d   %.2f-%.2f s\n", t->id, (double)t->first_us / 1e6, (double)t->last_us / 1e6);
    }
    for (i = 0; i < avalign_result_n_series(r); i++) {
        const AvalignSeries *s = avalign_result_series_at(r, i);
        printf("series   %s, %s, face %d: %lu values\n", s->name, s->unit, s->track, (unsigned long)s->n);
    }
    for (i = 0; i < avalign_result_n_warnings(r); i++)
        printf("warning  %s\n", avalign_result_warning(r, i)->text);
    for (i = 0; i < avalign_result_n_models(r); i++) {
        const AvalignUsedModel *m = avalign_result_model(r, i);
        printf("net      %s: %s (%s)\n", m->role, m->name, m->licence);
    }
    avalign_result_free(&r);
    return 0;
}
