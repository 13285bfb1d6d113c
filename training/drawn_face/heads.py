"""heads.py -- a linear head that raises what was made over its genuine twin and keeps still over everything genuine."""
import numpy as np


def fit(genuine, made, still, weights, quiet, ridge):
    """Least squares: w . (made - genuine) = 1 for each pair, w . x = 0 for genuine pictures `still` about their mean (weighing `quiet`), small weights (`ridge`).
    The numbers are first brought to mean 0, deviation 1 over `still`. Gives w and the mean, on the numbers as they are."""
    mean, sd = still.mean(0), still.std(0) + 1e-3
    v = (weights / weights.sum()) ** .5
    rows = np.concatenate([(made - genuine) / sd * v[:, None], (still - mean) / sd * (quiet / len(still)) ** .5]).astype("f")
    want = np.concatenate([v, np.zeros(len(still))])
    k = rows @ rows.T
    k[np.diag_indices(len(k))] += ridge
    return (rows.T @ np.linalg.solve(k, want.astype("f"))), mean, sd


def odds(fake, real):
    """Slope and offset of log odds on a score, classes weighing alike."""
    x, y = np.concatenate([fake, real]).astype(float), np.concatenate([np.ones(len(fake)), np.zeros(len(real))])
    w = np.where(y > 0, .5 / len(fake), .5 / len(real))
    m, s = x.mean(), x.std()
    x, k, b = (x - m) / s, 0., 0.
    for _ in range(60):
        p = 1 / (1 + np.exp(-(k * x + b)))
        g = np.array([(w * (p - y) * x).sum() + 1e-3 * k, (w * (p - y)).sum()])
        q = w * p * (1 - p)
        d = np.linalg.solve([[(q * x * x).sum() + 1e-3, (q * x).sum()], [(q * x).sum(), q.sum() + 1e-9]], g)
        k, b = k - d[0], b - d[1]
    return k / s, b - k * m / s


def auc(fake, real):
    x = np.concatenate([fake, real])
    r = np.empty(len(x))
    order = np.argsort(x, kind="stable")
    r[order] = np.arange(1, len(x) + 1)
    for v in np.unique(x[np.concatenate([[False], np.diff(np.sort(x)) == 0])]) if len(np.unique(x)) < len(x) else []:
        r[x == v] = r[x == v].mean()
    return (r[:len(fake)].sum() - len(fake) * (len(fake) + 1) / 2) / (len(fake) * len(real))


def folds(people, n=3):
    import zlib
    return np.array([zlib.crc32(str(p).encode()) % n for p in people])
