#!/bin/sh
# setup/readme_check.sh [SUITE [WAY...]]: types what README.md prints for each way of installing (source, wheel, deb), line by line, in a bare Debian
# of that suite (bookworm, trixie) that holds nothing but make, Python and this source tree. As root, with debootstrap and a network.
# (The container's are tried by setup/container_check.sh, for want of a builder.)
# --list prints the commands and types none. TESTS="--suite unit" (arguments of meson test) limits make check, which else takes long; KEEP=1 leaves the tree.
set -eu
cd "$(dirname "$0")/.."
printed() { # printed WORDS: the commands of README's first screen that begin so
    sed '/^A real result/q' README.md | sed -n '/^```sh/,/^```/p' | grep -E "^($1)" | sed 's/ *#.*//' | grep . ||
        { echo "setup/readme_check.sh: README.md prints no command for $1" >&2; exit 1; }
}
source='make (demo|check)' wheel='make wheel' deb='make (deps|deb)' container='podman'
if [ "${1:-}" = --list ]; then
    for way in "$source" "$wheel" "$deb" "$container"; do printed "$way"; done
    exit 0
fi
suite=${1:-bookworm}; [ $# = 0 ] || shift
tree=$PWD/build-chroot/readme-$suite status=0
sh setup/tree.sh "$suite" "$tree" python3-venv make
mkdir -p "$tree/src/path/to"
git ls-files -z | xargs -0 cp -P --parents -t "$tree/src"
cp samples/portrait.mp4 "$tree/src/path/to/video.mp4"
echo 'APT::Get::Assume-Yes "1";' >"$tree/etc/apt/apt.conf.d/yes"
for way in ${*:-source wheel deb}; do
    case $way in
    source) lines=$(printed "$source") ;;
    wheel) lines=$(printed "$wheel") ;;
    deb) lines=$(printed "$deb") ;;
    *) echo "setup/readme_check.sh: a way is source, wheel or deb" >&2; exit 2 ;;
    esac
    { echo "set -e; cd /src; export HOME=/root DEBIAN_FRONTEND=noninteractive MESON_TESTTHREADS=2 TESTS='${TESTS:-}'; umask 022; apt-get update -q >/dev/null"
      [ $way != wheel ] || echo 'python3 -m venv /venv; PATH=/venv/bin:$PATH'
      echo "$lines"
      [ $way != deb ] || echo 'cd /; avalign /src/path/to/video.mp4'
    } >"$tree/printed.sh"
    echo "$lines" | sed "s/^/$suite, $way: /"
    if began=$(date +%s) && sh setup/in_tree.sh "$tree" sh /printed.sh >"$tree.$way.log" 2>&1; then echo "$suite, $way: ok, $(($(date +%s) - began)) s"
    else tail -20 "$tree.$way.log"; echo "$suite, $way: FAILED ($tree.$way.log)"; status=1; fi
done
[ -n "${KEEP:-}" ] || rm -rf "$tree"
exit $status
