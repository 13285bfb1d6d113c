#!/bin/bash
# Real clips of ../shared/data: every one is answered; SyncNet's example is found as published.
. "$(dirname "$0")/lib.sh"
dev=$SHARED/data/video/dev
[ -d "$dev" ] || { echo "SKIP: no $dev"; exit 77; }
json "$dev/real/syncnet_example/example.mkv"
ok "SyncNet's example: 3 frames, sound early ($(get .sync_offset_ms) ms)" near "$(get .sync_offset_ms)" 120 20
n=0 bad=0
for f in "$dev"/real/*/* "$dev"/fake/*/*; do
    json "$f"; n=$((n + 1))
    [ $code -le 2 ] && [ "$(get '.tracks | length')" -ge 1 ] || { echo "FAIL $f: exit $code, $(get '.tracks | length') tracks: $(cat "$T/err")"; bad=$((bad + 1)); }
done
ok "all $n dev clips are answered and show a face" is $bad 0
finish
