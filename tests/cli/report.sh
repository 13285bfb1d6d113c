#!/bin/bash
# The report that is filed: how the container is built, checksums, and the line by which a second examiner gets the same bytes.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd) only="--only lipsync,artifacts"
mkdir "$T/in"; cd "$T/in" || exit 99
ff -t 2 -i "$SAMPLE" -c copy clip.mp4; ff -t 2 -i "$SAMPLE" -c copy -f mov clip.mov; ff -t 2 -i "$SAMPLE" -c copy -movflags frag_keyframe+empty_moov -frag_duration 100000 frag.mp4
ff -t 2 -i "$SAMPLE" -c:v mpeg4 -c:a mp3 clip.avi; ff -t 2 -i "$SAMPLE" -c copy clip.mkv; ff -t 2 -i "$SAMPLE" -vn clip.wav; ff -t 2 -i "$SAMPLE" -vn clip.ogg
built() { json "$1" --only artifacts; get ".media.structure | $2"; }
for f in clip.mp4 clip.mov frag.mp4; do
    json $f --only artifacts
    ok "$f: the parts are those that another reader of boxes finds" $PYTHON "$here/boxes.py" $f "$T/json"
done
ok "the size is the file's" is "$(built clip.mp4 .bytes)" "$(stat -c %s clip.mp4)"
ok "an edit list says what is shown" is "$(built clip.mp4 '[.parts[] | select(.type == "elst") | .says] | all(test("^1 edit: [0-9]+ from unit 1024 of the track$"))')" true
ok "the coder of the picture is named, by the container and in the picture" is "$(get '[.media.structure.parts[] | select(.type == "stsd" or .type == "mdat") | .says // "" | test("x264")] | @json')" "[true,true,false]"
ok "AVI: chunks" is "$(built clip.avi '[.format, ([.parts[] | select(.depth == 1) | .type] | @json)] | join(" ")')" 'chunks ["LIST hdrl","LIST INFO","JUNK","LIST movi","idx1"]'
ok "WAV: chunks" is "$(built clip.wav '[.parts[] | select(.type == "fmt ") | .says] | .[0]')" "format 1, 1 channel(s), 22050 Hz, 16 bit"
ok "Matroska: elements" is "$(built clip.mkv '[.format, (.parts[] | select(.type == "CodecID") | .says)] | join(" ")')" "elements V_MPEG4/ISO/AVC A_AAC"
ok "Ogg: the size alone" is "$(built clip.ogg '[.format, (.bytes > 0), (.parts | length)] | @json')" "[null,true,0]"
head -c 40000 clip.mov >cut.mov; cat clip.mp4 >glued.mp4; printf 'abcdefgh' >>glued.mp4
ok "what follows the end and is no box is told" is "$(built glued.mp4 '.problem | contains("makes no sense") or contains("cut off")')" true
json clip.mp4 $only --html page.html --case <(echo '{"case": "1"}')
ok "the schema knows it" $PYTHON - "$T/json" "$here/../../docs/result.schema.json" <<'P'
import json, sys
import jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))
P

# checksums
"$AVALIGN" analyze clip.mp4 $only -q --json r.json --html r.html --marks csv=r.csv --case <(echo '{"case": "2026-118"}') --checksums 2>"$T/err"
ok "checksums are taken by sha256sum" sha256sum --quiet -c r.json.sha256 r.html.sha256 r.csv.sha256
echo >>r.csv; ok "and a changed file is not" is "$(sha256sum --quiet -c r.csv.sha256 2>/dev/null)" "r.csv: FAILED"
"$AVALIGN" analyze clip.mp4 $only -q --sandbox --json s.json --checksums 2>"$T/err"
ok "from the sandbox too" is "$(sha256sum --quiet -c s.json.sha256 && cut -d' ' -f1 s.json.sha256)" "$(cut -d' ' -f1 r.json.sha256)"
"$AVALIGN" analyze clip.mp4 -q --json - --checksums >/dev/null 2>"$T/err"; ok "of standard output there are none" one_line "checksums is of files"
ln -s /dev/full full.json.sha256; "$AVALIGN" analyze clip.mp4 $only -q --json full.json --checksums 2>"$T/err"; code=$?
ok "one that can't be written is told" is "$code $(grep -c 'No space left' "$T/err")" "4 1"

# again
note() { sed -n '/^"notes": \[/,/^\]/p' "$1" | sed '1s/.*/[/; $s/\],/]/' | jq -r --arg k "$2" '.[] | select(.[0] == $k) | .[1]' | sed 's/\\u0026/\&/g'; }
again() { # again PAGE: the printed line, typed
    local line; line=$(note "$1" "To run it again"); echo "     $line" >&2
    PATH=$(dirname "$AVALIGN"):$PATH bash -c "$line" 2>/dev/null | cut -d' ' -f1
}
ok "the line to run it again gives the JSON's bytes" is "$(again r.html)" "$(cut -d' ' -f1 r.json.sha256)"
ok "and the page says which" is "$(note r.html 'SHA-256 that it gives')" "$(cut -d' ' -f1 r.json.sha256)"
mv clip.mp4 "it's \$HOME & co.mp4"; cp "$here/../../policies/calibrated.json" "my policy.json"
"$AVALIGN" analyze --marks=csv=t.csv -q --policy "my policy.json" --html=t.html --progress json --json t.json --case <(echo '{"case": "3"}') --except emotion,speaker,viseme,authenticity,mouth --flag-at=.4 -- "it's \$HOME & co.mp4" 2>/dev/null
ok "whatever is asked and however the file is called" is "$(again t.html)" "$(sha256sum <t.json | cut -d' ' -f1)"
"$AVALIGN" analyze "it's \$HOME & co.mp4" $only -q --html u.html --timings --case <(echo '{"case": "4"}') 2>/dev/null
ok "times are not the same twice: no such line" is "$(note u.html 'To run it again')" ""
finish
