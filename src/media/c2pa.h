/* c2pa.h -- what a C2PA manifest store ("Content Credentials") in the file claims, and, where libc2pa_c is installed, whether its signature and
 * hashes hold. */
#ifndef AVA_C2PA_H
#define AVA_C2PA_H

#include "media/source.h"

enum { AVA_C2PA_MANIFESTS = 8, AVA_C2PA_ACTIONS = 12, AVA_C2PA_SOURCES = 6, AVA_C2PA_FAILURES = 6 };

typedef enum AvaC2paState { AVA_C2PA_UNVERIFIED, AVA_C2PA_INVALID, AVA_C2PA_VALID, AVA_C2PA_TRUSTED } AvaC2paState;

/* What libc2pa_c says of signature and hashes. */
typedef struct AvaC2paVerified {
    AvaC2paState state;
    const char *because;  /* not verified: why, static */
    char library[96], signer[128], signed_at[40]; /* one clean line each; "" = not known */
    char failure[AVA_C2PA_FAILURES][64];          /* codes of the C2PA specification */
    int n_failures;
} AvaC2paVerified;

/* What a digitalSourceType says of how the media came about; a later one outweighs an earlier one. */
typedef enum AvaDeclared {
    AVA_DECLARES_NOTHING,
    AVA_DECLARES_STEP,      /* one of these, of an action other than c2pa.created: an edit, or something that was put in */
    AVA_DECLARES_ALGORITHM, /* algorithmicMedia: computed, without a model that learned from samples */
    AVA_DECLARES_PARTS,     /* compositeWithTrainedAlgorithmicMedia: parts came from a generative model */
    AVA_DECLARES_MODEL      /* trainedAlgorithmicMedia: a generative model made it */
} AvaDeclared;

/* One manifest; each text is one clean line, "" = it does not say. */
typedef struct AvaC2paManifest {
    char label[96], generator[128], title[128];
    char action[AVA_C2PA_ACTIONS][48], source[AVA_C2PA_SOURCES][64]; /* different ones, in the order of the file */
    int n_actions, n_sources;
    AvaDeclared declared;
} AvaC2paManifest;

typedef struct AvaC2pa {
    int looked;          /* 0: a pipe, an address, or a container in which no store is looked for */
    int present;         /* stores found */
    int n;               /* manifests listed: the last ones, for the last is the active one */
    int left_out;        /* manifests before those */
    int incomplete;      /* the store could not be read to its end: which manifest is the active one is not known */
    const char *problem; /* what could not be read, static; NULL: all was */
    AvaC2paVerified verified;
    AvaDeclared declared, declared_earlier; /* by the active manifest; by those before it */
    AvaC2paManifest manifest[AVA_C2PA_MANIFESTS];
} AvaC2pa;

/* Looks for stores where the specification lays them: `uuid` boxes at the top of ISO BMFF, `C2PA` chunks of RIFF. Moves the
 * source. 0 whatever the bytes are, or -1: out of memory. */
int ava_c2pa_find(AvaSource *s, AvaC2pa *out);

/* Reads one manifest store (a JUMBF superbox) and adds what it claims. */
void ava_c2pa_store(const uint8_t *bytes, size_t n, AvaC2pa *out);

/* Has the library look at the source; moves it. Nothing is fetched from anywhere. */
void ava_c2pa_verify(AvaSource *s, AvaC2paVerified *out);
/* Loads the library, if there is one: in a sandbox it can't be any more. */
void ava_c2pa_preload(void);

#endif
