#!/bin/bash
# avalign features: arrays that NumPy reads, and a folder in which nothing of another call is left.
. "$(dirname "$0")/lib.sh"
"$AVALIGN" features "$SAMPLE" --out "$T/dump" && $PYTHON - "$T/dump" <<'P'
import numpy as np, sys
d = sys.argv[1]
t = np.load(d + "/track0/t_s.npy"); lm = np.load(d + "/track0/landmarks.npy"); m = np.load(d + "/track0/mouth.npy")
assert lm.shape == (len(t), 468, 3) and m.shape == (len(t), 96, 96) and np.load(d + "/track0/face.npy").shape == (len(t), 112, 112, 3)
assert np.allclose(np.diff(t), 0.04) and m.std() > 5
assert abs(len(np.load(d + "/speech.npy")) / 16000 - len(t) / 25) < 0.2
P
ok "features writes arrays NumPy reads" is $? 0
ok "and nothing of the speech encoder that nobody asked for" is "$(ls "$T/dump" | grep -c encoder)" 0
json "$SAMPLE" --only authenticity
"$AVALIGN" features "$SAMPLE" --encoder --out "$T/dump" --threads 1 && $PYTHON - "$T/dump" "$T/json" <<'P'
import json, sys
import numpy as np
d, r = sys.argv[1], json.load(open(sys.argv[2]))
x, t = np.load(d + "/encoder.npy"), np.load(d + "/encoder_t_s.npy")
assert x.shape == (len(t), 6, 384) and x.dtype == np.float32 and np.isfinite(x).all()
cut = np.flatnonzero(np.diff(t) > .0201) + 1
spans = [(w[0], w[-1] + .02) for w in np.split(t, cut)]
assert np.allclose(np.diff(t)[np.diff(t) < .0201], .02) and len(t) > 400
# the same windows as those that the voice is judged by, some joined
judged = [(w["start_s"], w["end_s"]) for w in r["signals"]["authenticity"]["windows"]]
assert abs(sum(b - a for a, b in spans) - len(t) / 50) < .01 and len(judged) >= 2
assert all(any(a - .03 <= s and e <= b + .03 for a, b in spans) for s, e in judged), (spans, judged)
assert np.abs(x[1:, 5] - x[:-1, 5]).mean() > .05 and all(np.abs(x[:, k] - x[:, k + 1]).mean() > .05 for k in range(5))
P
ok "features --encoder: 50 frames for a second of speech, at the times of the windows that are judged" is $? 0
# files of two calls don't mix, what is not ours stays, an input is never written to, nothing half-made
ff -ss 1 -i "$SAMPLE" -t 1.2 -c copy "$T/brief.mp4"; mkdir "$T/dump/track9"; touch "$T/dump/mine" "$T/dump/track9/mine" "$T/dump/track9/face.npy"; sum=$(md5sum "$T/brief.mp4" | cut -d' ' -f1)
made() { (cd "$T/dump" && find . -type f | sort | tr '\n' ' '); }
"$AVALIGN" features "$T/nothing.mp4" --out "$T/dump" 2>"$T/err"; code=$?
ok "features of no file: told, and the older files stay" is "$code $(grep -c 'No such file' "$T/err") $(made | grep -c encoder)" "3 1 1"
"$AVALIGN" features "$T/brief.mp4" --out "$T/dump"
ok "features: an older call's files are gone, others stay" is "$(made)" "./mine ./speech.npy ./speech_t0_s.npy ./track0/face.npy ./track0/landmarks.npy ./track0/mouth.npy ./track0/quality.npy ./track0/t_s.npy ./track9/mine "
for at in speech.npy track0/face.npy; do
    ln -f "$T/brief.mp4" "$T/dump/$at"; "$AVALIGN" features "$T/brief.mp4" --out "$T/dump" 2>"$T/err"; code=$?
    ok "features: $at is the input: refused, untouched" is "$code $(grep -c 'an input too' "$T/err") $(md5sum "$T/brief.mp4" | cut -d' ' -f1)" "3 1 $sum"; rm "$T/dump/$at"
done
head -c 2000 "$T/brief.mp4" >"$T/cut.mp4"; "$AVALIGN" features "$T/cut.mp4" --out "$T/dump" 2>"$T/err"; code=$?
ok "features of what is no video: nothing half-made" is "$code $(grep -c . "$T/err") $(made)" "3 1 ./mine ./track9/mine "
finish
