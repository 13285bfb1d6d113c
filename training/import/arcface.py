"""Puts your own ArcFace net in place of the face net that set-up fetched.

    python arcface.py net.onnx|backbone.pth MODELS [--depth 18|34|50|100] [--licence TEXT]

An ONNX file must take [n,3,112,112] and give [n,512]; a PyTorch file must be InsightFace's iresnet (Duta et al. 2020;
Deng et al. 2019, arXiv:1801.07698). Input is (rgb - 127.5) / 127.5 unless --fr128 says (rgb - 127) / 128.
The new row has no calibration, and that of face-joint holds for our net alone: embeddings are given, what would judge by them is absent
("not-calibrated") until training/speaker/train.py fitted both.
"""
import argparse
import os
import shutil


import onnx_net
import onnx_writer as w
import torch_archive

LAYERS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 14, 3], 100: [3, 13, 30, 3]}


def iresnet(t, depth, path):
    nodes, init, count = [], {}, [0]

    def op(kind, *x, **attr):
        count[0] += 1
        nodes.append(w.node(kind, list(x), ["t%d" % count[0]], **attr))
        return "t%d" % count[0]

    def weight(key):
        if key not in t:
            raise SystemExit("the file lacks %s: it is no iresnet%d" % (key, depth))
        init[key] = t[key].astype("f")
        return key

    def norm(x, key):
        return op("BatchNormalization", x, *[weight(key + k) for k in (".weight", ".bias", ".running_mean", ".running_var")], epsilon=1e-5)

    def conv(x, key, stride=1):
        k = t[key + ".weight"].shape[2] if key + ".weight" in t else 3
        return op("Conv", x, weight(key + ".weight"), strides=[stride] * 2, pads=[k // 2] * 4)

    def prelu(x, key):
        weight(key + ".weight")
        init[key + ".weight"] = init[key + ".weight"].reshape(-1, 1, 1)
        return op("PRelu", x, key + ".weight")
    x = prelu(norm(conv("x", "conv1"), "bn1"), "prelu")
    for i, n in enumerate(LAYERS[depth]):
        for k in range(n):
            key, stride = "layer%d.%d" % (i + 1, k), 2 if k == 0 else 1
            y = prelu(norm(conv(norm(x, key + ".bn1"), key + ".conv1"), key + ".bn2"), key + ".prelu")
            y = norm(conv(y, key + ".conv2", stride), key + ".bn3")
            if key + ".downsample.0.weight" in t:
                x = norm(conv(x, key + ".downsample.0", stride), key + ".downsample.1")
            x = op("Add", y, x)
    x = op("Flatten", norm(x, "bn2"), axis=1)
    x = norm(op("Gemm", x, weight("fc.weight"), weight("fc.bias"), transB=1), "features")
    with open(path, "wb") as f:
        f.write(w.model("iresnet", nodes + [w.node("Identity", [x], ["embedding"])], [w.value("x", ["n", 3, 112, 112])],
                        [w.value("embedding", ["n", 512])], init))


def convert(source, models, depth=50, licence="the file's own", scale="(rgb - 127.5) / 127.5", name="x"):
    os.makedirs(os.path.join(models, "arcface"), exist_ok=True)
    path = os.path.join(models, "arcface", "face.onnx")
    if isinstance(source, dict):
        iresnet(source, depth, path)
    elif source.endswith(".onnx"):
        shutil.copyfile(source, path)
    else:
        iresnet(torch_archive.tensors(source, "state_dict", "backbone"), depth, path)
    onnx_net.add_row(models, "face-embed", "ArcFace", "arcface/face.onnx", licence, "the user's file",
                     [dict(name=name, shape=[1, 3, 112, 112], scale=scale)])


if __name__ == "__main__":
    a = argparse.ArgumentParser(usage=__doc__)
    a.add_argument("net")
    a.add_argument("models")
    a.add_argument("--depth", type=int, default=50, choices=sorted(LAYERS))
    a.add_argument("--licence", default="the file's own")
    a.add_argument("--fr128", action="store_true")
    a = a.parse_args()
    convert(a.net, a.models, a.depth, a.licence, "(rgb - 127) / 128" if a.fr128 else "(rgb - 127.5) / 127.5")
