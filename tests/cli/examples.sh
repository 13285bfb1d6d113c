#!/bin/bash
# The programs under examples/ build without a warning, run and answer.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
for x in offset push findings live; do
    ok "$x compiles" cc -Wall -Wextra -Werror -I"$root/include" -I"$BUILD_DIR/include" -I"$BUILD_DIR/include/avalign" "$root/examples/$x.c" -o "$T/$x" -L"$BUILD_DIR" -lavalign -lm \
        -Wl,-rpath,"$BUILD_DIR" -Wl,-rpath-link,"$BUILD_DIR/../third_party/openvino/lib"
done
"$T/offset" "$SAMPLE" >"$T/out" 2>&1
ok "offset answers" grep -Eq '^the sound is [0-9]+ ms (early|late)$' "$T/out"
for x in offset findings; do "$T/$x" /nowhere >"$T/out" 2>&1; ok "$x reports errors" is $? 1; done
"$T/findings" "$SAMPLE" >"$T/out" 2>"$T/err"; ok "findings runs" is $? 0
for kind in 'field    lip-sync offset *-*[0-9]*\.[0-9] ms' 'segment  .* s speaking' 'face 0   ' 'series   mouth_open' 'net      vad: '; do
    ok "findings lists ${kind%%.*}" grep -q "^$kind" "$T/out"
done
cp "$T/out" "$T/list"; json "$SAMPLE" --only authenticity
ok "findings lists the voice's windows of the JSON" is "$(grep -c '^voice    .*, under .5' "$T/list") $(awk '/^voice / { print $4 + 0; exit }' "$T/list")" "$(get '.signals.authenticity.windows | "\(length) \(.[0].score)"')"
ff -i "$SAMPLE" -r 25 -s 320x320 -pix_fmt rgb24 -f rawvideo "$T/pictures.rgb"; ff -i "$SAMPLE" -ac 1 -ar 16000 -f f32le "$T/sound.f32"
"$T/push" 320 320 "$T/pictures.rgb" "$T/sound.f32" >"$T/out" 2>"$T/err"
ok "push answers" grep -Eq '^the sound is [0-9]+ ms (early|late)$' "$T/out"
"$T/push" 320 320 /nowhere "$T/sound.f32" >"$T/out" 2>"$T/err"; ok "push reports errors" is $? 2
ffmpeg -v error -nostdin -i "$SAMPLE" -c copy -f matroska - | "$T/live" >"$T/out" 2>"$T/err"
ok "live judges a window" grep -Eq '^0\.0-[0-9.]+ s: (not flagged|flagged|not judged)' "$T/out"
"$T/live" </dev/null >"$T/out" 2>"$T/err"; ok "live reports errors" is $? 1
finish
