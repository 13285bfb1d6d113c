#!/bin/sh
# tests/lint.sh [BUILD]: cppcheck and clang-tidy over what we wrote; any finding fails. Both come with setup/test_tools.sh.
set -u
build=${1:-build} status=0
if ! command -v cppcheck >/dev/null || ! command -v run-clang-tidy >/dev/null; then
    echo "SKIP: no clang-tidy or cppcheck; sh setup/test_tools.sh brings them"
    exit 0
fi
# cppcheck gives up on macros with a compound literal as argument; clang-tidy reads those files to the end
cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=memleak:src/result/result.c `# the vectors own what is pushed` --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective -Isrc -Iinclude -Iinclude/avalign \
    --include=tests/cppcheck.h src tools examples fuzz || status=1
run-clang-tidy -quiet -p "$build" -j "$(nproc)" '/(src|tools)/.*\.c$' >"$build/tidy.log" 2>/dev/null
grep -E 'error:|warning:' "$build/tidy.log" && status=1
[ $status = 0 ] && echo "2 passed, 0 failed" || echo "0 passed, 1 failed"
exit $status
