/* push.c -- bring your own decoder: pictures and sound are pushed, here from raw files.
 *
 *   ffmpeg -i video.mp4 -r 25 -pix_fmt rgb24 -f rawvideo pictures.rgb
 *   ffmpeg -i video.mp4 -ac 1 -ar 16000 -f f32le sound.f32
 *   cc push.c $(pkg-config --cflags --libs avalign) -o push && ./push 640 360 pictures.rgb sound.f32 */
#include <stdio.h>
#include <stdlib.h>

#include <avalign/avalign.h>

enum { FPS = 25, RATE = 16000 };

int main(int argc, char **argv)
{
    AvalignModels *models = NULL;
    AvalignContext *context = NULL;
    AvalignResult *result = NULL;
    AvalignErrorInfo why;
    const AvalignScore *offset;
    FILE *pictures, *sound;
    int w, h, rc;

    if (argc != 5 || (w = atoi(argv[1])) < 1 || (h = atoi(argv[2])) < 1 || !getenv("AVALIGN_MODELS") || !(pictures = fopen(argv[3], "rb")) ||
        !(sound = fopen(argv[4], "rb"))) {
        fprintf(stderr, "usage: AVALIGN_MODELS=DIR push WIDTH HEIGHT PICTURES SOUND\n");
        return 2;
    }
    rc = avalign_models_load(&models, getenv("AVALIGN_MODELS"), NULL, &why);
    if (!rc)
        rc = avalign_open(&context, models, NULL, &why);

    unsigned char *rgb = malloc((size_t)w * (size_t)h * 3);
    float samples[RATE / FPS];
    for (int64_t n = 0; !rc; n++) { /* a picture and its 40 ms of sound at a time; any other order does as well */
        int64_t t = n * 1000000 / FPS;
        size_t got = fread(samples, sizeof *samples, RATE / FPS, sound);
        int seen = rgb && fread(rgb, (size_t)w * 3, (size_t)h, pictures) == (size_t)h;
        if (!seen && !got)
            break;
        if (seen) {
            AvalignImage image = { .format = AVALIGN_PIX_RGB24, .width = w, .height = h, .pts_us = t, .data = { rgb }, .stride = { 3 * w } };
            rc = avalign_push_video(context, &image);
        }
        if (!rc && got) {
            AvalignPcm pcm = { .sample_rate = RATE, .channels = 1, .pts_us = t, .samples = samples, .frames = got };
            rc = avalign_push_audio(context, &pcm);
        }
    }
    if (!rc)
        rc = avalign_finish(context, &result);
    if (rc) {
        if (context)
            why = *avalign_last_error(context);
        fprintf(stderr, "%s: %s\n", why.stage, why.message);
    } else if ((offset = avalign_result_score(result, AVALIGN_SYNC_OFFSET_MS))->present) {
        printf("the sound is %.0f ms %s\n", offset->value < 0 ? -offset->value : offset->value, offset->value > 0 ? "early" : "late");
    } else {
        printf("no answer: %s\n", offset->reason);
    }
    free(rgb);
    fclose(pictures);
    fclose(sound);
    avalign_result_free(&result);
    avalign_close(&context);
    avalign_models_free(&models);
    return rc != 0;
}
