"""How often a short stretch finds its own offset: SyncNet's measure on the dev clips.

    python context.py --models models --video DIR --features DIR

For every stretch of 5, 15 and 25 pictures of a real dev clip, the best of 31 lags of whole pictures (+-15): share within
one picture of the whole clip's offset (and of zero), with landmarks alone, mouth crops alone and both. Needs openvino.
"""
import argparse
import os

import numpy as np
import openvino

import data


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--models", required=True)
    p.add_argument("--video", required=True)
    p.add_argument("--features", required=True)
    a = p.parse_args()
    core = openvino.Core()
    net = {n: core.compile_model(os.path.join(a.models, "sync", n + ".onnx"), "CPU") for n in ("lips", "mouth", "sound")}
    hits = {}
    for r in data.index(a.video):
        if r["split"] != "dev" or r["label"] != "real" or float(r["seconds"]) < 2:
            continue
        c = data.load(os.path.join(a.features, r["dump"]))
        if c is None:
            continue
        n = len(c["V"])
        lips = net["lips"](c["V"][None, :, :, :2].reshape(1, n, -1))[0][0]
        mouth = net["mouth"](c["C"][None].astype("f") / 255)[0][0]
        sound = net["sound"](c["M"][None, data.PAD // 2:data.PAD // 2 + 4 * n])[0][0][:, ::2]     # one per picture
        both = lips + mouth
        both /= np.linalg.norm(both, axis=0)
        for way, v in (("landmarks", lips), ("mouth crops", mouth), ("both", both)):
            s = v.T @ sound
            lagged = np.full((n, 31), np.nan)                                                    # lag > 0: sound early
            for l in range(-15, 16):
                i = np.arange(max(0, l), min(n, n + l))
                lagged[i, l + 15] = s[i, i - l]
            own = np.nanmean(lagged, 0).argmax() - 15
            for k in (5, 15, 25):
                for i in range(15, n - k - 15):
                    best = lagged[i:i + k].mean(0).argmax() - 15
                    hits.setdefault((way, k), []).append((abs(best - own) <= 1, abs(best) <= 1, r["person"]))
    print("| input | pictures | stretches | people | within 1 picture of the clip's offset | of zero |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (way, k), h in hits.items():
        print("| %s | %d | %d | %d | %.3f | %.3f |" % (way, k, len(h), len({q[2] for q in h}), np.mean([q[0] for q in h]), np.mean([q[1] for q in h])))


if __name__ == "__main__":
    main()
