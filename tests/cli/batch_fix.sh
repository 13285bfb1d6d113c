#!/bin/bash
# avalign batch --fix: copies of what is off and sure, as avalign fix makes them; nothing else is written, an interruption loses nothing.
. "$(dirname "$0")/lib.sh"
mkdir -p "$T/in/a" "$T/in/b"
ff -t 6 -i "$SAMPLE" -itsoffset 0.4 -t 6 -i "$SAMPLE" -map 0:v -map 1:a -c copy "$T/in/a/late.mkv"
ff -t 6 -i "$SAMPLE" -c:v mpeg4 -q:v 2 -af adelay=400:all=1 -c:a pcm_s16le "$T/in/b/late.avi"
ff -t 6 -i "$SAMPLE" -c copy "$T/in/sync.mkv"
ff -t 6 -i "$SAMPLE" -an -c copy "$T/in/mute.mkv"
ff -i "$T/in/a/late.mkv" -itsoffset 0.4 -i "$T/in/a/late.mkv" -map 0:v -map 0:a -map 1:a -c copy "$T/in/two.mkv"
echo "not a video" >"$T/in/broken.mp4"
(cd "$T/in" && find . -type f -exec sha256sum {} + | sort) >"$T/sums"
same_sums() { (cd "$T/in" && find . -type f -exec sha256sum {} + | sort) | cmp -s - "$T/sums"; }
batch() { "$AVALIGN" batch "$@" --only lipsync --jobs 2 -q >"$T/out" 2>"$T/err" </dev/null; code=$?; }
table() { # table COLUMN: "name=value ..." of all rows
    $PYTHON - "$T/o/summary.csv" "$1" <<'P'
import csv, os, sys
print(" ".join("%s=%s" % (os.path.basename(r["file"]), r[sys.argv[2]]) for r in csv.DictReader(open(sys.argv[1], newline=""))))
P
}
all="late.mkv=%s late.avi=%s broken.mp4= mute.mkv=refused sync.mkv=in sync two.mkv=refused"
batch "$T/in" --out "$T/o" --fix "$T/fixed" --dry-run
ok "--dry-run says what would be moved" is "$(table fix)" "$(printf "$all" "would move" "would move")"
ok "and writes no copy" [ ! -e "$T/fixed" ]
batch "$T/in" --out "$T/o" --fix "$T/fixed"
ok "then the copies are made" is "$(table fix)" "$(printf "$all" moved moved)"
ok "one failed, not by --fix: code 3" is $code 3
ok "in the folders they came from; AVI can't hold a shift" is "$(cd "$T/fixed" && find . -type f | sort | tr '\n' ' ')" "./a/late.mkv ./b/late.avi.mkv "
ok "no file was touched" same_sums
figure() { sqlite3 "$T/o/avalign.db" "SELECT $1 FROM fixes JOIN files ON id = file WHERE path LIKE '%$2'"; }
for f in late.mkv late.avi; do
    ok "$f: before, moved, after" near "$(figure "before_ms - moved_ms + abs(after_ms)" $f)" 0 10
    ok "$f: as the table has it" is "$(table fix_before_ms | tr ' ' '\n' | grep -c "^$f=-[0-9.]*$")" 1
done
"$AVALIGN" fix "$T/in/a/late.mkv" --out "$T/one.mkv" --json >"$T/line"
ok "avalign fix says the same of one file" near "$(jq '.before.offset_ms + .after.offset_ms' "$T/line")" "$(figure 'before_ms + after_ms' late.mkv)" 0.01
ok "and writes the same packets" is "$(ff -i "$T/one.mkv" -map 0 -c copy -f framemd5 - | md5sum)" "$(ff -i "$T/fixed/a/late.mkv" -map 0 -c copy -f framemd5 - | md5sum)"
ok "why not, in words" is "$(table fix_note | grep -c 'choose with --audio-stream') $(table fix_note | grep -c 'no-audio')" "1 1"
stamp=$(stat -c %y "$T/fixed/a/late.mkv")
batch "$T/in" --out "$T/o" --fix "$T/fixed"
ok "again: nothing is done twice" is "$(stat -c %y "$T/fixed/a/late.mkv")" "$stamp"
rm "$T/fixed/a/late.mkv"
batch "$T/in" --out "$T/o"
ok "without --fix the columns stay" is "$(table fix)" "$(printf "$all" moved moved)"
batch "$T/in" --out "$T/o" --fix "$T/fixed"
ok "a copy that is gone is made again, alone" is "$([ -s "$T/fixed/a/late.mkv" ] && figure fixes.status late.mkv)" moved

# killed between the two: the row says that it was begun
sqlite3 "$T/o/avalign.db" "UPDATE fixes SET status = 'moving', after_ms = NULL WHERE status = 'moved'"; echo half >"$T/fixed/a/late.mkv"
batch "$T/in" --out "$T/o" --fix "$T/fixed"
ok "what a kill left half is done anew" is "$(table fix)" "$(printf "$all" moved moved)"
ok "and whole" near "$("$AVALIGN" analyze "$T/fixed/a/late.mkv" --only lipsync -q --json - | jq .sync_offset_ms)" 0 10
sqlite3 "$T/o/avalign.db" "DELETE FROM fixes"; echo mine >"$T/fixed/a/late.mkv"
batch "$T/in/a" --out "$T/p" --fix "$T/fixed/a"
ok "what is there and not ours stays, and code 3 says so" is "$(cat "$T/fixed/a/late.mkv") $code $(grep -c 'did not write; name another folder' "$T/p/summary.csv")" "mine 3 1"
echo "$T/in/a/../a/late.mkv" >"$T/list"; mkdir "$T/bin"; printf '#!/bin/sh\necho no room for it >&2; exit 1\n' >"$T/bin/ffmpeg"; chmod +x "$T/bin/ffmpeg"
PATH=$T/bin:$PATH batch "$T/list" --out "$T/q" --fix "$T/listed"
ok "what ffmpeg says is in the table" is "$code $(grep -c 'failed,-[0-9.]*,,,"","ffmpeg: no room for it' "$T/q/summary.csv")" "3 1"
batch "$T/list" --out "$T/q" --fix "$T/listed" --retry-failed
ok "--retry-failed takes it up; of a list the whole path is kept" is "$code $(find "$T/listed" -type f)" "0 $T/listed${T}/in/a/_/a/late.mkv"
refused() { local what=$1 pattern=$2; shift 2; batch "$@"; ok "$what" one_line "$pattern"; }
refused "copies among the originals" "would lie among the files that are judged" "$T/in" --out "$T/x" --fix "$T/in/fixed"
mkdir "$T/there"
refused "or onto them" "would lie among the files that are judged" "$T/in" --out "$T/x" --fix "$T/there/../in"
refused "or over a folder that is not there yet" "no way to this folder" "$T/in" --out "$T/x" --fix "$T/x/../in"
refused "--dry-run by itself" "goes with --fix" "$T/in" --out "$T/x" --dry-run
"$AVALIGN" batch "$T/in" --out "$T/x" --fix "$T/y" --except lipsync 2>"$T/err"; ok "without lip sync there is nothing to go by" one_line "leave lipsync among the analyzers"
PATH=$T/nowhere "$AVALIGN" batch "$T/in" --out "$T/x" --fix "$T/y" 2>"$T/err"; code=$?
ok "no ffmpeg: told at once" one_line "ffmpeg is not installed"; ok "with code 4" is "$code $(ls "$T/x" 2>/dev/null | wc -l)" "4 0"
ok "no file was touched by any of it" same_sums
# two copies of one name, and a link that leads back among the files
mkdir -p "$T/twins" "$T/linked/b" "$T/way"
cp "$T/in/b/late.avi" "$T/twins/late.avi"; cp "$T/in/a/late.mkv" "$T/twins/late.avi.mkv"; cp "$T/in/b/late.avi" "$T/linked/b/"
"$AVALIGN" batch "$T/twins" --out "$T/o2" --fix "$T/fixed2" --only lipsync --jobs 2 -q >"$T/out" 2>"$T/err"; code=$?
ok "two copies of one name: one is made, the other told" is "$code $(sqlite3 "$T/o2/avalign.db" 'SELECT group_concat(status) FROM (SELECT status FROM fixes ORDER BY status)')" "3 failed,moved"
ln -s "$T/linked/b" "$T/way/b"
"$AVALIGN" batch "$T/linked" --out "$T/o3" --fix "$T/way" --only lipsync --jobs 2 -q >"$T/out" 2>"$T/err"; code=$?
ok "a link among the files is not followed" is "$code $(ls "$T/linked/b" | wc -l) $(sqlite3 "$T/o3/avalign.db" "SELECT note LIKE '%leads the copy out%' FROM fixes")" "3 1 1"
finish
