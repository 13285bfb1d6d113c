"""average.py OTHER MODELS: the sync nets of MODELS become the mean of themselves and of those in OTHER, weight by weight.

Nets that went on from others are still near them, and the mean of both reads better than either (Wortsman et al. 2022, "Model soups")."""
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper


def main():
    other, models = sys.argv[1:3]
    for name in ("lips", "mouth", "sound"):
        path = os.path.join(models, name + ".onnx")
        mine, theirs = onnx.load(path), onnx.load(os.path.join(other, name + ".onnx"))
        for a, b in zip(mine.graph.initializer, theirs.graph.initializer):
            x, y = numpy_helper.to_array(a), numpy_helper.to_array(b)
            if x.shape != y.shape:
                sys.exit("%s: %s is of another net" % (other, name))
            if x.dtype in (np.float16, np.float32):
                a.CopyFrom(numpy_helper.from_array(((x.astype("f") + y.astype("f")) / 2).astype(x.dtype), a.name))
        onnx.save(mine, path)


if __name__ == "__main__":
    main()
