#!/bin/sh
# What the tests of the evidence page, the marks and the queue need beyond `make setup`: Debian's Chromium with playwright-core,
# which drives it, readers of the marks' formats, strace, and a RabbitMQ. Without them those checks are left out.
set -eu
cd "$(dirname "$0")/.."
sh setup/install.sh # pip, and third_party itself
dest=third_party/browser
if [ ! -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || ! command -v cppcheck >/dev/null || ! command -v run-clang-tidy >/dev/null || ! command -v ip >/dev/null || ! command -v pgrep >/dev/null || ! command -v strace >/dev/null; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q >/dev/null
    # the tests start a broker of their own; the system's is not wanted
    printf '#!/bin/sh\nexit 101\n' >third_party/policy-rc.d && chmod 755 third_party/policy-rc.d
    [ -e /usr/sbin/policy-rc.d ] || { $sudo cp third_party/policy-rc.d /usr/sbin/policy-rc.d; added=1; }
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -yq --no-install-recommends rabbitmq-server openssl iproute2 procps strace cppcheck clang-tidy >/dev/null
    [ -z "${added:-}" ] || $sudo rm /usr/sbin/policy-rc.d
fi
missing= # each for itself: a machine with another Node.js can't take Debian's npm
command -v chromium >/dev/null || missing="chromium fonts-dejavu-core"
command -v npm >/dev/null || missing="$missing npm"
if [ -n "$missing" ]; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -yq --no-install-recommends $missing >/dev/null
fi
if ! (cd $dest 2>/dev/null && sha256sum --quiet -c ../../setup/browser.sha256 2>/dev/null); then
    rm -rf $dest && mkdir -p $dest
    npm pack --silent --pack-destination $dest playwright-core@1.65.1 >/dev/null
    (cd $dest && sha256sum --quiet -c ../../setup/browser.sha256)
    tar xzf $dest/playwright-core-1.65.1.tgz -C $dest
fi
readers=third_party/readers
if ! cmp -s setup/test_readers.txt $readers/installed; then
    rm -rf $readers
    /usr/bin/python3 -m pip install -q --disable-pip-version-check --only-binary=:all: --target $readers -r setup/test_readers.txt
    cp setup/test_readers.txt $readers/installed
fi
