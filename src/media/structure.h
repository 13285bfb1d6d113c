/* structure.h -- of what parts a container is built: boxes (MP4, MOV), chunks (AVI, WAV) or elements (Matroska, WebM), with what an examiner
 * asks of them: edit lists, dates, names of programs. Only heads and a few bytes of known parts are read. */
#ifndef AVA_STRUCTURE_H
#define AVA_STRUCTURE_H

#include "media/source.h"

enum { AVA_PARTS = 200, AVA_PART_TYPE = 24, AVA_PART_SAYS = 160 };

typedef struct AvaPart {
    char type[AVA_PART_TYPE], says[AVA_PART_SAYS]; /* each one clean line; says: "" = nothing of note */
    int depth, count;                               /* count: so many of this type under one parent were put together here */
    int64_t at, size;                               /* of the first of them; of all of them, heads included */
} AvaPart;

typedef struct AvaStructure {
    const char *format;  /* "boxes", "chunks", "elements"; NULL: a pipe, an address, or a container that is not walked */
    const char *problem; /* what is wrong with it, or why the walk ended early; static; NULL: nothing */
    int64_t bytes;       /* of the file; -1: not known */
    int n, left_out;     /* parts listed, in the order of the file, each before what is in it; found beyond those */
    AvaPart part[AVA_PARTS];
} AvaStructure;

/* Whatever the bytes are. Moves the source. */
void ava_structure_read(AvaSource *s, AvaStructure *out);

/* ---- inside src/media: the three formats, and what they share ---- */

/* The bytes of a part, behind its head: as many as are looked at. */
typedef struct AvaPartBytes {
    const uint8_t *p;
    size_t n;
    int64_t size; /* all of them */
} AvaPartBytes;

typedef struct AvaPartHead {
    char type[AVA_PART_TYPE];
    uint64_t id;    /* of an element */
    int64_t body, end;
    int skip;       /* not worth a line */
    int64_t told;   /* what gives() said of an earlier part; 0: nothing */
} AvaPartHead;

typedef struct AvaStructureFormat {
    const char *name;
    size_t begin; /* where the first part lies */
    /* The part at `at` of one that ends at `end`, depth deep, from its first n bytes; 0, or -1: its size makes no sense. */
    int (*head)(const uint8_t *b, size_t n, int64_t at, int64_t end, int depth, AvaPartHead *out);
    /* Where its own parts begin, counted from the body; -1: it has none. */
    int64_t (*inside)(const AvaPartHead *h, AvaPartBytes body);
    void (*say)(const AvaPartHead *h, AvaPartBytes body, char says[AVA_PART_SAYS]);
    /* The size of a later part whose head has no room for it; 0: it gives none. NULL: no part of this format does. */
    int64_t (*gives)(const AvaPartHead *h, AvaPartBytes body);
} AvaStructureFormat;

extern const AvaStructureFormat ava_structure_boxes, ava_structure_chunks, ava_structure_elements;

/* n bytes of text as one clean line, as far as there is room behind what says holds already; the end at the first 0. */
void ava_part_text(char says[AVA_PART_SAYS], const void *text, size_t n);
void ava_part_put(char says[AVA_PART_SAYS], const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "2026-11-28 10:00:00 UTC" from seconds since 1970; nothing for what is no year of four digits. */
void ava_part_date(char says[AVA_PART_SAYS], const char *what, int64_t seconds);
/* Names that coders write into the coded picture or sound. */
void ava_part_coder(char says[AVA_PART_SAYS], AvaPartBytes body);

#endif
