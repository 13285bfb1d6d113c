/* viseme_map.h -- the mouth shapes told apart, and which one each phone asks for. */
#ifndef AVA_EVIDENCE_VISEME_MAP_H
#define AVA_EVIDENCE_VISEME_MAP_H

typedef enum AvaShapeId {
    AVA_SHAPE_NEUTRAL,  /* nothing the lips must do; not scored */
    AVA_SHAPE_CLOSED,   /* P B M */
    AVA_SHAPE_LIP_TUCK, /* F V: lower lip under the upper teeth */
    AVA_SHAPE_TONGUE,   /* TH DH: between the teeth */
    AVA_SHAPE_TEETH,    /* S Z SH ZH CH JH: teeth close together */
    AVA_SHAPE_OPEN,     /* AA AE AH AY AW */
    AVA_SHAPE_ROUNDED,  /* AO OW OY UH UW W R ER */
    AVA_SHAPE_SPREAD,   /* IY IH EY EH Y */
    AVA_N_SHAPES
} AvaShapeId;

const char *ava_shape_name(int shape); /* "closed", "lip-tuck", ... */
int ava_shape_of_phone(int phone);     /* AvaShapeId of an id of nets/phones.h */
/* The phone in letters (CMU's). */
const char *ava_phone_label(int phone);

#endif
