/* fingerprint.h -- 32 bits for every 10 ms of sound (Haitsma and Kalker 2002, "A Highly Robust Audio
 * Fingerprinting System", ISMIR): the sign of how the difference between neighbouring bands changes in time.
 * A copy keeps nearly all of them through codecs and level changes; two takes of a sentence do not. */
#ifndef AVA_FINGERPRINT_H
#define AVA_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

enum { AVA_PRINT_WIN = 2048, AVA_PRINT_HOP = 160 }; /* samples at 16 kHz: 128 ms, 10 ms */

typedef struct AvaFingerprinter AvaFingerprinter;
AvaFingerprinter *ava_fingerprinter_new(void); /* NULL when out of memory */
void ava_fingerprinter_free(AvaFingerprinter *p);
/* The next window (each AVA_PRINT_HOP after the last); the first gives 0. */
uint32_t ava_fingerprinter_frame(AvaFingerprinter *p, const float window[AVA_PRINT_WIN]);

typedef struct AvaRepeat {
    size_t first, second, n; /* prints first .. first+n-1 come again from second on */
    double errors;           /* share of the bits that differ */
} AvaRepeat;

/* The longest stretches of at least min_n prints that come twice, in order of their second place, at most room; the same bits
 * are not counted twice. use[i] == 0: print i is silence or the like and never part of one. Returns how many, -1 when out of memory. */
int ava_find_repeats(const uint32_t *print, const uint8_t *use, size_t n, size_t min_n, AvaRepeat *out, size_t room);

#endif
