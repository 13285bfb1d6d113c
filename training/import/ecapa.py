"""Turns SpeechBrain's ECAPA-TDNN (your own copy of embedding_model.ckpt, e.g. of spkrec-ecapa-voxceleb) into avalign's
voice net, in place of those that set-up fetched.

    python ecapa.py embedding_model.ckpt MODELS

References made with the other net must be made again. The new row has no calibration, so `avalign embed` gives its embeddings and
everything that would judge by them is absent ("not-calibrated") until the row gets a "calibration" that training/speaker/train.py
fitted on them. Architecture: Desplanques et al. 2020,
arXiv:2005.07143, as SpeechBrain builds it (any channel count; kernels 5 3 3 3 1, dilations 1 2 3 4 1, scale 8).
"""
import os
import sys

import numpy as np

import onnx_net
import onnx_writer as w
import torch_archive


class Ecapa:
    def __init__(self, weights):
        self.t, self.nodes, self.init, self.n = weights, [], {}, 0
        self.const("shape", np.array([0, 0, 1], np.int64))

    def const(self, name, a):
        self.init[name] = a
        return name

    def op(self, kind, *x, **attr):
        self.n += 1
        self.nodes.append(w.node(kind, list(x), ["t%d" % self.n], **attr))
        return "t%d" % self.n

    def weight(self, key):
        if key not in self.t:
            raise SystemExit("the file lacks %s: it is another net" % key)
        return self.const(key, self.t[key].astype("f"))

    def conv(self, x, key, dilation=1):
        k = self.t[key + ".conv.weight"].shape[2] if key + ".conv.weight" in self.t else 1
        pad = (k - 1) * dilation // 2
        if pad:
            x = self.op("Pad", x, self.const("pad%d" % pad, np.array([0, 0, pad, 0, 0, pad], np.int64)), mode="reflect")
        return self.op("Conv", x, self.weight(key + ".conv.weight"), self.weight(key + ".conv.bias"), dilations=[dilation])

    def norm(self, x, key):
        return self.op("BatchNormalization", x, *[self.weight(key + "." + k) for k in ("weight", "bias", "running_mean", "running_var")],
                       epsilon=1e-5)

    def tdnn(self, x, key, dilation=1):
        return self.norm(self.op("Relu", self.conv(x, key + ".conv", dilation)), key + ".norm.norm")

    def res2net(self, x, key, channels, dilation, scale=8):
        parts, y = [], None
        for i in range(scale):
            a, b = (self.const("at%d" % (channels // scale * k), np.array([channels // scale * k], np.int64)) for k in (i, i + 1))
            part = self.op("Slice", x, a, b, self.const("channel", np.array([1], np.int64)))
            if i:
                y = self.tdnn(part if i == 1 else self.op("Add", part, y), "%s.blocks.%d" % (key, i - 1), dilation)
            parts.append(y if i else part)
        return self.op("Concat", *parts, axis=1)

    def block(self, x, key, dilation):
        channels = self.t[key + ".tdnn1.conv.conv.weight"].shape[0]
        y = self.res2net(self.tdnn(x, key + ".tdnn1"), key + ".res2net_block", channels, dilation)
        y = self.tdnn(y, key + ".tdnn2")
        s = self.op("ReduceMean", y, axes=[2], keepdims=1)
        s = self.op("Sigmoid", self.conv(self.op("Relu", self.conv(s, key + ".se_block.conv1")), key + ".se_block.conv2"))
        return self.op("Add", self.op("Mul", s, y), x)

    def deviation(self, x, weights, mean):
        """sqrt of the weighted mean square distance, at least 1e-12."""
        d = self.op("Sub", x, mean)
        v = self.op("ReduceSum", self.op("Mul", weights, self.op("Mul", d, d)), self.const("time", np.array([2], np.int64)), keepdims=1)
        return self.op("Sqrt", self.op("Max", v, self.const("tiny", np.float32([1e-12]))))

    def pooling(self, x):
        mean = self.op("ReduceMean", x, axes=[2], keepdims=1)
        d = self.op("Sub", x, mean)
        std = self.op("Sqrt", self.op("Max", self.op("ReduceMean", self.op("Mul", d, d), axes=[2], keepdims=1), self.const("tiny", np.float32([1e-12]))))
        shape = self.op("Shape", x)
        both = self.op("Concat", x, self.op("Expand", mean, shape), self.op("Expand", std, shape), axis=1)
        a = self.conv(self.op("Tanh", self.tdnn(both, "asp.tdnn")), "asp.conv")
        a = self.op("Softmax", a, axis=2)
        mean = self.op("ReduceSum", self.op("Mul", a, x), self.const("time", np.array([2], np.int64)), keepdims=1)
        return self.op("Concat", mean, self.deviation(x, a, mean), axis=1)

    def build(self):
        x = self.op("Transpose", "fbank", perm=[0, 2, 1])
        x = self.tdnn(x, "blocks.0")
        outs = []
        for i, dilation in ((1, 2), (2, 3), (3, 4)):
            x = self.block(x, "blocks.%d" % i, dilation)
            outs.append(x)
        x = self.tdnn(self.op("Concat", *outs, axis=1), "mfa")
        x = self.norm(self.pooling(x), "asp_bn.norm")
        x = self.op("Flatten", self.conv(x, "fc"), axis=1)
        return self.op("LpNormalization", x, axis=1, p=2)


def convert(t, models):
    net = Ecapa(t)
    out = net.build()
    bands, dim = t["blocks.0.conv.conv.weight"].shape[1], t["fc.conv.weight"].shape[0]
    os.makedirs(os.path.join(models, "ecapa"), exist_ok=True)
    with open(os.path.join(models, "ecapa", "voice.onnx"), "wb") as f:
        f.write(w.model("ecapa", net.nodes + [w.node("Identity", [out], ["embedding"])], [w.value("fbank", ["n", "t", bands])],
                        [w.value("embedding", ["n", dim])], net.init))
    onnx_net.add_row(models, "voice-embed", "ECAPA-TDNN", "ecapa/voice.onnx", "the checkpoint's own", "the user's file; SpeechBrain",
                     [dict(name="fbank", shape=[-1, -1, bands], scale="speechbrain-fbank")], without=("voice-identity",))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(torch_archive.tensors(sys.argv[1], "state_dict"), sys.argv[2])
