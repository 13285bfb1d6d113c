"""cache.py -- what the frozen blocks make of every training picture, on several roads of chance, and of the test pictures as they are.

    python cache.py FACES LITE0 OUT [ROADS]"""
import os
import sys
import tempfile

import numpy as np
import openvino
import torch

import common as c

faces, weights, out = sys.argv[1:4]
roads = int(sys.argv[4]) if len(sys.argv) > 4 else 3
rng = np.random.default_rng(1)
with tempfile.TemporaryDirectory() as t:
    torch.onnx.export(c.Front(weights), (torch.zeros(32, c.SIDE, c.SIDE),), t + "/front.onnx", input_names=["grey"], dynamo=False)
    net = openvino.Core().compile_model(t + "/front.onnx", "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})


def run(x, name, make):
    m = np.lib.format.open_memmap(name, "w+", np.float16, (len(x), 24, c.SIDE // 4, c.SIDE // 4))
    for i in range(0, len(x), 32):
        b = np.stack([make(p) for p in x[i:i + 32]])
        n = len(b)
        m[i:i + n] = net(np.pad(b, ((0, 32 - n), (0, 0), (0, 0))))[0][:n]


for split in ("dev", "train"):
    x, votes, major, orig, twin = c.pictures(faces, split)
    if split == "train":   # neither a test picture's twin nor what nobody could name
        keep = ~twin & ((votes.sum(1) > 0) | (orig >= 0))
        x, votes, major, orig, twin = x[keep], votes[keep], major[keep], orig[keep], twin[keep]
    np.savez(os.path.join(out, split + ".npz"), x=x, votes=votes, major=major, orig=orig, twin=twin)
    print(split, len(x), flush=True)
    if split == "dev":
        run(x, os.path.join(out, "dev.npy"), c.straight)
        run(x, os.path.join(out, "dev_flip.npy"), lambda p: c.straight(p[:, ::-1]))
    for k in range(roads if split == "train" else 0):
        run(x, os.path.join(out, "train%d.npy" % k), lambda p: c.road(p, rng, k > 0))
        print("road", k, flush=True)
