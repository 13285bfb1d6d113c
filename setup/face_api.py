"""Turns face-api's small face nets (npm @vladmandic/face-api, MIT; weights by V. Mühler) into ONNX.

    python3 face_api.py age_sex MODEL_DIR out.onnx     # [n,3,112,112] -> age in years [n,1], log odds male, female [n,2]
    python3 face_api.py expression MODEL_DIR out.onnx  # -> probabilities of neutral, happiness, sadness, anger, fear, disgust,
                                                       #    surprise [n,7]

Input: RGB 0-255, the face filling the square. Needs NumPy alone.
"""
import json
import os
import sys

import numpy as np

import onnx_writer as w


def weights(folder, name):
    """Name -> array of a TensorFlow.js weight file with 8-bit weights."""
    out = {}
    with open(os.path.join(folder, name + "-weights_manifest.json")) as f:
        groups = json.load(f)
    with open(os.path.join(folder, name + ".bin"), "rb") as f:
        blob = f.read()
    at = 0
    for row in groups[0]["weights"]:
        n, q = int(np.prod(row["shape"])), row.get("quantization")
        kind = np.dtype(q["dtype"] if q else row["dtype"])
        a = np.frombuffer(blob, kind, n, at)
        at += n * kind.itemsize
        out[row["name"]] = (a * np.float32(q["scale"]) + np.float32(q["min"]) if q else a).astype("f").reshape(row["shape"])
    return out


class Net:
    def __init__(self, tensors):
        self.t, self.nodes, self.init, self.n = tensors, [], {}, 0
        self.init["mean"] = np.array([122.782, 117.001, 104.298], "f").reshape(1, 3, 1, 1)
        self.init["scale"] = np.float32([255])

    def op(self, kind, *inputs, **attr):
        self.n += 1
        self.nodes.append(w.node(kind, list(inputs), ["t%d" % self.n], **attr))
        return "t%d" % self.n

    def start(self):
        return self.op("Div", self.op("Sub", "x", "mean"), "scale")

    def weight(self, key, axes):
        self.init[key] = np.ascontiguousarray(self.t[key].transpose(axes)) if axes else self.t[key]
        return key

    def conv(self, x, key, stride=1):
        """TensorFlow's "same": with stride 2 the odd row of padding comes last."""
        k = self.t[key + "/filters"].shape[0]
        pads = [0] * 4 if k == 1 else [1] * 4 if stride == 1 else [0, 0, 1, 1]
        return self.op("Conv", x, self.weight(key + "/filters", (3, 2, 0, 1)), self.weight(key + "/bias", None),
                       strides=[stride] * 2, pads=pads)

    def separable(self, x, key, stride=1):
        d = self.t[key + "/depthwise_filter"]
        x = self.op("Conv", x, self.weight(key + "/depthwise_filter", (2, 3, 0, 1)), strides=[stride] * 2,
                    pads=[1] * 4 if stride == 1 else [0, 0, 1, 1], group=d.shape[2])
        return self.op("Conv", x, self.weight(key + "/pointwise_filter", (3, 2, 0, 1)), self.weight(key + "/bias", None))

    def relu(self, x):
        return self.op("Relu", x)

    def add(self, a, b):
        return self.op("Add", a, b)

    def dense(self, x, key):
        return self.op("Gemm", x, self.weight(key + "/weights", None), self.weight(key + "/bias", None))

    def pool(self, x):
        return self.op("Flatten", self.op("GlobalAveragePool", x), axis=1)

    def save(self, path, outputs):
        nodes = self.nodes + [w.node("Identity", [x], [name]) for x, name, _ in outputs]
        with open(path, "wb") as f:
            f.write(w.model("face", nodes, [w.value("x", ["n", 3, 112, 112])], [w.value(name, ["n", d]) for _, name, d in outputs], self.init))


def age_sex(folder, path):
    n = Net(weights(folder, "age_gender_model"))

    def reduction(x, key, first=False):
        y = n.separable(x if first else n.relu(x), key + "/separable_conv0")
        y = n.separable(n.relu(y), key + "/separable_conv1")
        y = n.op("MaxPool", y, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
        return n.add(y, n.conv(x, key + "/expansion_conv", 2))
    x = n.relu(n.conv(n.start(), "entry_flow/conv_in", 2))
    x = reduction(x, "entry_flow/reduction_block_0", True)
    x = reduction(x, "entry_flow/reduction_block_1")
    for k in range(2):
        y = x
        for i in range(3):
            y = n.separable(n.relu(y), "middle_flow/main_block_%d/separable_conv%d" % (k, i))
        x = n.add(y, x)
    x = reduction(x, "exit_flow/reduction_block")
    x = n.pool(n.relu(n.separable(x, "exit_flow/separable_conv")))
    n.save(path, [(n.dense(x, "fc/age"), "age", 1), (n.dense(x, "fc/gender"), "sex", 2)])


def expression(folder, path):
    n = Net(weights(folder, "face_expression_model"))
    x = n.start()
    for k in range(4):
        key = "dense%d/conv" % k
        y = total = n.relu(n.conv(x, key + "0", 2) if k == 0 else n.separable(x, key + "0", 2))
        for i in range(1, 4):
            total = n.add(total, n.separable(y, key + str(i)))
            y = n.relu(total)
        x = y
    n.save(path, [(n.op("Softmax", n.dense(n.pool(x), "fc"), axis=1), "expression", 7)])


if __name__ == "__main__":
    {"age_sex": age_sex, "expression": expression}[sys.argv[1]](sys.argv[2], sys.argv[3])
