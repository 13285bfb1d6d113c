#!/bin/sh
# setup/wheel_left_out.sh: what Debian's FFmpeg decodes and the wheel's, which `make wheel` built, does not (docs/install.md has it). Wrappers of other
# libraries and of hardware are not counted: their formats have decoders of FFmpeg's own, but AV1's, which is dav1d's here.
set -eu
cd "$(dirname "$0")/.."
config=build-parts/ffmpeg-build/config_components.h
[ -f $config ] || { echo "setup/wheel_left_out.sh: run make wheel" >&2; exit 1; }
names() { sed -n "s/^#define CONFIG_\(.*\)_$1 $2/\1/p" $config | tr A-Z a-z | sort; }
list() { sed 's/^/  /' | tr '\n' ' ' | tr -s ' ' | fold -sw 120; echo; }
none='_cuvid$|_qsv$|_v4l2m2m$|_mf$|_mediacodec$|_mmal$|_crystalhd$|^lib|_at$|_fixed$|^mp1$|^mp3adu$|^mp3on4$|^wrapped_avframe$'
video=$(ffmpeg -v quiet -hide_banner -decoders | awk '/^ V/ { print $2 }')
echo "Decoders of pictures:"; names DECODER 0 | grep -Ev "$none" | grep -Fxf - /dev/fd/3 3<<V | sort | list
$video
V
echo "Decoders of sound:"
sound=$(ffmpeg -v quiet -hide_banner -decoders | awk '/^ A/ { print $2 }')
names DECODER 0 | grep -Ev "$none" | grep -Fxf - /dev/fd/3 3<<A | sort | list
$sound
A
echo "Demuxers:"; names DEMUXER 0 | list
