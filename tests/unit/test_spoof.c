/* A net that users bring for synthetic voices, on a made-up wave: its logits within 1e-3 of those given.
 * test_spoof MODELS LOGIT0 LOGIT1 (tests/cli/authenticity.sh; the numbers are ONNX Runtime's on the authors' own export). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "nets/spoof.h"

enum { N = 64600 };

int main(int argc, char **argv)
{
    static float x[N];
    uint32_t s = 12345;
    for (int i = 0; i < N; i++) {
        s = s * 1664525u + 1013904223u;
        x[i] = (float)(.1 * sin(.05 * i + .3 * sin(.002 * i)) + .01 * ((s >> 8) / (double)(1 << 24) - .5));
    }
    AvalignModels *m;
    AvaSpoofNet *net;
    AvaSpoof out;
    AvalignErrorInfo e = { 0 };
    if (argc != 4 || avalign_models_load(&m, argv[1], NULL, &e) || ava_spoof_open(&net, m, &e) || ava_spoof_run(net, x, N, &out, &e)) {
        printf("%s\n", e.message);
        return 1;
    }
    double a = fabs((double)out.expert[0] - atof(argv[2])), b = fabs((double)out.expert[1] - atof(argv[3]));
    printf("logits %.5f %.5f, off by %.1e %.1e\n", (double)out.expert[0], (double)out.expert[1], a, b);
    ava_spoof_close(&net);
    avalign_models_free(&m);
    return !(a < 1e-3 && b < 1e-3);
}
