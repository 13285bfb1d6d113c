"""net.py -- EfficientNet-Lite0 (Tan, Le 2019; Apache-2.0 weights) as it stands, numbers pooled over regions, and the heads on them.

The numbers of one picture, per region of the crop (all, upper and lower middle of the face): mean and deviation of eight places
of the net, and the mean size of 63 frequencies of 8 x 8 pixels, as logarithm."""
import math
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CFG = [(1, 16, 3, 1, 1), (2, 24, 3, 2, 6), (2, 40, 5, 2, 6), (3, 80, 3, 2, 6), (3, 112, 5, 1, 6), (4, 192, 5, 2, 6), (1, 320, 3, 1, 6)]
TAPS, MAPS = (16, 24, 40, 80, 112, 192, 320), 14
CHANNELS = (32,) + TAPS
REGIONS = {"all": (0, 14, 0, 14), "upper": (2, 7, 3, 11), "lower": (7, 12, 3, 11)}   # rows and columns of a 14 x 14 grid


class Same(nn.Conv2d):
    """Padding as TensorFlow's SAME."""
    def forward(self, x):
        k, s = self.kernel_size[0], self.stride[0]
        p = max(k - s, 0) if x.shape[-1] % s == 0 else max(k - x.shape[-1] % s, 0)
        return F.conv2d(F.pad(x, (p // 2, p - p // 2, p // 2, p - p // 2)), self.weight, self.bias, self.stride, 0, 1, self.groups)


class Step(nn.Module):
    def __init__(self, cin, cout, k, s, e):
        super().__init__()
        bn = lambda n: nn.BatchNorm2d(n, eps=1e-3)
        m = cin * e
        self._expand_conv, self._bn0 = (Same(cin, m, 1, bias=False), bn(m)) if e > 1 else (None, None)
        self._depthwise_conv, self._bn1 = Same(m, m, k, s, groups=m, bias=False), bn(m)
        self._project_conv, self._bn2 = Same(m, cout, 1, bias=False), bn(cout)
        self.same = cin == cout and s == 1

    def forward(self, x):
        y = F.relu6(self._bn0(self._expand_conv(x))) if self._expand_conv is not None else x
        y = self._bn2(self._project_conv(F.relu6(self._bn1(self._depthwise_conv(y)))))
        return x + y if self.same else y


class Lite0(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self._conv_stem, self._bn0 = Same(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, eps=1e-3)
        blocks, cin, self.tap = [], 32, []
        for n, cout, k, s, e in CFG:
            for i in range(n):
                blocks.append(Step(cin, cout, k, s if i == 0 else 1, e))
                cin = cout
            self.tap.append(len(blocks) - 1)
        self._blocks = nn.ModuleList(blocks)
        d = torch.load(weights, map_location="cpu")
        missing = self.load_state_dict({k: v for k, v in d.items() if not k.startswith(("_conv_head", "_bn1", "_fc"))}, strict=False)
        assert not missing.unexpected_keys and all("num_batches" in k for k in missing.missing_keys), missing

    def forward(self, x):
        x = F.relu6(self._bn0(self._conv_stem(x)))
        out = [x]
        for i, b in enumerate(self._blocks):
            x = b(x)
            if i in self.tap:
                out.append(x)
        return out


def dct_filters():
    k = np.arange(8)
    c = np.cos(np.pi * (k[:, None] + .5) * k / 8) * np.where(k, .5, math.sqrt(.125))   # [pixel, frequency]
    f = np.einsum("yu,xv->uvyx", c, c).reshape(64, 1, 8, 8)[1:]
    return torch.tensor(f, dtype=torch.float32)


def part(x, region):
    """The region's rows and columns of a map of 112, 56, 28, 14 or 7."""
    n = x.shape[-1]
    r0, r1, c0, c1 = (int(math.floor(v * n / 14 + .5)) for v in REGIONS[region])
    return x[:, :, r0:r1, c0:c1]


class Numbers(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.net = Lite0(weights).eval()
        self.register_buffer("dct", dct_filters())
        self.register_buffer("grey", torch.tensor([.299, .587, .114]).view(1, 3, 1, 1))

    def maps(self, face):
        x = face.permute(0, 3, 1, 2)
        f = self.net((x - 127) / 128)
        d = F.conv2d((x * self.grey).sum(1, keepdim=True), self.dct, stride=4).abs()   # 55 x 55
        return f, d

    def forward(self, face):
        f, d = self.maps(face)
        out = []
        for region in REGIONS:
            for m in f:
                p = part(m, region).flatten(2)
                mean = p.mean(2)
                out += [mean, ((p - mean[..., None]) ** 2).mean(2).add(1e-8).sqrt()]
            out.append(torch.log(part(d, region).flatten(2).mean(2) + .3))
        return torch.cat(out, 1)


def blocks():
    """(region, place, kind, first, last) of each run of numbers; place 8 is the frequencies."""
    out, at = [], 0
    for region in REGIONS:
        for place, n in enumerate(CHANNELS):
            for kind in ("mean", "deviation"):
                out.append((region, place, kind, at, at + n))
                at += n
        out.append((region, 8, "frequency", at, at + 63))
        at += 63
    return out


def compiled(weights, name):
    """The numbers as an OpenVINO net for one thread, f32."""
    import openvino
    torch.onnx.export(Numbers(weights), (torch.zeros(2, 224, 224, 3),), name, input_names=["face"], output_names=["numbers"], dynamic_axes={"face": {0: "n"}, "numbers": {0: "n"}}, dynamo=False)
    return openvino.Core().compile_model(name, "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
