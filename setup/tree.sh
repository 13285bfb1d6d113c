#!/bin/sh
# setup/tree.sh SUITE TREE [PACKAGE...]: a bare Debian of that suite (bookworm, trixie) in TREE, with those packages; an archive beside
# it is kept, so that the next one is unpacked in seconds. As root; needs debootstrap and apt's first server.
set -eu
suite=$1 tree=$2; shift 2
archive=$(dirname "$tree")/$(echo "bare-$suite" "$@" | tr " " -).tar
if [ ! -f "$archive" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -1)
    rm -rf "$tree" && mkdir -p "$(dirname "$tree")"
    debootstrap --variant=minbase --include="$(echo ca-certificates "$@" | tr ' ' ',')" "$suite" "$tree" "$mirror" >"$tree.log" 2>&1 ||
        { echo "setup/tree.sh: debootstrap failed; see $tree.log" >&2; exit 1; }
    tar cf "$archive.part" -C "$tree" . && mv "$archive.part" "$archive"
fi
rm -rf "$tree" && mkdir -p "$tree" && tar xf "$archive" -C "$tree"
