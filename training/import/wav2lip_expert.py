"""Turns Wav2Lip's sync expert (your own copy of lipsync_expert.pth) into models for `avalign analyze --lse`.

    python wav2lip_expert.py lipsync_expert.pth MODELS

Architecture: Prajwal et al., "A Lip Sync Expert Is All You Need" (2020), as its authors published it.
"""
import os
import sys

import onnx_net
import torch_archive  # in setup/, which onnx_net put on the path

# (input, output, kernel, stride, padding, residual)
FACE = [(15, 32, 7, 1, 3, 0), (32, 64, 5, (1, 2), 1, 0), (64, 64, 3, 1, 1, 1), (64, 64, 3, 1, 1, 1), (64, 128, 3, 2, 1, 0),
        (128, 128, 3, 1, 1, 1), (128, 128, 3, 1, 1, 1), (128, 128, 3, 1, 1, 1), (128, 256, 3, 2, 1, 0), (256, 256, 3, 1, 1, 1),
        (256, 256, 3, 1, 1, 1), (256, 512, 3, 2, 1, 0), (512, 512, 3, 1, 1, 1), (512, 512, 3, 1, 1, 1), (512, 512, 3, 2, 1, 0),
        (512, 512, 3, 1, 0, 0), (512, 512, 1, 1, 0, 0)]
SOUND = [(1, 32, 3, 1, 1, 0), (32, 32, 3, 1, 1, 1), (32, 32, 3, 1, 1, 1), (32, 64, 3, (3, 1), 1, 0), (64, 64, 3, 1, 1, 1),
         (64, 64, 3, 1, 1, 1), (64, 128, 3, 3, 1, 0), (128, 128, 3, 1, 1, 1), (128, 128, 3, 1, 1, 1), (128, 256, 3, (3, 2), 1, 0),
         (256, 256, 3, 1, 1, 1), (256, 256, 3, 1, 1, 1), (256, 512, 3, 1, 0, 0), (512, 512, 1, 1, 0, 0)]


def tower(w, name, key, layers, shape):
    n = onnx_net.Net(w, name, shape)
    for i, (_, _, _, stride, pad, residual) in enumerate(layers):
        before = n.x
        n.conv("%s.%d.conv_block.0" % (key, i), stride, pad).norm("%s.%d.conv_block.1" % (key, i))
        if residual:
            n.add(before)
        n.relu()
    return n.flatten().unit()


def convert(w, models):
    count = tower(w, "wav2lip-face", "face_encoder", FACE, ["n", 15, 48, 96]).save(os.path.join(models, "wav2lip", "face.onnx"), 512)
    count += tower(w, "wav2lip-sound", "audio_encoder", SOUND, ["n", 1, 80, 16]).save(os.path.join(models, "wav2lip", "sound.onnx"), 512)
    source = "the user's file; Prajwal et al. 2020, lipsync_expert.pth"
    onnx_net.add_row(models, "wav2lip-face", "Wav2Lip sync expert, face", "wav2lip/face.onnx", "the checkpoint's own", source,
                     [dict(name="x", shape=[-1, 15, 48, 96], scale="lower half of 5 face boxes, BGR / 255")])
    onnx_net.add_row(models, "wav2lip-sound", "Wav2Lip sync expert, sound", "wav2lip/sound.onnx", "the checkpoint's own", source,
                     [dict(name="x", shape=[-1, 1, 80, 16], scale="80 mel bands in dB, -4 to 4, 80 a second")])
    return count


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print("%d numbers converted into %s" % (convert(torch_archive.tensors(sys.argv[1], "state_dict"), sys.argv[2]), sys.argv[2]))
