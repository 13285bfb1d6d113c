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
evil="$T/in/<img src=x onerror=window.hacked=1>.mp4"
cp "$SAMPLE" "$evil"; "$AVALIGN" analyze "$evil" -q --only lipsync --html "$T/out/evil.html" >/dev/null 2>&1
ok "a name full of markup is escaped" is "$(grep -c '<img src=x' "$T/out/evil.html")" 0
"$AVALIGN" analyze - -q --only lipsync --html "$T/out/pipe.html" <"$SAMPLE" >/dev/null 2>"$T/err"
ok "what came through a pipe has a page without pictures" test -s "$T/out/pipe.html"
ok "and says so in one line" one_line "no pictures"
"$AVALIGN" analyze "$SAMPLE" -q --html /nowhere/page.html >/dev/null 2>"$T/err"
ok "a place that can't be written is told before the work" one_line "output: No such"
if command -v chromium >/dev/null && command -v node >/dev/null && [ -d "$here/../../third_party/browser/package" ]; then
    ok "the page in Chromium" node "$here/../page/page.js" "$T/out/page.html" "$T/out/evil.html" "${PAGE_SHOTS:-$T/out}" "$T/json"
elif [ -n "${CI:-}" ]; then
    ok "Chromium is there (setup/test_tools.sh)" false
fi
finish
