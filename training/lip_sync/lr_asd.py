"""Scores the dev clips with LR-ASD (Liao et al. 2025, MIT), a net that tells who is speaking, for evaluate.py's table.

    python lr_asd.py --onnx ../shared/models/lr_asd_ava.onnx --video ../shared/data/video --features DIR --out scores.json

Crops and MFCC as its own demo makes them: faces of the dumps of `avalign features` (longest track), grey, the middle of a
crop 2.8 half-boxes wide; windows of one second; the clip's score is the mean of the net's "speaking" logit.
"""
import argparse
import json
import os

import cv2
import numpy as np
import openvino
import python_speech_features
from scipy.ndimage import median_filter

import data


def crops(clip, dump):
    """Grey faces [T, 112, 112] at the grid's times, and the first one's time."""
    tracks = [os.path.join(dump, d) for d in os.listdir(dump) if d.startswith("track")]
    d = max(tracks, key=lambda t: len(np.load(os.path.join(t, "t_s.npy"))))
    t, lm = np.load(os.path.join(d, "t_s.npy")), np.load(os.path.join(d, "landmarks.npy"))[..., :2]
    lo, hi = lm.min(1), lm.max(1)
    s = median_filter((hi - lo).max(1) / 2, 13)
    x, y = (median_filter((lo + hi)[:, k] / 2, 13) for k in (0, 1))
    cap, times, frames = cv2.VideoCapture(clip), [], []
    while True:
        ok, f = cap.read()
        if not ok:
            break
        times.append(cap.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        frames.append(cv2.cvtColor(f, cv2.COLOR_BGR2GRAY))
    times = np.array(times) - times[0] + t[0] if times else np.zeros(0)
    out = []
    for i in range(len(t)):
        f = frames[int(np.argmin(abs(times - t[i])))]
        half = .7 * s[i]                        # the middle half of a crop 1.4 s to each side, moved down by .4 s
        m = np.float32([[2 * half / 112, 0, x[i] - half], [0, 2 * half / 112, y[i] + .4 * s[i] - half]])
        out.append(cv2.warpAffine(f, m, (112, 112), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=110))
    return np.array(out), t[0]


def score(net, clip, dump):
    faces, t0 = crops(clip, dump)
    pcm = np.load(os.path.join(dump, "speech.npy"))
    start = int((t0 - float(np.load(os.path.join(dump, "speech_t0_s.npy"))[0])) * 16000)
    pcm = np.pad(pcm, (max(0, -start), 0))[max(0, start):]
    mfcc = python_speech_features.mfcc((pcm * 32768).astype(np.int16), 16000, numcep=13, winlen=.025, winstep=.010)
    logits = []
    for i in range(0, min(len(faces) - 24, len(mfcc) // 4 - 24), 12):
        r = net([mfcc[None, 4 * i:4 * i + 100].astype("f"), faces[None, i:i + 25].astype("f")])[0]
        logits.append((r[:, 1] - r[:, 0]).mean())
    return float(np.mean(logits)) if logits else None


def main():
    a = argparse.ArgumentParser()
    for k in ("onnx", "video", "features", "out"):
        a.add_argument("--" + k, required=True)
    a = a.parse_args()
    core = openvino.Core()
    net = core.compile_model(a.onnx, "CPU", {"INFERENCE_NUM_THREADS": 1})
    out = {}
    for r in data.index(a.video):
        dump = os.path.join(a.features, r["dump"])
        if r["split"] != "dev" or not os.path.isdir(dump) or not any(d.startswith("track") for d in os.listdir(dump)):
            continue
        s = score(net, os.path.join(a.video, "dev", r["path"]), dump)
        if s is not None:
            out[r["path"]] = s
    with open(a.out, "w") as f:
        json.dump(out, f)
    print(len(out), "clips")


if __name__ == "__main__":
    main()
