"""stills.py -- genuine faces at their own resolution, with landmarks: from the train clips, and from UTKFace pictures.

Each is a dict of rgb (uint8, the crop and a little around it), lm (468 x 2, in the picture's pixels), person, set."""
import argparse, csv, gzip, os, pickle, subprocess, sys, zlib
import numpy as np
import common


def rgb_of(p):
    """BT.601 or 709 to RGB with chroma repeated: what codecs see goes back the same way."""
    u, v = (np.kron(c, np.ones((2, 2), np.uint8))[:p.y.shape[0], :p.y.shape[1]].astype("f") - 128 for c in (p.u, p.v))
    kr, kb = (.2126, .0722) if p.bt709 else (.299, .114)
    y = (p.y.astype("f") - 16) * 255 / 219
    r, b = y + 2 * (1 - kr) * 255 / 224 * v, y + 2 * (1 - kb) * 255 / 224 * u
    g = y - (2 * kr * (1 - kr) * v + 2 * kb * (1 - kb) * u) * 255 / 224 / (1 - kr - kb)
    return np.clip(np.stack([r, g, b], -1) + .5, 0, 255).astype(np.uint8)


def of_clip(r, features, most):
    tr = common.track(os.path.join(features, r["dump"]))
    if tr is None or len(tr[0]) < 12:
        return []
    t, lm = tr
    info = common.probe(r["file"])
    if info["sar"] not in ("1:1", "0:1", "N/A"):
        return []
    rng = np.random.RandomState(zlib.crc32(r["dump"].encode()))
    want = {}
    for i in sorted(rng.permutation(np.arange(2, len(t) - 2))[:most]):
        want[int(round(t[i] * 25))] = i
    out = []
    for n, p in common.pictures(r["file"], info, max(want) + 1):
        if n not in want:
            continue
        l = np.array(lm[want[n]])
        cx, cy, side = common.square(l)
        x0, y0 = (max(0, int(v - side * .53)) & ~1 for v in (cx, cy))
        x1, y1 = int(cx + side * .53) + 1, int(cy + side * .53) + 1
        q = common.Yuv(p.y[y0:y1, x0:x1], p.u[y0 // 2:(y1 + 1) // 2, x0 // 2:(x1 + 1) // 2], p.v[y0 // 2:(y1 + 1) // 2, x0 // 2:(x1 + 1) // 2], p.bt709)
        if min(q.y.shape) < 48:
            continue
        out.append(dict(rgb=rgb_of(q), lm=(l - [x0, y0]).astype("f"), person=r["person"], set=r["dataset"], name=r["dump"]))
    return out


def of_pictures(a, take):
    """UTKFace: the landmark net of the tool, shown the whole aligned picture."""
    import openvino
    net = openvino.Core().compile_model(os.path.join(a.models, "third_party", "face_landmark.tflite"), "CPU", {"INFERENCE_NUM_THREADS": 1})
    rows = [r for r in csv.DictReader(gzip.open(a.people, "rt"), delimiter="\t") if r["dataset"].startswith("UTKFace") and r["split"] == "train"]
    rows = [rows[i] for i in np.random.RandomState(0).permutation(len(rows))[:take]]
    git = subprocess.Popen(["git", "--git-dir", a.utk, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    kept, jpgs = [], []
    for r in rows:
        git.stdin.write(("%s:%s\n" % (r["commit"], r["path"])).encode())
        git.stdin.flush()
        head = git.stdout.readline().split()
        if len(head) != 3:
            continue
        jpg = git.stdout.read(int(head[2]))
        git.stdout.read(1)
        if (float(r["age"]) if r["age"] not in ("-", "") else 30) >= 12:
            kept.append(r)
            jpgs.append(jpg)
    raw = subprocess.run(["ffmpeg", "-v", "error", "-f", "image2pipe", "-c:v", "mjpeg", "-i", "-", "-fps_mode", "passthrough", "-vf", "scale=200:200", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         input=b"".join(jpgs), stdout=subprocess.PIPE).stdout
    pics = np.frombuffer(raw, np.uint8).reshape(-1, 200, 200, 3)
    assert len(pics) == len(kept), (len(pics), len(kept))
    out = []
    for r, rgb in zip(kept, pics):
        wide = np.pad(rgb, ((28, 28), (28, 28), (0, 0)), "reflect")
        at = np.clip((np.arange(192) + .5) * 256 / 192, 0, 255).astype(int)
        res = net(wide[at][:, at].astype("f")[None] / 255)
        pts, presence = sorted((np.array(v).ravel() for v in res.values()), key=lambda v: -len(v))[:2]
        if presence[0] < 3:
            continue
        lm = pts.reshape(468, 3)[:, :2] * 256 / 192
        cx, cy, side = common.square(lm)
        if not 100 < side < 290:
            continue
        out.append(dict(rgb=wide, lm=lm.astype("f"), person="utk_%d" % len(out), set="UTKFace", name=os.path.basename(r["path"])))
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--video", nargs="+", required=True)
    p.add_argument("--features", required=True)
    p.add_argument("--models")
    p.add_argument("--people", help="face_people.tsv.gz")
    p.add_argument("--utk", help="git directory that holds UTKFace")
    p.add_argument("--take", type=int, default=3000)
    p.add_argument("--most", type=int, default=10)
    p.add_argument("--nameless", type=int, default=12, help="clips of each person nobody noted")
    p.add_argument("--names", help="pickle of a dict dump -> person, for clips nobody noted")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    if a.utk:
        out = of_pictures(a, a.take)
    else:
        names = pickle.load(open(a.names, "rb")) if a.names else {}
        rows = [r for r in common.clips(a.video) if r["label"] == "real"]
        dev = {r["person"] for r in rows if r["split"] == "dev"}
        out, count = [], {}
        for r in sorted(rows, key=lambda r: r["person"] == common.NAMELESS):
            nameless = r["person"] == common.NAMELESS
            if nameless:
                r["person"] = names.get(r["dump"])
                count[r["person"]] = count.get(r["person"], 0) + 1
                if count[r["person"]] > a.nameless:
                    continue
            if r["split"] == "train" and r["person"] and r["person"] not in dev:
                try:
                    out += of_clip(r, a.features, 1 if nameless else a.most)
                except Exception as e:
                    print(r["dump"], repr(e), file=sys.stderr)
    pickle.dump(out, open(a.out, "wb"), 4)
    print(len(out), "stills of", len({s["person"] for s in out}), "people", {k: sum(s["set"] == k for s in out) for k in {s["set"] for s in out}})


if __name__ == "__main__":
    main()
