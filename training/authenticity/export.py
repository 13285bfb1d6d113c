"""Puts the trained views together in one net, fits how they are weighed and writes the manifest row.

    python export.py --work DIR --views spectrum,phase,waveform --models models        # DIR/NAME.pt; phase2 is a second phase view

Each view is scored on real clips and copies of held-out voices and on machine voices. A view's logit is measured in deviations
of the real clips from their mean, the views count alike (what is best on known generators need not be on others), and one
logistic regression with the families of equal weight makes log odds of the sum. Prints the calibration of voice-spoof:
where 99 % of the held-out real clips lie, by the sum and by the phase view.
"""
import argparse
import collections
import os
import random
import sys

import numpy as np
import torch

import nets
from train import Clips, eer, held, scores

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "import"))
import onnx_net  # noqa: E402
from halve import halve  # noqa: E402


def fit(x, y, weight):
    """Slope and intercept of a logistic regression, by Newton's method."""
    a = np.zeros(2)
    z = np.c_[x, np.ones(len(x))]
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ a))
        h = (z * (weight * p * (1 - p))[:, None]).T @ z + 1e-6 * np.eye(2)
        a += np.linalg.solve(h, z.T @ (weight * (y - p)))
    return a


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--work", required=True)
    p.add_argument("--views", required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--clips", type=int, default=2000, help="held-out clips to fit on")
    args = p.parse_args()
    torch.set_num_threads(1)
    clips, names = Clips(args.work), args.views.split(",")
    rows = [r for r in clips.rows if held(r["voice"]) and (r["real"] or r["of"] != "-")]
    rows = random.Random(1).sample(rows, min(len(rows), args.clips))
    rows += [r for i, r in enumerate(r for r in clips.rows if not r["real"] and r["of"] == "-") if i % 8 == 0]
    views = []
    for name in names:
        v = nets.VIEWS[name.rstrip("0123456789")]()
        v.load_state_dict(torch.load(os.path.join(args.work, name + ".pt")))
        views.append(v.eval())
    family = np.array(["real" if r["real"] else r["family"] for r in rows])
    real = family == "real"
    s = np.array([scores(v, clips, rows) for v in views])
    mean, deviation = s[:, real].mean(1), s[:, real].std(1)
    z = ((s - mean[:, None]) / deviation[:, None]).sum(0)
    count = collections.Counter(family)
    weight = np.array([.5 / count[f] if f == "real" else .5 / (len(count) - 1) / count[f] for f in family]) * len(family)
    slope, intercept = fit(z, (~real).astype(float), weight)
    odds = slope * z + intercept
    print("%d real clips, %d made ones of held-out voices" % (real.sum(), (~real).sum()))
    for name, x in list(zip(names, s)) + [("together", odds)]:
        print("%-9s EER %% by family: %s; 99 %% of real under %.2f" % (
            name, " ".join("%s %.1f" % (f.split(":")[-1], 100 * eer(x[real], x[family == f])) for f in sorted(count) if f != "real"),
            np.quantile(x[real], .99)))
    ratio = np.log1p(np.exp(odds)) - np.where(real, 0, odds)
    print("Cllr %.3f" % ((ratio[real].mean() + np.average(ratio[~real], weights=weight[~real])) / 2 / np.log(2)))
    folder = os.path.join(args.models, "authenticity")
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(nets.Together(views).eval(), torch.zeros(1, nets.SAMPLES), os.path.join(folder, "voice_spoof.onnx"), input_names=["waveform"],
                      output_names=["logits"], opset_version=13, dynamo=False)
    halve(os.path.join(folder, "voice_spoof.onnx"))
    onnx_net.add_row(args.models, "voice-spoof", "avalign synthetic voice", "authenticity/voice_spoof.onnx",
                     "research-only (trained on research sets; see the card)", "trained by this project: training/authenticity; card models/authenticity/CARD.md",
                     [{"name": "waveform", "shape": [1, nets.SAMPLES], "scale": "16 kHz, -26 dBFS"}],
                     experts=names, weights=[round(float(w), 5) for w in slope / deviation], bias=round(float(intercept - slope * (mean / deviation).sum()), 5))


if __name__ == "__main__":
    main()
