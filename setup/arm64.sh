#!/bin/sh
# setup/arm64.sh [build]: builds for arm64 with Debian's cross compiler in a bare Debian 12, and runs the unit tests and the sample clip under
# qemu-user: what the clip gives is compared with this machine's build. As root, with debootstrap and a network; KEEP=1 leaves the tree. `build` is
# the part that runs inside, or on any Debian with these packages, and leaves build-arm64/avalign.
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" != build ]; then
    tree=$PWD/build-chroot/arm64
    [ -x build/avalign ] || { echo "setup/arm64.sh: no build/avalign to compare with; run make" >&2; exit 1; }
    sh setup/tree.sh bookworm "$tree" python3-venv
    mkdir "$tree/src" && git ls-files -z | xargs -0 cp -P --parents -t "$tree/src"
    sh setup/in_tree.sh "$tree" sh /src/setup/arm64.sh build
    build/avalign analyze samples/portrait.mp4 --json "$tree/native.json" -q >/dev/null
    /usr/bin/python3 - "$tree/native.json" "$tree/src/build-arm64/portrait.json" <<'P'
import json, math, sys
native, arm = (json.load(open(p)) for p in sys.argv[1:])
bad = 0
for key, a in native.items():
    b = arm.get(key)
    if isinstance(a, (int, float)) and not isinstance(a, bool):
        near = isinstance(b, (int, float)) and math.isclose(a, b, rel_tol=.01, abs_tol=2 if key.endswith("_ms") else .02)
        print("%-4s %-28s %s here, %s on arm64" % ("ok" if near else "FAIL", key, a, b))
        bad += not near
    elif not isinstance(a, (dict, list)) and a != b:
        print("FAIL %s: %s here, %s on arm64" % (key, a, b))
        bad += 1
sys.exit(bad > 0)
P
    echo "arm64: builds, passes the unit tests, and says of the sample clip what this machine says"
    [ -n "${KEEP:-}" ] || rm -rf "$tree"
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
dpkg --add-architecture arm64
apt-get update -q >/dev/null
libraries=$(grep -E '^lib.*-dev$' setup/packages.txt | sed 's/$/:arm64/')
apt-get install -yq --no-install-recommends crossbuild-essential-arm64 meson ninja-build pkg-config python3-numpy python3-pip qemu-user xz-utils \
    pocketsphinx-en-us libcmocka-dev:arm64 $libraries >/dev/null
ARCH=arm64 sh setup/install.sh
mkdir -p build-arm64
cat >build-arm64/cross.ini <<C
[binaries]
c = 'aarch64-linux-gnu-gcc'
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = 'qemu-aarch64'
[properties]
pkg_config_libdir = ['$PWD/third_party/openvino/pkgconfig', '/usr/lib/aarch64-linux-gnu/pkgconfig', '/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
C
[ -f build-arm64/build.ninja ] || meson setup build-arm64 --cross-file build-arm64/cross.ini >build-arm64/setup.log || { tail -5 build-arm64/setup.log >&2; exit 1; }
ninja -C build-arm64 avalign >/dev/null
export QEMU_CPU=cortex-a72 # an ordinary one; qemu's own choice has vector units that it is slow to follow
meson test -C build-arm64 --suite unit --no-suite slow --timeout-multiplier 20 --print-errorlogs
file=$(qemu-aarch64 build-arm64/avalign --version) && echo "arm64: $file"
AVALIGN_MODELS=models qemu-aarch64 build-arm64/avalign analyze samples/portrait.mp4 --json build-arm64/portrait.json || [ $? -le 2 ]
AVALIGN_MODELS=models qemu-aarch64 build-arm64/avalign doctor | grep -v '^ok' || true
