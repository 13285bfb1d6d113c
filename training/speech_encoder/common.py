"""What the heads share: the windows that extract.py wrote, a weighted linear net, folds, figures, and the ONNX file."""
import csv
import glob
import json
import os
import sys

import numpy as np
import scipy.linalg

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "setup"), os.path.join(HERE, "..", "import"), os.path.join(HERE, "..", "lip_sync")]
import onnx_writer as w  # noqa: E402

WIDTH, LAYERS = 768, 6


def rows(data):
    out = []
    for split in ("train", "dev"):
        name = os.path.join(data, split, "index.tsv")
        if os.path.exists(name):
            with open(name) as f:
                out += [dict(r, split=split) for r in csv.DictReader(f, delimiter="\t")]
    return out


def windows(folder):
    """All blocks of a folder: row numbers, seconds, codecs, what the channel did, features [n, 4608] (half precision), experts."""
    parts = [np.load(p) for p in sorted(glob.glob(os.path.join(folder, "?????.npz")))]
    parts = [p for p in parts if len(p["row"])]
    if not parts:
        raise SystemExit("%s holds no blocks; run extract.py" % folder)
    got = {k: np.concatenate([p[k] for p in parts]) for k in ("row", "seconds", "codec", "did", "pooled", "experts")}
    got["pooled"] = got["pooled"].reshape(len(got["row"]), -1)
    return got


def together(parts):
    return {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}


class Scale:
    """Each number less its mean, by its deviation (no smaller than a thousandth of the typical one)."""

    def __init__(self, x):
        x = x.astype(np.float32)
        self.mean, d = x.mean(0), x.std(0)
        self.scale = 1 / np.maximum(d, 1e-3 * np.median(d))

    def __call__(self, x):
        return np.clip((x.astype(np.float32) - self.mean) * self.scale, -8, 8)


class Linear:
    """Weighted ridge regression of targets on the scaled numbers, solved on the rows' inner products (rows are fewer than numbers)."""

    def __init__(self, gram, rows, target, weight, ridge):
        root = np.sqrt(weight[rows] / weight[rows].sum() * len(rows)).astype(np.float32)
        self.middle = np.average(target[rows], axis=0, weights=root ** 2).astype(np.float32)
        k = gram[np.ix_(rows, rows)] * root[:, None] * root
        k[np.diag_indices_from(k)] += ridge
        self.alpha = root[:, None] * scipy.linalg.solve(k, root[:, None] * (target[rows] - self.middle).astype(np.float32), assume_a="pos", overwrite_a=True, check_finite=False)
        self.rows = rows

    def of(self, gram, rows):
        return gram[np.ix_(rows, self.rows)] @ self.alpha + self.middle

    def weights(self, x):
        """The same as a matrix [numbers, out] and a constant."""
        return x[self.rows].T @ self.alpha, self.middle


def inner(x):
    """Inner products of all rows, by their width."""
    return x @ x.T / np.float32(x.shape[1])


def eer(real, made):
    s = np.sort(np.r_[real, made])
    far = 1 - np.searchsorted(np.sort(real), s) / len(real)
    miss = np.searchsorted(np.sort(made), s) / len(made)
    k = np.argmin(np.abs(far - miss))
    return (far[k] + miss[k]) / 2


def interval(f, groups, n=400, seed=1):
    """95 % of a figure when whole groups are drawn anew: f(row numbers)."""
    rng, names = np.random.default_rng(seed), np.unique(groups)
    at = {g: np.flatnonzero(groups == g) for g in names}
    v = []
    for _ in range(n):
        v.append(f(np.concatenate([at[g] for g in rng.choice(names, len(names))])))
    return np.nanquantile(v, [.025, .975])


def sha_of(models, role):
    """SHA-256 of the net that plays the role."""
    with open(os.path.join(models, "manifest.json")) as f:
        return next(r["sha256"] for r in json.load(f)["models"] if r["role"] == role)


def export(path, name, matrix, constant, scale, tail, outputs):
    """A linear net with its scaling inside. tail(nodes, init) reads "raw" [1, out] and makes the outputs."""
    nodes = [w.node("Sub", ["pooled", "mean"], ["centred"]), w.node("Mul", ["centred", "scale"], ["x"]), w.node("Gemm", ["x", "a", "b"], ["raw"])]
    init = {"mean": scale.mean.astype(np.float32), "scale": scale.scale.astype(np.float32), "a": matrix.astype(np.float32), "b": constant.astype(np.float32)}
    tail(nodes, init)
    with open(path, "wb") as f:
        f.write(w.model(name, nodes, [w.value("pooled", [1, WIDTH * LAYERS])], [w.value(n, [1, k]) for n, k in outputs], init))
