/* viseme_map.c -- after the viseme classes of Fisher (1968) and Jeffers & Barley (1971), with
 * the classes that the specification names; consonants made behind the teeth are not scored. */
#include "evidence/viseme_map.h"

#include <string.h>

#include "nets/phones.h"

static const char *const shape_names[AVA_N_SHAPES] = { "neutral", "closed", "lip-tuck", "tongue",
                                                       "teeth",   "open",   "rounded",  "spread" };
static const char *const phones_of[AVA_N_SHAPES] = {
    [AVA_SHAPE_NEUTRAL] = "SIL D G HH K L N NG T", [AVA_SHAPE_CLOSED] = "P B M",          [AVA_SHAPE_LIP_TUCK] = "F V",
    [AVA_SHAPE_TONGUE] = "TH DH",                  [AVA_SHAPE_TEETH] = "S Z SH ZH CH JH", [AVA_SHAPE_OPEN] = "AA AE AH AY AW",
    [AVA_SHAPE_ROUNDED] = "AO OW OY UH UW W R ER", [AVA_SHAPE_SPREAD] = "IY IH EY EH Y",
};

const char *ava_shape_name(int shape) { return shape_names[shape >= 0 && shape < AVA_N_SHAPES ? shape : 0]; }

int ava_shape_of_phone(int phone)
{
    const char *name = ava_phone_name(phone);
    size_t len = strlen(name);
    for (int s = 1; s < AVA_N_SHAPES; s++)
        for (const char *p = phones_of[s]; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL)
            if (!strncmp(p, name, len) && (p[len] == ' ' || !p[len]))
                return s;
    return AVA_SHAPE_NEUTRAL;
}

const char *ava_phone_label(int phone) { return ava_phone_name(phone); }
