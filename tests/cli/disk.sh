#!/bin/bash
# avalign serve on a disk that fills up: told in words, what waits is judged once there is room, nothing is lost.
[ -n "${OWN_MOUNTS:-}" ] || { unshare -rm true 2>/dev/null || { echo "no mount of one's own is allowed here"; exit 77; }; OWN_MOUNTS=1 exec unshare -rm bash "$0"; }
. "$(dirname "$0")/lib.sh"
export AVALIGN_MODELS=$AVALIGN_TINY # what they say does not matter here
PORT=$((20000 + $$ % 20000)) URL=http://127.0.0.1:$PORT D=$T/disk
trap 'kill -9 $server 2>/dev/null; umount "$D"; rm -rf "$T"' EXIT
mkdir "$D"; mount -t tmpfs -o size=300m none "$D"
for i in 1 2 3 4; do ff -t 1.$i -i "$SAMPLE" -c copy "$T/$i.mkv"; done
"$AVALIGN" serve --out "$D/s" --port $PORT --only artifacts,verdict --jobs 1 >"$T/url" 2>"$T/err" & server=$!
for wait in $(seq 200); do [ -s "$T/url" ] && break; sleep 0.05; done
token=$(sed 's/.*token=//' "$T/url")
api() { local path=$1; shift; curl -s -H "Authorization: Bearer $token" "$@" "$URL/api/$path"; }
code() { api "$@" -o "$T/body" -w '%{http_code}'; }
words() { jq -r .error "$T/body" | grep -c "$1"; }
wait_for() { for wait in $(seq 600); do api "$1" | jq -e "$2" >/dev/null && return; sleep 0.05; done; echo "     $(api "$1")"; return 1; }
fill() { dd if=/dev/zero of="$D/filler" bs=1M 2>/dev/null; dd if=/dev/zero of="$D/crumbs" bs=512 2>/dev/null; }
empty() { rm -f "$D/filler" "$D/crumbs"; }

api "files?name=1.mkv" --data-binary @"$T/1.mkv" >/dev/null
ok "with room all is well" wait_for files '.files | length == 1 and all(.verdict)'
head -c 60000000 /dev/zero >"$D/filler"
ok "too little left for others: refused before a byte is sent" is "$(code "files?name=2.mkv" --data-binary @"$T/2.mkv") $(words 'too full.*free space')" "507 1"
empty
judge=$(pgrep -P $server) && kill -STOP $judge # so that the files wait while the disk fills
for i in 2 3; do api "files?name=$i.mkv" --data-binary @"$T/$i.mkv" >/dev/null; done
wait_for files '.files | any(.status == "working")'; fill; kill -CONT $judge
ok "a judgement that can't be kept is told" is "$(code files/1/judge -d '{"policy": "calibrated"}') $(words 'free space')" "507 1"
ok "and an upload" is "$(code "files?name=4.mkv" --data-binary @"$T/4.mkv") $(words 'full.*free space')" "507 1"
ok "what waits goes on waiting, in words" wait_for status '.trouble // "" | contains("the disk is full; free space")'
ok "nothing failed and nothing is gone" is "$(api files | jq -c '[.files[] | select(.status != "failed") | .name]')" '["1.mkv","2.mkv","3.mkv"]'
ok "the old result is there" is "$(api files/1/result | jq -r .signals.verdict.policy)" seed
ok "removing a file works on a full disk too" is "$(code files/1 -X DELETE) $(api files | jq '.files | length')" "200 2"
fill
empty
ok "with room again everything is judged" wait_for files '.files | length == 2 and all(.verdict)'
ok "and nothing has to wait" wait_for status '.trouble == null'
ok "the results are whole" is "$(for i in 2 3; do api files/$i/result | jq -r .format; done | xargs) $(for i in 2 3; do api files/$i/page | grep -c '</html>'; done | xargs)" "1 1 1 1"
kill -9 $server; wait $server 2>/dev/null
mkdir "$T/small"; ff -i "$SAMPLE" -c copy "$T/whole.mkv"
mount -t tmpfs -o size=$(($(stat -c %s "$T/whole.mkv") / 1024 * 3 / 4))k none "$T/small"
"$AVALIGN" fix "$T/whole.mkv" --offset 100 --out "$T/small/x.mkv" >"$T/out" 2>"$T/err"; full=$?
ok "a copy that does not fit is no copy" is "$((full > 2)) $(ls -A "$T/small" | wc -l) $(grep -ciE 'cut short|no space' "$T/err")" "1 0 1"
umount "$T/small"
ok "the database too" is "$(sqlite3 "$D/s/avalign.db" 'PRAGMA integrity_check; SELECT count(*) FROM files')" "$(printf 'ok\n2')"
finish
