#!/bin/sh
# training/lip_sync/run.sh WORK_DIR: everything, from the clips to models/sync and the calibration of sync-sound, with one command.
# VIDEO: folders with train/ and dev/ (../shared/data/video, and what ../shared/tools/collect makes of ../shared/data/lists/video.tsv).
# BEFORE: model folder whose nets are gone on from (default: those in models/ now; the first lags are read by them as well); with
# BEFORE=none the nets start from nothing and take four times the steps. The folds go on from the nets of release 0.1, which had not seen
# what is left out of them. Needs python with torch, onnx, openvino, scipy and numpy; some two hours on one core with BEFORE.
set -eu
work=$1 here=$(dirname "$0") root=$(cd "$(dirname "$0")/../.." && pwd)
video=${VIDEO:-"$(cd "$root/.." && pwd)/shared/data/video $(cd "$root/.." && pwd)/data/video"} python=${PYTHON:-python3}
mkdir -p "$work/features"
[ -d "$work/before" ] || cp -rL "${BEFORE:-$root/models}" "$work/before" 2>/dev/null || cp -rL "$root/models" "$work/before"
mkdir -p "$work/seed/sync"
for net in lips mouth sound; do git -C "$root" show "a6a1cf5^:models/sync/$net.onnx" >"$work/seed/sync/$net.onnx"; done
init="--init $work/before/sync" steps=${STEPS:-2600} fold_steps=${FOLD_STEPS:-1000}
[ "${BEFORE:-}" = none ] && init= steps=$((steps * 4))
# 1. features by the tool itself
"$python" "$here/corpus.py" --list --video $video | while IFS="$(printf '\t')" read -r file name; do
    [ -s "$work/features/$name/speech_t0_s.npy" ] && continue
    mkdir -p "$work/features/$name"
    "$root/build/avalign" features "$file" --out "$work/features/$name" --threads 1 </dev/null || echo "left out: $file"
done
# 2. what each set calls zero
"$python" "$here/corpus.py" --video $video --features "$work/features" --models "$root/models" --out "$work/corpus.pkl"
"$python" "$here/lags.py" --corpus "$work/corpus.pkl" --init "$work/before/sync" --out "$work/lags.json" --steps 300
# 3. the nets on every set, and without half of those that release 0.1's have not seen either
train() { "$python" "$here/train.py" --corpus "$work/corpus.pkl" --lags "$work/lags.json" "$@"; }
train $init --out "$work/net.pt" --steps "$steps"
"$python" "$here/export.py" "$work/net.pt" "$root/models/sync"
[ -z "$init" ] || "$python" "$here/average.py" "$work/before/sync" "$root/models/sync"
folds=
for held in celebv_dub,lrs2_lrs3,avspeech,lrw_ar,web,mead lrs2,lrs3,lrs3_hdtf,hdtf,mtedx,avlips,own_recording; do
    name=$(echo "$held" | cut -d, -f1)
    train --init "$work/seed/sync" --out "$work/$name.pt" --steps "$fold_steps" --hold "$held"
    rm -rf "$work/models_$name" && cp -rL "$root/models" "$work/models_$name"
    "$python" "$here/export.py" "$work/$name.pt" "$work/models_$name/sync"
    folds="$folds $work/models_$name=$held"
done
# 4. the mouth-shape net reads these embeddings
"$python" "$here/../viseme/train.py" --corpus "$work/corpus.pkl" --lags "$work/lags.json" --features "$work/features" --models "$root/models"
# 5. the calibration of sync-sound in the manifest, and how good all is on dev
"$python" "$here/calibrate.py" --video $video --features "$work/features" --out "$work/calibration.json" --check "$root/build/avalign" --dev "$root/models" $folds
"$python" "$here/dev.py" --models "$root/models" --calibration "$work/calibration.json" --video $video --features "$work/features"
"$python" "$here/context.py" --models "$root/models" --video "${video%% *}" --features "$work/features"
