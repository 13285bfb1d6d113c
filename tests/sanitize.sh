#!/bin/sh
# tests/sanitize.sh address,undefined [no-leaks] | thread: builds with the sanitizer and runs the tests that need no shared data.
# no-leaks: the tests that run several files in one process, with leak detection off: LeakSanitizer's own tracer crashes
# there every other time ("Tracer caught signal 11") when it meets the inference runtime's ended threads.
set -eu
kind=$1
build=build-$(echo "$kind" | tr -d ,)
root=$(pwd)
export PKG_CONFIG_PATH="$root/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
[ -f "$build/build.ninja" ] || meson setup "$build" -Db_sanitize="$kind" -Db_lundef=false -Doptimization=1 >/dev/null
ninja -C "$build" >"$build/ninja.log" || { tail -30 "$build/ninja.log"; exit 1; }
export TBB_ENABLE_SANITIZERS=1 # no RTLD_DEEPBIND, which sanitizers refuse
leaks=1
[ "${2:-}" = no-leaks ] && leaks=0
export ASAN_OPTIONS=detect_leaks=$leaks:halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions="$root/tests/lsan.supp":print_suppressions=0
export TSAN_OPTIONS=halt_on_error=1:exitcode=66:ignore_noninstrumented_modules=1
if [ "$kind" = thread ]; then set -- util pipeline api analyze # the others have one thread
elif [ $leaks = 0 ]; then set -- api speaker
else set -- util image features envelope tracker sync viseme emotion edits policy eval batch pipeline analyze bad_input tracks; fi
exec sh tests/run.sh "$build" --timeout-multiplier 4 "$@"
