#!/bin/bash
# avalign eval: a labelled list judged, results kept and used again, tables and plots; faulty lists.
. "$(dirname "$0")/lib.sh"
mkdir "$T/clips"
cp "$SAMPLE" "$T/clips/a.mp4"
ff -t 6 -i "$SAMPLE" -c copy "$T/clips/b.mp4"
ff -i "$SAMPLE" -itsoffset 0.3 -i "$SAMPLE" -map 0:v -map 1:a -c copy "$T/clips/late.mkv"
ff -t 7 -i "$SAMPLE" -itsoffset 0.25 -i "$SAMPLE" -map 0:v -map 1:a -t 7 -c copy "$T/clips/later, too.mkv"
printf 'path,label,method,person\nclips/a.mp4,real,,p1\nclips/b.mp4,real,,p1\nclips/late.mkv,fake,delay,p2\n"clips/later, too.mkv",fake,<img src=x>a|b,p3\nclips/gone.mp4,fake,gone,p4\n' >"$T/list.csv"
"$AVALIGN" eval "$T/list.csv" --results "$T/res" --only lipsync --jobs 2 --html "$T/e.html" >"$T/out" 2>"$T/err"; code=$?
ok "it ends well" is $code 0
ok "a file that is not there is told and left out" grep -q 'gone.mp4: .*No such' "$T/err"
ok "an offset tells these apart" grep -Eq '^\| anomaly score \| 2 \| 2 \| 1.00 ' "$T/out"
ok "by method" grep -Eq '^\| delay \| 1 \| 2 \| 1.00 ' "$T/out"
ok "results are kept whole" is "$(for f in "$T"/res/*.json; do jq -r .avalign "$f"; done | wc -l)" 4
jq '.anomaly_score = 0 | .signals.verdict.sum = 0' "$T/res/00002-late.mkv.json" >"$T/x" && cp "$T/x" "$T/res/00002-late.mkv.json"
"$AVALIGN" eval "$T/list.csv" --results "$T/res" --only lipsync --markdown "$T/m.md" >"$T/out" 2>/dev/null
ok "and used again" grep -Eq '^\| anomaly score \| 2 \| 2 \| 0.75 ' "$T/m.md"
ok "what would end a cell is not in a name" grep -Eq '^\| <img src=x>a/b \| 1 \| 2 ' "$T/m.md"
sed -n 's/.*id="data">\(.*\)<.script>.*/\1/p' "$T/e.html" >"$T/e.json"
ok "the page has the numbers of its plots" is "$(jq -r '"\(.det | length) \(.real | length) \(.fake | length)"' "$T/e.json")" "3 2 2"
ok "and a name full of markup is escaped" is "$(grep -c '<img src=x' "$T/e.html")" 0
if command -v chromium >/dev/null && [ -d "$(dirname "$0")/../../third_party/browser/package" ]; then
    ok "the page in Chromium" node "$(dirname "$0")/../page/eval_page.js" "$T/e.html" "${PAGE_SHOTS:-$T}"
elif [ -n "${CI:-}" ]; then
    ok "Chromium is there (setup/test_tools.sh)" false
fi
printf 'path,label\na.mp4,genuine\n' >"$T/bad.csv"
"$AVALIGN" eval "$T/bad.csv" >/dev/null 2>"$T/err"; code=$?
ok "an unknown label is told in one line" one_line 'neither real nor fake'
ok "with the code for unusable input" is $code 3
printf 'file,truth\na,b\n' >"$T/bad.csv"; "$AVALIGN" eval "$T/bad.csv" >/dev/null 2>"$T/err"
ok "missing columns are told" one_line 'path and label'
"$AVALIGN" eval "$T/nothing.csv" >/dev/null 2>"$T/err"
ok "a list that is not there is told" one_line 'No such file'
finish
