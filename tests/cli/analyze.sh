#!/bin/bash
# The main job: fields, exit codes, schema, options, determinism.
. "$(dirname "$0")/lib.sh"
schema=$(dirname "$0")/../../docs/result.schema.json

json "$SAMPLE"
ok "the sample is judged and not flagged" is $code 0
# its mouth is drawn to move with the sound, while people's move before it: that reads as sound somewhat early
ok "its offset is near zero" near "$(get .sync_offset_ms)" 0 80
ok "and zero lies in the interval" jq -e '.signals.lipsync | .interval_ms[0] < 0 and .interval_ms[1] > 0 and .repeatable_ms < .interval_ms[1] - .offset_ms' "$T/json"
ok "the confidence is no more than the calibration supports" jq -e '.sync_confidence > .8 and .sync_confidence < .96' "$T/json"
for f in sync_offset_ms sync_confidence lip_sync_score voice_face_match emotion_coherence voice_authenticity anomaly_score; do
    ok "$f is a number, or null with a reason" \
        jq -e "has(\"$f\") and ((.$f | type) == \"number\" and (.absent | has(\"$f\") | not) or .$f == null and (.absent.$f | type) == \"string\")" "$T/json" -c >/dev/null
done
ok "anomaly_details is a list" is "$(get '.anomaly_details | type')" array
ok "every signal is there" is "$(get '.signals | keys | join(" ")')" "artifacts authenticity emotion lipsync mouth speaker verdict viseme"
ok "the schema accepts the result" $PYTHON -W ignore -m jsonschema -i "$T/json" "$schema"
ok "the file's hash is right" is "$(get .file_sha256)" "$(sha256sum "$SAMPLE" | cut -d' ' -f1)"
ok "the file's name is kept" is "$(get .file)" "$SAMPLE"
ok "the nets used are named with their hashes" is "$(get '[.models[] | select(.sha256 | length == 64) | .role] | contains(["face-detect","face-mesh","vad"])')" true
ok "one face is followed from start to end" is "$(get '[.tracks[] | .end_s - .start_s > 8] | tostring')" "[true]"

run "$SAMPLE"
ok "the summary says the offset in words" grep -Eq 'lip-sync offset +[+-][0-9]+ ms +(sound (early|late)|sound and picture together)' "$T/out"
ok "nothing on stderr when it is no terminal" is "$(wc -c <"$T/err")" 0
run "$SAMPLE" --quiet
ok "--quiet prints nothing" is "$(cat "$T/out" "$T/err" | wc -c)" 0
run "$SAMPLE" --progress json --quiet
ok "--progress json prints JSON lines" jq -es 'length > 0 and all(.progress >= 0 and .at_s >= 0)' "$T/err" -c
json "$SAMPLE" --only verdict
ok "--only verdict leaves the rest out" is "$(get .absent.sync_offset_ms)" not-asked
ok "and judges nothing: exit 2" is $code 2
json "$SAMPLE" --except viseme,lipsync
ok "--except leaves out" is "$(get '.absent.sync_offset_ms + " " + .signals.viseme.absent')" "not-asked not-asked"
json "$SAMPLE" --max-duration 3
ok "--max-duration stops there" near "$(get '.tracks[0].end_s')" 3 0.2
ok "and says so" is "$(get '.warnings[0].code')" duration-limit
ff -i "$SAMPLE" -itsoffset 0.4 -i "$SAMPLE" -map 0:v -map 1:a -c copy "$T/late.mkv"
json "$T/late.mkv" --flag-at 0.3
ok "a late sound is found" near "$(get .sync_offset_ms)" -380 60
ok "and flagged at 0.3: exit 1" is $code 1
ok "with a sentence" grep -q 'sound is late' <(get '.anomaly_details[0]')
ok "the weight is printed beside it" is "$(get '.anomalies[0].weight')" 1.5
json "$T/late.mkv" --except authenticity # the sample's voice is espeak's
ok "the same file is not flagged at the default 0.5" is $code 0
json "$T/late.mkv" --policy calibrated
ok "another policy makes another score of it" jq -e '.signals.verdict | .policy == "calibrated" and .score == .calibrated_score and .sum >= 0.3' "$T/json"
ok "with the measured cost of its ratios" jq -e '.signals.verdict | .calibrated_cllr > 0 and (.shares | length > 2)' "$T/json"
jq '.flag_at = 0.01 | .name = "mine" | .score = "sum"' "$(dirname "$0")/../../policies/seed.json" >"$T/mine.json"
json "$T/late.mkv" --policy "$T/mine.json" --only lipsync
ok "a policy from a file" is "$code $(get .signals.verdict.policy)" "1 mine"
ok "both built-in ones are as the schema wants them" $PYTHON -W ignore -m jsonschema -i "$(dirname "$0")/../../policies/calibrated.json" "$(dirname "$0")/../../docs/policy.schema.json"
echo '{"format": 1, "name": "x", "score": "sum", "sum": [{"kind": "a"}]}' >"$T/bad.json"; run "$SAMPLE" --policy "$T/bad.json"
ok "a faulty policy is told in one line, with the place" one_line 'entry 0'
run "$SAMPLE" --policy nowhere
ok "so is one that is not there" one_line 'policy.*No such'

run "$SAMPLE" --only astrology
ok "an unknown analyzer is an error" is $code 3
run "$SAMPLE" --threads many
ok "a bad number is an error" is $code 3
ok "with one line" one_line 'takes a .*number'
run
ok "no file: exit 3" is $code 3
ok "a file and no command: it is analyzed" cmp <("$AVALIGN" "$SAMPLE" --only lipsync) <("$AVALIGN" analyze "$SAMPLE" --only lipsync)
ok "a word that is neither" is "$("$AVALIGN" astrology 2>&1 | grep -c 'no command "astrology"')" 1
ok "--help: exit 0" "$AVALIGN" analyze --help >/dev/null
ok "--version" grep -Eq '^avalign [0-9]+\.[0-9]+\.[0-9]+$' <("$AVALIGN" --version)
ok "models list names licences" grep -q 'Apache-2.0' <("$AVALIGN" models list)
ok "models verify" "$AVALIGN" models verify >/dev/null

# what takes how long
json "$SAMPLE" --only lipsync; cp "$T/json" "$T/untimed"
ok "no timings unasked" is "$(get '.media | has("timings")')" false
json "$SAMPLE" --only lipsync --timings
ok "the schema accepts timings" $PYTHON -W ignore -m jsonschema -i "$T/json" "$schema"
ok "and all else is the same" cmp <(jq 'del(.media.timings)' "$T/json") <(jq . "$T/untimed")
ok "they are of the stages that ran" is "$(get '[.media.timings.stages[].stage | select(IN("decoding", "loading", "faces", "face sync", "bands", "words", "splice"))] | sort | join(" ")')" "bands decoding face sync faces loading"
ok "each took some time, and all of them the whole" is "$(get '.media.timings | (.cpu_ms_per_s - ([.stages[].cpu_ms_per_s] | add) | fabs < .1) and ([.stages[] | select(.stage == "decoding" or .stage == "faces" or .stage == "loading").cpu_ms_per_s] | min > 0)')" true
run "$SAMPLE" --live --timings
ok "timings are of files" one_line 'live'
finish
