"""Fits models/speaker/voice_fusion.onnx, which makes one voice embedding of two, and its calibration.

    python fusion.py --avalign build/avalign --models models --work DIR FOLDER...

FOLDER: what ../shared/tools/collect makes of rows of ../shared/data/lists/speakers.tsv.gz and emotion_voice.tsv.gz (train/index.tsv is read). The d-vector's
256 numbers are laid on their 64 strongest directions (of the readers of LibriSpeech alone), CAM++'s 192 stay, and each side weighs
what logistic regression over pairs of voices gives it: same or another person of the same set, sets alike, speakers of a set drawn alike. The
calibration (log odds from the cosine, and how much longer speech moves its middle) comes from the same pairs; all figures printed are of sets left out.
"""
import argparse
import csv
import itertools
import json
import os
import shutil
import subprocess
import sys

import numpy as np

import evaluate
import train

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "setup"), os.path.join(HERE, "..", "lip_sync")]
import onnx_writer as w  # noqa: E402
import rehash  # noqa: E402

EARS = (("voice-dvector", "dvector-log10"), ("voice-tdnn", "kaldi-fbank"))
KEEP, EACH, SPEAKERS = 64, 4, 24      # clips of a speaker, speakers of a set
rng = np.random.RandomState(5)


def pieces(folders, work):
    """(file, set, speaker): up to EACH clips of every speaker, cut to 3 s and to 1.3 s in turn."""
    rows = {}
    for folder in folders:
        with open(os.path.join(folder, "train", "index.tsv")) as f:
            for r in csv.DictReader(f, delimiter="\t"):
                rows.setdefault((r["dataset"], r["speaker"]), []).append(os.path.join(folder, "train", r["path"]))
    out, sets = [], {}
    for dataset, speaker in sorted(rows):
        sets.setdefault(dataset, []).append(speaker)
    sets = {s: sorted(rng.permutation(p)[:4 * SPEAKERS if "LibriSpeech" in s else SPEAKERS]) for s, p in sets.items()}
    for dataset, speaker in [(s, p) for s in sorted(sets) for p in sets[s]]:
        files = rows[(dataset, speaker)]
        for k, i in enumerate(rng.permutation(len(files))[:EACH]):
            cut = os.path.join(work, "%s_%d.wav" % (speaker, k))
            if not os.path.exists(cut):
                subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", files[i], "-ac", "1", "-ar", "16000", "-af",
                                "silenceremove=start_periods=1:start_threshold=-45dB", "-t", "3.3" if k % 2 == 0 else "1.6", cut])
            out.append((cut, dataset, speaker))
    return out


def with_net(models, work, ear, scale):
    """A model folder in which one of the two nets plays voice-identity alone."""
    folder = os.path.join(work, ear)
    if not os.path.exists(folder):
        shutil.copytree(models, folder)
    with open(os.path.join(models, "manifest.json")) as f:
        m = json.load(f)
    net = next(r for r in m["models"] if r["role"] == ear)
    m["models"] = [r for r in m["models"] if r["role"] != "voice-identity"] + [dict(net, role="voice-identity", inputs=[dict(net["inputs"][0], scale=scale)])]
    with open(os.path.join(folder, "manifest.json"), "w") as f:
        json.dump(m, f)
    return folder


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def set_pairs(rows):
    """Rows of each pair within a set, same person, weight: sets alike, same and other alike."""
    out = []
    for s in sorted({r[1] for r in rows}):
        mine = [i for i, r in enumerate(rows) if r[1] == s]
        p = np.array([(i, j, rows[i][2] == rows[j][2]) for i, j in itertools.combinations(mine, 2)])
        if len(p) and 0 < p[:, 2].sum() < len(p):
            out.append((s, p, train.balanced(p[:, 2]) / len(p)))
    return out


def eer(s, same):
    return 100 * evaluate.eer(s[same], s[~same])


def main():
    a = argparse.ArgumentParser()
    for k in ("avalign", "models", "work"):
        a.add_argument("--" + k, required=True)
    a.add_argument("folders", nargs="+")
    a = a.parse_args()
    os.makedirs(a.work, exist_ok=True)
    files = pieces(a.folders, a.work)
    said = []
    for ear, scale in EARS:
        cache = os.path.join(a.work, ear + ".json")
        if not os.path.exists(cache):
            rows = train.embed(a.avalign, with_net(a.models, a.work, ear, scale), "voice", [f[0] for f in files])
            with open(cache, "w") as f:
                json.dump({r["file"]: (r["vector"], r["seconds"]) for r in rows}, f)
        with open(cache) as f:
            said.append(json.load(f))
    files = [f for f in files if all(f[0] in s for s in said)]
    d, c = (np.array([s[f[0]][0] for f in files]) for s in said)
    c, seconds = unit(c[:, :192]), np.array([said[1][f[0]][1] for f in files])
    libri = np.array(["LibriSpeech" in f[1] for f in files])
    values, vectors = np.linalg.eigh(d[libri].T @ d[libri])
    project = vectors[:, np.argsort(values)[::-1][:KEEP]]
    print("%d clips, %d speakers, %d sets; %d directions hold %.4f of the d-vectors' energy" % (
        len(files), len({f[1:] for f in files}), len({f[1] for f in files}), KEEP, np.sort(values)[::-1][:KEEP].sum() / values.sum()))
    p64 = d @ project
    pairs = set_pairs(files)
    both = lambda p: np.c_[np.ones(len(p)), (p64[p[:, 0]] * p64[p[:, 1]]).sum(1), (c[p[:, 0]] * c[p[:, 1]]).sum(1)]

    def fit(use):
        x, y, v = (np.concatenate(z) for z in zip(*[(both(p), p[:, 2].astype(float), wt) for _, p, wt in use]))
        return train.logistic(x, y, v * len(v) / v.sum(), 1e-2)
    share = lambda b: b[1] / (b[1] + b[2])
    print("| set, left out | speakers | pairs same/other | EER d-vector | CAM++ | both | share of the d-vector |\n| --- | --- | --- | --- | --- | --- | --- |")
    for s, p, _ in pairs:
        b, x, same = fit([q for q in pairs if q[0] != s]), both(p), p[:, 2] > 0
        print("| %s | %d | %d / %d | %.1f | %.1f | %.1f | %.2f |" % (s, len({files[i][2] for i in p[:, 0]}), same.sum(), (~same).sum(), eer(x[:, 1], same),
                                                                eer(x[:, 2], same), eer(x @ b, same), share(b)))
    at = share(fit(pairs))
    v = unit(np.c_[np.sqrt(1 - at) * c, np.sqrt(at) * p64])
    x, y, wt = (np.concatenate(z) for z in zip(*[(np.c_[np.ones(len(p)), (v[p[:, 0]] * v[p[:, 1]]).sum(1), np.minimum(seconds[p[:, 0]], seconds[p[:, 1]])],
                                                  p[:, 2].astype(float), q) for _, p, q in pairs]))
    k = train.logistic(x, y, wt * len(wt) / wt.sum(), 1e-2)
    print("share of the d-vector %.2f; log odds = %.1f * (cosine - %.3f - %.3f * seconds); same %.2f, others %.2f" % (
        at, k[1], -k[0] / k[1], -k[2] / k[1], np.average(x[y > 0, 1], weights=wt[y > 0]), np.average(x[y == 0, 1], weights=wt[y == 0])))
    out = os.path.join(a.models, "speaker", "voice_fusion.onnx")
    init = {"project": (np.sqrt(at) * project).astype("f"), "weight": np.array([np.sqrt(1 - at)], "f"), "tiny": np.array([1e-12], "f")}
    length = lambda x, y: [w.node("ReduceL2", [x], [x + "_l"], axes=[1], keepdims=1), w.node("Add", [x + "_l", "tiny"], [x + "_s"]), w.node("Div", [x, x + "_s"], [y])]
    nodes = length("tdnn", "unit") + [w.node("Mul", ["unit", "weight"], ["first"]), w.node("MatMul", ["dvector", "project"], ["second"]),
                                      w.node("Concat", ["first", "second"], ["joined"], axis=1)] + length("joined", "embedding")
    with open(out, "wb") as f:
        f.write(w.model("voice_fusion", nodes, [w.value("dvector", ["n", 256]), w.value("tdnn", ["n", 192])], [w.value("embedding", ["n", 256])], init))
    rehash.rehash(a.models)


if __name__ == "__main__":
    main()
