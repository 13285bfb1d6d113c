"""What the written heads say of clips as they are, clip by clip: ../shared/data/audio, which no head has learned from.

    python extract.py --list audio --data ../../../shared/data/audio --plain --windows 2 --encoder ... --spoof ... --out DIR       # and --seconds 2 --windows 1
    python evaluate.py --audio ../../../shared/data/audio --feat DIR --models ../../models

Prints for the new head and for the present net on the same windows: EER of the antispoofing list by family (with the interval when clips are drawn anew), the
share of genuine clips over .5 by list and of made ones; and the feelings of RAVDESS actors 17-20 in 7 and 4 classes.
"""
import argparse
import collections
import csv
import os

import numpy as np
import openvino as ov

import common
import emotion


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--audio", required=True)
    p.add_argument("--feat", required=True)
    p.add_argument("--models", required=True)
    args = p.parse_args()
    with open(os.path.join(args.audio, "index.tsv")) as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    core = ov.Core()
    voice, feeling = (core.compile_model(os.path.join(args.models, n), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}) for n in ("authenticity/voice_person.onnx", "emotion/voice_feeling.onnx"))
    for folder, count in (("audio_plain2", 1), ("audio_plain4", 1), ("audio_plain4", 2)):
        if not os.path.isdir(os.path.join(args.feat, folder)):
            continue
        w, by = common.windows(os.path.join(args.feat, folder)), collections.defaultdict(list)
        for k, i in enumerate(w["row"]):
            x = w["pooled"][k].astype(np.float32)[None]
            e = w["experts"][k] @ [.84844, .95958, .97241] + .47803
            by[int(i)].append((voice([x])["odds"][0], e, feeling([x])["feeling"][0]))
        got = {i: [np.mean([t[j] for t in v[:count]], axis=0) for j in range(3)] for i, v in by.items()}
        print("-- %s, %d window(s): %d of %d clips" % (folder, count, len(got), len(rows)))
        at = np.array(sorted(got))
        task, label, family = (np.array([rows[i][k] for i in at]) for k in ("task", "label", "family"))
        for name, s in (("speech encoder", np.array([got[i][0][0] for i in at])), ("present net", np.array([got[i][1] for i in at]))):
            real, made = (task == "antispoof") & (label == "bonafide"), label == "spoof"
            k = np.flatnonzero(real | made)
            low, high = common.interval(lambda j: common.eer(s[k[j]][real[k[j]]], s[k[j]][made[k[j]]]), np.arange(len(k)))
            print("%s: EER %.3f (%.3f to %.3f); %s; over .5: genuine %s; made %.3f" % (
                name, common.eer(s[real], s[made]), low, high, ", ".join("%s %.3f" % (f, common.eer(s[real], s[made & (family == f)])) for f in sorted(set(family[made]))),
                ", ".join("%s %d of %d" % (t, (s[(task == t) & ~made] > 0).sum(), ((task == t) & ~made).sum()) for t in sorted(set(task))), (s[made] > 0).mean()))
        k = np.flatnonzero(task == "emotion")
        y = np.array([emotion.CLASSES.index("neutral" if n == "calm" else n) for n in label[k]])
        q = np.array([got[i][2] for i in at[k]])
        calm = label[k] == "calm"
        who = np.array([rows[i]["speaker"] for i in at[k]])
        print("feelings, %d clips: UAR of 7 %.3f (without calm %.3f), of 4 %.3f, calibration error %.3f; by actor of 4: %s" % (
            len(k), emotion.recall(q, y, list(range(7))), emotion.recall(q[~calm], y[~calm], list(range(7))), emotion.recall(q, y, emotion.FOUR),
            emotion.calibration_error(q, y), ", ".join("%s %.2f" % (a, emotion.recall(q[who == a], y[who == a], emotion.FOUR)) for a in sorted(set(who)))))


if __name__ == "__main__":
    main()
