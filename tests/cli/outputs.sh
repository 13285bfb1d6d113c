#!/bin/bash
# Outputs: never an input, never each other, names as long as the file system takes, nothing half-made.
. "$(dirname "$0")/lib.sh"
ff -t 3 -i "$SAMPLE" -c copy "$T/clip.mkv"; sum=$(md5sum <"$T/clip.mkv")
ln "$T/clip.mkv" "$T/hard.mkv"; ln -s clip.mkv "$T/soft.mkv"; mkdir "$T/d"
same() { # same TEXT ARGS...: refused with code 3 in one line, and the clip is what it was
    local what=$1; shift
    timeout 300 "$AVALIGN" "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?
    ok "$what: refused" is "$code $(grep -c . "$T/err") $(grep -c 'name another place' "$T/err")" "3 1 1"
    ok "  and the recording is untouched" is "$(md5sum <"$T/clip.mkv")" "$sum"
}
for option in --json --html --overlay; do
    for way in "$T/clip.mkv" "$T/./clip.mkv" "$T/d/../clip.mkv" "$T/hard.mkv" "$T/soft.mkv"; do same "$option ${way#"$T"/}" analyze "$T/clip.mkv" $option "$way"; done
done
same "--marks" analyze "$T/clip.mkv" --marks "csv=$T/hard.mkv"
echo '{"format": 1, "frames": []}' >"$T/t.json"; same "the tracks file" analyze "$T/clip.mkv" --tracks "$T/t.json" --json "$T/t.json"
same "two outputs" analyze "$T/clip.mkv" --json "$T/x" --html "$T/d/../x"
same "two marks" analyze "$T/clip.mkv" --marks "vtt=$T/x" --marks "csv=$T/x"
same "two on standard output" analyze "$T/clip.mkv" --json - --marks csv=-
same "enroll --out is a clip" enroll a "$T/clip.mkv" --out "$T/soft.mkv"
cp "$T/clip.mkv" "$T/d/a.avref"; (cd "$T/d" && same "the reference's own name is a clip" enroll a a.avref)
head -c 32 /dev/urandom >"$T/key"; same "the key" enroll a "$T/clip.mkv" --key "$T/key" --out "$T/key"
mkdir "$T/b"; echo "$T/clip.mkv" >"$T/b/summary.csv"; same "batch's own table as its list" batch "$T/b/summary.csv" --out "$T/b"
printf 'path,label\n%s,real\n' "$T/clip.mkv" >"$T/l.csv"; same "eval's list" eval "$T/l.csv" --markdown "$T/l.csv"
same "eval's tables and page" eval "$T/l.csv" --markdown "$T/x" --html "$T/x"
mkdir "$T/copies"; ln "$T/clip.mkv" "$T/copies/03.mkv"; same "selftest's copies" selftest --degrade "$T/clip.mkv" --keep "$T/copies"
"$AVALIGN" analyze - --only lipsync --json "$T/clip.mkv" <"$T/clip.mkv" >"$T/out" 2>"$T/err"; code=$?
ok "standard input as output: refused" is "$code $(md5sum <"$T/clip.mkv")" "3 $sum"
run "$T/clip.mkv" --only lipsync --json /dev/null --html /dev/null -q; ok "/dev/null takes everything, twice" [ $code -le 2 ]

# names of 246 to 255 bytes, spaces, quotes, newlines, dashes, colons, bytes that are no UTF-8
for n in 246 250 255; do
    long=$(printf 'n%.0s' $(seq $((n - 5)))); run "$T/clip.mkv" --only lipsync -q --json "$T/$long.json" --html "$T/$long.html"
    ok "a name of $n bytes" [ $code -le 2 -a -s "$T/$long.json" -a -s "$T/$long.html" ]
done
i=0
for name in $'new\nline' 'quo"te' "it's" '-dash' 'co:lon' $'b\xffd' 'sp ace' '%s%n' '$(x)'; do
    i=$((i + 1)); cp "$T/clip.mkv" "$T/$name.mkv"
    (cd "$T" && "$AVALIGN" analyze --only lipsync -q --json="$name.json" --overlay="$name.out.mkv" -- "$name.mkv" >/dev/null 2>"$T/err"); code=$?
    ok "name $i: result and overlay" [ $code -le 2 -a -s "$T/$name.json" -a -s "$T/$name.out.mkv" ]
    ok "  and the result is JSON" jq -e .file "$T/$name.json" >/dev/null
done
ok "nothing half-made" is "$(find "$T" -name '*.part*' | wc -l)" 0
# one output that can't be opened leaves none of the others half-made
mkdir "$T/locked"; run "$T/clip.mkv" --sandbox --only lipsync -q --json "$T/ok.json" --html "$T/locked/nowhere/x.html"
ok "an output that can't be opened: code 4" is $code 4
ok "and nothing of the other is left" is "$(ls -A "$T" | grep -c 'part\|ok.json')" 0
finish
