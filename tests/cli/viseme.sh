#!/bin/bash
# Phones with and without a transcript, against GRID's own word times, and what is said when they can't be trusted.
. "$(dirname "$0")/lib.sh"
echo "" >"$T/empty.txt"
run --only viseme --transcript "$T/empty.txt" "$SAMPLE"; ok "an empty transcript is refused" one_line "no words"
run --only viseme --transcript "$T/none.txt" "$SAMPLE"; ok "a missing one too" one_line "check the path"
# models without the net that hears phones: pocketsphinx does; and without its model, nobody
mkdir "$T/ear"; ln -s "$(realpath "$AVALIGN_MODELS")"/* "$T/ear"; rm "$T/ear/manifest.json"
jq 'del(.models[] | select(.role == "speech-phones"))' "$AVALIGN_MODELS/manifest.json" >"$T/ear/manifest.json"
json "$SAMPLE" --only viseme --models "$T/ear"; cp "$T/json" "$T/sphinx"
ok "without the net pocketsphinx hears phones" test "$(get '.signals.viseme.phones | length')" -gt 20
AVALIGN_POCKETSPHINX=/nowhere json "$SAMPLE" --only viseme --models "$T/ear"
ok "without its model too the rest goes on" is "$(get '.signals.viseme.absent')" no-phone-model
json "$SAMPLE" --only viseme
ok "the net hears others" test "$(get '.signals.viseme.phones | map(.phone) | join(" ")')" != "$(jq -r '.signals.viseme.phones | map(.phone) | join(" ")' "$T/sphinx")"
AVALIGN_POCKETSPHINX=/nowhere json "$SAMPLE" --only viseme
ok "and needs none of it" test "$(get '.signals.viseme.phones | length')" -gt 20
ok "phones are listed" test "$(get '.signals.viseme.phones | length')" -gt 20
ok "every phone has a viseme" is "$(get '[.signals.viseme.phones[] | select(.viseme == null or .start_s >= .end_s)] | length')" 0
cp "$T/json" "$T/two"; json "$SAMPLE" --only viseme --threads 1
ok "one thread, the same" cmp <(jq .signals.viseme "$T/two") <(jq .signals.viseme "$T/json")
ff -f lavfi -i color=gray:s=320x240:r=25:d=3 -f lavfi -i sine=d=3 -shortest "$T/noface.mkv"
json "$T/noface.mkv" --only viseme; ok "no face" is "$(get .signals.viseme.absent)" no-face

grid=$SHARED/data/video/train/grid_s1
if [ -d "$grid" ]; then
    worst=0
    for clip in bbaf2n:"bin blue at f two now" bbaf4p:"bin blue at f four please" bbaf5a:"bin blue at f five again"; do
        name=${clip%%:*}; echo "${clip#*:}" >"$T/t.txt"
        json "$grid/$name.mkv" --only viseme --transcript "$T/t.txt"
        ok "$name: phones come from the transcript" is "$(get .signals.viseme.phones_from)" transcript
        # first phones of the words against GRID's word starts (25000 units a second)
        e=$(python3 - "$T/json" "${grid}_align/$name.align" <<'P'
import json, sys
phones = json.load(open(sys.argv[1]))["signals"]["viseme"]["phones"]
starts = [int(l.split()[0]) / 25000 for l in open(sys.argv[2]) if not l.split()[2].startswith("sil") and "sp" != l.split()[2]]
first = lambda p: min(abs(q["start_s"] - p) for q in phones)
d = sorted(first(s) for s in starts)
print("%.3f" % d[len(d) // 2])
P
)
        ok "$name: half of the words start within 60 ms of a phone ($e s)" near "$e" 0 0.06
    done
    # a text that is not what is said, one in no language, one of which no word is known: left aside, and said
    json "$grid/bbaf2n.mkv" --only viseme; free=$(get '.signals.viseme | del(.unknown_words)')
    aside() { # aside WORDS...: as without a transcript, but for the warning
        echo "$*" >"$T/wrong.txt"; json "$grid/bbaf2n.mkv" --only viseme --transcript "$T/wrong.txt"
        ok "\"$*\": not believed" is "$(get '[.signals.viseme.phones_from, (.warnings[] | select(.code == "transcript-mismatch") | .count)] | join(" ")')" "recogniser 1"
        ok "and the answer is that without it" is "$(get '.signals.viseme | del(.unknown_words)')" "$free"
    }
    aside the quick brown fox jumps over the lazy dog while seven wizards xyzzyq
    aside set green with q zero again
    aside yellow umbrella
    aside xqzz wrtk plomb grzk
    run --only viseme --transcript "$T/wrong.txt" "$grid/bbaf2n.mkv"
    ok "which the summary says" grep -q "transcript does not fit" "$T/out"
    # the same speaker's picture with another sentence
    ff -i "$grid/bbaf2n.mkv" -i "$(ls "$grid"/l*.mkv | head -1)" -map 0:v -map 1:a -c:v copy -c:a pcm_s16le "$T/swap.mkv"
    own=$(jq .z <<<"$free") # GRID's sentences are much alike
    json "$T/swap.mkv" --only viseme; other=$(get .signals.viseme.z)
    ok "own sentence fits better than another ($own, $other)" awk -v a="$own" -v b="$other" 'BEGIN { exit !(a != "null" && (b == "null" || a > b)) }'
else
    echo "skip ../shared is absent: no GRID clips"
fi
# A word that is not in the dictionary among words that are said; and the same among others, where it must not make them fit.
clip=$SHARED/data/video/dev/real/grid_mixed/brbk7n.mpg # bin red by k seven now
if [ -f "$clip" ]; then
    from() { echo "$*" >"$T/t.txt"; json "$clip" --only viseme --transcript "$T/t.txt"; get '[.signals.viseme.phones_from, .signals.viseme.unknown_words // "-"] | join(" ")'; }
    for text in "bin grenchly by k seven now" "xqzz red by k seven now" "bin red by k seven nowwsoo"; do
        ok "\"$text\": one unknown word does not spoil the rest" is "$(from "$text")" "transcript 1"
    done
    for text in "yellow umbrella xyzzyq" "set blue at zevvonk two please" "xqzz wrtk plomb grzk now"; do
        ok "\"$text\": an unknown word is no excuse for the others" is "$(from "$text")" "recogniser -"
    done
else
    echo "skip ../shared is absent: no dev clip with unknown words"
fi
finish
