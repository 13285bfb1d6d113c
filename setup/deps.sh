#!/bin/sh
# setup/deps.sh [--check] LIST...: installs the Debian packages that the lists name and that are missing (may use sudo).
# --check installs nothing and says what is missing. The only step of the set-up that touches the system.
set -eu
check=
[ "${1:-}" != --check ] || { check=1; shift; }
if ! command -v dpkg-query >/dev/null; then
    [ -z "$check" ] || exit 0 # another system: the build itself says what it does not find
    echo "setup: no apt here. Install by your own means what these Debian packages hold: $(cat "$@" | tr '\n' ' ')" >&2
    exit 1
fi
missing=
for package in $(cat "$@"); do
    [ "$package" != npm ] || ! command -v npm >/dev/null || continue # another Node.js will do, and refuses Debian's
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ -n "$check" ]; then
    echo "setup: Debian packages are missing:$missing; 'make deps' installs them (it may ask for sudo)" >&2
    exit 1
fi
echo "setup: installing$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -q >/dev/null
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -yq --no-install-recommends $missing >/dev/null
