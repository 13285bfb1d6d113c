#!/bin/sh
# make demo: analyze one video and say where things are. Any verdict is a working demo.
set -u
tool=$1 video=$2
[ "$video" = samples/portrait.mp4 ] &&
    echo "The sample is synthetic: a still portrait whose mouth a program moves to an espeak-ng sentence."
mkdir -p build/demo
"$tool" analyze "$video" --json build/demo/result.json
code=$?
[ $code -le 2 ] || exit $code
echo
echo "video:   $video"
echo "result:  build/demo/result.json   (try: jq .sync_offset_ms build/demo/result.json)"
echo "yours:   make demo VIDEO=path/to/video.mp4"
