"""Adds a cross-modal voice-face net of your own (for instance one trained on VoxCeleb) to a model directory.

    python crossmodal.py voice.onnx face.onnx MODELS --slope S --middle M [--bound 2] [--licence TEXT]

voice.onnx takes [1,256], the embedding of `avalign embed voice`, face.onnx [1,512], that of `avalign embed face`; both give
[1,d] in one space. Natural log likelihood ratio of "one person" = slope * (cosine - middle), within +-bound: fit both on pairs
that the nets have not seen. It then takes the place of what the voice's and the face's sex tell in voice_face_match.
"""
import argparse
import json
import os
import shutil

import onnx_net


def convert(voice, face, models, slope, middle, bound=2., licence="the file's own"):
    os.makedirs(os.path.join(models, "cross"), exist_ok=True)
    for kind, source, dim in (("voice", voice, 256), ("face", face, 512)):
        shutil.copyfile(source, os.path.join(models, "cross", kind + ".onnx"))
        onnx_net.add_row(models, "cross-" + kind, "cross-modal net, " + kind, "cross/%s.onnx" % kind, licence, "the user's file",
                         [dict(name="x", shape=[1, dim], scale="embedding of length 1")])
    path = os.path.join(models, "manifest.json")
    with open(path) as f:
        m = json.load(f)
    for row in m["models"]:
        if row["role"] == "cross-face":
            row["calibration"] = dict(slope=slope, middle=middle, bound=bound)
    with open(path, "w") as f:
        json.dump(m, f, indent=2)


if __name__ == "__main__":
    a = argparse.ArgumentParser(usage=__doc__)
    for k in ("voice", "face", "models"):
        a.add_argument(k)
    a.add_argument("--slope", type=float, required=True)
    a.add_argument("--middle", type=float, required=True)
    a.add_argument("--bound", type=float, default=2.)
    a.add_argument("--licence", default="the file's own")
    a = a.parse_args()
    convert(a.voice, a.face, a.models, a.slope, a.middle, a.bound, a.licence)
