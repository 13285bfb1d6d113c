"""Writes the trained sync nets as ONNX with half-precision weights, and their manifest rows' hashes.

    python export.py nets.pt models/sync

Inputs as src/nets/sync.c feeds them: lips [1, T, 98], mouth [1, T, 48, 48] (grey 0-1), sound [1, 2 T', 40].
Outputs [1, 64, T]: a unit vector per picture, or per 20 ms of sound.
"""
import hashlib
import os
import sys

import torch

import nets
from halve import halve


class FlatLips(nets.Lips):
    def forward(self, v):
        return super().forward(v.view(v.shape[0], v.shape[1], -1, 2))


def main():
    states = torch.load(sys.argv[1])
    os.makedirs(sys.argv[2], exist_ok=True)
    for name, net, x, s in (("lips", FlatLips(), torch.zeros(1, 60, 98), states[0]),
                            ("mouth", nets.Mouth(), torch.zeros(1, 60, 48, 48), states[1]),
                            ("sound", nets.Sound(), torch.zeros(1, 240, 40), states[2])):
        net.load_state_dict(s)
        net.eval()
        path = os.path.join(sys.argv[2], name + ".onnx")
        torch.onnx.export(net, x, path, input_names=["x"], output_names=["embedding"], opset_version=13, dynamo=False,
                          dynamic_axes={"x": {1: "t"}, "embedding": {2: "t"}})
        halve(path)
        print(name, os.path.getsize(path), hashlib.sha256(open(path, "rb").read()).hexdigest())


if __name__ == "__main__":
    main()
