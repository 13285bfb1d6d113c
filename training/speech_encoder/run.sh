#!/bin/sh
# The heads on the speech encoder, from the lists to the nets: run.sh DATA FEAT   (DATA/voice, DATA/emotion and DATA/video are what ../shared/tools/collect wrote)
set -eu
cd "$(dirname "$0")"
data=$1 feat=$2 models=../../models shared=../../../shared
common="--encoder $models/speech_encoder/whisper_tiny_en.onnx --out $feat"
spoof="--spoof $models/authenticity/voice_spoof.onnx"
python extract.py --list voice --data "$data/voice" --version 0 --precision bf16 $spoof $common
python extract.py --list emotion --data "$data/emotion" --version 0 --take 3024 --block 144 --precision bf16 $common
python older.py --data "$data"
python extract.py --list older --data "$data/older" --version 0 --precision bf16 $spoof $common
python genuine.py --lists $shared/data/lists --collect $shared/tools/collect --video "$data/video" --data "$data"
python extract.py --list genuine --data "$data/genuine" --version 0 --precision bf16 $spoof $common
version=2
for corpus in RAVDESS EMO-DB TurEV-DB "KR emotional TTS open DB (Selvas AI / KAIST)"; do
    python extract.py --list emotion --data "$data/emotion" --version $version --skip 3024 --dataset "$corpus" --block 144 --precision bf16 $common
    version=$((version + 2))
done
python extract.py --list audio --data $shared/data/audio --plain --windows 2 $spoof $common
python extract.py --list audio --data $shared/data/audio --plain --windows 1 --seconds 2 $spoof $common
python emotion.py --data "$data" --feat "$feat" --ridge 1 --models $models
python authenticity.py --data "$data" --feat "$feat" --linear --curve 10 20 40 80 --models $models
python evaluate.py --audio $shared/data/audio --feat "$feat" --models $models
