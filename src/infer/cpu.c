/* cpu.c -- what the processor can do, in words: a net compiled for one machine is of no use to another. */
#include "infer/cpu.h"

#include <stdio.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Which registers the system keeps for programs; 0 where it can't say. */
static unsigned kept(unsigned ecx)
{
    unsigned low = 0, high = 0;
    if (ecx & bit_OSXSAVE)
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

void ava_cpu_text(char out[256])
{
    unsigned model = 0, f[6] = { 0 }, which, one = 0, ecx = 0;
    __get_cpuid(1, &model, &which, &ecx, &f[0]); /* ebx says which of the cores this is */
    f[1] = ecx;
    __get_cpuid_count(7, 0, &one, &f[2], &f[3], &f[4]);
    if (one >= 1)
        __get_cpuid_count(7, 1, &f[5], &which, &which, &which);
    snprintf(out, 256, "x86 model %x has %x %x %x %x %x %x, keeps %x", model, f[0], f[1], f[2], f[3], f[4], f[5], kept(ecx));
}
#elif defined(__linux__)
#include <sys/auxv.h>

void ava_cpu_text(char out[256]) { snprintf(out, 256, "has %lx %lx", getauxval(AT_HWCAP), getauxval(AT_HWCAP2)); }
#else
void ava_cpu_text(char out[256]) { snprintf(out, 256, "unknown"); }
#endif
