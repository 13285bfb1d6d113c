#!/bin/bash
# Real clips of ../shared/data: every one is answered; SyncNet's example is found as published.
. "$(dirname "$0")/lib.sh"
dev=$SHARED/data/video/dev
[ -d "$dev" ] || { echo "SKIP: no $dev"; exit 77; }
json "$dev/real/syncnet_example/example.mkv"
ok "SyncNet's example: 3 frames, sound early ($(get .sync_offset_ms) ms)" near "$(get .sync_offset_ms)" 120 20
n=$(ls "$dev"/real/*/* "$dev"/fake/*/* | wc -l)
ls "$dev"/real/*/* "$dev"/fake/*/* >"$T/list"
"$AVALIGN" batch "$T/list" --out "$T/out.d" --jobs 1 --quiet >"$T/out" 2>"$T/err"
jq -r 'select(.tracks) | (.tracks | length | tostring) + " " + .file' "$T/out.d/results.jsonl" >"$T/faces"
ok "all $n dev clips are answered" is "$(wc -l <"$T/faces")" "$n"
ok "and show a face" is "$(grep '^0 ' "$T/faces")" ""
finish
