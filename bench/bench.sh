#!/bin/bash
# bench.sh AVALIGN: speed and memory as ratios measured in one run, beside their goals and what the last release measured
# (bench/release.tsv; last column: now over then). Machines differ and are noisy: each ratio is the median of pairs that ran back
# to back. BENCH_ROUNDS (default 5) pairs; BENCH_LONG=0 leaves the half hour out; BENCH_SAVE=1 makes these figures the release's.
set -eu
release=$(dirname "$0")/release.tsv
tool=$1 rounds=${BENCH_ROUNDS:-5} long=${BENCH_LONG:-1}
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
clip=../shared/data/video/dev/real/lrs3_pretrain/C8zY0oAdQrs_00018_uncropped.mkv
[ -f "$clip" ] || clip=samples/portrait.mp4
minute=$dir/minute.mp4 half=$dir/half_hour.mkv
ffmpeg -v error -y -nostdin -stream_loop -1 -i "$clip" -t 60 -vf scale=1280:720,setsar=1 -r 25 -c:v libx264 -crf 23 -c:a aac -b:a 128k "$minute"
echo "720p25 H.264 minute made from $clip; $(nproc) cores; $rounds pairs"

wall() { local a b; a=$(date +%s.%N); "$@" >/dev/null 2>&1 || [ $? -le 2 ]; b=$(date +%s.%N); awk "BEGIN { print $b - $a }"; }
cpu() { /usr/bin/env bash -c 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&1; } 2>&1' _ "$@" | awk '{ print $1 + $2 }'; }
rss() { # peak resident kB of a command
    "$@" >/dev/null 2>&1 & local pid=$! peak=0 now
    while kill -0 $pid 2>/dev/null; do
        now=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null || echo 0); [ "${now:-0}" -gt $peak ] && peak=$now; sleep 0.05
    done
    wait $pid || true; echo $peak
}
median() { sort -g | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
pairs() { # median over pairs of wall(avalign ARGS) / wall(ffmpeg decode)
    for _ in $(seq "$rounds"); do
        d=$(wall ffmpeg -nostdin -v error -threads 2 -i "$minute" -f null -); t=$(wall "$tool" analyze "$minute" -q "$@")
        awk "BEGIN { print $t / $d }"
    done | median
}
measured=$dir/measured.tsv
say() { # say NAME VALUE [GOAL]
    local then
    then=$(awk -F'\t' -v n="$1" '$1 == n { print $2 }' "$release" 2>/dev/null || true)
    printf '%-52s %8s  goal %-5s  release %-8s %s\n' "$1" "$2" "${3:--}" "${then:--}" "$(awk -v a="$2" -v b="${then:-0}" 'BEGIN { if (b > 0) printf "x%.2f", a / b }')"
    printf '%s\t%s\n' "$1" "$2" >>"$measured"
}
"$tool" analyze "$minute" -q >/dev/null 2>&1 || true # warms the model cache
say "whole analysis / decoding alone (wall)" "$(pairs)" 3.0
say "--except viseme / decoding alone (wall)" "$(pairs --except viseme)" 2.0
say "--only lipsync / decoding alone (wall)" "$(pairs --only lipsync)" 1.6
say "start to the first frames judged, s" "$(for _ in $(seq "$rounds"); do wall "$tool" analyze "$minute" -q --max-duration 0.1; done | median)" 0.4
say "CPU seconds, start to the first frames judged" "$(for _ in $(seq "$rounds"); do cpu "$tool" analyze "$minute" -q --max-duration 0.1; done | median)"
ffmpeg -v error -y -nostdin -stream_loop 9 -i "$minute" -vn -ac 1 -ar 16000 "$dir/ten.wav"
for what in speaker authenticity,artifacts emotion; do
    c=$(cpu "$tool" analyze "$dir/ten.wav" -q --threads 1 --only $what)
    say "CPU seconds for ten minutes of sound, $what" "$c"
done
t=$(wall "$tool" analyze "$dir/ten.wav" -q --only authenticity,artifacts)
say "sound forensics: wall time / a hundredth of real time" "$(awk "BEGIN { print $t / 6 }")" 1
say "CPU, whole analysis / --except mouth" "$(for _ in $(seq "$rounds"); do
    a=$(cpu "$tool" analyze "$minute" -q --threads 1) b=$(cpu "$tool" analyze "$minute" -q --threads 1 --except mouth); awk "BEGIN { print $a / $b }"
done | median)" 1.17
one=$(rss "$tool" analyze "$minute" -q)
say "peak memory, 1 minute, MB" "$((one / 1024))" 250
if [ "$long" = 1 ]; then
    ffmpeg -v error -y -nostdin -stream_loop 29 -i "$minute" -c copy "$half"
    thirty=$(rss "$tool" analyze "$half" -q)
    say "peak memory, 30 minutes, MB" "$((thirty / 1024))" 250
    say "memory, 30 minutes / 1 minute" "$(awk "BEGIN { print $thirty / $one }")" 1.05
    c1=$(cpu "$tool" analyze "$minute" -q --threads 1); c30=$(cpu "$tool" analyze "$half" -q --threads 1)
    say "CPU per minute, 30 minutes / 1 minute" "$(awk "BEGIN { print $c30 / 30 / $c1 }")" 1.05
fi
[ "${BENCH_SAVE:-0}" = 1 ] && { "$tool" --version | head -1 | sed 's/^/# /'; cat "$measured"; } >"$release"
true
