#!/bin/sh
# fuzz/smoke.sh SECONDS: builds the targets with clang's libFuzzer and runs each for a while on small seeds.
set -eu
root=$(pwd) seconds=${1:-60} build=build-fuzz
export PKG_CONFIG_PATH="$root/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export TBB_ENABLE_SANITIZERS=1 # no RTLD_DEEPBIND, which sanitizers refuse
export AVALIGN_MODELS="$root/tests/tiny" LSAN_OPTIONS=suppressions="$root/tests/lsan.supp":print_suppressions=0
[ -f "$build/build.ninja" ] ||
    CC=clang meson setup "$build" -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true -Doptimization=1 ${MESON_ARGS:-} >/dev/null
ninja -C "$build" fuzz_reader fuzz_tracks fuzz_policy fuzz_manifest fuzz_reference fuzz_push >/dev/null
corpus="$build/corpus"
for target in reader tracks policy manifest reference push; do mkdir -p "$corpus/$target"; done
mkdir -p "$build/crashes"
ff() { ffmpeg -v error -y -nostdin "$@"; }
for f in mp4 mkv avi mpg ts; do
    [ -f "$corpus/reader/s.$f" ] || ff -i samples/portrait.mp4 -t 0.3 -vf scale=96:96 -ar 16000 "$corpus/reader/s.$f"
done
[ -f "$corpus/reader/s.wav" ] || ff -i samples/portrait.mp4 -t 0.2 -vn -ar 8000 "$corpus/reader/s.wav"
printf '{"format":1,"frames":[{"t_s":0.04,"faces":[{"track":0,"box":[1,2,3,4]}]}]}' >"$corpus/tracks/box"
for f in policies/*.json; do tail -c +2 "$f" >"$corpus/policy/$(basename "$f")"; done
cp tests/tiny/manifest.json "$corpus/manifest/tiny"
printf '{"avalign_reference":1,"kind":"person","name":"x","voice":{"vector":[]},"checksum":""}' >"$corpus/reference/small"
head -c 3000 samples/portrait.mp4 >"$corpus/push/bytes"
passed=0 failed=0
for target in reader tracks policy manifest reference push; do
    if "$build/fuzz_$target" "$corpus/$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 \
        -artifact_prefix="$build/crashes/" -print_final_stats=1 >"$build/$target.log" 2>&1; then passed=$((passed + 1))
    else failed=$((failed + 1)); tail -40 "$build/$target.log"; fi
    echo "fuzz_$target: $(grep -E 'number_of_executed_units' "$build/$target.log" | grep -oE '[0-9]+') executions in $seconds s"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
