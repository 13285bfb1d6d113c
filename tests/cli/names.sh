#!/bin/bash
# Names of files that have broken something somewhere, as input and as output; units of given trackings.
. "$(dirname "$0")/lib.sh"
ff -ss 1 -i "$SAMPLE" -t 1.2 -c copy "$T/s.mp4"
mkdir "$T/n"; cd "$T/n" || exit 99
long=$(printf 'n%.0s' $(seq 251)).mp4
names=("a b.mp4" "-x.mp4" "it's \"so\".mp4" $'two\nlines.mp4' "100%d%n.mp4" "<script>alert(1)<b>.mp4" "c:d.mp4" $'gr\xfc\xdf.mp4' $'\xff.mp4' "$long" "a,b;c=d.mp4")
for n in "${names[@]}"; do
    cp "$T/s.mp4" "./$n"
    shown=$(printf '%s' "$n" | tr -cd '[:print:]' | cut -c1-30)
    "$AVALIGN" analyze -q --only lipsync --json "j-${n:0:240}" --marks csv="c-${n:0:240}" --marks otio=o --marks sarif=s --html h --overlay "v-${n:0:240}.mkv" -- "$n" >out 2>err; code=$?
    ok "$shown: analyzed, nothing said" test "$code" -le 2 -a ! -s err
    ok "$shown: the JSON is UTF-8" $PYTHON -c 'import json, sys; json.loads(open(sys.argv[1], "rb").read().decode())' "j-${n:0:240}"
    ok "$shown: the overlay is a video" test "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 "file:v-${n:0:240}.mkv" | grep -c video)" = 1
    ok "$shown: the URLs lead back to it" $PYTHON - "$n" <<'P'
import json, os, sys, urllib.parse as u
raw = os.fsencode(sys.argv[1])
a = json.load(open("s"))["runs"][0]["results"]
o = json.load(open("o"))["tracks"]["children"][0]["children"][0]["media_reference"]["target_url"]
urls = [o] + [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in a]
for x in urls:
    assert x.isascii() and not set(x) & set(' "<>\n\\^`{|}'), x
    assert os.path.normpath(u.unquote_to_bytes(x)) == raw, (x, raw)
P
    ok "$shown: no tag in the page" is "$(grep -c '<script>alert' h)" 0
    rm -f ./j-* ./c-* ./v-* o s h
done
"$AVALIGN" analyze -q --only lipsync --json "$long" ./"a b.mp4" >out 2>err; code=$?
ok "an output with a name of 255 bytes" test "$code" -le 2 -a "$(head -c 1 "$long")" = "{"
"$AVALIGN" analyze -q --only lipsync --overlay "$long" ./"a b.mp4" >out 2>err; code=$?
ok "and an overlay" test "$code" -le 2 -a -z "$(ls | grep -a part)"
rm -f "$long"
ff -i ./"a b.mp4" -vf scale=225:223 -pix_fmt yuv420p -c:v libvpx -b:v 500k -c:a libopus odd.webm
for e in mkv mp4 webm; do
    "$AVALIGN" analyze -q --only lipsync --overlay o.$e odd.webm >out 2>"$T/err"; code=$?
    ok "an odd picture size, into $e" test "$code" -le 2 -a -s o.$e
done
ok "made even by a row and a column" is "$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0 o.mkv)" 226,224
"$AVALIGN" analyze -q --only lipsync --overlay o.webm "a b.mp4" >out 2>"$T/err"
ok "sound that a container can't hold: ffmpeg's own reason" one_of_lines 'overlay: ffmpeg: ..*mkv takes'
tracking() { $PYTHON -c 'import json, sys
t, k = float(sys.argv[1]), float(sys.argv[2])
json.dump({"format": 1, "frames": [{"t_s": i * t, "faces": [{"track": 0, "box": [45 * k, 40 * k, 140 * k, 150 * k]}]} for i in range(60)]}, open("t.json", "w"))' "$@"; run "a b.mp4" --tracks t.json --only lipsync; }
tracking .04 0; ok "boxes without size" one_line "tracks: .*width and height are over 0"
tracking .04 1; { printf '\xef\xbb\xbf'; cat t.json; } >bom.json; run "a b.mp4" --tracks bom.json --only lipsync; ok "a byte-order mark in front" [ $code -le 2 ]
$PYTHON -c 'import json; d = json.load(open("t.json"))
for f in d["frames"]: f["t_s"] += 1000
json.dump(d, open("far.json", "w"))'
json "a b.mp4" --tracks far.json --only lipsync
ok "times of another clock: told, and not the face's size is blamed" is "$(get '[.warnings[].code, .absent.sync_offset_ms] | join(" ")')" "tracks-apart too-short"
tracking 40 1; ok "times in milliseconds" one_line 'tracks: .*seconds, not in milliseconds'
tracking 40000000 1; ok "in nanoseconds" one_line 'tracks: .*is in seconds'
tracking 1 1; ok "in frames: no more than a second apart may be true" test "$code" != 3
tracking 0.04 0.004; ok "boxes in fractions" one_line 'tracks: .*in pixels, not in fractions'
tracking 0.04 1; ok "in pixels and seconds: taken" test "$code" != 3
# the other commands, given all of them at once
mkdir all; for n in "${names[@]}"; do cp "$T/s.mp4" "all/$n"; printf '%s' "$n" >>"all/$n"; done # of unlike content
cd all || exit 99
utf8_lines() { $PYTHON -c 'import json, sys; print(len([json.loads(l) for l in open(sys.argv[1], "rb").read().decode().splitlines()]))' "$1"; }
"$AVALIGN" embed voice --quick -- "${names[@]}" >"$T/lines" 2>"$T/err"; code=$?
ok "embed: a line of UTF-8 for each" is "$code $(utf8_lines "$T/lines")" "0 ${#names[@]}"
ok "embed: the names that UTF-8 can hold are whole" is "$(jq -rs '[.[].file] | map(select(. == "it'\''s \"so\".mp4" or . == "two\nlines.mp4" or . == "-x.mp4")) | length' "$T/lines")" 3
for n in "${names[@]}"; do
    shown=$(printf '%s' "$n" | tr -cd '[:print:]' | cut -c1-30) ref="r-${n:0:200}.avref"
    "$AVALIGN" enroll --quick --out "../$ref" -- "$shown" "$n" >"$T/out" 2>"$T/err"; code=$?
    ok "$shown: enrolled" test "$code" = 0 -a -s "../$ref"
    "$AVALIGN" verify --quick --reference "../$ref" -- "$n" >"$T/lines" 2>"$T/err"; code=$?
    ok "$shown: verified, a line of UTF-8" is "$code $(utf8_lines "$T/lines")" "0 1"
done
cd ..
"$AVALIGN" batch all --out b --only lipsync --html -q >"$T/out" 2>"$T/err"; code=$?
ok "batch: all done" is "$code $(sqlite3 b/avalign.db "SELECT count(*) FROM files WHERE status = 'done'")" "0 ${#names[@]}"
ok "batch: the table has every name to the byte" $PYTHON - "${names[@]}" <<'P'
import csv, os, sys
rows = list(csv.reader(open("b/summary.csv", encoding="utf-8", errors="surrogateescape", newline="")))[1:]
got = sorted(os.path.basename(r[0]).lstrip("'") for r in rows)
assert got == sorted(sys.argv[1:]), got
P
ok "batch: a result and a page for each" is "$(find b/json -name '*.json' -printf x | wc -c) $(find b/pages -name '*.html' -printf x | wc -c)" "${#names[@]} ${#names[@]}"
ok "batch: no name leads out of its folder, or ends in a part" is "$(find . -name '*.part*' | wc -l)" 0
$PYTHON - "${names[@]}" <<'P'
import os, sys
with open(b"list.csv", "wb") as f:
    f.write(b"path,label\r\n")
    for i, n in enumerate(sys.argv[1:]):
        f.write(b'"all/' + os.fsencode(n).replace(b'"', b'""') + b'",' + (b"real", b"fake")[i % 2] + b"\r\n")
P
"$AVALIGN" eval list.csv --only lipsync --results res --html e.html --markdown e.md >"$T/out" 2>"$T/err"; code=$?
ok "eval: every file of the list" is "$code $(ls res | grep -ac json)" "0 ${#names[@]}"
ok "eval: page and table are UTF-8, nothing runs" is "$(cat e.html e.md | iconv -f utf-8 -t utf-8 2>&1 | grep -c '<script>alert')" 0
for f in vtt edl csv rttm textgrid otio sarif ass; do
    "$AVALIGN" analyze -q --only lipsync --marks $f=m -- $'all/two\nlines.mp4' >"$T/out" 2>"$T/err"
    ok "$f of a name of two lines: UTF-8" iconv -f utf-8 -t utf-8 m -o /dev/null
    "$AVALIGN" analyze -q --only lipsync --marks $f=m2 -- $'all/gr\xfc\xdf.mp4' >"$T/out" 2>"$T/err"
    ok "$f of a name that is no UTF-8: UTF-8, as many lines" is "$(iconv -f utf-8 -t utf-8 m2 | wc -l)" "$(wc -l <m)"
done
finish
