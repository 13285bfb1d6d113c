"""Random but repeatable weights in the shapes of SyncNet v2 and of Wav2Lip's sync expert, as models for the parity test.

    python peer_weights.py MODELS        # adds their nets and rows to a model directory (needs numpy)
"""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "training", "import"))
import syncnet  # noqa: E402
import wav2lip_expert  # noqa: E402


def layer(w, rng, conv, norm, shape):
    """He-scaled weights, and a batch norm with some life in it."""
    w[conv + ".weight"] = (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype("f")
    w[conv + ".bias"] = (rng.standard_normal(shape[0]) * .05).astype("f")
    if norm:
        w[norm + ".weight"] = rng.uniform(.8, 1.2, shape[0]).astype("f")
        w[norm + ".bias"] = (rng.standard_normal(shape[0]) * .1).astype("f")
        w[norm + ".running_mean"] = (rng.standard_normal(shape[0]) * .1).astype("f")
        w[norm + ".running_var"] = rng.uniform(.8, 1.2, shape[0]).astype("f")


def syncnet_weights():
    rng, w = np.random.RandomState(11), {}
    lip = [(0, (96, 3, 5, 7, 7)), (4, (256, 96, 1, 5, 5)), (8, (256, 256, 1, 3, 3)), (11, (256, 256, 1, 3, 3)),
           (14, (256, 256, 1, 3, 3)), (18, (512, 256, 1, 6, 6))]
    aud = [(0, (64, 1, 3, 3)), (4, (192, 64, 3, 3)), (8, (384, 192, 3, 3)), (11, (256, 384, 3, 3)), (14, (256, 256, 3, 3)),
           (18, (512, 256, 5, 4))]
    for name, layers in (("lip", lip), ("aud", aud)):
        for i, shape in layers:
            layer(w, rng, "netcnn%s.%d" % (name, i), "netcnn%s.%d" % (name, i + 1), shape)
        layer(w, rng, "netfc%s.0" % name, "netfc%s.1" % name, (512, 512))
        layer(w, rng, "netfc%s.3" % name, None, (1024, 512))
    w["netcnnlip.0.weight"] /= 100          # pictures come in 0-255
    w["netcnnaud.0.weight"] /= 10           # and cepstra up to some tens
    return w


def expert_weights():
    rng, w = np.random.RandomState(12), {}
    for key, layers in (("face_encoder", wav2lip_expert.FACE), ("audio_encoder", wav2lip_expert.SOUND)):
        for i, (cin, cout, k, _, _, _) in enumerate(layers):
            layer(w, rng, "%s.%d.conv_block.0" % (key, i), "%s.%d.conv_block.1" % (key, i), (cout, cin, k, k))
    return w


if __name__ == "__main__":
    print(syncnet.convert(syncnet_weights(), sys.argv[1]), wav2lip_expert.convert(expert_weights(), sys.argv[1]))
