#!/bin/sh
# setup/container.sh build|run: the steps of the Containerfile's two stages, as root in a bare Debian 12 with this source tree in /src.
# build leaves the packages in /src/dist; run installs them and makes the user.
set -eu
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive
case ${1:-} in
build)
    apt-get update -q >/dev/null
    apt-get install -yq --no-install-recommends make ca-certificates >/dev/null
    make deps deb
    ;;
run)
    apt-get update -q >/dev/null
    apt-get install -yq --no-install-recommends ./dist/avalign_*.deb ./dist/libavalign1_*.deb ffmpeg pocketsphinx-en-us >/dev/null
    useradd --create-home --uid 1000 avalign
    install -d -o avalign -g avalign /data
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log
    ;;
*)
    echo "setup/container.sh: takes build or run" >&2
    exit 2
    ;;
esac
