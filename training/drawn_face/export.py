"""export.py -- numbers and heads as one ONNX file: face [n,224,224,3] -> logit [n,2], map [n,2,14,14]; weights as f16."""
import argparse
import numpy as np
import onnx
from scipy.ndimage import gaussian_filter
from onnx import numpy_helper, helper, TensorProto
import torch
from torch import nn
from torch.nn import functional as F
import net


class Drawn(nn.Module):
    def __init__(self, weights, h):
        super().__init__()
        self.numbers = net.Numbers(weights)
        total = net.blocks()[-1][4]
        w, mean, sd, b = np.zeros((2, total)), np.zeros((2, total)), np.ones((2, total)), np.zeros(2)
        for e, name in enumerate(("blend", "decoder")):
            w[e, h["columns"]], mean[e, h["columns"]], sd[e, h["columns"]], b[e] = h[name + "_w"], h[name + "_mean"], h[name + "_sd"], h[name + "_b"]
        for n, v in (("w", w), ("mean", mean), ("sd", sd), ("b", b)):
            self.register_buffer(n, torch.tensor(v, dtype=torch.float32))
        self.used = {(r, p, k) for r, p, k, x, y in net.blocks() if np.abs(w[:, x:y]).max() > 0}

    def forward(self, face):
        maps, d = self.numbers.maps(face)
        total, picture = [], 0
        runs = {(r, p, k): (x, y) for r, p, k, x, y in net.blocks()}
        for region in net.REGIONS:
            for place, m in enumerate(maps):
                n, size = m.shape[-1], m.shape[-1]
                r0, r1, c0, c1 = (int(v * n / 14 + .5) for v in net.REGIONS[region])
                q = m[:, :, r0:r1, c0:c1]
                flat = q.flatten(2)
                mean = flat.mean(2)
                dev = ((flat - mean[..., None]) ** 2).mean(2).add(1e-8).sqrt()
                total += [mean, dev]
                if (region, place, "mean") not in self.used and (region, place, "deviation") not in self.used:
                    continue
                # each place's part of w . (mean - usual) / sd, and of w . (deviation - usual) / sd
                (x, y), (u, v) = runs[region, place, "mean"], runs[region, place, "deviation"]
                k, j = self.w[:, x:y] / self.sd[:, x:y], self.w[:, u:v] / self.sd[:, u:v]
                share = F.conv2d(q, k[:, :, None, None]) - (k * self.mean[:, x:y]).sum(1).view(1, 2, 1, 1)
                spread = (q - mean[..., None, None]) ** 2 / (dev + 1e-3)[..., None, None]
                share = (share + F.conv2d(spread, j[:, :, None, None]) - (j * self.mean[:, u:v]).sum(1).view(1, 2, 1, 1)) / float((r1 - r0) * (c1 - c0))
                share = F.pad(share, (c0, size - c1, r0, size - r1))
                if size == 7:
                    share = F.interpolate(share, scale_factor=2, mode="nearest") / 4
                elif size > 14:
                    share = F.avg_pool2d(share, size // 14) * float((size // 14) ** 2)
                picture = picture + share
            total.append(torch.log(net.part(d, region).flatten(2).mean(2) + .3))
        x = torch.cat(total, 1)
        logit = [((x - self.mean[e:e + 1]) * (1 / self.sd[e:e + 1])).clamp(-6, 6) @ self.w[e][:, None] for e in range(2)]
        return torch.cat(logit, 1) + self.b, picture


def halve(model):
    """Weights as f16, widened where they are used."""
    g = model.graph
    casts = []
    for t in list(g.initializer):
        if t.data_type == TensorProto.FLOAT and np.prod(t.dims) > 256 and t.dims[0] != 2:   # the heads stay as they are
            v = numpy_helper.to_array(t)
            if np.abs(v).max() > 6e4:
                continue
            name = t.name
            g.initializer.remove(t)
            g.initializer.append(numpy_helper.from_array(v.astype(np.float16), name + "_f16"))
            casts.append(helper.make_node("Cast", [name + "_f16"], [name], to=TensorProto.FLOAT))
    nodes = casts + list(g.node)
    del g.node[:]
    g.node.extend(nodes)
    return model


def main():
    p = argparse.ArgumentParser()
    p.add_argument("heads")
    p.add_argument("--weights", required=True)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    d = Drawn(a.weights, np.load(a.heads)).eval()
    torch.onnx.export(d, (torch.zeros(2, 224, 224, 3),), a.out, input_names=["face"], output_names=["logit", "map"],
                      dynamic_axes={"face": {0: "n"}, "logit": {0: "n"}, "map": {0: "n"}}, dynamo=False, opset_version=17)
    onnx.save(halve(onnx.load(a.out)), a.out)
    import openvino
    run = openvino.Core().compile_model(a.out, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    x = gaussian_filter(np.random.RandomState(0).randint(0, 255, (3, 224, 224, 3)).astype("f"), (0, 2, 2, 0)) * 3 - 256
    x = np.clip(x, 0, 255)
    with torch.no_grad():
        want = d(torch.from_numpy(x))
    got = list(run(x).values())
    print("%.1f MB; largest difference from PyTorch: logit %.4f of %.2f, map %.5f of %.3f" % (len(open(a.out, "rb").read()) / 1e6, np.abs(got[0] - want[0].numpy()).max(), np.abs(got[0]).max(),
                                                                                      np.abs(got[1] - want[1].numpy()).max(), np.abs(got[1]).max()))


if __name__ == "__main__":
    main()
