#!/bin/bash
# bench/live.sh [AVALIGN [SECONDS]]: a looped stream (default: an hour of it) through analyze --live as fast as it goes: times real
# time, memory early and late; then half a minute in real time: how far a line is behind the stream.
set -eu
cd "$(dirname "$0")/.."
avalign=${1:-build/avalign} seconds=${2:-3600} T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
feed() { ffmpeg -v error -nostdin "$@" -stream_loop -1 -i samples/portrait.mp4 -c copy -t "$seconds" -f mpegts -; }
start=$(date +%s)
feed >"$T/pipe.ts"
"$avalign" analyze --live - <"$T/pipe.ts" >"$T/lines" & pid=$!
peak() { awk '/VmRSS/ { print $2 }' /proc/$pid/status; }
while [ "$(wc -l <"$T/lines")" -lt $((seconds / 60)) ]; do sleep 1; done; early=$(peak)
while [ "$(wc -l <"$T/lines")" -lt $((seconds / 10 - 6)) ]; do sleep 1; done; late=$(peak)
wait $pid || true
awk -v s="$seconds" -v t=$(($(date +%s) - start)) -v a="$early" -v b="$late" -v n="$(wc -l <"$T/lines")" 'BEGIN {
    printf "%d windows, %d s of stream: %.1f x real time; memory after a sixth %.0f MB, at the end %.0f MB: %.2f x\n", n, s, s / t, a / 1024, b / 1024, b / a }'
seconds=35 begin=$(date +%s.%N)
feed -re | "$avalign" analyze --live - | while read -r line; do
    echo "$line" | jq -r .end_s | awk -v b="$begin" -v now="$(date +%s.%N)" '{ printf "window to %.1f s: %.1f s behind the stream\n", $1, now - b - $1 }'
done
