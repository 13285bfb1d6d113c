/* format.h -- text that is the same whatever locale the program that uses the library has set: a decimal point is a point,
 * "I" is a capital "i". tests/cli/locale.sh holds src/ to it. */
#ifndef AVA_FORMAT_H
#define AVA_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* snprintf() in the C locale, for this thread alone. */
int ava_format(char *out, size_t room, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int ava_vformat(char *out, size_t room, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
/* tolower() and isalnum() for ASCII alone. */
int ava_lower(int c);
int ava_letter_or_digit(int c);

#endif
