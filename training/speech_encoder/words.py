"""Word error rate of `analyze --transcribe` on speech whose words are known.

    python words.py --avalign ../../build/avalign --models ../../models [--libri DIR] [--ravdess ../../../shared/data/audio/emotion] [--every N] --results DIR

--libri: a folder in LibriSpeech's layout, *.trans.txt beside the recordings (the readers of ../shared/data/lists/speakers.tsv.gz come from a repository that has
them). --ravdess: the two sentences of RAVDESS, by the number in a file's name. Both sides are written alike first: lower case, no punctuation, numbers and titles
as words, one spelling of a few words. Prints errors by kind over all words of a set, the interval when clips are drawn anew, and how sure the net was of right
and of wrong words. --results: where the JSON of each clip is kept and looked for.
"""
import argparse
import glob
import json
import os
import re
import subprocess

import numpy as np

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ALIKE = {"mr": "mister", "mrs": "missus", "missis": "missus", "dr": "doctor", "st": "saint", "ok": "okay", "o'er": "over"}
RAVDESS = {"01": "kids are talking by the door", "02": "dogs are sitting by the door"}


def number(n):
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10 - 2] + (" " + ONES[n % 10] if n % 10 else "")
    if n < 1000:
        return ONES[n // 100] + " hundred" + (" " + number(n % 100) if n % 100 else "")
    if 1100 <= n < 2000 and n % 100:
        return number(n // 100) + " " + number(n % 100)
    return number(n // 1000) + " thousand" + (" " + number(n % 1000) if n % 1000 else "")


def ordinal(n):
    last = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
    head, _, tail = number(n).rpartition(" ")
    tail = last.get(tail) or (tail[:-1] + "ieth" if tail.endswith("y") else tail + "th")
    return (head + " " + tail).strip()


def british(word):
    """One spelling of what is spelt in two ways."""
    word = re.sub(r"(?<=[a-z]{3})is(e|ed|es|ing|ation)$", r"iz\1", word)
    return re.sub(r"(?<=[a-z]{3})our(s|ed|ing|able|ite|ites|hood|ly|less)?$", lambda m: "or" + (m.group(1) or ""), word)


def plain(text):
    text = text.lower().replace("\u2019", "'")
    text = re.sub(r"(\d),(\d{3})\b", r"\1\2", text)
    text = re.sub(r"\b(\d{1,6})(st|nd|rd|th)\b", lambda m: ordinal(int(m.group(1))), text)
    text = re.sub(r"\d{1,6}", lambda m: " " + number(int(m.group(0))) + " ", text)
    words = [w.strip("'") for w in re.sub(r"[^a-z']+", " ", text).split()]
    return [british(ALIKE.get(w, w)) for w in words if w]


def align(said, heard):
    """Substitutions, deletions, insertions of the cheapest way, and for each heard word whether it is right."""
    n, m = len(said), len(heard)
    d = np.zeros((n + 1, m + 1), int)
    d[:, 0], d[0] = np.arange(n + 1), np.arange(m + 1)
    for i in range(n):
        for j in range(m):
            d[i + 1, j + 1] = min(d[i, j] + (said[i] != heard[j]), d[i, j + 1] + 1, d[i + 1, j] + 1)
    s = x = k = 0
    right = [False] * m
    while n or m:
        if n and m and d[n, m] == d[n - 1, m - 1] + (said[n - 1] != heard[m - 1]):
            n, m = n - 1, m - 1
            right[m] = said[n] == heard[m]
            s += not right[m]
        elif n and d[n, m] == d[n - 1, m] + 1:
            n, x = n - 1, x + 1
        else:
            m, k = m - 1, k + 1
    return (s, x, k), right


def libri(folder):
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.trans.txt"), recursive=True)):
        with open(path, encoding="utf-8") as f:
            for line in f:
                name, _, text = line.strip().partition(" ")
                found = [os.path.join(os.path.dirname(path), name + e) for e in (".flac", ".wav")]
                found = [p for p in found if os.path.exists(p)]
                if found:
                    yield found[0], text


def ravdess(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*"))):
        part = re.search(r"\d\d-\d\d-\d\d-\d\d-(\d\d)-\d\d-\d\d\.", os.path.basename(path))
        if part and part.group(1) in RAVDESS:
            yield path, RAVDESS[part.group(1)]


def heard(a, path, work):
    out = os.path.join(work, re.sub(r"\W", "_", os.path.relpath(path)) + ".json")
    if not os.path.exists(out):
        subprocess.run([a.avalign, "analyze", path, "--only", "lipsync", "--transcribe", "--json", out, "-q", "--threads", "1", "--models", a.models], check=False)
    with open(out, encoding="utf-8") as f:
        r = json.load(f)
    return r["signals"]["transcript"].get("words", []), r["media"]["duration_s"]


def measure(a, name, clips, work):
    rows, sure, seconds, none = [], [], 0, 0
    for path, text in clips:
        words, s = heard(a, path, work)
        pieces = [(w, h["p"]) for h in words for w in plain(h["word"])]
        said = plain(text)
        errors, right = align(said, [w for w, _ in pieces])
        rows.append((len(said),) + errors)
        sure += [(p, r) for (_, p), r in zip(pieces, right)]
        seconds += s
        none += not words
    rows = np.array(rows, float)
    rate = lambda x: x[:, 1:].sum() / x[:, 0].sum()
    rng = np.random.RandomState(1)
    low, high = np.percentile([rate(rows[rng.randint(len(rows), size=len(rows))]) for _ in range(2000)], [2.5, 97.5])
    s, x, k = rows[:, 1:].sum(0) / rows[:, 0].sum()
    print("%s: %d clips, %.1f min, %d words: word error rate %.1f %% (%.1f to %.1f): %.1f another word, %.1f left out, %.1f put in; %d clips without a word" % (
        name, len(rows), seconds / 60, rows[:, 0].sum(), 100 * rate(rows), 100 * low, 100 * high, 100 * s, 100 * x, 100 * k, none))
    p, ok = np.array([q for q, _ in sure]), np.array([r for _, r in sure])
    for low, high in ((0, .3), (.3, .5), (.5, .7), (.7, .9), (.9, 1.01)):
        at = (p >= low) & (p < high)
        if at.any():
            print("    p %.1f to %.1f: %d words, %.1f %% right" % (low, min(1, high), at.sum(), 100 * ok[at].mean()))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for k in ("avalign", "models", "results"):
        p.add_argument("--" + k, required=True)
    for k in ("libri", "ravdess"):
        p.add_argument("--" + k)
    p.add_argument("--every", type=int, default=1)
    a = p.parse_args()
    os.makedirs(a.results, exist_ok=True)
    for name, read in (("libri", libri), ("ravdess", ravdess)):
        folder = getattr(a, name)
        if folder:
            measure(a, name, list(read(folder))[::a.every], a.results)


if __name__ == "__main__":
    main()
