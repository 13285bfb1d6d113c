"""export.py -- the tuned net as one ONNX file: face [n,3,112,112] RGB 0-255 to probabilities [n,8]; weights as f16.

    python export.py FACE.pt LITE0 OUT.onnx [--soft]     --soft: the picture is first brought down to the 48 pixels of FER2013"""
import os
import sys

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

import common as c

HALF = 256   # smaller tensors stay as they are


def halve(model):
    """Weights as f16, widened where they are used."""
    g, casts = model.graph, []
    for t in list(g.initializer):
        if t.data_type == onnx.TensorProto.FLOAT and np.prod(t.dims) > HALF:
            g.initializer.remove(t)
            g.initializer.append(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(t).astype(np.float16), t.name + "_f16"))
            casts.append(onnx.helper.make_node("Cast", [t.name + "_f16"], [t.name], to=onnx.TensorProto.FLOAT))
    nodes = casts + list(g.node)
    del g.node[:]
    g.node.extend(nodes)
    return model


class Whole(nn.Module):
    def __init__(self, state, weights, soft):
        super().__init__()
        self.front, self.back, self.soft = c.Front(weights), c.Back(weights), soft
        self.back.load_state_dict(torch.load(state, map_location="cpu"))
        self.register_buffer("grey", torch.tensor([.299, .587, .114]).view(1, 3, 1, 1))

    def forward(self, face):
        x = (face * self.grey).sum(1, keepdim=True)
        if self.soft:
            x = F.interpolate(F.avg_pool2d(x, 2), (48, 48), mode="bilinear", align_corners=False)
        x = F.interpolate(x, (c.SIDE, c.SIDE), mode="bilinear", align_corners=False)
        return F.softmax(self.back(self.front(x[:, 0]))[0], 1)


def main():
    state, weights, out = sys.argv[1:4]
    net = Whole(state, weights, "--soft" in sys.argv).eval()
    torch.onnx.export(net, (torch.zeros(2, 3, 112, 112),), out, input_names=["face"], output_names=["probabilities"],
                      dynamic_axes={"face": {0: "n"}, "probabilities": {0: "n"}}, dynamo=False, opset_version=17)
    onnx.save(halve(onnx.load(out)), out)
    import openvino
    run = openvino.Core().compile_model(out, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    x = np.random.RandomState(0).randint(0, 255, (3, 3, 112, 112)).astype("f")
    with torch.no_grad():
        print("%.1f MB; largest difference from PyTorch %.4f" % (os.path.getsize(out) / 1e6, np.abs(list(run(x).values())[0] - net(torch.tensor(x)).numpy()).max()))


if __name__ == "__main__":
    main()
