#!/bin/sh
# setup/python_check.sh PYTHON...: the wheel of `make wheel` with each of these interpreters, in a virtual environment of its own: by its three
# ways in it says of the sample what build/avalign says; without that, what `avalign FILE` of the first interpreter says.
set -eu
cd "$(dirname "$0")/.."
wheel=$(echo "$PWD"/dist/avalign-*-manylinux*.whl) native=$PWD/build/avalign work=$(mktemp -d) status=0
trap 'rm -rf "$work"' EXIT
[ -f "$wheel" ] || { echo "setup/python_check.sh: no wheel in dist/; run make wheel" >&2; exit 1; }
mkdir "$work/samples" && cp samples/portrait.mp4 "$work/samples/"
answer() { (cd "$work/samples" && "$1" analyze portrait.mp4 --json portrait.mp4.json -q >/dev/null); }
[ ! -x "$native" ] || answer "$native"
for python in "$@"; do
    version=$("$python" -c 'import platform; print(platform.python_version())')
    "$python" -m venv "$work/venv" && "$work/venv/bin/pip" install -q --disable-pip-version-check "$wheel"
    export PATH="$work/venv/bin:$PATH"
    [ -f "$work/samples/portrait.mp4.json" ] || answer avalign
    if NETWORK=1 sh setup/wheel_ways.sh "$work/samples"; then echo "Python $version: ok"; else echo "Python $version: FAILED"; status=1; fi
    rm -rf "$work/venv"
done
exit $status
