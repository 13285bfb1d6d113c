#!/bin/bash
# avalign batch: everything has a result, nothing is done twice, and neither a crash, a hang nor a kill loses anything.
. "$(dirname "$0")/lib.sh"
mkdir -p "$T/in/sub"
for i in 1 2 3 4 5; do ff -ss 0.$i -t 6 -i "$SAMPLE" -c:v copy -c:a copy "$T/in/$i.mkv"; done
cp "$T/in/1.mkv" "$T/in/sub/same.mkv"
echo "not a video" >"$T/in/broken.mp4"
cp "$T/in/2.mkv" "$T/in/sub/odd \"name\", =1+1.mkv"; printf x >>"$T/in/sub/odd \"name\", =1+1.mkv"
batch() { "$AVALIGN" batch "$@" --only lipsync -q >"$T/out" 2>"$T/err" </dev/null; code=$?; }
sql() { sqlite3 "$T/o/avalign.db" "$1"; }
batch "$T/in" --out "$T/o" --jobs 2 --html
ok "some failed: code 3" is $code 3
ok "every file has its line" is "$(jq -r .file "$T/o/results.jsonl" | sort | tr '\n' ' ')" "$(find "$T/in" -type f | LC_ALL=C sort | tr '\n' ' ')"
ok "in the order of their paths" is "$(jq -r .file "$T/o/results.jsonl")" "$(find "$T/in" -type f | LC_ALL=C sort)"
ok "the broken one says why" jq -es '[.[] | select(.status == "failed")] | length == 1 and (.[0].error | contains("not a media file"))' "$T/o/results.jsonl"
ok "the copy is recognised" is "$(jq -r 'select(.duplicate_of) | .duplicate_of' "$T/o/results.jsonl")" "$T/in/1.mkv"
ok "the table has a line for each" is "$($PYTHON -c 'import csv,sys; print(len(list(csv.DictReader(open(sys.argv[1], newline="")))))' "$T/o/summary.csv")" 8
ok "a JSON file for each result" is "$(ls "$T/o/json" | wc -l)" 6
ok "and a page" is "$(ls "$T/o/pages" | wc -l)" 6
ok "the same numbers as analyze gives" is "$("$AVALIGN" analyze "$T/in/3.mkv" --only lipsync -q --json - | jq .sync_offset_ms)" "$(jq 'select(.file | endswith("/3.mkv")) | .sync_offset_ms' "$T/o/results.jsonl")"
ok "scores can be queried" is "$(sql "SELECT count(*) FROM scores JOIN files ON file = id WHERE name = 'sync_offset_ms' AND abs(value) < 80")" 6
ok "and tracks" is "$(sql 'SELECT count(DISTINCT file) FROM tracks')" 6
before=$(sql 'SELECT sum(attempts) FROM files')
rm "$T/o/json/"*-3.mkv.json
batch "$T/in" --out "$T/o" --html
ok "a second run does nothing again" is "$(sql 'SELECT sum(attempts) FROM files')" "$before"
ok "but puts back a JSON file that was lost" is "$(ls "$T/o/json" | grep -c -- '-3.mkv')" 1
batch "$T/in" --out "$T/o" --html --retry-failed
ok "--retry-failed does the broken one again" is "$(sql 'SELECT sum(attempts) FROM files')" "$((before - 1 + 1))"
touch -d '2001-02-03 04:05:06' "$T/in/4.mkv"
batch "$T/in" --out "$T/since" --since 2002-01-01
ok "--since leaves out what is older" is "$(jq -r .file "$T/since/results.jsonl" | grep -c '/4.mkv')" 0
ff -i "$T/in/5.mkv" -t 4 -c copy "$T/n.mkv" && mv "$T/n.mkv" "$T/in/5.mkv"
batch "$T/in" --out "$T/o" --html
ok "a file that changed is done anew" near "$(jq 'select(.file | endswith("/5.mkv")) | .media.duration_s' "$T/o/results.jsonl")" 4 0.3

# killed in the middle, more than once
find "$T/in" -name '[1-5].mkv' | sort >"$T/list"
for try in 1 2; do
    "$AVALIGN" batch "$T/list" --out "$T/k" --jobs 1 --only lipsync -q 2>/dev/null & pid=$!
    for wait in $(seq 600); do [ "$(sqlite3 "$T/k/avalign.db" "SELECT count(*) FROM files WHERE status = 'done'" 2>/dev/null || echo 0)" -ge $try ] && break; sleep 0.05; done
    child=$(pgrep -P $pid); kill -9 $pid; wait $pid 2>/dev/null
done
sleep 0.3
ok "a killed batch leaves no process behind" is "$([ -n "$child" ] && ps -o stat= -p "$child" | grep -cv Z)" 0
batch "$T/list" --out "$T/k" --jobs 2
ok "after two kills it goes on to the end" is $code 0
ok "every file is done once" is "$(sqlite3 "$T/k/avalign.db" "SELECT count(*) || ' ' || count(DISTINCT path) FROM files WHERE status = 'done'")" "5 5"
# a worker that dies takes one file with it
"$AVALIGN" batch "$T/list" --out "$T/w" --jobs 1 --only lipsync -q 2>/dev/null & pid=$!
for wait in $(seq 600); do worker=$(pgrep -P $pid); [ -n "$worker" ] && ls -l /proc/$worker/fd 2>/dev/null | grep -q "$T/in" && break; sleep 0.02; done
kill -KILL $worker; wait $pid; code=$?
ok "a crash is that file's result, the others go on" is "$(sqlite3 "$T/w/avalign.db" "SELECT group_concat(status || error) FROM files WHERE status = 'failed'"; sqlite3 "$T/w/avalign.db" "SELECT count(*) FROM files WHERE status = 'done'")" \
    "failedthe process died of signal 9 (Killed)
4"
batch "$T/list" --out "$T/slow" --timeout 0.05
ok "what takes too long has failed" is "$(jq -rs '[.[] | .error] | unique | join("")' "$T/slow/results.jsonl")" "took longer than 0.05 s"
mkdir "$T/busy"; "$AVALIGN" batch "$T/list" --out "$T/busy" --jobs 1 --only lipsync -q 2>/dev/null & pid=$!
for wait in $(seq 100); do [ -e "$T/busy/.lock" ] && break; sleep 0.02; done; sleep 0.1
batch "$T/list" --out "$T/busy"
ok "two batches in one folder: the second is told" one_line 'another batch'
kill -TERM $pid; wait $pid; code=$?
ok "told to stop, it stops and can go on" is $code 3
batch "$T/nothing" --out "$T/x"
ok "a list that is not there is told in one line" one_line 'No such'
batch "$T/list" --out "$T/x" --models /nowhere
ok "so are models that are not there" one_line 'manifest'
finish
