"""What a free phone loop of pocketsphinx, as the tool drives it without the net, makes of the clips that judge the net.

    python evaluate.py --judge C.jsonl [--every 4] [--model /usr/share/pocketsphinx/model/en-us]
"""
import argparse
import json
import os

import pocketsphinx

from label import RATE, sound
from train import GROUP, distance


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--judge", required=True)
    p.add_argument("--every", type=int, default=4)
    p.add_argument("--model", default="/usr/share/pocketsphinx/model/en-us")
    a = p.parse_args()
    decoder = pocketsphinx.Decoder(hmm=os.path.join(a.model, "en-us"), allphone=os.path.join(a.model, "en-us-phone.lm.bin"), lm=None, dict=None, allphone_ci=True, ds=2,
                                   beam=1e-20, pbeam=1e-10, lw=2.0, samprate=RATE, loglevel="FATAL")
    wrong = said = shape = 0
    for line in list(open(a.judge))[::a.every]:
        c = json.loads(line)
        truth = [q[0] for q in c["phones"] if q[0] != "SIL"]
        decoder.start_utt()
        decoder.process_raw(sound(c["path"]).tobytes(), full_utt=True)
        decoder.end_utt()
        heard = [s.word for s in decoder.seg() if s.word in GROUP]
        wrong += distance(truth, heard)
        shape += distance([GROUP[t] for t in truth], [GROUP[h] for h in heard])
        said += len(truth)
    print("pocketsphinx: phone errors %.3f, of shape %.3f, of %d phones" % (wrong / said, shape / said, said))


if __name__ == "__main__":
    main()
