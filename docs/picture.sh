#!/bin/sh
# docs/picture.sh [AVALIGN]: draws docs/page.webp, the evidence page of docs/tutorial.md's third clip, anew. Needs what setup/test_tools.sh fetches.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd) avalign=${1:-build/avalign} dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sh "$root/samples/tutorial.sh" "$dir"
"$avalign" analyze "$dir/spliced.mp4" --html "$dir/spliced.html" --quiet || [ $? -le 2 ]
node "$root/docs/picture.js" "$dir/spliced.html" "$dir/page.png"
ffmpeg -v error -y -i "$dir/page.png" -c:v libwebp -quality 60 "$root/docs/page.webp"
