#!/bin/sh
# setup/wheel_check.sh [SUITE...]: the wheel of `make wheel` in bare Debians (bookworm, trixie; sid for the newest Python), installed in a virtual environment and
# used without network: what it answers is what the native build answers (make wheel-check). As root; needs debootstrap.
set -eu
cd "$(dirname "$0")/.."
wheel=$(echo dist/avalign-*-manylinux*.whl) native=$PWD/build/avalign work=$PWD/build-chroot
[ -f "$wheel" ] || { echo "setup/wheel_check.sh: no wheel in dist/; run make wheel" >&2; exit 1; }
/usr/bin/python3 setup/wheel.py --fresh "$wheel"

mkdir -p "$work/samples"
ln -f samples/portrait.mp4 "$work/samples/" 2>/dev/null || cp samples/portrait.mp4 "$work/samples/"
(cd "$work/samples" # the same in other containers and codecs, among them one that FFmpeg leaves to another library
    make() { file=$1; shift; [ -f "$file" ] || ffmpeg -v error -y -nostdin -i portrait.mp4 -t 8 "$@" "$file"; }
    make vp9.webm -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus
    make av1.mkv -c:v libaom-av1 -usage realtime -cpu-used 8 -c:a flac
    make mpeg.ts -c:v mpeg2video -q:v 4 -c:a mp2
    make sound.mp3 -vn -c:a libmp3lame
    for f in *.*; do [ "$f" != "${f%.json}" ] || "$native" analyze "$f" --json "$f.json" -q >/dev/null 2>&1 || [ $? -le 2 ]; done)

status=0
for suite in ${*:-bookworm trixie}; do
    tree=$work/$suite
    sh setup/tree.sh "$suite" "$tree" python3-venv
    mkdir -p "$work/wheels" "$tree/check"
    # fetched here, so that the tree needs neither network nor this machine's settings of pip
    tag=$(basename "$wheel" .whl | sed 's/.*-none-//')
    /usr/bin/python3 -m pip download -q -d "$work/wheels" --only-binary=:all: --implementation cp --python-version "$(readlink "$tree/usr/bin/python3" | sed 's/python//')" \
        --platform "$tag" --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 "$wheel"
    cp -r "$work/wheels" "$work/samples" setup/wheel_ways.sh "$tree/check/"
    mkdir "$tree/check/dist" && cp "$wheel" "$tree/check/dist/" && cp samples/portrait.mp4 "$tree/check/video.mp4"
    # as docs/install.md prints it: the commands that install and use the wheel
    { echo 'set -e; cd /check; python3 -m venv /venv; PATH=/venv/bin:$PATH PIP_NO_INDEX=1 PIP_FIND_LINKS=/check/wheels; export PATH PIP_NO_INDEX PIP_FIND_LINKS'
      grep -E '^(pip install dist/|avalign video)' docs/install.md | sed 's/^pip install/& -q --disable-pip-version-check/'; } >"$tree/check/printed.sh"
    # /tmp without programs and no network: the wheel needs neither
    sh setup/in_tree.sh --offline "$tree" sh -c 'sh /check/printed.sh && PATH=/venv/bin:/usr/bin:/bin HOME=/root exec sh /check/wheel_ways.sh /check/samples' && echo "$suite: the wheel answers as the native build" || { echo "$suite: FAILED"; status=1; }
    rm -rf "$tree"
done
exit $status
