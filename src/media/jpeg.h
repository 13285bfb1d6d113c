/* jpeg.h -- small images for reports. */
#ifndef AVA_JPEG_H
#define AVA_JPEG_H

#include <stddef.h>
#include <stdint.h>

/* w * h RGB triples to a JPEG file in memory, released with free(). 0 or -1. */
int ava_jpeg(const uint8_t *rgb, int w, int h, uint8_t **out, size_t *size);

#endif
