#!/bin/sh
# samples/tutorial.sh DIR: the three clips of docs/tutorial.md, made of the project's own sample. Needs ffmpeg.
set -eu
sample=$(cd "$(dirname "$0")" && pwd)/portrait.mp4
mkdir -p "$1" && cd "$1"
ff() { ffmpeg -v error -nostdin -y -i "$sample" "$@"; }
ff -c copy genuine.mp4
ff -af adelay=400:all=1 -c:v copy -t 14 shifted.mp4 # the sound 400 ms later
# words of the first seconds once more, in place of those after 6 s
ff -filter_complex "[0:a]asplit=3[a][b][c];[a]atrim=0:6,asetpts=PTS-STARTPTS[x];[b]atrim=1.03:3.13,asetpts=PTS-STARTPTS[y];[c]atrim=8.1,asetpts=PTS-STARTPTS[z];[x][y][z]concat=n=3:v=0:a=1[o]" \
    -map 0:v -map "[o]" -c:v copy spliced.mp4
