#!/bin/bash
# Was the face drawn? The tool with the tiny net of tests/tiny in the role (a bright face, and one more red than blue, is "drawn"), so that what it
# says is known: every sound, thread count, missing part and faulty net.
. "$(dirname "$0")/lib.sh"
schema=$(dirname "$0")/../../docs/result.schema.json
M=$T/models; mkdir "$M"
for d in "$AVALIGN_MODELS"/*/; do ln -s "$(realpath "$d")" "$M/$(basename "$d")"; done
cp "${AVALIGN_TINY:?}/drawn.onnx" "$M/drawn.onnx"
jq -s '.[0].models = [.[0].models[] | select(.role != "drawn-face")] + [.[1].models[] | select(.role == "drawn-face")] | .[0]' \
    "$AVALIGN_MODELS/manifest.json" "$AVALIGN_TINY/manifest.json" >"$M/manifest.json"
jq '.models |= map(select(.role != "drawn-face"))' "$M/manifest.json" >"$T/none.json"
row() { jq "(.models[] | select(.role == \"drawn-face\")) |= ($1)" "$M/manifest.json" >"$T/row.json" && mv "$T/row.json" "$2/manifest.json"; }
mouth() { get "[.signals.mouth.$1] | @json"; }

json "$SAMPLE" --models "$M" --only mouth
ok "the sample is bright and red: it looks drawn" jq -e '.signals.mouth | .score < .5 and .llr < 0 and .decoder > 3 and .track == 0' "$T/json"
ok "five looks a second at first, then one in 0.8 s" is "$(get .signals.mouth.frames_judged)" 26
ok "over time" jq -e '.signals.mouth.windows | length >= 10 and all(.[]; .end_s > .start_s and .score < .5)' "$T/json"
ok "the pictures that say most, with their maps" jq -e '.signals.mouth.frames | length == 6 and all(.[]; .expert == "blend" and (.box | length) == 4 and (.map | length == 14 and all(.[]; length == 14)))' "$T/json"
ok "the net is named with its hash" is "$(get '[.models[].role] | contains(["drawn-face"])')" true
ok "the schema accepts it" $PYTHON -W ignore -m jsonschema -i "$T/json" "$schema"
ok "it is not in the sum: no verdict, exit 2" is "$code $(get .absent.anomaly_score)" "2 too-little-judged"
jq -S .signals.mouth "$T/json" >"$T/whole"
for n in 1 2 8; do
    json "$SAMPLE" --models "$M" --only mouth --threads $n
    ok "$n threads: the same bytes" cmp -s <(jq -S .signals.mouth "$T/json") "$T/whole"
done
ff -i "$SAMPLE" -an -c:v copy "$T/silent.mp4"
json "$T/silent.mp4" --models "$M" --only mouth
ok "without sound: the same" cmp -s <(jq -S .signals.mouth "$T/json") "$T/whole"
json "$T/silent.mp4" --models "$M"
ok "and beside all the others" cmp -s <(jq -S .signals.mouth "$T/json") "$T/whole"
cat "$SAMPLE" | "$AVALIGN" analyze - --models "$M" --only mouth --json "$T/json" -q >/dev/null 2>&1
ok "from a pipe: the same" cmp -s <(jq -S .signals.mouth "$T/json") "$T/whole"

# where it can't say
ff -i "$SAMPLE" -an -vf "scale=64:64" "$T/small.mp4"; json "$T/small.mp4" --models "$M" --only mouth
ok "a small face" is "$(mouth absent)" '["face-small"]'
ff -t 1 -i "$SAMPLE" -an -c:v copy "$T/short.mp4"; json "$T/short.mp4" --models "$M" --only mouth
ok "a second" is "$(mouth absent)" '["too-few-frames"]'
ff -f lavfi -i testsrc2=s=320x240:d=3 "$T/noface.mp4"; json "$T/noface.mp4" --models "$M" --only mouth
ok "no face" is "$(mouth absent)" '["no-face"]'
run "$T/small.mp4" --models "$M" --only mouth
ok "said in words" grep -q "the face is too small to tell" "$T/out"
json "$SAMPLE" --models "$M" --except mouth
ok "left out on request" is "$(mouth absent)" '["not-asked"]'
jq -S 'del(.signals.mouth, .noticed, .models, .settings) | .signals.verdict |= {sum, score, flagged, judged}' "$T/json" >"$T/rest"
json "$SAMPLE" --models "$M"
ok "nothing else knows of it" cmp -s <(jq -S 'del(.signals.mouth, .noticed, .models, .settings) | .signals.verdict |= {sum, score, flagged, judged}' "$T/json") "$T/rest"
cp "$T/json" "$T/all"
mkdir "$T/bare"; cp -P "$M"/* "$T/bare/"; cp "$T/none.json" "$T/bare/manifest.json"
json "$SAMPLE" --models "$T/bare"
ok "models without the net: its reason, and all the rest" cmp -s <(jq -S 'del(.signals.mouth, .noticed, .models, .settings) | .signals.verdict |= {sum, score, flagged, judged}' "$T/json") "$T/rest"
ok "the reason" is "$(mouth absent)" '["net-left-out"]'
json "$SAMPLE" --models "$T/bare" --only mouth
ok "alone too" is "$(mouth absent) $code" '["net-left-out"] 2'

# what people see
run "$SAMPLE" --models "$M" --only mouth --marks csv="$T/m.csv" --marks sarif="$T/m.sarif" --html "$T/page.html"
ok "the summary says it" grep -Eq 'face not drawn +0\.[0-4][0-9] .*under .50 it looks drawn' "$T/out"
ok "nothing is printed as calibrated where nothing was weighed" is "$(grep -c 'calibrated\|null' "$T/out")" 0
ok "a mark of it" is "$(grep -c '^drawn-face,0' "$T/m.csv")" 1
ok "which enters no sum" is "$(grep '^drawn-face' "$T/m.csv" | cut -d, -f5)" 0
ok "in SARIF" jq -e '[.runs[0].results[].ruleId] | index("drawn-face") != null' "$T/m.sarif"
ok "the page has the very pictures" is "$(grep -o '"what": "drawn face"' "$T/page.html" | wc -l)" 6
jq '.name = "mine" | .fusion = {"bias": 0, "bound": 3, "terms": [{"signal": "mouth.llr", "as": "value", "neutral": 0, "clip": 3, "weight": -1, "only_against": true}]} | .score = "fusion" | .flag_at = 0.9' \
    "$(dirname "$0")/../../policies/seed.json" >"$T/mine.json"
json "$T/silent.mp4" --models "$M" --policy "$T/mine.json" --only mouth
ok "a policy that weighs it flags a silent video" is "$code $(get '.signals.verdict.flagged')" "1 true"

# faulty nets
mkdir "$T/bad"; cp -P "$M"/* "$T/bad/"
row 'del(.calibration)' "$T/bad"; run "$SAMPLE" --models "$T/bad" --only mouth
ok "no calibration: no answer, with the reason in words" grep -q "face not drawn.*not-calibrated" "$T/out"
row '.inputs[0].shape = [1, 64, 64, 3]' "$T/bad"; run "$SAMPLE" --models "$T/bad" --only mouth
ok "another shape: one line" one_line 'drawn.onnx.*shape'
cp "$M/manifest.json" "$T/bad/"; printf x >>"$T/bad/drawn.onnx"; run "$SAMPLE" --models "$T/bad" --only mouth
ok "a changed file: one line" one_line 'SHA-256'
rm "$T/bad/drawn.onnx"; run "$SAMPLE" --models "$T/bad" --only mouth
ok "a file that is gone: one line" one_line 'drawn.onnx: No such'
json "$SAMPLE" --models "$T/bad" --except mouth
ok "and who does not ask does not miss it" [ $code -le 2 ]
finish
