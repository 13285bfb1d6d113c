#!/bin/bash
# bench/queue.sh [AVALIGN]: what a second worker host is worth. Two "hosts" are network namespaces, each pinned to one core with
# --threads 1; the same jobs are done by one of them, by both, and by one again. Prints the ratio. Needs root and RabbitMQ.
set -u
cd "$(dirname "$0")/.."
AVALIGN=$(realpath "${1:-build/avalign}") AVALIGN_SAMPLE=$PWD/samples/portrait.mp4
export AVALIGN AVALIGN_SAMPLE AVALIGN_MODELS=$PWD/models
. tests/cli/lib.sh
. tests/cli/broker.sh
broker_start || exit 1
export AVALIGN_AMQP_USER=av AVALIGN_AMQP_PASSWORD="secret word"
hosts_up || { echo "needs root, for network namespaces"; exit 1; }
mkdir "$T/in"
for i in $(seq 10 33); do ff -stream_loop 2 -ss 0.$i -i "$SAMPLE" -c copy -t 20 "$T/in/$i.mkv"; done
jobs=$(ls "$T/in" | wc -l)
seconds() { # seconds a [b]: the jobs, by these hosts
    local name=bench$RANDOM start pids=
    : >"$T/$name.log"
    "$AVALIGN" submit "$T/in" --queue "$URL" --name $name --quiet
    for h in "$@"; do
        host_start "$h" taskset -c $([ "$h" = a ] && echo 0 || echo 1) "$AVALIGN" worker --queue "$(host_url "$h")" --name $name --threads 1 >/dev/null 2>>"$T/$name.log" & pids="$pids $!"
    done
    start=$(date +%s.%N)
    until [ "$(grep -c flagged "$T/$name.log")" -ge "$jobs" ]; do sleep 0.1; done
    awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }'
    kill -TERM $pids; wait $pids 2>/dev/null
}
one=$(seconds a) both=$(seconds a b) again=$(seconds b)
awk -v o="$one" -v b="$both" -v a="$again" -v n="$jobs" 'BEGIN {
    printf "%d jobs: one host %.1f s and %.1f s, two hosts %.1f s: %.2f x\n", n, o, a, b, (o + a) / 2 / b }'
