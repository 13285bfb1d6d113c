#!/bin/sh
# tests/deb_smoke.sh CHROOT: installs the packages of `make deb` in a bare Debian 12 tree and uses them there. As root; the tree
# (debootstrap --variant=minbase bookworm CHROOT) needs network for what the packages depend on.
set -eu
cd "$(dirname "$0")/.."
root=${1:?name a bare Debian tree}
mkdir -p "$root/smoke"
cp dist/*.deb samples/portrait.mp4 examples/offset.c "$root/smoke/"
mountpoint -q "$root/proc" || { mount -t proc proc "$root/proc"; trap 'umount "$root/proc"' EXIT; }
chroot "$root" sh -ec '
    cd /smoke
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null
    apt-get install -yq --no-install-recommends ./avalign_*.deb ./libavalign1_*.deb >/dev/null
    avalign --version
    avalign doctor | grep -v "^ok"
    avalign analyze portrait.mp4 --html page.html --json result.json | head -3
    grep -q "\"sync_offset_ms\": [0-9-]" result.json && test -s page.html
    apt-get install -yq --no-install-recommends ./libavalign-dev_*.deb gcc libc6-dev pkg-config >/dev/null
    gcc offset.c -o offset $(pkg-config --cflags --libs avalign) -lm && ./offset portrait.mp4 | head -2
    apt-get purge -yq avalign libavalign1 >/dev/null
    ! ls /usr/bin/avalign /usr/share/avalign 2>/dev/null
    echo "the packages install, work and go away again"
'
