"""Makes tests/tiny: a model directory whose nets are a few kilobytes, for tests of the pipeline and for fuzzing.

    pip install onnx numpy; python tests/golden/tiny_models.py tests/tiny

The "detector" always reports one face in the middle, the "mesh" a flat face whose mouth opens with the picture's mean
brightness, the "voice activity" follows loudness; the sync nets have random weights (seed 1).
"""
import hashlib
import json
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

rng = np.random.RandomState(1)
out = sys.argv[1]
rows = []


def save(role, name, nodes, inputs, outputs, consts, **more):
    g = h.make_graph(nodes, role, [h.make_tensor_value_info(n, T.FLOAT, s) for n, s in inputs],
                     [h.make_tensor_value_info(n, T.FLOAT, s) for n, s in outputs],
                     [numpy_helper.from_array(np.asarray(v, np.int64 if np.asarray(v).dtype.kind == "i" else np.float32), k)
                      for k, v in consts.items()])
    m = h.make_model(g, opset_imports=[h.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(m)
    path = os.path.join(out, name)
    onnx.save(m, path)
    rows.append({"role": role, "name": "tiny " + role, "file": name, "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
                 "licence": "MIT", "source": "tests/golden/tiny_models.py",
                 "inputs": [{"name": n, "shape": [d if isinstance(d, int) else -1 for d in s]} for n, s in inputs], **more})


os.makedirs(out, exist_ok=True)
# one face: box of 64 x 64 in the middle of the 128 x 128 input, eyes level
reg, cls = np.zeros((1, 896, 16)), np.full((1, 896, 1), -10.)
a = 512 + (4 * 8 + 4) * 6                     # an anchor of the 8 x 8 grid near the middle, at (72, 72)
reg[0, a] = [-8, -8, 64, 64, -24, -20, 8, -20, -8, -8, -8, 8, -40, -16, 24, -16]
cls[0, a] = 5
mean = lambda: [h.make_node("ReduceMean", ["image"], ["m"], keepdims=0)]
zero = lambda: mean() + [h.make_node("Mul", ["m", "nought"], ["z"])]
save("face-detect", "detect.onnx", zero() + [h.make_node("Add", ["reg", "z"], ["regressors"]), h.make_node("Add", ["cls", "z"], ["classificators"])],
     [("image", [1, 128, 128, 3])], [("regressors", [1, 896, 16]), ("classificators", [1, 896, 1])],
     {"reg": reg, "cls": cls, "nought": 0.})
# a flat face of 468 points in the 192 x 192 region: an oval, with the points that are read put in place
i = np.arange(468)
face = np.stack([95.5 + 64 * np.cos(i), 95.5 + 64 * np.sin(i), np.zeros(468)], 1)  # 128 of 192 wide: the region stays
for k, x, y in ((33, 66, 76), (133, 84, 76), (263, 126, 76), (362, 108, 76), (1, 96, 104), (10, 96, 31.5), (151, 96, 46), (9, 96, 56),
                (168, 96, 76), (6, 96, 82), (195, 96, 96), (5, 96, 100), (197, 96, 90), (152, 96, 159.5), (61, 78, 128), (291, 114, 128),
                        (234, 31.5, 95.5), (454, 159.5, 95.5)):
    face[k] = x, y, 0
moves = np.zeros((468, 3))
for k, x in ((82, 90), (13, 96), (312, 102)):
    face[k] = x, 128, 0
for k, x in ((87, 90), (14, 96), (317, 102)):
    face[k] = x, 128, 0
    moves[k] = 0, 60, 0                       # per unit of brightness
save("face-mesh", "mesh.onnx", mean() + [h.make_node("Mul", ["m", "moves"], ["d"]), h.make_node("Add", ["d", "face"], ["points"]),
                                         h.make_node("Mul", ["m", "nought"], ["z"]), h.make_node("Add", ["z", "sure"], ["score"])],
     [("image", [1, 192, 192, 3])], [("points", [1, 1, 1, 1404]), ("score", [1, 1, 1, 1])],
     {"moves": moves.reshape(1, 1, 1, -1), "face": face.reshape(1, 1, 1, -1), "nought": np.zeros((1, 1, 1, 1)), "sure": np.full((1, 1, 1, 1), 6.)})
save("vad", "vad.onnx", [h.make_node("Mul", ["windows", "windows"], ["sq"]), h.make_node("ReduceMean", ["sq"], ["p"], axes=[1], keepdims=0),
                         h.make_node("Mul", ["p", "gain"], ["g"]), h.make_node("Sub", ["g", "off"], ["l"]), h.make_node("Sigmoid", ["l"], ["speech"]),
                         h.make_node("Identity", ["h"], ["hn"]), h.make_node("Identity", ["c"], ["cn"])],
     [("windows", ["n", 576]), ("h", [1, 1, 128]), ("c", [1, 1, 128])], [("speech", ["n"]), ("hn", [1, 1, 128]), ("cn", [1, 1, 128])],
     {"gain": 1e5, "off": 5.})
norm = [h.make_node("ReduceL2", ["e"], ["n"], axes=[1], keepdims=1), h.make_node("Add", ["n", "eps"], ["ne"]), h.make_node("Div", ["e", "ne"], ["embedding"])]
for role, name, shape, width, stride in (("sync-lips", "lips.onnx", [1, "t", 98], 98, 1), ("sync-sound", "sound.onnx", [1, "t", 40], 40, 2)):
    save(role, name, [h.make_node("Transpose", ["x"], ["xt"], perm=[0, 2, 1]),
                      h.make_node("Conv", ["xt", "w"], ["e"], kernel_shape=[3], pads=[1, 1], strides=[stride])] + norm,
         [("x", shape)], [("embedding", [1, 64, "s"])], {"w": rng.randn(64, width, 3), "eps": 1e-6})
save("sync-mouth", "mouth.onnx", [h.make_node("ReduceMean", ["x"], ["xf"], axes=[3], keepdims=0), h.make_node("MatMul", ["xf", "w"], ["et"]),
                                  h.make_node("Transpose", ["et"], ["e"], perm=[0, 2, 1])] + norm,
     [("x", [1, "t", 48, 48])], [("embedding", [1, 64, "t"])],
     {"w": rng.randn(48, 64), "eps": 1e-6})
save("mouth-shape", "shape.onnx", [h.make_node("MatMul", ["x", "w"], ["l"]), h.make_node("Softmax", ["l"], ["shape"], axis=2)],
     [("x", [1, "t", 68])], [("shape", [1, "t", 8])], {"w": rng.randn(68, 8)})
length = [h.make_node("ReduceL2", ["e"], ["n"], axes=[1], keepdims=1), h.make_node("Add", ["n", "eps"], ["ne"]), h.make_node("Div", ["e", "ne"], ["embedding"])]
save("voice-embed", "voice.onnx", [h.make_node("ReduceMean", ["mel"], ["m"], axes=[1], keepdims=0), h.make_node("MatMul", ["m", "w"], ["e"])] + length,
     [("mel", ["n", "t", 40])], [("embedding", ["n", 256])], {"w": rng.randn(40, 256), "eps": 1e-6})
pooled = [h.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3], keepdims=0)]
save("face-embed", "face.onnx", pooled + [h.make_node("MatMul", ["m", "w"], ["embedding"])],
     [("x", [1, 3, 112, 112])], [("embedding", [1, 512])], {"w": rng.randn(3, 512)})
save("face-age-sex", "age_sex.onnx", pooled + [h.make_node("MatMul", ["m", "a"], ["age"]), h.make_node("MatMul", ["m", "s"], ["sex"])],
     [("x", ["n", 3, 112, 112])], [("age", ["n", 1]), ("sex", ["n", 2])], {"a": np.full((3, 1), .1), "s": rng.randn(3, 2) / 100})
for role, name, dim in (("voice-joint", "voice_joint.onnx", 256), ("face-joint", "face_joint.onnx", 512)):
    save(role, name, [h.make_node("MatMul", ["x", "w"], ["female"])], [("x", ["n", dim])], [("female", ["n", 1])], {"w": rng.randn(dim, 1)})
save("face-expression", "expression.onnx", pooled + [h.make_node("MatMul", ["m", "w"], ["l"]), h.make_node("Softmax", ["l"], ["expression"], axis=1)],
     [("x", ["n", 3, 112, 112])], [("expression", ["n", 7])], {"w": rng.randn(3, 7) / 100})
save("voice-emotion", "feeling.onnx", [h.make_node("MatMul", ["x", "w"], ["l"]), h.make_node("Softmax", ["l"], ["feeling"], axis=1)],
     [("x", [1, 8])], [("feeling", [1, 7])], {"w": rng.randn(8, 7) / 10})
save("voice-spoof", "spoof.onnx", [h.make_node("Abs", ["waveform"], ["a"]), h.make_node("ReduceMean", ["a"], ["m"], axes=[1], keepdims=1),
                                   h.make_node("Mul", ["m", "w"], ["logits"])],
     [("waveform", [1, 48000])], [("logits", [1, 2])], {"w": np.array([[10., -10.]])}, experts=["spectrum", "phase"], weights=[1, 1], bias=0)
save("splice", "splice.onnx", [h.make_node("Abs", ["waveform"], ["a"]), h.make_node("Unsqueeze", ["a", "one"], ["u"]),
                               h.make_node("AveragePool", ["u"], ["p"], kernel_shape=[160], strides=[160]), h.make_node("Squeeze", ["p", "one"], ["s"]),
                               h.make_node("Sub", ["s", "low"], ["logits"])],
     [("waveform", [1, "n"])], [("logits", [1, "t"])], {"one": [1], "low": 20.})
# music when the first samples are above zero, other voices when they are below
save("background", "background.onnx", [h.make_node("Slice", ["waveform", "from", "to", "axis"], ["s"]), h.make_node("ReduceMean", ["s"], ["m"], axes=[1], keepdims=1),
                                       h.make_node("Mul", ["m", "w"], ["b"]), h.make_node("Sub", ["b", "low"], ["logits"])],
     [("waveform", [1, 48000])], [("logits", [1, 2])], {"w": np.array([[1000., -1000.]]), "from": [0], "to": [100], "axis": [1], "low": 20.})
# a blend where the face is brighter than 96, per 5 levels; a decoder where it is more red than blue, per 10; each of 14 x 14 places its share
save("drawn-face", "drawn.onnx", [h.make_node("Transpose", ["face"], ["x"], perm=[0, 3, 1, 2]),
                                  h.make_node("AveragePool", ["x"], ["p"], kernel_shape=[16, 16], strides=[16, 16]),
                                  h.make_node("Conv", ["p", "w", "b"], ["map"]), h.make_node("ReduceSum", ["map", "axes"], ["logit"], keepdims=0)],
     [("face", ["n", 224, 224, 3])], [("logit", ["n", 2]), ("map", ["n", 2, 14, 14])],
     {"w": np.array([[2, 2, 2], [3, 0, -3]]).reshape(2, 3, 1, 1) / 30 / 196, "b": np.array([-19.2, 0]) / 196, "axes": [2, 3]})
DRAWN = {"blend_mean": 0, "blend_sd": 1, "decoder_mean": 0, "decoder_sd": 1, "llr_slope": 1, "llr_even": 1, "llr_low": -3, "llr_high": 2,
         "threshold": 3, "least_side": 60, "least_frames": 10}
# the calibrations that we ship, so that answers come out; they were fitted on other nets and mean nothing here
with open(os.path.join(os.path.dirname(__file__), "../../models/manifest.json")) as f:
    known = {r["role"]: r["calibration"] for r in json.load(f)["models"] if "calibration" in r}
known["drawn-face"] = DRAWN  # its tests know what to expect
for row in rows:
    if row["role"] in known:
        row["calibration"] = {k: v for k, v in known[row["role"]].items() if k != "with"}
with open(os.path.join(out, "manifest.json"), "w") as f:
    json.dump({"format": 1, "models": rows}, f, indent=2)
    f.write("\n")
