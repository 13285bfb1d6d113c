#!/bin/sh
# What the tests of the evidence page, the marks and the queue need beyond `make setup`: Debian's Chromium with playwright-core,
# which drives it, axe-core, which looks for barriers to those who can't see or point, readers of the marks' formats, strace, abidiff, and a RabbitMQ. Without them those checks are left out.
set -eu
cd "$(dirname "$0")/.."
dest=third_party/browser
if [ ! -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then # the tests start a broker of their own; the system's is not wanted
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    policy=$(mktemp) && printf '#!/bin/sh\nexit 101\n' >"$policy"
    [ -e /usr/sbin/policy-rc.d ] || { $sudo install -m 755 "$policy" /usr/sbin/policy-rc.d; added=1; }
    rm "$policy"
fi
sh setup/deps.sh setup/packages.txt setup/packages-test.txt setup/packages-tools.txt
[ -z "${added:-}" ] || $sudo rm /usr/sbin/policy-rc.d
command -v chromium >/dev/null || { echo chromium; echo fonts-dejavu-core; } | sh setup/deps.sh /dev/stdin
sh setup/install.sh # third_party itself
if ! (cd $dest 2>/dev/null && sha256sum --quiet -c ../../setup/browser.sha256 2>/dev/null); then
    rm -rf $dest && mkdir -p $dest
    npm pack --silent --pack-destination $dest playwright-core@1.65.1 axe-core@4.14.0 >/dev/null
    (cd $dest && sha256sum --quiet -c ../../setup/browser.sha256)
    tar xzf $dest/playwright-core-1.65.1.tgz -C $dest
    mkdir $dest/axe && tar xzf $dest/axe-core-4.14.0.tgz -C $dest/axe --strip-components=1 package/axe.min.js package/LICENSE
fi
readers=third_party/readers
if ! cmp -s setup/test_readers.txt $readers/installed; then
    rm -rf $readers
    /usr/bin/python3 -m pip install -q --disable-pip-version-check --only-binary=:all: --target $readers -r setup/test_readers.txt
    cp setup/test_readers.txt $readers/installed
fi
