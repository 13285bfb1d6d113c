#!/bin/bash
# The Python layer gives what the tool gives; arrays; errors.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! $PYTHON -c 'import cffi, numpy' 2>/dev/null; then echo "no cffi or numpy for $PYTHON"; exit 77; fi
ff -i "$SAMPLE" -vn -ac 1 -ar 16000 -f f32le "$T/x.f32"
json "$SAMPLE" --only lipsync,speaker,artifacts --policy calibrated
ff -i "$SAMPLE" -frames:v 1 "$T/face.png"; ff -f lavfi -i color=gray:s=320x240 -frames:v 1 "$T/grey.png"
"$AVALIGN" emotion face "$T/face.png" >"$T/emotion" 2>/dev/null
"$AVALIGN" embed face "$SAMPLE" >"$T/face" 2>/dev/null
"$AVALIGN" features "$SAMPLE" --encoder --out "$T/seen"
cat >"$T/t.py" <<'P'
import json, sys
import numpy as np
import avalign
sample, folder = sys.argv[1:]
x = np.fromfile(folder + "/x.f32", np.float32)
want = json.load(open(folder + "/json"))
got = avalign.analyze(sample, only="lipsync,speaker,artifacts", policy="calibrated", html=folder + "/page.html")
assert got == want, {k: (got.get(k), want.get(k)) for k in want if got.get(k) != want.get(k)}
assert "data:image/jpeg" in open(folder + "/page.html").read()
assert avalign.version() == want["avalign"]
mine = avalign.analyze(sample, only="lipsync", policy={"format": 1, "name": "mine", "score": "sum", "flag_at": 0.2})
assert mine["signals"]["verdict"]["policy"] == "mine"
voice = avalign.voice_embedding(x, 16000)
assert abs(np.linalg.norm(voice["v"]) - 1) < 1e-3 and voice["reason"] is None
face = np.array(json.loads(open(folder + "/face").readline())["vector"], np.float32)
match = avalign.verify_speaker(face, voice["v"])
assert abs(match["match"] - want["voice_face_match"]) < .05, match
told = json.loads(open(folder + "/emotion").readline())
e = avalign.expression(folder + "/face.png")
assert e["reason"] is None and all(abs(e["probabilities"][k] - v) < 1e-3 for k, v in told["probabilities"].items()), (e, told)
assert avalign.expression(folder + "/grey.png")["reason"] == "no-face"
s = avalign.synthetic_voice(x, 16000)
assert 0 <= s["authenticity"] <= 1 and s["reason"] is None
assert avalign.synthetic_voice(x[:2000], 16000)["reason"]
seen = avalign.speech_encoder(sample)
assert np.array_equal(seen["states"], np.load(folder + "/seen/encoder.npy")) and np.array_equal(seen["t_s"], np.load(folder + "/seen/encoder_t_s.npy"))
assert seen["states"].dtype == np.float32 and len(seen["t_s"]) > 300
stereo = np.stack([x, -x], 1)
assert any(a["kind"] == "phase" for a in avalign.audio_artifacts(stereo, 16000))
series = {(q["name"], q["track"]): q for q in want["series"]}
m = np.array([np.nan if v is None else v for v in series["mouth_open", 0]["values"]], np.float32)
off = avalign.detect_offset(m, 25, x, 16000)
assert abs(off["offset_ms"]) < 80, off
late = avalign.detect_offset(m, 25, np.r_[np.zeros(4800, np.float32), x], 16000)
assert abs(late["offset_ms"] - off["offset_ms"] + 300) < 20, late
t = np.arange(0, 120) * 40000
ring = avalign.lip_sync(t, x, 16000, landmarks=np.random.RandomState(0).rand(120, 468, 3) * 100)
assert ring["reason"] is not None or 0 <= ring["score"] <= 1
for call, text in ((lambda: avalign.analyze("/nowhere.mp4"), "No such"), (lambda: avalign.analyze(sample, policy="nope"), "no such policy"),
                   (lambda: avalign.Models("/nowhere"), "manifest"), (lambda: avalign.voice_embedding(x, 1), "")):
    try:
        call()
    except avalign.Error as e:
        assert e.code < 0 and text in str(e), e
    else:
        raise AssertionError(text)
assert isinstance(got, dict) and json.loads(json.dumps(got)) == want
assert [f.text for f in got.findings if f.counts] == want["anomaly_details"]
assert [(s["name"], s["track"], len(s["values"])) for s in want["series"]] == [(s.name, s.track, len(s.value)) for s in got.series]
assert got.page() == open(folder + "/page.html", "rb").read()
page = got._repr_html_()
assert page.startswith("<iframe") and "<script" not in page and "&lt;script" in page
# progress, and three ways to end an analysis
seen = []
avalign.analyze(sample, only="lipsync", progress=lambda done, at_s: seen.append((done, at_s)))
assert len(seen) > 3 and seen == sorted(seen) and 0 <= seen[0][0] and seen[-1][0] <= 1 and seen[-1][1] > 10, seen[:3]
class Enough(Exception):
    pass
def enough(done, at_s):
    if at_s > 2:
        raise Enough
try:
    avalign.analyze(sample, only="lipsync", progress=enough)
    raise SystemExit("went on after what progress raised")
except Enough:
    pass
import threading
stop = threading.Event()
stop.set()
try:
    avalign.analyze(sample, only="lipsync", cancel=stop)
    raise SystemExit("went on after its event")
except avalign.Cancelled as e:
    assert isinstance(e, avalign.Error) and e.code == -9
import doctest
failed, tried = doctest.testmod(avalign, extraglobs=dict(SAMPLE=sample, SOUND=x))
assert tried > 10 and not failed, (failed, tried)
import typing
for name in avalign.__all__:
    hints = typing.get_type_hints(getattr(avalign, name)) if callable(getattr(avalign, name)) and not isinstance(getattr(avalign, name), type) else {"return": 1}
    assert "return" in hints, name
print("all is as the tool says")
P
ok "results, arrays and errors" env PYTHONPATH="$root/bindings/python" AVALIGN_LIBRARY="$BUILD_DIR/libavalign.so" $PYTHON "$T/t.py" "$SAMPLE" "$T"
# a package that carries tool, library and nets needs no variable to find them
mkdir "$T/carried" && cp -rL "$root/bindings/python/avalign" "$T/carried/" && mkdir "$T/carried/avalign/lib" "$T/carried/avalign/bin"
ln -s "$BUILD_DIR/libavalign.so" "$T/carried/avalign/lib/libavalign.so.1" && ln -s "$AVALIGN" "$T/carried/avalign/bin/avalign"
ln -s "$AVALIGN_MODELS" "$T/carried/avalign/models"
own() { env -u AVALIGN_LIBRARY -u AVALIGN_MODELS PATH=/usr/bin:/bin PYTHONPATH="$T/carried" "$@"; }
own $PYTHON -m avalign --version >"$T/own" 2>&1
"$AVALIGN" --version >"$T/tools" 2>&1
ok "python -m avalign is the tool" cmp "$T/own" "$T/tools"
ok "the carried library and nets are found" own $PYTHON -c 'import avalign; assert "carried" in avalign._runtime.carried("lib", "libavalign.so.1"); avalign.Models()'
# a wheel on a system that is too old, and without OpenVINO: one line with the remedy, from the command, doctor and the import
command() { own $PYTHON -c 'import runpy, sys; sys.argv[1:] = sys.argv[2:]; runpy.run_path("'"$T/carried/avalign/_runtime.py"'")["main"]()' - "$@" >"$T/out" 2>"$T/err"; code=$?; }
lines() { [ "$(cat "$T/out" "$T/err" | wc -l)" = 1 ] && cat "$T/out" "$T/err" | grep -q "$1" || { cat "$T/out" "$T/err"; return 1; }; }
facts() { echo "{\"glibc\": [$1], \"openvino\": \"1.2.3\", \"library\": \"libopenvino_c.so.0\"}" >"$T/carried/avalign/wheel.json"; }
facts "9, 1"; command doctor
ok "doctor names an old C library" lines '^MISSING *C library .*the wheel needs glibc 9.1 or newer: use a newer system'
ok "and fails" is $code 3
facts "2, 1"; command doctor
ok "doctor names OpenVINO" lines '^MISSING *OpenVINO .*pip install openvino==1.2.3$'
command "$SAMPLE"
ok "so does the command" lines '^avalign: OpenVINO 1.2.3 is not installed beside this package: pip install openvino==1.2.3$'
own $PYTHON -m avalign doctor >"$T/out" 2>"$T/err"
ok "and python -m avalign" lines 'pip install openvino==1.2.3'
rm "$T/carried/avalign/wheel.json" "$T/carried/avalign/bin/avalign"
cp "$AVALIGN" "$T/carried/avalign/bin/avalign" && chmod 644 "$T/carried/avalign/bin/avalign"; command --version
ok "a tool that may not be run" lines 'cannot be run: .*(noexec).*install it elsewhere'
finish
