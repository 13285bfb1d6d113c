"""extract.py -- the numbers of every picture, genuine and made, after the road: DIR of made.py to OUT/CHUNK_DRAW.npz (f16, one array a kind)."""
import argparse, os, pickle
import numpy as np
import channel, net


def main():
    p = argparse.ArgumentParser()
    p.add_argument("made")
    p.add_argument("--out", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--kinds", nargs="+", required=True)
    p.add_argument("--draw", type=int, default=0)
    p.add_argument("--chunks", type=int, nargs=2, default=(0, 1 << 30))
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    run = None
    for c in range(*a.chunks):
        name = lambda k: os.path.join(a.made, "%s_%03d.pkl" % (k, c))
        if not os.path.exists(name("base")):
            break
        to = os.path.join(a.out, "%03d_%d.npz" % (c, a.draw))
        had = dict(np.load(to)) if os.path.exists(to) else {}
        todo = [k for k in a.kinds if k not in had and os.path.exists(name(k))]
        if not todo:
            continue
        kinds = {k: pickle.load(open(name(k), "rb")) for k in {"base", *todo}}
        run = run or net.compiled(a.weights, os.path.join(a.out, "numbers.onnx"))
        for k, x in channel.crops(kinds, c, a.draw).items():
            if k in todo:
                had[k] = np.concatenate([run(x[i:i + 16].astype("f"))[0] for i in range(0, len(x), 16)]).astype(np.float16)
                had["how_" + k] = np.array([r["how"] for r in kinds[k]])
        had.update(person=np.array([r["person"] for r in kinds["base"]]), set=np.array([r["set"] for r in kinds["base"]]))
        np.savez(to + ".part.npz", **had)
        os.rename(to + ".part.npz", to)


if __name__ == "__main__":
    main()
