"""Fits models/speaker and the calibrations of the voice and face roles, on the training people alone.

    python train.py --avalign build/avalign --video ../shared/data/video --models models --work DIR

- The two joint nets: linear maps from a voice embedding and from a face embedding to the log odds of "female", taught by
  the face net's own answer for the person (ridge regression, strength by leaving people out).
- Logistic regressions: same voice and same face from the cosine; "female" from joint output and pitch.
Voices are cut into 3 s pieces, faces into 2 s pieces; pairs of one person come from one recording in most cases.
"""
import argparse
import csv
import itertools
import json
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lip_sync"), os.path.join(HERE, "..", "..", "setup")]
import onnx_writer  # noqa: E402
import rehash  # noqa: E402


def embed(tool, models, kind, files, *quick):
    out = []
    for i in range(0, len(files), 40):
        p = subprocess.run([tool, "embed", kind, *quick, "--models", models, *files[i:i + 40]], capture_output=True, text=True)
        out += [json.loads(line) for line in p.stdout.splitlines()]
    return [o for o in out if "vector" in o]


def pieces(clip, seconds, work, sound):
    """The clip in pieces of so many seconds: sound alone as WAV, or picture alone."""
    length = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip],
                                  capture_output=True, text=True).stdout or 0)
    out = []
    for k in range(max(1, min(6, int(length / seconds)))):
        path = os.path.join(work, "%s_%d.%s" % (clip.replace("/", "_"), k, "wav" if sound else "mkv"))
        if not os.path.exists(path):
            args = ["-vn", "-ac", "1", "-ar", "16000"] if sound else ["-an", "-c:v", "libx264", "-crf", "12", "-preset", "veryfast"]
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-ss", str(k * seconds), "-t", str(seconds), "-i", clip, *args, path])
        out.append(path)
    return out


def logistic(x, y, weight=None, ridge=.1):
    w, weight = np.zeros(x.shape[1]), np.ones(len(y)) if weight is None else weight
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ w))
        w -= np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w)), x.T @ (weight * (p - y)) + ridge * w)
    return w


def pairs(rows):
    """Cosine, speech of the shorter side, same person; for all pairs."""
    v = np.array([r["vector"] for r in rows])
    c = v @ v.T
    out = [(c[i, j], min(rows[i]["seconds"], rows[j]["seconds"]), rows[i]["person"] == rows[j]["person"])
           for i, j in itertools.combinations(range(len(rows)), 2)]
    return np.array(out, float)


def balanced(y):
    return np.where(y > 0, .5 / max(1, (y > 0).sum()), .5 / max(1, (y <= 0).sum())) * len(y)


def fit_llr(name, rows):
    p = pairs(rows)
    w = logistic(np.c_[np.ones(len(p)), p[:, 0]], p[:, 2], balanced(p[:, 2]), 1e-3)
    print("%s: %d people, %d same and %d different pairs; log odds = %.2f * (cosine - %.3f); same %.2f, different %.2f on average" % (
        name, len({r["person"] for r in rows}), p[:, 2].sum(), (1 - p[:, 2]).sum(), w[1], -w[0] / w[1],
        p[p[:, 2] > 0, 0].mean(), p[p[:, 2] == 0, 0].mean()))


def fit_joint(rows, target, path, dim):
    """Ridge from embeddings to the person's log odds, each person weighing the same."""
    x, y = np.array([r["vector"] for r in rows]), np.array([target[r["person"]] for r in rows])
    person = np.array([r["person"] for r in rows])
    n = {p: (person == p).sum() for p in set(person)}
    s = np.array([1 / np.sqrt(n[p]) for p in person])
    one = np.c_[x, np.ones(len(x))]

    def solve(m, lam):
        a = one[m] * s[m, None]
        return np.linalg.solve(a.T @ a + lam * np.diag(np.r_[np.ones(dim), 1e-6]), a.T @ (y[m] * s[m]))
    best = None
    for lam in (.003, .01, .03, .1, .3, 1):
        held = np.zeros(len(y))
        for p in n:
            held[person == p] = one[person == p] @ solve(person != p, lam)
        by = np.array([[held[person == p].mean(), target[p]] for p in n])
        right = np.mean((by[:, 0] > 0) == (by[:, 1] > 0))
        auc = np.mean([a > b for a in by[by[:, 1] > 0, 0] for b in by[by[:, 1] <= 0, 0]])
        err = np.mean((by[:, 0] - by[:, 1]) ** 2)
        print("  ridge %g: people left out right %.2f, AUC %.3f, error %.2f" % (lam, right, auc, err))
        if best is None or err < best[0]:
            best = (err, lam, held)
    w = solve(np.ones(len(y), bool), best[1])
    with open(path, "wb") as f:
        f.write(onnx_writer.model("joint", [onnx_writer.node("Gemm", ["x", "weight", "bias"], ["female"])],
                                  [onnx_writer.value("x", ["n", dim])], [onnx_writer.value("female", ["n", 1])],
                                  {"weight": w[:dim, None].astype("f"), "bias": w[dim:].astype("f")}))
    return {p: best[2][person == p].mean() for p in n}


def main():
    a = argparse.ArgumentParser()
    for k in ("avalign", "video", "models", "work"):
        a.add_argument("--" + k, required=True)
    a = a.parse_args()
    os.makedirs(a.work, exist_ok=True)
    with open(os.path.join(a.video, "train", "index.tsv")) as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real" and "DigiFake" not in r["dataset"]]
    clips = [(os.path.join(a.video, "train", r["path"]), r["person"]) for r in rows]
    s1 = os.path.join(a.video, "train", "grid_s1")
    clips += [(os.path.join(s1, f), "grid_s1") for f in sorted(os.listdir(s1))[::40]]
    who, sex, pitch = {}, {}, {}
    for clip, person in clips:
        p = subprocess.run([a.avalign, "analyze", clip, "--models", a.models, "--only", "speaker", "--json", "-", "-q"], capture_output=True, text=True)
        r = json.loads(p.stdout) if p.stdout else {"tracks": []}
        seen = [t for t in r["tracks"] if "identity" in t]
        if seen:
            p = max(seen, key=lambda t: t["frames"])["identity"]["female"]
            sex.setdefault(person, []).append(np.log(max(p, .005) / max(1 - p, .005)))
            if r["signals"]["speaker"].get("voice_pitch_hz"):
                pitch.setdefault(person, []).append(r["signals"]["speaker"]["voice_pitch_hz"])
    odds = {p: float(np.clip(np.mean(v), -3, 3)) for p, v in sex.items()}
    print("female by the face net:", " ".join("%s %+.1f" % kv for kv in sorted(odds.items(), key=lambda kv: kv[1])))
    made = {}
    for kind, seconds, sound in (("voice", 3, True), ("face", 2, False)):
        files = []
        for clip, person in clips:
            for piece in pieces(clip, seconds, a.work, sound):
                who[piece] = person
                files.append(piece)
        if kind == "voice":                     # the net that tells people apart; below: the one that analyze uses
            fit_llr("identity", [dict(r, person=who[r["file"]]) for r in embed(a.avalign, a.models, kind, files)])
        made[kind] = [dict(r, person=who[r["file"]]) for r in embed(a.avalign, a.models, kind, files, "--quick")]
        fit_llr(kind, made[kind])
    left = {}
    for kind, dim in (("voice", 256), ("face", 512)):
        print("joint", kind)
        left[kind] = fit_joint([r for r in made[kind] if r["person"] in odds], odds, os.path.join(a.models, "speaker", kind + "_joint.onnx"), dim)
    people = [p for p in odds if p in pitch and p in left["voice"]]
    y = np.array([odds[p] > 0 for p in people], float)
    x = np.c_[np.ones(len(people)), [left["voice"][p] for p in people], np.log(np.array([np.median(pitch[p]) for p in people]) / 160)]
    print("voice female = %.2f %+.2f joint %+.2f log(pitch / 160)" % tuple(logistic(x, y, None, .3)))
    print("  by pitch alone: %.2f %+.2f log(pitch / 160)" % tuple(logistic(x[:, [0, 2]], y, None, .3)))
    people = [p for p in odds if p in left["face"]]
    x = np.c_[np.ones(len(people)), [left["face"][p] for p in people]]
    print("face female = %.2f %+.2f joint" % tuple(logistic(x, np.array([odds[p] > 0 for p in people], float), None, .3)))
    rehash.rehash(a.models)


if __name__ == "__main__":
    main()
