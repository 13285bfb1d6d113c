"""Builds sequential nets (convolution, batch norm, ReLU, pooling, linear) as ONNX from a dictionary of arrays."""
import os
import sys

import numpy as np

for _folder in ("../lip_sync", "../../setup"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), _folder))
import onnx_writer  # noqa: E402


class Net:
    def __init__(self, weights, name, shape):
        self.w, self.nodes, self.init = weights, [], {}
        self.x, self.n, self.shape = "x", 0, shape
        self.name = name

    def _in(self, key):
        if key not in self.w:
            raise SystemExit("the file lacks %s: it is another net" % key)
        self.init[key] = self.w[key].astype("f")
        return key

    def _node(self, op, inputs, **attr):
        self.n += 1
        out = "t%d" % self.n
        self.nodes.append(onnx_writer.node(op, inputs, [out], **attr))
        self.x = out
        return self

    def conv(self, key, stride, pad):
        rank = self.w[key + ".weight"].ndim - 2 if key + ".weight" in self.w else 2
        pad = [pad] * rank if isinstance(pad, int) else list(pad)
        stride = [stride] * rank if isinstance(stride, int) else list(stride)
        return self._node("Conv", [self.x, self._in(key + ".weight"), self._in(key + ".bias")], strides=stride, pads=pad * 2)

    def norm(self, key):
        return self._node("BatchNormalization", [self.x] + [self._in(key + k) for k in (".weight", ".bias", ".running_mean", ".running_var")],
                          epsilon=1e-5)

    def relu(self):
        return self._node("Relu", [self.x])

    def pool(self, kernel, stride, pad=None):
        return self._node("MaxPool", [self.x], kernel_shape=list(kernel), strides=list(stride), pads=list(pad or [0] * len(kernel)) * 2)

    def add(self, other):
        return self._node("Add", [self.x, other])

    def flatten(self):
        return self._node("Flatten", [self.x], axis=1)

    def linear(self, key):
        return self._node("Gemm", [self.x, self._in(key + ".weight"), self._in(key + ".bias")], transB=1)

    def unit(self):
        return self._node("LpNormalization", [self.x], axis=1, p=2)

    def save(self, path, dim):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        nodes = self.nodes + [onnx_writer.node("Identity", [self.x], ["embedding"])]
        with open(path, "wb") as f:
            f.write(onnx_writer.model(self.name, nodes, [onnx_writer.value("x", self.shape)],
                                      [onnx_writer.value("embedding", [self.shape[0], dim])], self.init))
        return sum(a.size for a in self.init.values())


def add_row(models, role, name, file, licence, source, inputs, without=(), **more):
    """Puts the row of a role into the manifest, in place of an older one and of the roles `without`, with the file's hash."""
    import json
    from rehash import rehash
    path = os.path.join(models, "manifest.json")
    with open(path) as f:
        m = json.load(f)
    m["models"] = [r for r in m["models"] if r["role"] != role and r["role"] not in without] + [
        dict(role=role, name=name, file=file, sha256="", licence=licence, source=source, inputs=inputs, **more)]
    with open(path, "w") as f:
        json.dump(m, f)
    rehash(models)
