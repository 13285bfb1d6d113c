/* cpu.h -- what the processor can do, in words. Inside src/infer/. */
#ifndef AVA_CPU_H
#define AVA_CPU_H

/* The same text: the same instructions. */
void ava_cpu_text(char out[256]);

#endif
