/* vec.h -- growable arrays. AVA_VEC(float) v = {0}; ava_push(&v, 1.f) is 0 or -1. */
#ifndef AVA_VEC_H
#define AVA_VEC_H

#include <stddef.h>
#include <string.h>

#define AVA_VEC(T)       \
    struct {             \
        T *at;           \
        size_t n, room;  \
    }

/* Makes room for n more elements of the given size; 0, or -1 when out of memory. */
int ava_vec_grow(void **at, size_t *room, size_t n, size_t more, size_t size);

#define ava_reserve(v, more) \
    ava_vec_grow((void **)&(v)->at, &(v)->room, (v)->n, (more), sizeof *(v)->at)
#define ava_push(v, x) (ava_reserve(v, 1) ? -1 : ((v)->at[(v)->n++] = (x), 0))
/* Appends more elements from p; 0 or -1. Of none p may be NULL. */
#define ava_append(v, p, more)                                                                                 \
    (!(more) ? 0 : ava_reserve(v, more) ? -1 : (memcpy((v)->at + (v)->n, (p), (more) * sizeof *(v)->at), (v)->n += (more), 0))
#define ava_vec_free(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->room = 0)

#endif
