#!/bin/bash
# The evidence page: made by the tool, opened in Chromium.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
mkdir -p "$T/in/a b" "$T/out"
cp "$SAMPLE" "$T/in/a b/clip #1.mp4"
"$AVALIGN" analyze "$T/in/a b/clip #1.mp4" -q --transcribe --json "$T/json" --html "$T/out/page.html" >"$T/out/log" 2>&1; code=$?
ok "a page is written" test -s "$T/out/page.html" -a "$code" -le 2
ok "it knows the way to the video" grep -q '"video_src": "../in/a b/clip #1.mp4"' "$T/out/page.html"
ok "nothing is fetched from anywhere" is "$(grep -oE '(src|href)="?https?:' "$T/out/page.html")" ""
has_words() { jq -r '.. | objects | .kind? // empty' "$here"/../../policies/*.json | sort -u | while read -r kind; do grep -q "\"$kind\": \[" "$T/out/page.html" || exit 1; done; }
ok "every kind that a policy may find has its words on the page" has_words
ok "and they are some" test "$(jq -r '.. | objects | .kind? // empty' "$here"/../../policies/*.json | sort -u | wc -l)" -ge 5
cat >"$T/case.json" <<'END'
{"case": "2026-118", "remarks": "</script><img src=x onerror=window.hacked=1>", "examiner": "A. \"Lee\" \\9 *{}", "pages": 3}
END
"$AVALIGN" analyze "$SAMPLE" -q --only lipsync,authenticity --json "$T/with.json" --html "$T/out/case.html" --case "$T/case.json" >/dev/null 2>&1
"$AVALIGN" analyze "$SAMPLE" -q --only lipsync,authenticity --json "$T/without.json" >/dev/null 2>&1
ok "a case file leaves the JSON as it is" cmp -s "$T/with.json" "$T/without.json"
ok "its entries are on the page, markup and all as text" is "$(grep -c '<img src=x' "$T/out/case.html"):$(grep -c 'A. ..Lee' "$T/out/case.html")" 0:1
ok "with the command line" grep -q '"avalign analyze .*--only lipsync,authenticity' "$T/out/case.html"
bad_case() { printf "$2" >"$T/bad.json"; "$AVALIGN" analyze "$SAMPLE" -q --html "$T/out/no.html" --case "$T/bad.json" >/dev/null 2>"$T/err"; [ $? = 3 ] && one_line "$1"; }
ok "no JSON is refused before the work" bad_case "not JSON: line 1" '{"case": '
ok "so is a list" bad_case "no text" '{"case": ["a"]}'
ok "an empty object" bad_case "not a JSON object" '{}'
ok "a key given twice" bad_case "duplicate" '{"a": "1", "a": "2"}'
"$AVALIGN" analyze "$SAMPLE" -q --html "$T/out/no.html" --case /dev/zero >/dev/null 2>"$T/err"
ok "what never ends is not read to the end" one_line "longer than 64 kB"
"$AVALIGN" analyze "$SAMPLE" -q --case "$T/case.json" >/dev/null 2>"$T/err"
ok "a case without a page is told" one_line "give --html OUT too"
figures() { # every figure of the manifest's validations is one of docs/accuracy.md, in the section that it names
    jq -r '.models[].validation[]? | .see + "\t" + .text' "$here/../../models/manifest.json" | while IFS='	' read -r see text; do
        section=$(awk -v h="$see" '/^##/ { on = index($0, h) > 0; sub(/^#+ /, ""); if ($0 == h) on = 1 } on' "$here/../../docs/accuracy.md")
        [ -n "$section" ] || { echo "no section $see"; exit 1; }
        printf '%s\n' "$text" | grep -oE '[0-9]*[.,]?[0-9]*[0-9]' | while read -r n; do
            printf '%s\n' "$section" | grep -qF -- "$n" || { echo "$n of: $text"; exit 1; }
        done || exit 1
    done
}
ok "what the nets' rows say of their validation is in docs/accuracy.md" figures
ok "and there is some for each measure" test "$(jq '[.models[] | select(.validation)] | length' "$here/../../models/manifest.json")" -ge 7
codes() { sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' "$here/../../docs/reasons.md" | sed '/^clock-jump$/,$d' | sort; }
ok "every reason of docs/reasons.md has its words on the page, and no other" is "$(sed -n '/^"reasons": {/,/^}/s/^  "\([a-z-]*\)".*/\1/p' "$T/out/page.html" | sort | xargs)" "$(codes | xargs)"
helps() { sed -n '/^| `clock-jump`/q; s/^| `\([a-z-]*\)` | .* | \(.*\)|$/\1 \2/p' "$here/../../docs/reasons.md" | tr -d '`' | sed 's/ *$//' | sort; }
ok "with what would help" is "$(sed -n '/^"reasons": {/,/^}/p' "$T/out/page.html" | sed '1s/.*/{/; $s/},/}/' | jq -r 'to_entries[] | .key + " " + (.value[1] // "")' | sed 's/ *$//' | sort)" "$(helps)"
sed 's/^"anomalies": \[\]/"anomalies": []/; s/^"noticed": \[\]/"noticed": ["drawn-face"]/' "$T/out/page.html" >"$T/out/noticed.html"
evil="$T/in/<img src=x onerror=window.hacked=1>.mp4"
cp "$SAMPLE" "$evil"; "$AVALIGN" analyze "$evil" -q --only lipsync --html "$T/out/evil.html" >/dev/null 2>&1
ok "a name full of markup is escaped" is "$(grep -c '<img src=x' "$T/out/evil.html")" 0
"$AVALIGN" analyze - -q --only lipsync --html "$T/out/pipe.html" <"$SAMPLE" >/dev/null 2>"$T/err"
ok "what came through a pipe has a page without pictures" test -s "$T/out/pipe.html"
ok "and says so in one line" one_line "no pictures"
"$AVALIGN" analyze "$SAMPLE" -q --html /nowhere/page.html >/dev/null 2>"$T/err"
ok "a place that can't be written is told before the work" one_line "output: No such"
if command -v chromium >/dev/null && command -v node >/dev/null && [ -d "$here/../../third_party/browser/package" ]; then
    ok "the page in Chromium" node "$here/../page/page.js" "$T/out/page.html" "$T/out/evil.html" "$T/out/case.html" "${PAGE_SHOTS:-$T/out}" "$T/json" "$T/out/noticed.html"
elif [ -n "${CI:-}" ]; then
    ok "Chromium is there (setup/test_tools.sh)" false
fi
finish
