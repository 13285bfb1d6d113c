"""Turns Resemblyzer's GE2E voice encoder (pretrained.pt, Apache-2.0; Wan et al. 2018, arXiv:1710.10467) into ONNX.

    python3 ge2e.py pretrained.pt out.onnx

Input mel [n, t, 40], output embedding [n, 256] of length 1. Needs NumPy, not PyTorch.
"""
import sys

import numpy as np

import onnx_writer as w
import torch_archive


def gates(a):
    """PyTorch's order input, forget, cell, output to ONNX's input, output, forget, cell."""
    i, f, c, o = np.split(a, 4)
    return np.concatenate([i, o, f, c])


def main(source, target):
    s = torch_archive.tensors(source, "model_state")
    nodes = [w.node("Transpose", ["mel"], ["x0"], perm=[1, 0, 2])]
    init = {"one": np.array([1], np.int64), "tiny": np.array([1e-5], np.float32)}
    for k in range(3):
        init["W%d" % k] = gates(s["lstm.weight_ih_l%d" % k])[None]
        init["R%d" % k] = gates(s["lstm.weight_hh_l%d" % k])[None]
        init["B%d" % k] = np.concatenate([gates(s["lstm.bias_ih_l%d" % k]), gates(s["lstm.bias_hh_l%d" % k])])[None]
        nodes += [w.node("LSTM", ["x%d" % k, "W%d" % k, "R%d" % k, "B%d" % k], ["y%d" % k, "h%d" % k], hidden_size=256),
                  w.node("Squeeze", ["y%d" % k, "one"], ["x%d" % (k + 1)])]
    init["first"] = np.array([0], np.int64)
    init["linear.weight"], init["linear.bias"] = s["linear.weight"], s["linear.bias"]
    nodes += [w.node("Squeeze", ["h2", "first"], ["last"]),
              w.node("Gemm", ["last", "linear.weight", "linear.bias"], ["raw"], transB=1), w.node("Relu", ["raw"], ["positive"]),
              w.node("ReduceL2", ["positive"], ["length"], axes=[1], keepdims=1), w.node("Add", ["length", "tiny"], ["scale"]),
              w.node("Div", ["positive", "scale"], ["embedding"])]
    with open(target, "wb") as f:
        f.write(w.model("ge2e", nodes, [w.value("mel", ["n", "t", 40])], [w.value("embedding", ["n", 256])], init))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
