#!/bin/sh
# tests/sanitize.sh address,undefined | thread: builds with the sanitizer and runs the tests that need no shared data.
set -eu
kind=$1
build=build-$(echo "$kind" | tr -d ,)
root=$(pwd)
export PKG_CONFIG_PATH="$root/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
[ -f "$build/build.ninja" ] || meson setup "$build" -Db_sanitize="$kind" -Db_lundef=false -Doptimization=1 >/dev/null
ninja -C "$build" >/dev/null
export TBB_ENABLE_SANITIZERS=1 # no RTLD_DEEPBIND, which sanitizers refuse
export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions="$root/tests/lsan.supp":print_suppressions=0
export TSAN_OPTIONS=halt_on_error=1:exitcode=66:ignore_noninstrumented_modules=1
if [ "$kind" = thread ]; then set -- util pipeline api analyze; else # the others have one thread
    set -- util image features envelope tracker sync viseme pipeline api analyze bad_input tracks speaker; fi
exec sh tests/run.sh "$build" --timeout-multiplier 4 "$@"
