/* offset.c -- the smallest useful program: how far apart are sound and picture?
 *
 *   cc offset.c $(pkg-config --cflags --libs avalign) -o offset && ./offset video.mp4 */
#include <stdio.h>

#include <avalign/avalign.h>

int main(int argc, char **argv)
{
    AvalignResult *result;
    AvalignErrorInfo why;
    AvalignAudioVisualResult fields;

    if (argc != 2) {
        fprintf(stderr, "usage: offset VIDEO\n");
        return 2;
    }
    if (avalign_analyze_audio_visual_alignment(argv[1], NULL, &result, &why)) {
        fprintf(stderr, "%s: %s: %s\n", argv[1], why.stage, why.message);
        return 1;
    }
    avalign_result_fields(result, &fields);
    if (fields.present & 1u << AVALIGN_SYNC_OFFSET_MS)
        printf("the sound is %.0f ms %s\n", fields.sync_offset_ms < 0 ? -fields.sync_offset_ms : fields.sync_offset_ms,
               fields.sync_offset_ms > 0 ? "early" : "late");
    else
        printf("no answer: %s\n", fields.reason[AVALIGN_SYNC_OFFSET_MS]);
    avalign_result_free(&result);
    return 0;
}
