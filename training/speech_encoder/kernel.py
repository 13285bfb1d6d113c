"""A small kernel machine: ridge regression on how near a window lies to those that were heard in training, as an ONNX file.

Nearness is exp(-distance / width) of the scaled numbers (a Gaussian carries over to other families less well). The distance is measured in the
plane of the strongest components; what lies off the plane counts by its length alone, as if at right angles (nearly true in 4,608 dimensions).
So a window costs some 6 million products.
"""
import numpy as np
import scipy.linalg

import common


def components(x, count, rng):
    """The strongest directions of rows, by a random sketch with one power step: [numbers, count]."""
    sketch = x.T @ (x @ rng.standard_normal((x.shape[1], count + 40)).astype(np.float32))
    basis = np.linalg.qr(sketch)[0]
    _, _, v = np.linalg.svd(x @ basis, full_matrices=False)
    return np.ascontiguousarray(basis @ v[:count].T)


class Kernel:
    """Fitted on x[rows] (raw numbers), targets and weights of all rows; of(x) answers with as many numbers as the targets have. centres: so many rows, drawn by
    the root of their weight, are compared with (0: all); the others still count in the fit."""

    def __init__(self, x, rows, target, weight, ridge=.2, plane=384, centres=0, seed=1):
        rng = np.random.default_rng(seed)
        x, w = x[rows], weight[rows] / weight[rows].sum() * len(rows)
        self.scale = common.Scale(x)
        y = self.scale(x)
        some = rng.choice(len(y), min(4000, len(y)), replace=False)
        self.plane = components(y[some], plane, rng).astype(np.float16).astype(np.float32)
        z, far = self.place(y)
        z = z.astype(np.float16).astype(np.float32)
        few = rng.choice(len(y), 500)
        d = far[few, None] + far[few] - 2 * z[few] @ z[few].T
        self.by = np.float32(1 / np.median(d))
        self.middle = np.average(target[rows], axis=0, weights=w).astype(np.float32)
        goal, root = (target[rows] - self.middle).astype(np.float32), np.sqrt(w)[:, None].astype(np.float32)
        at = np.arange(len(y)) if not centres else np.sort(rng.choice(len(y), min(centres, len(y)), replace=False, p=w ** .5 / (w ** .5).sum()))
        self.centre, self.centre_far = z[at], far[at]
        k = self.near(z, far)
        k *= root
        if not centres:
            k *= root[:, 0]
            k[np.diag_indices_from(k)] += ridge
            self.alpha = root * scipy.linalg.solve(k, root * goal, assume_a="pos", overwrite_a=True, check_finite=False)
        else:
            k = k.astype(np.float64)                            # the inner products of single precision need not be positive
            a = k.T @ k + ridge * self.near(self.centre, self.centre_far)
            a[np.diag_indices_from(a)] += 1e-3
            self.alpha = scipy.linalg.solve(a, k.T @ (root * goal), assume_a="pos", check_finite=False)

    def place(self, y):
        return y @ self.plane, np.einsum("ij,ij->i", y, y)

    def near(self, z, far):
        return np.exp(-np.sqrt(np.maximum(self.by * (far[:, None] + self.centre_far - 2 * z @ self.centre.T), 0)))

    def of(self, x):
        out = [self.near(*self.place(self.scale(part))) @ self.alpha for part in np.array_split(x, max(1, len(x) // 2000))]
        return np.concatenate(out) + self.middle

    def export(self, path, name, matrix, constant, output):
        """matrix [targets, out] and constant make the output of the machine's answer."""
        w = common.w
        init = {"mean": self.scale.mean.astype(np.float32), "scale": self.scale.scale.astype(np.float32), "low": np.float32(-8), "high": np.float32(8),
                "plane16": self.plane.astype(np.float16), "centre16": self.centre.T.astype(np.float16), "far": self.centre_far[None].astype(np.float32), "by": np.float32(self.by),
                "twice": np.float32(2), "alpha": (self.alpha @ matrix).astype(np.float32), "constant": (self.middle @ matrix + constant).astype(np.float32)}
        n = [w.node("Sub", ["pooled", "mean"], ["centred"]), w.node("Mul", ["centred", "scale"], ["scaled"]), w.node("Clip", ["scaled", "low", "high"], ["y"]),
             w.node("Cast", ["plane16"], ["plane"], to=1), w.node("Cast", ["centre16"], ["centre"], to=1), w.node("MatMul", ["y", "plane"], ["z"]),
             w.node("ReduceSumSquare", ["y"], ["own"], axes=[1], keepdims=1), w.node("MatMul", ["z", "centre"], ["product"]), w.node("Mul", ["product", "twice"], ["doubled"]),
             w.node("Add", ["own", "far"], ["both"]), w.node("Sub", ["both", "doubled"], ["squares"]), w.node("Mul", ["squares", "by"], ["scaled_squares"]),
             w.node("Relu", ["scaled_squares"], ["no_less"]), w.node("Sqrt", ["no_less"], ["distance"]), w.node("Neg", ["distance"], ["power"]), w.node("Exp", ["power"], ["near"]),
             w.node("Gemm", ["near", "alpha", "constant"], [output])]
        with open(path, "wb") as f:
            f.write(w.model(name, n, [w.value("pooled", [1, common.WIDTH * common.LAYERS])], [w.value(output, [1, matrix.shape[1]])], init))
