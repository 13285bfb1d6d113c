# lib.sh -- sourced by the CLI tests. AVALIGN is the tool, SAMPLE the clip in sync, SHARED the data beside the project.
set -u
T=$(mktemp -d) || exit 99
trap 'rm -rf "$T"' EXIT
failures=0 checks=0
PYTHON=/usr/bin/python3 # the system's, with the modules of setup/packages.txt
SAMPLE=${AVALIGN_SAMPLE:?} AVALIGN=${AVALIGN:?}

ok() { # ok TEXT COMMAND...: the command must succeed
    local what=$1; shift; checks=$((checks + 1))
    if "$@"; then echo "ok   $what"; return; fi
    echo "FAIL $what"; failures=$((failures + 1))
    # what a sanitizer said, and whether it fell over itself (tests/sanitize.sh), must not stay in a file that goes
    grep -hE -A12 "Sanitizer|__sanitizer|Tracer caught|runtime error" "$T/err" 2>/dev/null | head -40 || :
}
run() { # run ARGS...: analyze; sets $code, $T/out, $T/err
    "$AVALIGN" analyze "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?
}
json() { # json FILE [ARGS]: analyze to $T/json; sets $code
    local f=$1; shift; rm -f "$T/json"
    "$AVALIGN" analyze "$f" --json "$T/json" -q "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?
}
get() { jq -r "$1" "$T/json" 2>/dev/null; }
near() { awk -v a="$1" -v b="$2" -v tol="$3" 'BEGIN { exit !(a != "null" && a != "" && a - b <= tol && b - a <= tol) }'; }
is() { [ "$1" = "$2" ] || { echo "     got \"$1\", wanted \"$2\""; return 1; }; }
ff() { ffmpeg -v error -y -nostdin "$@" || { echo "FAIL ffmpeg $*"; failures=$((failures + 1)); return 1; }; }
one_line() { [ "$(grep -c . "$T/err")" = 1 ] && grep -q "$1" "$T/err" || { echo "     stderr: $(cat "$T/err")"; return 1; }; }
one_of_lines() { grep -q "$1" "$T/err" || { echo "     stderr: $(cat "$T/err")"; return 1; }; }
finish() { echo "$((checks - failures)) of $checks checks passed"; [ "$failures" = 0 ]; }
