#!/bin/bash
# Lists and folders: whatever is in them is taken, or told in one line; nothing done is never success.
. "$(dirname "$0")/lib.sh"
ff -t 3 -i "$SAMPLE" -c copy "$T/clip.mkv"
call() { timeout 300 "$AVALIGN" "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?; }
batch() { rm -rf "$T/o"; call batch "$1" --out "$T/o" --only lipsync -q "${@:2}"; }
paths() { sqlite3 "$T/o/avalign.db" "SELECT path FROM files ORDER BY path" | sed "s#$T/##" | paste -sd' '; }

# faulty lists, by every command that takes one
: >"$T/empty"; printf '\n' >"$T/newline"; printf '\r\n \r\n' >"$T/blank"; head -c 100000 /dev/urandom >"$T/binary"; cp "$T/clip.mkv" "$T/video.txt"
head -c 3000000 /dev/zero | tr '\0' 'a' >"$T/huge"; printf 'a,b\n"' >"$T/quote"; printf '\xff\xfep\0a\0t\0h\0' >"$T/utf16"; printf '\xef\xbb\xbf' >"$T/bom"
printf '%s\n%s\0x\n' "$T/none.mkv" "$T/x" >"$T/zero"; printf ',,,\n,,,\n' >"$T/commas"; printf 'path\tlabel\n' >"$T/head"; mkdir "$T/folder"
for list in empty newline blank binary video.txt huge quote utf16 bom zero commas head folder nowhere; do
    call eval "$T/$list"
    ok "eval, $list: refused (code $code)" [ $code = 3 -o $code = 2 ]
    ok "  in one line" is "$(grep -c . "$T/err")" 1
    case $list in quote | commas | head | zero) continue ;; esac # of these a list of paths could be made
    batch "$T/$list"
    ok "batch, $list: refused (code $code)" [ $code = 3 -o $code = 2 ]
    ok "  told" test -s "$T/err"
done
batch "$T/video.txt"; ok "a video in place of a list is called one" one_line 'media file'
call eval "$T/video.txt"; ok "by eval too" one_line 'media file'
batch "$T/utf16"; ok "UTF-16 is named" one_line 'UTF-16'
batch "$T/empty"; ok "an empty list: nothing to judge, code 2" is "$code $(grep -c 'no file in it' "$T/err")" "2 1"
printf '\xef\xbb\xbf%s\r\n%s' "$T/clip.mkv" "$T/other.mkv" >"$T/list"; cp "$T/clip.mkv" "$T/other.mkv"; printf x >>"$T/other.mkv"
batch "$T/list"; ok "byte-order mark, CRLF, no end of line: both paths are read" is "$code $(paths)" "0 clip.mkv other.mkv"
cp "$T/clip.mkv" "$T/cr"$'\r'"x.mkv"; printf '%s\n' "$T/cr"$'\r'"x.mkv" >"$T/list"
batch "$T/list"; ok "a carriage return inside a name stays" is $code 0
printf 'path,label\nnone1.mp4,real\nnone2.mp4,fake\n' >"$T/gone.csv"; call eval "$T/gone.csv"
ok "eval of files that are all missing: code 2, no tables" is "$code $(wc -c <"$T/out") $(tail -1 "$T/err" | grep -c 'none of its files has a result')" "2 0 1"

# folders
batch "$T/folder"; ok "an empty folder: nothing to judge, code 2" is "$code $(grep -c 'no file in it' "$T/err")" "2 1"
mkdir -p "$T/real/sub" "$T/f"; mv "$T/other.mkv" "$T/real/sub/"; ln -s ../real/sub "$T/f/to_folder"; cp "$T/clip.mkv" "$T/real/one.mkv"; ln -s ../real/one.mkv "$T/f/to_file.mkv"
ln -s .. "$T/f/loop"; mkdir "$T/f/deep"; ln -s .. "$T/f/deep/loop"; rm "$T/f/loop"; ln -s nowhere "$T/f/dangling.mkv"
batch "$T/f"; ok "symbolic links are followed, loops and dangling ones told" is "$code $(paths) $(grep -c 'link' "$T/err")" "0 f/to_file.mkv f/to_folder/other.mkv 2"
ln -s f "$T/tof"; batch "$T/tof"; ok "a folder that is a link" is "$code $(paths)" "0 tof/to_file.mkv tof/to_folder/other.mkv"
mkdir "$T/g"; n=0
for end in vob dv m2ts VOB mod divx; do n=$((n + 1)); cp "$T/clip.mkv" "$T/g/$n.$end"; head -c $n /dev/zero >>"$T/g/$n.$end"; done
cp "$T/clip.mkv" "$T/g/noending"; printf xx >>"$T/g/noending"; cp "$T/clip.mkv" "$T/g/.hidden"; echo text >"$T/g/README"; echo text >"$T/g/notes.txt"
batch "$T/g"; ok "endings of disks and cameras, and files without one" is "$code $(paths)" "0 g/1.vob g/2.dv g/3.m2ts g/4.VOB g/5.mod g/6.divx g/noending"
finish
