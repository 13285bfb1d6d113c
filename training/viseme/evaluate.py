"""Measures the viseme check: own against replaced sentences, and missed closures of P B M.

    python evaluate.py --avalign build/avalign --video ../shared/data/video --models models [--split dev]

Pictures and sounds of GRID speakers (whose sentences are in the file names) are recombined: each picture gets its own
sound, and the sound of other clips. A bilabial heard is truly missed where the picture's own sentence has none within
0.2 s; a closure that the picture does have is none. With the transcript of the sound, and without.
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np

import train

rng = np.random.RandomState(3)
BILABIAL = {"P", "B", "M"}


def analyze(a, picture, sound, sentence, work):
    clip = os.path.join(work, "x.mkv")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", picture, "-i", sound, "-map", "0:v", "-map", "1:a", "-c:v", "copy",
                    "-c:a", "pcm_s16le", clip])
    return train.analyze(a.avalign, a.models, clip, sentence)


def bilabials(v):
    return [(p["start_s"] + p["end_s"]) / 2 for p in v.get("phones", []) if p["phone"] in BILABIAL]


def main():
    p = argparse.ArgumentParser()
    for k in ("avalign", "video", "models"):
        p.add_argument("--" + k, required=True)
    p.add_argument("--split", default="dev")
    p.add_argument("--swaps", type=int, default=6)
    a = p.parse_args()
    base = os.path.join(a.video, a.split, "real")
    clips = [os.path.join(base, d, f) for d in ("grid_mixed", "grid_robustl2s") for f in sorted(os.listdir(os.path.join(base, d)))]
    sounds = clips + [os.path.join(a.video, "train", "grid_s1", f) for f in sorted(os.listdir(os.path.join(a.video, "train", "grid_s1")))[::37]]
    rows = []
    with tempfile.TemporaryDirectory() as work:
        own = {c: analyze(a, c, c, train.grid_sentence(c), work) for c in clips}
        for c in clips:
            others = [s for s in sounds if s != c]
            for s in [c] + [others[i] for i in rng.choice(len(others), a.swaps, False)]:
                truth = bilabials(own[c])
                heard = own[s] if s in own else analyze(a, s, s, train.grid_sentence(s), work)
                spoken = bilabials(heard)
                missed = [t for t in spoken if not any(abs(t - u) < .2 for u in truth)] if s != c else []
                for sentence in (train.grid_sentence(s), None):
                    v = analyze(a, c, s, sentence, work)
                    rows.append(dict(swap=s != c, sentence=bool(sentence), z=v.get("z"), ratio=v.get("match_ratio"), chance=v.get("chance_ratio"),
                                     missed=missed, bilabials=[((p["start_s"] + p["end_s"]) / 2, p.get("seen")) for p in v.get("phones", []) if p["phone"] in BILABIAL],
                                     found=[m["time_s"] for m in v.get("missed_closures", [])], why=v.get("absent")))
    json.dump(rows, open("/dev/shm/viseme_rows.json", "w")) if os.path.isdir("/dev/shm") else None
    for known in (True, False):
        r = [x for x in rows if x["sentence"] == known]
        ok = [x for x in r if x["z"] is not None]
        o, s = [x["z"] for x in ok if not x["swap"]], [x["z"] for x in ok if x["swap"]]
        hit = sum(any(abs(t - f) < .15 for f in x["found"]) for x in r for t in x["missed"])
        right = sum(any(abs(t - f) < .15 for t in x["missed"]) for x in r for f in x["found"])
        n, found = sum(len(x["missed"]) for x in r), sum(len(x["found"]) for x in r)
        print("%s transcript: %d of %d clips judged; z own %.2f, replaced %.2f, AUC %.3f; match ratio own %.2f replaced %.2f chance %.2f; "
              "missed closures: %d true, %d reported, recall %.2f, precision %.2f" % (
                  "with" if known else "without", len(ok), len(r), np.mean(o), np.mean(s),
                  np.mean(np.array(o)[:, None] > np.array(s)), np.mean([x["ratio"] for x in ok if not x["swap"]]),
                  np.mean([x["ratio"] for x in ok if x["swap"]]), np.mean([x["chance"] for x in ok]), n, found, hit / max(n, 1), right / max(found, 1)))


if __name__ == "__main__":
    main()
