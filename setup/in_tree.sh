#!/bin/sh
# setup/in_tree.sh [--offline] TREE COMMAND...: runs it in a tree of setup/tree.sh, with /proc, /sys and this machine's settings of the network
# (names, certificates, pip's). --offline: without a network, and with a /tmp that runs no programs. As root.
set -eu
net=
[ "$1" != --offline ] || { net=-n; shift; }
tree=$1; shift
if [ -z "$net" ]; then
    for f in /etc/resolv.conf /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
        [ ! -f $f ] || { mkdir -p "$tree$(dirname $f)" && cp $f "$tree$f"; }
    done
fi
AVA_OFFLINE=$net exec unshare $net -m sh -ec 't=$1; shift
    mount -t proc proc "$t/proc"
    mount -t sysfs none "$t/sys"
    [ -z "$AVA_OFFLINE" ] || mount -t tmpfs -o noexec none "$t/tmp"
    unset AVA_OFFLINE
    exec chroot "$t" "$@"' - "$tree" "$@"
