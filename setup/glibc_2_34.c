/* glibc_2_34.c -- linked into the wheel's libraries (-Wl,--wrap=hypot,--wrap=hypotf): glibc 2.35's hypot() differs from the older one in how
 * it tells errors alone, and would keep the wheel from running on systems of 2.34. */
double old_hypot(double x, double y);
float old_hypotf(float x, float y);
__asm__(".symver old_hypot,hypot@GLIBC_2.2.5");
__asm__(".symver old_hypotf,hypotf@GLIBC_2.2.5");
__attribute__((visibility("hidden"))) double __wrap_hypot(double x, double y) { return old_hypot(x, y); }
__attribute__((visibility("hidden"))) float __wrap_hypotf(float x, float y) { return old_hypotf(x, y); }
