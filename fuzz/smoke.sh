#!/bin/sh
# fuzz/smoke.sh SECONDS [TARGET...]: builds the targets with clang's libFuzzer and runs each (or those named) for a while on small seeds.
# RUNS=N in the environment: N executions of each, however long they take.
set -eu
root=$(pwd) seconds=${1:-60} build=build-fuzz
[ $# = 0 ] || shift
all="reader tracks policy manifest reference push result lists transcript c2pa structure"
targets=${*:-$all}
export PKG_CONFIG_PATH="$root/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export TBB_ENABLE_SANITIZERS=1 # no RTLD_DEEPBIND, which sanitizers refuse
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 # else it is only written to the log
export AVALIGN_MODELS="$root/tests/tiny" LSAN_OPTIONS=suppressions="$root/tests/lsan.supp":print_suppressions=0
[ -f "$build/build.ninja" ] ||
    CC=clang meson setup "$build" -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true -Doptimization=1 ${MESON_ARGS:-} >/dev/null
ninja -C "$build" $(printf 'fuzz_%s ' $targets) >/dev/null
corpus="$build/corpus"
for target in $all; do mkdir -p "$corpus/$target"; done
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
# a face that moves its mouth, with and without a policy
awk 'BEGIN { printf "{\"format\":1,\"frames\":["
    for (i = 0; i < 30; i++) { printf "%s{\"t_s\":%.2f,\"faces\":[{\"track\":0,\"box\":[10,10,80,80],\"landmarks\":[", i ? "," : "", i / 25
        for (k = 0; k < 68; k++) printf "%s[%d,%d]", k ? "," : "", 20 + k % 9 * 7, 20 + int(k / 9) * 8 + (k > 48 ? i % 5 : 0); printf "]}]}" }
    printf "]}" }' >"$corpus/result/face"
cp "$corpus/tracks/box" "$corpus/result/box"
for f in policies/*.json; do { cat "$corpus/result/box"; printf '\0'; tail -c +2 "$f"; } >"$corpus/result/$(basename "$f")"; done
printf '\0path,label,method,person\na.mp4,real,,"a ""b"""\r\nb.mp4,fake,x,c\n' >"$corpus/lists/table"
printf '\0path\tlabel\na.mp4\treal\n' >"$corpus/lists/tabs"
printf '\001a.mp4\r\nb c.mkv\n' >"$corpus/lists/files"
h=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
printf '\002{"avalign_job":1,"id":"%s","path":"/a.mp4","sha256":"%s","only":null,"policy":"seed","html":true,"attempts":0}' $h $h >"$corpus/lists/job"
printf "This is a genuine recording, isn't it?" >"$corpus/transcript/text"
cp "$corpus"/reader/s.* "$corpus/structure/"
python3 tests/cli/store.py /dev/null "$corpus/c2pa/box" mp4 trainedAlgorithmicMedia
passed=0 failed=0
for target in $targets; do
    length=-max_total_time=$seconds; [ -z "${RUNS:-}" ] || length=-runs=$RUNS
    quiet=; [ $target != lists ] || quiet=-close_fd_mask=2 # the commands complain
    if "$build/fuzz_$target" "$corpus/$target" $length -timeout=120 -rss_limit_mb=3000 $quiet \
        -artifact_prefix="$build/crashes/" -print_final_stats=1 >"$build/$target.log" 2>&1; then passed=$((passed + 1))
    else failed=$((failed + 1)); tail -40 "$build/$target.log"; fi
    echo "fuzz_$target: $(grep -E 'number_of_executed_units' "$build/$target.log" | grep -oE '[0-9]+') executions"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
