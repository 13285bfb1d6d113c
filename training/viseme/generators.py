"""Tells the dev generators from real clips by the viseme check and by the steadiness of lip sync; for docs/accuracy.md.

    python generators.py --avalign build/avalign --video ../shared/data/video

AUC of real clips of at least 2 s over each kind: the viseme check's z (0 where it abstains), and how little the similarity
of the 4 s windows varies.
"""
import argparse
import csv
import json
import os
import subprocess

import numpy as np


def features(tool, clip):
    p = subprocess.run([tool, "analyze", clip, "--only", "lipsync,viseme", "--json", "-", "-q"], capture_output=True, text=True)
    s = json.loads(p.stdout)["signals"] if p.stdout else {}
    if "offset_ms" not in s.get("lipsync", {}):
        return None
    w = [x["similarity"] for x in s["lipsync"].get("windows", []) if x.get("similarity") is not None]
    return s["viseme"].get("z") or 0, -np.std(w) if len(w) > 1 else 0


def auc(a, b):
    return np.mean(np.array(a)[:, None] > np.array(b)) + .5 * np.mean(np.array(a)[:, None] == np.array(b))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--avalign", required=True)
    a.add_argument("--video", required=True)
    a = a.parse_args()
    kinds = {}
    with open(os.path.join(a.video, "dev", "index.tsv")) as f:
        for r in csv.DictReader(f, delimiter="\t"):
            v = features(a.avalign, os.path.join(a.video, "dev", r["path"])) if float(r["seconds"]) >= 2 else None
            if v:
                kinds.setdefault("real" if r["label"] == "real" else r["path"].split("/")[1], []).append(v)
    real = kinds.pop("real")
    print("| kind | clips | AUC viseme z | AUC steadiness |\n| --- | --- | --- | --- |")
    for k, v in sorted(kinds.items()):
        print("| %s | %d | %.2f | %.2f |" % (k, len(v), *(auc([x[i] for x in real], [x[i] for x in v]) for i in (0, 1))))


if __name__ == "__main__":
    main()
