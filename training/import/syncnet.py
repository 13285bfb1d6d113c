"""Turns the public SyncNet v2 checkpoint (your own copy of syncnet_v2.model) into models for `avalign analyze --lse`.

    python syncnet.py syncnet_v2.model MODELS

MODELS is a model directory of avalign; two files and two manifest rows are added. The architecture is that of
Chung & Zisserman, "Out of time: automated lip sync in the wild" (2016), as its authors published it.
"""
import os
import sys

import onnx_net
import torch_archive  # in setup/, which onnx_net put on the path


def face(w):
    n = onnx_net.Net(w, "syncnet-face", ["n", 3, 5, 224, 224])
    block = lambda i, stride, pad: n.conv("netcnnlip.%d" % i, stride, pad).norm("netcnnlip.%d" % (i + 1)).relu()
    block(0, (1, 2, 2), (0, 0, 0)).pool((1, 3, 3), (1, 2, 2))
    block(4, (1, 2, 2), (0, 1, 1)).pool((1, 3, 3), (1, 2, 2), (0, 1, 1))
    block(8, 1, (0, 1, 1))
    block(11, 1, (0, 1, 1))
    block(14, 1, (0, 1, 1)).pool((1, 3, 3), (1, 2, 2))
    block(18, 1, (0, 0, 0)).flatten()
    return n.linear("netfclip.0").norm("netfclip.1").relu().linear("netfclip.3")


def sound(w):
    n = onnx_net.Net(w, "syncnet-sound", ["n", 1, 13, 20])
    block = lambda i, pad: n.conv("netcnnaud.%d" % i, 1, pad).norm("netcnnaud.%d" % (i + 1)).relu()
    block(0, 1).pool((1, 1), (1, 1))
    block(4, 1).pool((3, 3), (1, 2))
    block(8, 1)
    block(11, 1)
    block(14, 1).pool((3, 3), (2, 2))
    block(18, 0).flatten()
    return n.linear("netfcaud.0").norm("netfcaud.1").relu().linear("netfcaud.3")


def convert(w, models):
    count = face(w).save(os.path.join(models, "syncnet", "face.onnx"), 1024)
    count += sound(w).save(os.path.join(models, "syncnet", "sound.onnx"), 1024)
    source = "the user's file; Chung & Zisserman 2016, syncnet_v2.model"
    onnx_net.add_row(models, "syncnet-face", "SyncNet v2, face", "syncnet/face.onnx", "the checkpoint's own", source,
                     [dict(name="x", shape=[-1, 3, 5, 224, 224], scale="BGR 0-255, 5 pictures at 25 fps")])
    onnx_net.add_row(models, "syncnet-sound", "SyncNet v2, sound", "syncnet/sound.onnx", "the checkpoint's own", source,
                     [dict(name="x", shape=[-1, 1, 13, 20], scale="avalign_mfcc_psf() of 16-bit samples")])
    return count


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print("%d numbers converted into %s" % (convert(torch_archive.tensors(sys.argv[1], "state_dict"), sys.argv[2]), sys.argv[2]))
