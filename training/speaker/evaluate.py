"""Measures voices, faces and their match on the dev people with the tool itself; prints tables of docs/accuracy.md.

    python evaluate.py --avalign build/avalign --shared ../shared --work DIR [--models OTHER]
"""
import argparse
import csv
import itertools
import json
import os
import subprocess

import numpy as np

import train

rng = np.random.RandomState(4)


def eer(same, other):
    t = np.sort(np.r_[same, other])
    miss = np.searchsorted(np.sort(same), t) / len(same)
    false = 1 - np.searchsorted(np.sort(other), t) / len(other)
    i = np.argmin(abs(miss - false))
    return (miss[i] + false[i]) / 2


def auc(same, other):
    return np.mean(np.array(same)[:, None] > np.array(other)) + .5 * np.mean(np.array(same)[:, None] == np.array(other))


def cllr(same, other):
    return .5 * (np.mean(np.log2(1 + np.exp(-same))) + np.mean(np.log2(1 + np.exp(other))))


def constants(models):
    """The calibrations of the manifest: ROLE -> numbers."""
    with open(os.path.join(models, "manifest.json")) as f:
        return {r["role"]: r["calibration"] for r in json.load(f)["models"] if "calibration" in r}


def voices(a, c):
    with open(os.path.join(a.shared, "data", "audio", "index.tsv")) as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["task"] in ("speaker", "emotion")]
    print("| speakers | speech | net | clips | pairs same/other | EER | Cllr of the raw cosine | Cllr calibrated |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for task, cut in itertools.product(("speaker", "emotion"), (None, 3, 1)):
        files, who = [], {}
        for r in rows:
            if r["task"] != task:
                continue
            path = os.path.join(a.shared, "data", "audio", r["path"])
            if cut:
                out = os.path.join(a.work, "%d_%s.wav" % (cut, os.path.basename(r["path"])))
                if not os.path.exists(out):
                    subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", path, "-af",
                                    "silenceremove=start_periods=1:start_threshold=-40dB", "-t", str(cut + (.5 if task == "emotion" else .3)), out])
                path = out
            files.append(path)
            who[path] = r["speaker"]
        for name, quick in (("voice-identity", ()), ("voice-embed", ("--quick",))):
            e = train.embed(a.avalign, a.models, "voice", files, *quick)
            p, k = train.pairs([dict(r, person=who[r["file"]]) for r in e]), c[name]
            llr = np.clip(k["slope"] * np.minimum(1, .4 + .2 * p[:, 1]) * (
                p[:, 0] - k["middle"] - k["longer"] * np.minimum(p[:, 1], 8)), -k["bound"], k["bound"])
            s = p[:, 2] > 0
            print("| %s | %s | %s | %d of %d | %d / %d | %.1f %% | %.2f | %.2f |" % (
                "LibriSpeech, 3" if task == "speaker" else "RAVDESS, 4, acted emotions", "whole" if not cut else "%d s" % cut,
                "GE2E (--quick)" if quick else "d-vector and CAM++", len(e), len(files), s.sum(), (~s).sum(), 100 * eer(p[s, 0], p[~s, 0]), cllr(p[s, 0], p[~s, 0]), cllr(llr[s], llr[~s])))


def faces(a, c, real):
    files, who = [], {}
    for r in real:
        for piece in train.pieces(os.path.join(a.shared, "data/video/dev", r["path"]), 2, a.work, False):
            files.append(piece)
            who[piece] = r["person"]
    p = train.pairs([dict(r, person=who[r["file"]]) for r in train.embed(a.avalign, a.models, "face", files)])
    s = p[:, 2] > 0
    llr = np.clip(c["face-embed"]["slope"] * (p[:, 0] - c["face-embed"]["middle"]), -c["face-embed"]["bound"], c["face-embed"]["bound"])
    print("\nFaces, 2 s pieces, %d people, %d same (mostly one recording) and %d other pairs: EER %.2f %%, Cllr %.2f" % (
        len(set(who.values())), s.sum(), (~s).sum(), 100 * eer(p[s, 0], p[~s, 0]), cllr(llr[s], llr[~s])))


def speaker(a, clip):
    p = subprocess.run([a.avalign, "analyze", clip, "--models", a.models, "--only", "speaker,lipsync", "--json", "-", "-q"], capture_output=True, text=True)
    return json.loads(p.stdout) if p.stdout else {"signals": {"speaker": {}}, "voice_face_match": None, "absent": {}}


def cross(a, c, rows):
    base = os.path.join(a.shared, "data/video/dev")
    real = [r for r in rows if r["label"] == "real"]
    for r in rows:
        if r["label"] == "real" or "audioswap" in r["path"]:
            j = speaker(a, os.path.join(base, r["path"]))
            r["s"], r["match"], r["why"] = j["signals"]["speaker"], j["voice_face_match"], j["absent"].get("voice_face_match")
    judged = [r for r in real if r["match"] is not None]
    print("\nReal clips: %d, judged %d, flagged (under .5): %d; why not judged: %s" % (
        len(real), len(judged), sum(r["match"] < .5 for r in judged), sorted({r["why"] for r in real if r["match"] is None})))
    full = [r for r in judged if "voice_female" in r["s"]]
    p = lambda r, k: min(max(r["s"][k], .047), .953)
    llr = lambda x, y: np.log((p(x, "voice_female") * p(y, "face_female") + (1 - p(x, "voice_female")) * (1 - p(y, "face_female"))) / .5)
    own = [llr(r, r) for r in full]
    alls = [llr(x, y) for x in full for y in full if x["person"] != y["person"]]
    sex = lambda r: r["s"]["face_female"] > .5
    same = [llr(x, y) for x in full for y in full if x["person"] != y["person"] and sex(x) == sex(y)]
    print("Voice with face, %d people: AUC of own against another person's voice %.3f, against another of the same sex %.3f" % (
        len({r["person"] for r in full}), auc(own, alls), auc(own, same)))
    swap = [r for r in rows if "audioswap" in r["path"]]
    ok = [r for r in swap if r["match"] is not None]
    differ = [r for r in ok if (r["s"]["voice_female"] > .5) != (r["s"]["face_female"] > .5)]
    print("Swapped voices: %d, judged %d; flagged %d; of the %d that sound of the other sex, flagged %d" % (
        len(swap), len(ok), sum(r["match"] < .5 for r in ok), len(differ), sum(r["match"] < .5 for r in differ)))


def main():
    a = argparse.ArgumentParser()
    for k in ("avalign", "shared", "work"):
        a.add_argument("--" + k, required=True)
    a.add_argument("--models", default="models")
    a = a.parse_args()
    os.makedirs(a.work, exist_ok=True)
    with open(os.path.join(a.shared, "data/video/dev/index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    c = constants(a.models)
    voices(a, c)
    faces(a, c, [r for r in rows if r["label"] == "real"])
    cross(a, c, rows)


if __name__ == "__main__":
    main()
