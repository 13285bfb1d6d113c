#!/bin/sh
# setup/container_check.sh [--build]: the Containerfile's steps in bare trees, since a daemon is not always at hand; as root, with
# debootstrap. --build: its first stage too (it downloads and builds all); without it the packages are those of `make deb`. User, folder and
# entry point are the Containerfile's; the image runs without network. KEEP=1 leaves the tree.
set -eu
cd "$(dirname "$0")/.."
work=$PWD/build-chroot image=$PWD/build-chroot/image
if [ "${1:-}" = --build ]; then
    sh setup/tree.sh bookworm "$work/build"
    mkdir "$work/build/src" && git ls-files -z | xargs -0 cp -P --parents -t "$work/build/src"
    sh setup/in_tree.sh "$work/build" sh /src/setup/container.sh build
    mkdir -p dist && cp "$work"/build/src/dist/*.deb dist/ && rm -rf "$work/build"
fi
ls dist/avalign_*.deb >/dev/null 2>&1 || { echo "setup/container_check.sh: no packages in dist/; run make deb" >&2; exit 1; }
sh setup/tree.sh bookworm "$image"
mkdir -p "$image/src/dist" "$image/src/setup"
cp dist/*.deb "$image/src/dist/" && cp setup/container.sh "$image/src/setup/"
sh setup/in_tree.sh "$image" sh /src/setup/container.sh run
rm -r "$image/src"
echo "image: $(du -smx "$image" | cut -f1) MB"

said() { sed -n "s/^$1 *//p" Containerfile | tail -1 | tr -d '[]",'; }
cp samples/portrait.mp4 "$image/data/video.mp4"
cat >"$work/outside.sh" <<'I'
set -eu # with no network but this machine's own; $1 the image, $2 its user, $3 its folder, $4 its entry point
ip link set lo up && mount -t proc proc "$1/proc"
contained() { chroot --userspec="$image_user" "$image" env -i HOME="/home/$image_user" PATH=/usr/local/bin:/usr/bin:/bin sh -c 'cd "$1" && shift && exec "$@"' - "$folder" "$entry" "$@"; }
image=$1 image_user=$2 folder=$3 entry=$4
check() { if eval "$2"; then echo "ok   $1"; else echo "FAIL $1"; failed=1; fi; }
failed=
contained video.mp4 --json result.json | head -3
check "it judges a clip and writes as its user" '[ "$(stat -c %u "$image$folder/result.json")" = 1000 ] && grep -q "\"sync_offset_ms\": 6" "$image$folder/result.json"'
check "doctor misses nothing" 'contained doctor >"$image/tmp/doctor" && ! grep MISSING "$image/tmp/doctor"'
contained serve --out /data/serve >"$image/tmp/address" 2>"$image/tmp/serve.err" & server=$!
for wait in $(seq 100); do [ ! -s "$image/tmp/address" ] || break; sleep .1; done
check "serve prints its address and answers" 'curl -sf "$(sed "s,/#.*,/," "$image/tmp/address")" | grep -qi avalign'
kill $server 2>/dev/null; wait $server || true
code=0; contained worker --queue amqp://127.0.0.1:9 2>"$image/tmp/worker.err" || code=$?
check "worker looks for its broker, and says that it is not there" '[ $code = 4 ] && grep "127.0.0.1:9: connect" "$image/tmp/worker.err"'
[ -z "$failed" ]
I
unshare -n -m sh "$work/outside.sh" "$image" "$(said USER)" "$(said WORKDIR)" "$(said ENTRYPOINT)" || { echo "setup/container_check.sh: the image does not work ($image)"; exit 1; }
[ -n "${KEEP:-}" ] || rm -rf "$image"
echo "the image's steps make a tool that works"
