#!/bin/bash
# However many threads there are and however the bytes come in: the same result.
. "$(dirname "$0")/lib.sh"
ff -i "$SAMPLE" -t 6 -c copy -movflags +faststart "$T/short.mp4"; SAMPLE=$T/short.mp4 # a pipe can't seek to an index at the end
json "$SAMPLE"
ok "it is judged" is "$code $(get '.sync_offset_ms | type') $(get .signals.verdict.judged)" "0 number 5"
cp "$T/json" "$T/default"
for n in 1 2 8; do
    json "$SAMPLE" --threads $n
    ok "$n threads: the same bytes" cmp -s "$T/json" "$T/default"
done

"$AVALIGN" analyze - --json - <"$SAMPLE" 2>/dev/null | sed 1,3d >"$T/stdin"
ok "standard input: the same result" cmp -s <(sed 1,3d "$T/default") "$T/stdin"
cat "$SAMPLE" | "$AVALIGN" analyze - --json - 2>/dev/null | sed 1,3d >"$T/pipe"
whole() { jq -S 'del(.file, .file_sha256, .media.structure)'; }
ok "a pipe: the same result, without the file's structure, for nothing can be gone back to" cmp <(whole <"$T/default") <({ printf '{\n"format": 1,\n'; cat "$T/pipe"; } | whole)
finish
