#!/bin/bash
# Compiled nets in a folder: the same results without it, while it is made and from it; whatever happened to its files.
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$T/cache
C=$T/cache/avalign
ff -i "$SAMPLE" -t 2 -c copy "$T/two.mp4"
say() { "$AVALIGN" analyze "$T/two.mp4" -q --json - "$@" 2>"$T/err"; } # the result
kept() { (cd "$C" && ls -i --color=never -- *.net); }           # which files, by number and name
whole() { # whole TEXT: after something was done to the files $before
    ok "$1: the same result" cmp "$T/none" <(say)
    local now=$(kept)
    ok "$1: not one was taken" is "$(comm -12 <(sort <<<"$before") <(sort <<<"$now") | wc -l)" 0
    ok "$1: they were made again, as many" is "$(wc -l <<<"$now")" "$(wc -l <<<"$before")"
    ok "$1: and are taken" cmp "$T/none" <(say)
    ok "$1: as they are" is "$(kept)" "$now"
    before=$now
}

# the real nets, on one thread and several
XDG_CACHE_HOME=/proc/none say >"$T/none"
ok "no cache: a result" test -s "$T/none"
ok "while it is made" cmp "$T/none" <(say --threads 8)
before=$(kept)
for n in 1 2 8; do ok "from it, $n threads" cmp "$T/none" <(say --threads $n); done
ok "nothing was written again" is "$(kept)" "$before"
ok "each net once" is "$(ls "$C"/*.net | wc -l)" "$(jq '.models | length' "$T/none")"

# the small ones
rm -rf "$C"
cp -rL "${AVALIGN_TINY:?}" "$T/tiny"; chmod -R u+w "$T/tiny"; export AVALIGN_MODELS=$T/tiny
sleep 3 # younger files are read every time: their times could not tell a change
XDG_CACHE_HOME=/proc/none say >"$T/none"
pids=
for i in 1 2 3 4; do say >"$T/at_once.$i" & pids="$pids $!"; done
wait $pids
for i in 1 2 3 4; do ok "four at once, the first of all: number $i" cmp "$T/none" "$T/at_once.$i"; done
ok "they left nothing half-written" is "$(ls "$C" | grep -vc -e '\.net$' -e '\.seen$')" 0
ok "nobody else can read or write it" is "$(stat -c %a "$C" "$C"/*.net | sort -u | xargs)" "600 700"
before=$(kept)
for f in "$C"/*.net; do truncate -s $(($(stat -c %s "$f") / 2)) "$f"; done
whole "cut in half"
for f in "$C"/*.net; do truncate -s -1 "$f"; done
whole "one byte short"
for f in "$C"/*.net; do : >"$f"; done
whole "empty"
for f in "$C"/*.net; do
    at=$(($(stat -c %s "$f") / 3)); byte=$(od -An -tu1 -j $at -N 1 "$f")
    printf "\\x$(printf %x $(((byte + 1) % 256)))" | dd of="$f" bs=1 seek=$at conv=notrunc 2>/dev/null
done
whole "a byte changed"
for f in "$C"/*.net; do chmod g+w "$f"; done
whole "others may write it"

# another machine's: one whose processor can do less
mkdir "$T/mine"; mv "$C"/*.net "$T/mine"
ONEDNN_MAX_CPU_ISA=SSE41 say >"$T/less"
ok "another processor: files of its own" is "$(ls "$C" "$T/mine" | grep '\.net$' | sort | uniq -d | wc -l)" 0
ok "another processor: the same result with them" cmp "$T/less" <(ONEDNN_MAX_CPU_ISA=SSE41 say)
theirs=$(ls -S "$C"/*.net | head -1)
for f in "$T"/mine/*; do cp "$theirs" "$T/${f##*/}"; done
rm "$C"/*.net; mv "$T"/*.net "$C"; before=$(kept)
whole "its files in the place of ours"

# a model that is not what it was
printf x >>"$T/tiny/mesh.onnx"
say >"$T/out"; code=$?
ok "a changed model is refused whatever the cache has" is "$code" 3
ok "and named" one_line 'mesh.onnx: SHA-256'
cp "$AVALIGN_TINY/mesh.onnx" "$T/tiny/"
ok "and taken when it is back" cmp "$T/none" <(say)

# doctor
"$AVALIGN" doctor >"$T/out" 2>&1
ok "doctor names the folder" grep -q "^ok *compiled nets *$C" "$T/out"
XDG_CACHE_HOME=/proc/none "$AVALIGN" doctor >"$T/out" 2>&1; code=$?
ok "doctor says where nothing can be kept, which is no fault" is "$code $(grep -c '^absent *compiled nets .*/proc/none' "$T/out")" "$(AVALIGN_MODELS=$AVALIGN_TINY "$AVALIGN" doctor >/dev/null 2>&1; echo $?) 1"
finish
