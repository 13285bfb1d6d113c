#!/bin/bash
# Is the sound honest: a machine's voice, cuts, copies, holes, channels, telephones; and what can't be judged.
. "$(dirname "$0")/lib.sh"
json "$SAMPLE" --only lipsync,authenticity,artifacts
ok "authenticity is answered" jq -e '.voice_authenticity >= 0 and .voice_authenticity <= 1' "$T/json"
ok "the head, the experts and the windows" jq -e '.signals.authenticity | .method == "speech-encoder" and (.codec | type == "number") and (.experts | length >= 2) and (.windows | length >= 3 and all(.end_s - .start_s <= 4)) and (.llr | fabs <= 3)' "$T/json"
ok "the sample's voice is espeak's, and leans to a machine's" jq -e '.signals.authenticity.llr < -0.5' "$T/json"
ok "codec, channels and bandwidth are named" jq -e '.signals.artifacts | .codec == "aac" and .channels == "mono" and .bandwidth_hz > 3000' "$T/json"
cp "$T/json" "$T/first"
json "$SAMPLE" --only lipsync,authenticity,artifacts --threads 1
ok "the same with one thread" is "$(jq -c '.signals | .authenticity, .artifacts' "$T/first")" "$(jq -c '.signals | .authenticity, .artifacts' "$T/json")"

ff -i "$SAMPLE" -vn -ar 16000 -ac 1 "$T/voice.wav"
json "$T/voice.wav" --only authenticity,artifacts
ok "sound alone is answered" jq -e '.voice_authenticity >= 0 and (.signals.artifacts.segments | type == "array")' "$T/json"
flagged() { get "[.signals.artifacts.segments[] | select(.kind == \"$1\" and .score >= 0.5)] | length"; }
ff -i "$T/voice.wav" -filter_complex "[0]atrim=2:3.2,asetpts=N/SR/TB[c];[0]atrim=0:8,asetpts=N/SR/TB[a];[0]atrim=8,asetpts=N/SR/TB[b];[a][c][b]concat=n=3:v=0:a=1" -c:a aac -b:a 64k "$T/copy.m4a"
json "$T/copy.m4a" --only artifacts
ok "a copied stretch is found through AAC" is "$(flagged copy_move)" 1
ok "where it is" near "$(get '[.signals.artifacts.segments[] | select(.kind == "copy_move")][0].start_s')" 8.4 0.4
ok "and named in the verdict" jq -e '.anomalies[0] | (.kind | startswith("audio-")) and .adds == 0.15 and .end_s > .start_s' "$T/json"
ff -i "$T/voice.wav" -af "aeval=val(0)*not(between(t\,5\,5.2)):c=same" "$T/hole.wav"
json "$T/hole.wav" --only artifacts
ok "a hole of digital zero is told" jq -e '[.signals.artifacts.segments[] | select(.kind == "silence")][0] | (.start_s - 5 | fabs < 0.03) and (.end_s - 5.2 | fabs < 0.03)' "$T/json"
ff -i "$T/voice.wav" -af "pan=stereo|c0=c0|c1=-1*c0" "$T/turned.wav"
json "$T/turned.wav" --only artifacts
ok "channels in opposite polarity are named, not flagged" is "$(get '[.signals.artifacts.segments[] | select(.kind == "phase") | .score < 0.5] | tostring')" "[true]"
ff -i "$T/voice.wav" -ar 48000 "$T/up.wav"
json "$T/up.wav" --only artifacts
ok "where it was sampled before is named" is "$(get '[.signals.artifacts.segments[] | select(.kind == "resampling")] | length')" 1

ff -i "$SAMPLE" -an -c:v copy "$T/silent.mp4"; json "$T/silent.mp4" --only authenticity,artifacts
ok "no sound" is "$(get '.absent.voice_authenticity, .signals.artifacts.absent' | xargs)" "no-audio no-audio"
ff -f lavfi -i anoisesrc=d=5:a=0.1:r=16000 "$T/noise.wav"; json "$T/noise.wav" --only authenticity,artifacts
ok "no speech" is "$(get .absent.voice_authenticity)" no-speech
ok "and no verdict from traces alone" is "$(get .anomaly_score)" null
ff -t 3 -i "$T/voice.wav" -af "adelay=1200|1200,apad=pad_dur=1" "$T/padded.wav"; json "$T/padded.wav" --only authenticity
ok "a short file is heard from its first speech on" jq -e '.signals.authenticity.windows | length >= 1 and (.[0].start_s > 0.9 and .[0].start_s < 1.6)' "$T/json"
ff -t 0.8 -i "$T/voice.wav" "$T/short.wav"; json "$T/short.wav" --only authenticity
ok "too short" jq -e '.absent.voice_authenticity == "too-short" or .absent.voice_authenticity == "no-speech"' "$T/json"

cp -rL "$AVALIGN_MODELS" "$T/bare" && chmod -R u+w "$T/bare" # without the encoder the experts answer, without them nobody
jq '.models |= map(select(.role != "speech-encoder"))' "$AVALIGN_MODELS/manifest.json" >"$T/bare/manifest.json"
json "$T/voice.wav" --models "$T/bare" --only authenticity
ok "without the encoder the experts answer" jq -e '.signals.authenticity | .method == "voice-spoof" and .score >= 0' "$T/json"
jq '.models |= map(select(.role != "speech-encoder" and .role != "voice-spoof"))' "$AVALIGN_MODELS/manifest.json" >"$T/bare/manifest.json"
json "$T/voice.wav" --models "$T/bare" --only authenticity,emotion
ok "without any net the answer is left out, with the reason" jq -e '.absent.voice_authenticity == "net-left-out" and .absent.emotion_coherence != null' "$T/json"

# people's voices, and a machine's (the sample speaks with espeak's)
dev=$SHARED/data/video/dev
if [ -d "$dev" ]; then
    n=0 low=0 traces=0 worst=1
    for f in $(awk -F'\t' '$2 == "real" { print $1 }' "$dev/index.tsv" | head -12); do
        json "$dev/$f" --only authenticity,artifacts
        n=$((n + 1))
        [ "$(get '.voice_authenticity != null and .voice_authenticity < 0.5')" = true ] && low=$((low + 1))
        [ "$(get '[.signals.artifacts.segments[]? | select(.score >= 0.5)] | length > 0')" = true ] && traces=$((traces + 1))
    done
    ok "of $n real clips at most one voice seems made ($low)" test "$n" -ge 10 -a "$low" -le 1
    ok "and at most one seems edited ($traces)" test "$traces" -le 1
fi

# an earlier AAC encoding, and a cut in it
grids() { get '[.signals.artifacts.frame_grids[] | select(.own | not) | .offset] | sort | @json'; }
ff -i "$SAMPLE" -vn -ar 16000 -ac 1 -c:a aac -b:a 32k "$T/once.m4a"
ff -i "$T/once.m4a" -af atrim=start_sample=311 "$T/was.wav"
ff -i "$T/was.wav" -c:a aac -b:a 64k "$T/twice.m4a"
ff -i "$T/was.wav" -filter_complex "asplit[a][b];[a]atrim=end_sample=80000[c];[b]atrim=start_sample=90500,asetpts=PTS-STARTPTS[d];[c][d]concat=v=0:a=1" "$T/cut.wav"
json "$T/once.m4a" --only artifacts
ok "coded once: the stream's own frames alone" is "$(get '.signals.artifacts.frame_grids | map(.own) | @json') $(grids)" "[true] []"
json "$T/was.wav" --only artifacts
ok "decoded and trimmed: its frames begin 1024 - 311 samples on" is "$(grids)" "[713]"
json "$T/twice.m4a" --only artifacts
ok "coded twice: the first frames show" is "$(grids)" "[713]"
ok "which is named and not flagged" is "$(get '[.signals.artifacts.segments[] | select(.kind == "compression") | .score] | @json')" "[0.1]"
json "$T/cut.wav" --only artifacts
ok "a cut makes the frames jump" is "$(get '[.signals.artifacts.segments[] | select(.evidence | test("AAC")) | .kind] | @json')" '["splice"]'
ok "near where it is" near "$(get '.signals.artifacts.segments[] | select(.evidence | test("AAC")) | (.start_s + .end_s) / 2')" 5 0.4
ff -i "$SAMPLE" -vn -ar 16000 -ac 1 -af "aresample=15990,asetrate=16000" "$T/never.wav"
json "$T/never.wav" --only artifacts
ok "no frames where there were none" is "$(get '.signals.artifacts.frame_grids | length')" 0
# an earlier MP3 encoding: the same, with its own frames
codecs() { get '[.signals.artifacts.frame_grids[] | [.codec, .own]] | @json'; }
ff -i "$SAMPLE" -vn -ar 44100 -ac 1 -c:a libmp3lame -b:a 64k "$T/once.mp3"
ff -i "$T/once.mp3" -af atrim=start_sample=311 "$T/was3.wav"
ff -i "$T/was3.wav" -c:a aac -b:a 128k "$T/twice3.m4a"
ff -i "$T/was3.wav" -filter_complex "asplit[a][b];[a]atrim=end_sample=220500[c];[b]atrim=start_sample=249000,asetpts=PTS-STARTPTS[d];[c][d]concat=v=0:a=1" "$T/cut3.wav"
json "$T/once.mp3" --only artifacts
ok "MP3 once: the stream's own frames alone" is "$(codecs)" '[["mp3",true]]'
json "$T/was3.wav" --only artifacts
ok "decoded and trimmed: its frames begin 311 samples earlier" is "$(codecs) $(grids)" '[["mp3",false]] [313]'
json "$T/twice3.m4a" --only artifacts
ok "MP3, then AAC: the first frames show" is "$(grids)" "[313]"
ok "which is named and not flagged" is "$(get '[.signals.artifacts.segments[] | select(.evidence | test("MP3")) | .score] | @json')" "[0.1]"
json "$T/cut3.wav" --only artifacts
ok "a cut makes MP3's frames jump" is "$(get '[.signals.artifacts.segments[] | select(.evidence | test("MP3")) | .kind] | @json')" '["splice"]'
ok "near where it is" near "$(get '.signals.artifacts.segments[] | select(.evidence | test("MP3")) | (.start_s + .end_s) / 2')" 5 0.4
# what the container says
says() { get '[.signals.artifacts.segments[] | select(.kind == "compression" and (.evidence | test("file"))) | .score] | @json'; }
ff -i "$SAMPLE" -c copy -metadata make=Apple -metadata model="iPhone 12" -movflags use_metadata_tags "$T/phone.mov"
json "$T/phone.mov" --only artifacts
ok "a camera that another program wrote for" is "$(get .media.device) $(says)" "Apple iPhone 12 [0.1]"
ff -i "$T/twice.m4a" -c copy -metadata make='<script>Ap"ple' -movflags use_metadata_tags "$T/phone2.mov"
json "$T/phone2.mov" --only artifacts
ok "a camera whose sound was coded before" is "$(get .media.device) $(says)" '<script>Ap"ple [0.3]'
$PYTHON - "$SAMPLE" "$T/dates.mp4" <<'P'
import struct, sys
d = bytearray(open(sys.argv[1], "rb").read()); at = 0
for made in (1714557600, 1714730400):  # the first and the second track's media header, seconds since 1904
    at = d.index(b"mdhd", at) + 4
    d[at + 4:at + 8] = struct.pack(">I", made + 2082844800)
open(sys.argv[2], "wb").write(d)
P
json "$T/dates.mp4" --only artifacts
ok "picture and sound of other days" is "$(get '.signals.artifacts.segments[] | .evidence' | grep -c 'made 172800 s apart')" 1
json "$SAMPLE" --only artifacts
ok "nothing to say of the clip itself" is "$(says)" "[]"
if [ -f "$SHARED/models/aasist-l.onnx" ] && $PYTHON -c "import numpy" 2>/dev/null; then
    cp -rL "$AVALIGN_MODELS" "$T/models" && chmod -R u+w "$T/models"
    $PYTHON "$(dirname "$0")/../../training/import/aasist.py" "$SHARED/models/aasist.onnx" "$T/models"
    ok "AASIST's logits" "$BUILD_DIR/tests/test_spoof" "$T/models" 0.3373034 -1.2448245
    $PYTHON "$(dirname "$0")/../../training/import/aasist.py" "$SHARED/models/aasist-l.onnx" "$T/models"
    ok "AASIST-L's logits" "$BUILD_DIR/tests/test_spoof" "$T/models" 5.230623 -4.5951004
    json "$T/voice.wav" --models "$T/models" --only authenticity
    ok "without a calibration of its own it gives no verdict" is "$(get .absent.voice_authenticity)" not-calibrated
    jq '(.models[] | select(.role == "voice-spoof")).calibration = { slope: 0.5, middle: 0, bound: 1.5, real_99: 2.5, soft: 1, vocoder_at: 4.2 }' "$T/models/manifest.json" >"$T/m" && mv "$T/m" "$T/models/manifest.json"
    json "$T/voice.wav" --models "$T/models" --only authenticity
    ok "AASIST-L is heard" jq -e '.signals.authenticity.experts | has("spoof") and has("bonafide")' "$T/json"
    ok "with its own weights" jq -e '.signals.authenticity | (.odds - (.experts.spoof - .experts.bonafide)) | fabs < 0.03' "$T/json"
    jq '(.models[] | select(.role == "voice-spoof") | .weights) = [1]' "$T/models/manifest.json" >"$T/m" && mv "$T/m" "$T/models/manifest.json"
    run "$T/voice.wav" --models "$T/models" --only authenticity
    ok "a row that does not fit is refused in one line" one_line '"weights" as "experts"'
fi
finish
