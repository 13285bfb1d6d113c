"""common.py -- FER2013's pictures with their votes, what video does to a picture, and the net: EfficientNet-Lite0 up to its fifth stage.

The first three blocks stay as ImageNet left them, so their output is computed once (cache.py); the others are tuned (tune.py)."""
import csv
import io
import os
import re
import sys

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import nn
from torch.nn import functional as F

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "drawn_face"))
import net as lite  # noqa: E402

SEVEN = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"]
VOTED = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]   # order of the FER+ votes
EIGHT = SEVEN + ["contempt"]
SIDE, FRONT, LAST = 96, 3, 11   # pixels; frozen blocks; blocks used
torch.set_num_threads(1)


def pictures(folder, split):
    """Grey pictures, FER+ votes as shares [n, 8] (0: nobody knows), majority (-1: none), original label, twin of a test picture."""
    x, votes, major, orig, twin = [], [], [], [], []
    with open(os.path.join(folder, split, "index.tsv")) as f:
        for r in csv.DictReader(f, delimiter="\t"):
            if not r["dataset"].startswith("FER2013"):
                continue
            x.append(np.asarray(Image.open(os.path.join(folder, split, r["path"])).convert("L")))
            v = np.array([float(n) for n in re.search(r"votes=([\d,]+)", r["note"])[1].split(",")])
            v = np.where(v > 1, v, 0)   # a single vote is taken for a slip
            known = v[:8].sum()
            votes.append([v[VOTED.index(c)] / known if known > v[8:].sum() else 0 for c in EIGHT])
            major.append(EIGHT.index(r["label"]) if r["label"] in EIGHT else -1)
            o = re.search(r"orig=(\w+)", r["note"])
            orig.append(SEVEN.index(o[1]) if o and o[1] in SEVEN else -1)
            twin.append("TWIN" in r["note"])
    return np.stack(x), np.array(votes, np.float32), np.array(major), np.array(orig), np.array(twin)


def road(x, rng, hard):
    """One 48 x 48 picture to SIDE x SIDE as a video's crop would show it: turned, moved, scaled, blurred, compressed, lit otherwise."""
    n = x.shape[0]
    im = Image.fromarray(x)
    a, s = rng.normal(0, 8) * np.pi / 180, n / SIDE / rng.uniform(.85, 1.2)
    flip, squeeze = rng.choice([-1, 1]), rng.uniform(.9, 1.1)   # the squeeze stands for a turned head
    c, d = s * np.cos(a), s * np.sin(a)
    m = np.array([[c * flip * squeeze, -d], [d * flip * squeeze, c]])
    at = n / 2 + rng.uniform(-.07, .07, 2) * n - m @ [SIDE / 2, SIDE / 2]
    if hard and rng.random() < .5:
        k = int(n * rng.uniform(.5, .9))
        im = im.resize((k, k), Image.BILINEAR).resize((n, n), Image.BILINEAR)
    im = im.transform((SIDE, SIDE), Image.AFFINE, (m[0, 0], m[0, 1], at[0], m[1, 0], m[1, 1], at[1]), Image.BICUBIC)
    if hard and rng.random() < .4:
        im = im.filter(ImageFilter.GaussianBlur(rng.uniform(.5, 1.5)))
    if hard and rng.random() < .6:
        b = io.BytesIO()
        im.save(b, "JPEG", quality=int(rng.integers(15, 80)))
        im = Image.open(b)
    y = np.asarray(im, np.float32)
    y = np.clip((y - 128) * rng.uniform(.7, 1.3) + 128 + rng.uniform(-30, 30), 0, 255)
    return (y + rng.normal(0, rng.uniform(0, 4 if hard else 1), y.shape)).astype(np.float32)


def straight(x):
    return np.asarray(Image.fromarray(x).resize((SIDE, SIDE), Image.BICUBIC), np.float32)


class Front(nn.Module):
    """Stem and first blocks. Grey [n, SIDE, SIDE], 0 to 255, to [n, 24, 24, 24]."""
    def __init__(self, weights):
        super().__init__()
        self.net = lite.Lite0(weights).eval()

    def forward(self, grey):
        x = ((grey - 127) / 128)[:, None].expand(-1, 3, -1, -1)
        x = F.relu6(self.net._bn0(self.net._conv_stem(x)))
        for b in self.net._blocks[:FRONT]:
            x = b(x)
        return x


class Back(nn.Module):
    """The tuned blocks, and a head that weighs places. Votes [n, 8] and original labels [n, 7] as logits."""
    def __init__(self, weights):
        super().__init__()
        self.blocks = nn.ModuleList(list(lite.Lite0(weights)._blocks[FRONT:LAST]))
        self.wide = nn.Sequential(nn.Conv2d(112, 256, 1, bias=False), nn.BatchNorm2d(256), nn.ReLU6())
        self.place = nn.Sequential(nn.Conv2d(256, 256, SIDE // 16, groups=256, bias=False), nn.BatchNorm2d(256))
        nn.init.normal_(self.place[0].weight, 1 / (SIDE // 16) ** 2, .01)
        self.drop = nn.Dropout(.3)
        self.votes, self.original = nn.Linear(256, 8), nn.Linear(256, 7)

    def forward(self, x):
        for b in self.blocks:
            x = b(x)
        x = self.drop(self.place(self.wide(x)).flatten(1))
        return self.votes(x), self.original(x)
