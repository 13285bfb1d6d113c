/* test.h -- cmocka with its includes in the right order, and numbers compared as doubles. */
#ifndef TEST_H
#define TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* cmocka's own compares in single precision, and takes infinity for equal to everything. */
#undef assert_float_equal
#define assert_float_equal(got, wanted, within)                                                                        \
    do {                                                                                                               \
        double got_ = (double)(got), wanted_ = (double)(wanted), off_ = got_ - wanted_;                                \
        if (!(off_ <= (within) && -off_ <= (within)))                                                                  \
            fail_msg("%s is %.9g, not %.9g", #got, got_, wanted_);                                                     \
    } while (0)
#endif
