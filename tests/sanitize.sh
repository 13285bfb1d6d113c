#!/bin/sh
# tests/sanitize.sh address,undefined [units|no-leaks] | thread: builds with the sanitizer and runs the tests that need no shared data.
# units: every quick unit test (a test's own fault ends it too). no-leaks: the tests that run several files in one process, with leak detection off: LeakSanitizer's own tracer crashes
# there every other time ("Tracer caught signal 11") when it meets the inference runtime's ended threads.
set -eu
kind=$1
build=build-$(echo "$kind" | tr -d ,)
root=$(pwd)
export PKG_CONFIG_PATH="$root/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
[ -f "$build/build.ninja" ] || meson setup "$build" -Db_sanitize="$kind" -Db_lundef=false -Doptimization=1 ${MESON_ARGS:-} >/dev/null
ninja -C "$build" >"$build/ninja.log" || { tail -30 "$build/ninja.log"; exit 1; }
export TBB_ENABLE_SANITIZERS=1 # no RTLD_DEEPBIND, which sanitizers refuse
leaks=1
[ "${2:-}" = no-leaks ] && leaks=0
export ASAN_OPTIONS=detect_leaks=$leaks:halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions="$root/tests/lsan.supp":print_suppressions=0
export AVALIGN_ALLOC_RUNS=8 # they are slow here
export TSAN_OPTIONS=halt_on_error=1:exitcode=66:ignore_noninstrumented_modules=1
if [ "$kind" = thread ]; then set -- util pipeline api threads # the others have one thread
elif [ $leaks = 0 ]; then set -- api speaker
elif [ "${2:-}" = units ]; then set -- --suite unit --no-suite slow
else set -- features viseme emotion background suitable alloc eval batch pipeline analyze bad_input tracks; fi
status=0
sh tests/run.sh "$build" --timeout-multiplier 4 "$@" || status=$?
# The sanitizers' own threads and tables crash now and then when the inference runtime unloads. Tests that failed with nothing
# but such a crash in their logs are run again, three times at most; any other failure stands.
own_crashes() { # how many tests passed, and the names of those that only such a crash ended
    python3 - "$build/meson-logs/testlog.json" <<'P'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
bad = [r for r in rows if r["result"] not in ("OK", "SKIP")]
own = ("__sanitizer::StackDepot", "Tracer caught signal")
if bad and all(any(mark in r.get("stdout", "") + r.get("stderr", "") for mark in own) for r in bad):
    print(len(rows) - len(bad), *(r["name"].split(" / ")[-1] for r in bad))
P
}
passed=0 log=$build/again.log
for try in 1 2 3; do
    again=$(own_crashes)
    [ -n "$again" ] || break
    echo "again ($try), after a crash of the sanitizer itself: ${again#* }"
    passed=$((passed + ${again%% *})) status=0
    sh tests/run.sh "$build" --timeout-multiplier 4 ${again#* } >"$log" 2>&1 || status=$?
    cat "$log"
    set -- $(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1 | tr -d ,)
    total="$((passed + $1)) passed, $3 failed"
done
[ -z "${total:-}" ] || echo "$total"
exit $status
