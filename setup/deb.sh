#!/bin/sh
# setup/deb.sh [OUT]: Debian packages avalign, libavalign1 and libavalign-dev for this machine's architecture (make deb).
# Built from what `make` builds; the OpenVINO runtime travels inside libavalign1, the nets inside avalign.
set -eu
cd "$(dirname "$0")/.."
out=${1:-dist} build=build-deb
version=$(sed -n "s/^project('avalign', 'c', version: '\([0-9.]*\)'.*/\1/p" meson.build)
arch=$(dpkg --print-architecture) multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
export PKG_CONFIG_PATH="$PWD/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
[ -f $build/build.ninja ] || meson setup $build --prefix=/usr --libdir="lib/$multiarch" -Dbuildtype=release >/dev/null
ninja -C $build avalign >/dev/null
stage=$(mktemp -d) && trap 'rm -rf "$stage"' EXIT
DESTDIR=$stage/all meson install -C $build --no-rebuild >/dev/null
lib=usr/lib/$multiarch

put() { # put PACKAGE PATH...: moves from all to the package
    package=$1; shift
    for path in "$@"; do
        mkdir -p "$stage/$package/$(dirname "$path")"
        mv "$stage/all/$path" "$stage/$package/$path"
    done
}
put libavalign-dev usr/include/avalign $lib/libavalign.so $lib/pkgconfig/avalign.pc
put libavalign1 $(cd "$stage/all" && echo $lib/libavalign.so.*) $lib/avalign
put avalign usr/bin/avalign usr/share/avalign usr/share/man usr/share/bash-completion usr/share/zsh
left=$(find "$stage/all" -type f -o -type l)
[ -z "$left" ] || { echo "setup/deb.sh: in no package: $left" >&2; exit 1; }
strip --strip-unneeded "$stage/avalign/usr/bin/avalign" "$stage"/libavalign1/$lib/libavalign.so.*.*

# what the programs link to, as package names
mkdir -p "$stage/debian"
printf 'Source: avalign\n\nPackage: avalign\nArchitecture: any\n' >"$stage/debian/control"
needs() { # needs FILE...: the list for Depends
    (cd "$stage" && dpkg-shlibdeps -O --ignore-missing-info -l"$stage/libavalign1/$lib/avalign" -l"$stage/libavalign1/$lib" "$@" 2>/dev/null) | sed 's/^shlibs:Depends=//'
}
control() { # control PACKAGE SECTION DEPENDS SUMMARY TEXT
    mkdir -p "$stage/$1/DEBIAN" "$stage/$1/usr/share/doc/$1"
    { cat LICENSE
      [ "$1" != avalign ] || { echo && python3 setup/wheel_nets.py models --notice; }
      [ "$1" != libavalign1 ] || { printf '\nThe OpenVINO runtime in %s:\n\n' "$lib/avalign" && cat third_party/openvino/LICENSE; }
    } >"$stage/$1/usr/share/doc/$1/copyright"
    printf 'Package: %s\nVersion: %s\nArchitecture: %s\nSection: %s\nPriority: optional\nMaintainer: avalign developers <avalign@localhost>\nInstalled-Size: %s\nDepends: %s\n%sDescription: %s\n %s\n' \
        "$1" "$version" "$arch" "$2" "$(du -sk "$stage/$1" | cut -f1)" "$3" "${6:-}" "$4" "$5" >"$stage/$1/DEBIAN/control"
}
control libavalign1 libs "$(needs "$(echo "$stage"/libavalign1/$lib/libavalign.so.*.*)")" "do sound and picture of a talking-head video belong together (library)" \
    "libavalign measures lip sync, speaker match, emotion coherence and audio authenticity."
printf '#!/bin/sh\nset -e\nldconfig\n' >"$stage/libavalign1/DEBIAN/postinst"
chmod 755 "$stage/libavalign1/DEBIAN/postinst"
control libavalign-dev libdevel "libavalign1 (= $version)" "do sound and picture of a talking-head video belong together (headers)" "Header, link and pkg-config file of libavalign."
control avalign video "libavalign1 (= $version), $(needs "$stage/avalign/usr/bin/avalign")" "do sound and picture of a talking-head video belong together" \
    "The command-line tool with its nets." "Recommends: ffmpeg, pocketsphinx-en-us
"
mkdir -p "$out"
for package in avalign libavalign1 libavalign-dev; do
    dpkg-deb --build --root-owner-group -Zxz "$stage/$package" "$out/${package}_${version}_$arch.deb" >/dev/null
    ls -l "$out/${package}_${version}_$arch.deb" | awk '{ print $9, $5 }'
done
