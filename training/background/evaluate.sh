#!/bin/bash
# evaluate.sh AVALIGN SHARED MUSIC OUT: the real dev clips of 4 s and longer, as they are and made worse: babble of three other clips,
# music (files of the folder MUSIC), two talkers, 8 kbit/s, 240 lines, an eighth of the size, a photograph, silent, mute, no face. Prints for each kind what the voice's
# analyzers answered or why not. Nothing here was seen in training.
set -eu
avalign=$(realpath "$1") dev=$(realpath "$2")/data/video/dev music=$(realpath "$3") out=$4
mkdir -p "$out/in"
mapfile -t clips < <(awk -F'\t' 'NR > 1 && $2 == "real" && $6 >= 4 { print $1 }' "$dev/index.tsv")
mapfile -t tunes < <(find "$music" -name '*.ogg' | sort)
ff() { ffmpeg -v error -y -nostdin "$@"; }
n=${#clips[@]}
other() { echo "$dev/${clips[$((($1 + $2) % n))]}"; }
for i in "${!clips[@]}"; do
    s=$dev/${clips[$i]} o=$out/in/$i
    cp "$s" "$o.clean.${s##*.}"
    for db in 20 10 5 0; do
        ff -i "$s" -stream_loop -1 -i "$(other "$i" 2)" -stream_loop -1 -i "$(other "$i" 4)" -stream_loop -1 -i "$(other "$i" 7)" -filter_complex \
            "[0:a]loudnorm=I=-23[s];[1:a][2:a][3:a]amix=3,loudnorm=I=-$((23 + db))[b];[s][b]amix=2:duration=first:normalize=0[a]" \
            -map 0:v -map "[a]" -c:v copy -ar 16000 -c:a pcm_s16le -shortest "$o.babble$db.mkv"
    done
    for db in 10 0; do
        ff -i "$s" -ss 20 -i "${tunes[$((i % ${#tunes[@]}))]}" -filter_complex "[0:a]loudnorm=I=-23[s];[1:a]loudnorm=I=-$((23 + db))[b];[s][b]amix=2:duration=first:normalize=0[a]" \
            -map 0:v -map "[a]" -c:v copy -ar 16000 -c:a pcm_s16le "$o.music$db.mkv"
    done
    ff -i "$s" -stream_loop -1 -i "$(other "$i" 2)" -filter_complex "[0:a]loudnorm=I=-23[s];[1:a]loudnorm=I=-23[b];[s][b]amix=2:duration=first:normalize=0[a]" \
        -map 0:v -map "[a]" -c:v copy -ar 16000 -c:a pcm_s16le -shortest "$o.two-talkers.mkv"
    ff -i "$s" -map 0:v -map 0:a -c:v copy -c:a aac -ar 16000 -ac 1 -b:a 8k "$o.aac8.mkv"
    ff -i "$s" -map 0:v -map 0:a -vf scale=-2:240 -c:v libx264 -c:a copy "$o.lines240.mkv"
    ff -i "$s" -map 0:v -map 0:a -vf "scale=trunc(iw/16)*2:trunc(ih/16)*2" -c:v libx264 -c:a copy "$o.eighth.mkv"
    ff -ss 1 -i "$s" -frames:v 1 "$out/one.png"
    ff -loop 1 -framerate 25 -i "$out/one.png" -i "$s" -map 0:v -map 1:a -t 8 -shortest -vf "scale=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p" -c:v libx264 -c:a copy "$o.photo.mkv"
    ff -i "$s" -map 0:v -an -c:v copy "$o.mute.mkv"
    ff -i "$s" -map 0:v -map 0:a -af volume=0 -c:v copy "$o.silent.mkv"
    ff -i "$s" -map 0:v -map 0:a -vf boxblur=40 -c:v libx264 -c:a copy "$o.noface.mkv"
done
"$avalign" batch "$out/in" --out "$out/results" --quiet || true
for field in voice_authenticity voice_face_match emotion_coherence sync_offset_ms lip_sync_score; do
    echo "$field:"
    jq -r --arg f $field 'select(.absent) | (.file | split("/") | last | split(".")[1]) + "\t" + (.absent[$f] // "answered")' "$out/results/results.jsonl" |
        sort | uniq -c | awk '{ kind = $2; if (kind != last) printf "%s  %-12s", (NR > 1 ? "\n" : ""), kind; printf " %s %d", $3, $1; last = kind } END { print "" }'
done
