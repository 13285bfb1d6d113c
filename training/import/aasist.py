"""Puts AASIST or AASIST-L (Jung et al. 2022, arXiv:2110.01200) in place of avalign's own net for synthetic voices.

    python aasist.py aasist.onnx MODELS [--licence MIT]

The ONNX file must take [1, 64600] samples at 16 kHz and give two logits, spoof and bona fide, as the authors' net does. The new row has no
calibration: voice_authenticity is absent ("not-calibrated") until it gets one ("calibration": slope, middle, bound, real_99, soft,
vocoder_at; src/nets/calibration.h), fitted on real and made voices that the net has not seen.
"""
import argparse
import os
import shutil

import onnx_net


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("file")
    p.add_argument("models")
    p.add_argument("--licence", default="MIT")
    args = p.parse_args()
    name = os.path.splitext(os.path.basename(args.file))[0]
    folder = os.path.join(args.models, "user")
    os.makedirs(folder, exist_ok=True)
    shutil.copy(args.file, os.path.join(folder, name + ".onnx"))
    onnx_net.add_row(args.models, "voice-spoof", name, "user/%s.onnx" % name, args.licence, "Jung et al. 2022, arXiv:2110.01200; your own file",
                     [{"name": "wav", "shape": [1, 64600], "scale": "16 kHz, level as it is"}],
                     without=("voice-person",), # which would answer in its place
                     experts=["spoof", "bonafide"], weights=[1, -1], bias=0, level_as_is=True)


if __name__ == "__main__":
    main()
