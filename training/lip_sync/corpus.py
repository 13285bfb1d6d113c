"""The clips to learn from: features of both video folders, each with its set and its person.

    python corpus.py --video DIR [DIR ...] --features DIR --models models --out corpus.pkl

--video: folders with train/index.tsv and dev/index.tsv (../shared/data/video and what ../shared/tools/collect makes of
../shared/data/lists/video.tsv). --features: dumps of `avalign features`, named by name_of(); `corpus.py --list` prints file and
name. Clips of presenters whose
names nobody noted are grouped by their faces, so that folds are by person. A *set* is what was recorded and re-encoded in
one way: only studio sets, in which picture and sound come from one camera clock, are taken to have a true zero.
"""
import argparse
import csv
import os
import pickle

import numpy as np

import data

STUDIO = ("grid", "tcdtimit", "ravdess", "tmsv", "lombard")
NAMELESS = "lrwar_ungrouped"


def name_of(k, split, path):
    """The dump's name; clips of the k-th folder are kept apart from those of others."""
    return "list_" * k + split + "_" + path.replace("/", "_")


def studio(set_name):
    return set_name.startswith(STUDIO)


def index(folders):
    """Every row of the index files, with split, set, file and dump."""
    rows = []
    for k, folder in enumerate(folders):
        for split in ("train", "dev"):
            with open(os.path.join(folder, split, "index.tsv")) as f:
                for r in csv.DictReader(f, delimiter="\t"):
                    r.update(split=split, set=r["path"].split("/")[1], file=os.path.join(folder, split, r["path"]),
                             dump=name_of(k, split, r["path"]))
                    rows.append(r)
        sentences = os.path.join(folder, "train", "grid_s1")
        for name in sorted(os.listdir(sentences)) if os.path.isdir(sentences) else []:
            if name.endswith(".mkv"):
                rows.append(dict(split="train", set="grid_s1", person="grid_s1", label="real", method="-", sync="in-sync",
                                 dataset="GRID", seconds="3.0", path="grid_s1/" + name, file=os.path.join(sentences, name),
                                 dump=name_of(k, "train", "grid_s1/" + name)))
    return rows


def faces(clips, features, models):
    """One unit vector per clip: the mean over five pictures of the face net that `avalign embed face` uses."""
    import openvino
    net = openvino.Core().compile_model(os.path.join(models, "third_party", "fr_feature.onnx"), "CPU")
    out = []
    for c in clips:
        face = np.load(os.path.join(features, c["dump"], c["track"], "face.npy"), mmap_mode="r")
        at = np.linspace(0, len(face) - 1, 5).astype(int)
        v = sum(net(((face[i].astype("f") - 127) / 128).transpose(2, 0, 1)[None])[0][0] for i in at)
        out.append(v / np.linalg.norm(v))
    return np.array(out)


def group(v, least=.45):
    """Labels by average linkage: groups whose mean cosine falls under `least` stay apart."""
    from scipy.cluster.hierarchy import fcluster, linkage
    return fcluster(linkage(v, "average", metric="cosine"), 1 - least, "distance")


def build(folders, features, models):
    clips, rows = [], index(folders)
    shared = {r["person"] for r in rows if r["split"] == "train"} & {r["person"] for r in rows if r["split"] == "dev"}
    print("left out of training, for they are in dev too:", ", ".join(sorted(shared)) or "nobody")
    for r in rows:
        if r["split"] == "train" and r["person"] in shared:
            continue
        d = os.path.join(features, r["dump"])
        c = data.load(d) if os.path.exists(os.path.join(d, "speech_t0_s.npy")) else None
        if c:
            clips.append(dict(r, **c))
    nameless = [c for c in clips if c["person"] == NAMELESS]
    if nameless:
        labels = group(faces(nameless, features, models))
        for c, k in zip(nameless, labels):
            c["person"] = "presenter_%d" % k
        sizes = np.bincount(labels)[1:]
        print("%d clips of nameless presenters: %d groups, the largest %s" % (len(nameless), len(sizes), sorted(sizes)[::-1][:12]))
    return clips


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--video", nargs="+", required=True)
    p.add_argument("--list", action="store_true", help="print file and name of each clip, and end")
    p.add_argument("--features")
    p.add_argument("--models")
    p.add_argument("--out")
    a = p.parse_args()
    if a.list:
        print("\n".join(r["file"] + "\t" + r["dump"] for r in index(a.video)))
        return
    clips = build(a.video, a.features, a.models)
    with open(a.out, "wb") as f:
        pickle.dump(clips, f, 4)
    for split in ("train", "dev"):
        for label in ("real", "fake"):
            mine = [c for c in clips if c["split"] == split and c["label"] == label]
            print("%s %s: %d clips, %.0f s, %d people, %d sets" % (split, label, len(mine), sum(len(c["V"]) for c in mine) / 25,
                                                                  len({c["person"] for c in mine}), len({c["set"] for c in mine})))


if __name__ == "__main__":
    main()
