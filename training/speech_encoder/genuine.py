"""More genuine speech than the voice list has: of the list of speakers and of the real clips of the list of videos, a few of each person.

    python genuine.py --lists ../../../shared/data/lists --collect ../../../shared/tools/collect --video DATA/video --data DATA

Writes DATA/genuine/train/index.tsv beside what ../shared/tools/collect wrote, with the same columns. Only the training part of the lists;
single words of a second are left out.
"""
import argparse
import collections
import csv
import gzip
import os
import random
import subprocess

EACH = {"DSPSpeech-20 (Mandarin+English words)": 12, "Deeply Parent-Child (sample)": 40, "KR TTS open DB: Main + Personality": 8, "VCTK p239 only": 30, "Hyke digits, telephone IVR India": 3,
        "LibriSpeech train-clean-100 (1 utt each) + test-other": 1, "VoxCeleb sample 51 f / 51 m": 1}
SHORTEST = 1.5


def few(rows, caps):
    rows, count, out = list(rows), collections.Counter(), []
    random.Random(5).shuffle(rows)
    for r in rows:
        count[r["dataset"], r["speaker"]] += 1
        if count[r["dataset"], r["speaker"]] <= caps[r["dataset"]]:
            out.append(r)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--lists", required=True)
    p.add_argument("--collect", required=True)
    p.add_argument("--video", required=True, help="what collect wrote of the list of videos")
    p.add_argument("--data", required=True)
    args = p.parse_args()
    out = os.path.join(args.data, "genuine")
    os.makedirs(os.path.join(out, "train"), exist_ok=True)
    with gzip.open(os.path.join(args.lists, "speakers.tsv.gz"), "rt") as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["split"] == "train" and float(r["dur"] if r["dur"] != "-" else 0) >= SHORTEST]
    name = os.path.join(out, "speakers.tsv")
    keep = few(rows, collections.Counter(EACH))
    with open(name, "w") as f:
        w = csv.DictWriter(f, keep[0], delimiter="\t", lineterminator="\n")
        w.writeheader()
        w.writerows(keep)
    subprocess.run(["python3", args.collect, name, os.path.join(out, "speakers")], check=True)
    with open(os.path.join(out, "speakers", "train", "index.tsv")) as f:
        found = [dict(r, path="../speakers/train/" + r["path"]) for r in csv.DictReader(f, delimiter="\t")]
    with open(os.path.join(args.video, "train", "index.tsv")) as f:
        clips = [dict(r, speaker=r["person"], dur=r["seconds"], path=os.path.relpath(os.path.join(args.video, "train", r["path"]), os.path.join(out, "train")))
                 for r in csv.DictReader(f, delimiter="\t") if r["label"] == "real" and float(r["seconds"]) >= SHORTEST and r["dataset"] != "film crops"]
    found += few(clips, collections.defaultdict(lambda: 2, {"LRW-AR": 1}))
    index = csv.writer(open(os.path.join(out, "train", "index.tsv"), "w"), delimiter="\t", lineterminator="\n")
    index.writerow("path label family system dataset speaker language seconds sex repo".split())
    for r in found:
        index.writerow([r["path"], "bonafide", "-", "-", r["dataset"], r["speaker"], r.get("language", "-"), r["dur"], r.get("sex", "-"), r["repo"]])
    print(len(found), "clips:", collections.Counter(r["dataset"] for r in found).most_common())


if __name__ == "__main__":
    main()
