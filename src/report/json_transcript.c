/* json_transcript.c -- the words that were heard, as JSON. */
#include "report/json_parts.h"

json_t *ava_json_transcript(const AvaTranscriptResult *r)
{
    if (r->absent)
        return ava_json_absent(r->absent);
    json_t *words = json_array();
    for (size_t i = 0; i < r->word.n; i++) {
        const AvaWord *w = &r->word.at[i];
        json_array_append_new(words, json_pack("{s:o,s:o,s:s,s:o}", "start_s", ava_json_time(w->start_us, 3), "end_s", ava_json_time(w->end_us, 3), "word",
                                               w->text, "p", ava_json_real(w->p, 3)));
    }
    return json_pack("{s:s,s:o}", "language", "en", "words", words);
}
