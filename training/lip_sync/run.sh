#!/bin/sh
# training/lip_sync/run.sh WORK_DIR: everything, from the clips of ../shared/data/video to models/sync, with one command.
# Needs python with torch, onnx and numpy; takes some two and a half hours on one core.
set -eu
work=$1 here=$(dirname "$0") root=$(cd "$(dirname "$0")/../.." && pwd) video=${VIDEO:-$(cd "$(dirname "$0")/../../.." && pwd)/shared/data/video}
python=${PYTHON:-python3}
mkdir -p "$work/features"
# 1. features by the tool itself
(cd "$video" && ls train/grid_s1/*.mkv train/real/*/* train/fake/*/* dev/real/*/* dev/fake/*/*) | xargs -P2 -I{} sh -c '
    out='"$work"'/features/$(echo "{}" | tr / _); [ -s "$out/speech_t0_s.npy" ] && exit 0
    mkdir -p "$out"; '"$root"'/build/avalign features "'"$video"'/{}" --out "$out" --threads 1'
train() { "$python" "$here/train.py" --video "$video" --features "$work/features" --threads 1 "$@"; }
# 2. the nets on everybody
train --out "$work/net.pt"
"$python" "$here/export.py" "$work/net.pt" "$root/models/sync"
# 3. three folds by person for the calibration
folds=
for k in 0 1 2; do
    people=$("$python" "$here/folds.py" "$work/features" $k)
    train --out "$work/fold$k.pt" --hold "$people"
    rm -rf "$work/models$k" && cp -rL "$root/models" "$work/models$k"
    "$python" "$here/export.py" "$work/fold$k.pt" "$work/models$k/sync"
    "$python" "$here/rehash.py" "$work/models$k"
    folds="$folds $work/models$k=$people"
done
"$python" "$here/rehash.py" "$root/models" # then training/viseme/train.py: its net reads these embeddings
"$python" "$here/calibrate.py" --avalign "$root/build/avalign" --video "$video" --work "$work/calibrate" $folds
