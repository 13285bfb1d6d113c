#!/bin/sh
# setup/container_check.sh [--build]: the Containerfile's steps in bare trees, since a daemon is not always at hand; as root, with
# debootstrap. --build: its first stage too (it downloads and builds all); without it the packages are those of `make deb`.
set -eu
cd "$(dirname "$0")/.."
work=$PWD/build-chroot image=$PWD/build-chroot/image
in_tree() { # in_tree TREE COMMAND...: with /proc and the network's settings
    tree=$1; shift
    cp /etc/resolv.conf "$tree/etc/" 2>/dev/null || true
    unshare -m sh -c 't=$1; shift; mount -t proc proc "$t/proc" && exec chroot "$t" "$@"' - "$tree" "$@"
}
if [ "${1:-}" = --build ]; then
    sh setup/tree.sh bookworm "$work/build"
    mkdir "$work/build/src" && git ls-files -z | xargs -0 cp -P --parents -t "$work/build/src"
    in_tree "$work/build" sh /src/setup/container.sh build
    mkdir -p dist && cp "$work"/build/src/dist/*.deb dist/
fi
ls dist/avalign_*.deb >/dev/null 2>&1 || { echo "setup/container_check.sh: no packages in dist/; run make deb" >&2; exit 1; }
sh setup/tree.sh bookworm "$image"
mkdir -p "$image/src/dist" "$image/src/setup"
cp dist/*.deb "$image/src/dist/" && cp setup/container.sh "$image/src/setup/"
in_tree "$image" sh /src/setup/container.sh run
rm -r "$image/src"
echo "image: $(du -smx "$image" | cut -f1) MB"
cp samples/portrait.mp4 "$image/data/"
# as the image runs: not root, no network, nothing to write but home and /data
unshare -n -m sh -c 'mount -t proc proc "$1/proc" && exec chroot --userspec=avalign "$1" env HOME=/home/avalign sh -ec "
    cd /data && [ \"\$(id -un)\" = avalign ]
    avalign portrait.mp4 --json result.json | head -3
    grep -q \"\\\"sync_offset_ms\\\": 6\" result.json
    avalign doctor | grep -v ^ok"' - "$image"
echo "the image's steps make a tool that works"
