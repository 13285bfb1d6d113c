"""A small kernel machine: ridge regression on how near a window lies to a few thousand windows that were heard in training, as an ONNX file.

Nearness is exp(-squared distance / width) of the scaled numbers. The distance is measured in the plane of the strongest components; what lies
off the plane counts by its length alone, as if at right angles (nearly true in 4,608 dimensions). So a window costs some 5 million products.
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
    """Fitted on x[rows] (raw numbers), targets and weights of all rows; of(x) answers with as many numbers as the targets have."""

    def __init__(self, x, rows, target, weight, ridge=.2, plane=384, centres=2000, width=1., seed=1):
        rng = np.random.default_rng(seed)
        x, w = x[rows], weight[rows] / weight[rows].sum() * len(rows)
        self.scale = common.Scale(x)
        y = self.scale(x)
        some = rng.choice(len(y), min(4000, len(y)), replace=False)
        self.plane = components(y[some], plane, rng).astype(np.float16).astype(np.float32)
        z, far = self.place(y)
        at = np.sort(rng.choice(len(y), min(centres, len(y)), replace=False, p=w ** .5 / (w ** .5).sum()))
        self.centre, self.centre_far = z[at].astype(np.float16).astype(np.float32), far[at]
        few = rng.choice(len(y), 500)
        d = far[few, None] + far[few] - 2 * z[few] @ z[few].T
        self.by = np.float32(1 / (width * np.median(d)))
        k = self.near(z, far)
        self.middle = np.average(target[rows], axis=0, weights=w).astype(np.float32)
        a = (k * w[:, None]).T @ k + ridge * self.near(self.centre, self.centre_far)
        a[np.diag_indices_from(a)] += 1e-3
        self.alpha = scipy.linalg.solve(a, (k * w[:, None]).T @ (target[rows] - self.middle).astype(np.float32), assume_a="pos", check_finite=False).astype(np.float32)

    def place(self, y):
        return y @ self.plane, np.einsum("ij,ij->i", y, y)

    def near(self, z, far):
        return np.exp(self.by * (2 * z @ self.centre.T - far[:, None] - self.centre_far))

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
             w.node("Sub", ["doubled", "own"], ["less"]), w.node("Sub", ["less", "far"], ["minus"]), w.node("Mul", ["minus", "by"], ["power"]), w.node("Exp", ["power"], ["near"]),
             w.node("Gemm", ["near", "alpha", "constant"], [output])]
        with open(path, "wb") as f:
            f.write(w.model(name, n, [w.value("pooled", [1, common.WIDTH * common.LAYERS])], [w.value(output, [1, matrix.shape[1]])], init))
