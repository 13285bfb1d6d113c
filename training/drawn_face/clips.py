"""clips.py -- the numbers of whole clips, as they are and re-coded, to judge by: OUT/VARIANT.pkl, a list of dicts
(dump, label, method, set, person, split, format, side of the crop in source pixels of each picture, numbers f16 [pictures, n]).

Variants: native; matched (a genuine clip re-coded to size, rate, codec and bit rate of a generated one); h264, h265, vp9 (480 lines,
a platform's bit rate); smooth (bilateral), denoise, upscaled, sharpened; turn: each clip by one of the six before."""
import argparse, os, pickle, subprocess, sys, tempfile, zlib
import numpy as np
import common, net

LAST = {"native": 5.2}   # seconds looked at, else 3.4
CODER = {"h264": ["-c:v", "libx264", "-preset", "veryfast"], "hevc": ["-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=error:pools=1:frame-threads=1"],
         "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "6"], "mpeg4": ["-c:v", "mpeg4"]}
PLATFORM = {"h264": ("h264", 400), "h265": ("hevc", 500), "vp9": ("vp9", 500)}
TURN = ["h264", "h265", "vp9", "smooth", "denoise", "upscaled"]
FILTER = {"smooth": "bilateral=sigmaS=6:sigmaR=.06", "denoise": "hqdn3d=6:5:8:6", "sharpened": "unsharp=5:5:1.2"}


def bit_rate(path, seconds):
    o = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=bit_rate:format=bit_rate", "-of", "csv=p=0", path], stdout=subprocess.PIPE, text=True).stdout.split()
    n = [int(x.strip(",")) for x in o if x.strip(",").isdigit()]
    return n[0] if n else int(os.path.getsize(path) * 8 / max(.5, seconds))


def recode(src, dst, info, variant, like):
    w, h = info["w"], info["h"]
    args, vf, fps = [], [], None
    if variant == "matched":
        k = min(like["w"] / w, like["h"] / h)
        w, h = int(w * k) & ~1, int(h * k) & ~1
        vf, fps = ["scale=%d:%d:flags=bicubic" % (w, h)], like["fps"]
        args = CODER.get(like["codec"], CODER["h264"]) + ["-b:v", str(like["rate"])]
    elif variant in PLATFORM:
        c, rate = PLATFORM[variant]
        k = min(1, 480 / min(h, w))
        w, h = int(w * k) & ~1, int(h * k) & ~1
        vf, args = ["scale=%d:%d" % (w, h)], CODER[c] + ["-b:v", "%dk" % rate]
    elif variant == "upscaled":
        vf = ["scale=%d:%d:flags=area" % (int(w * .6) & ~1, int(h * .6) & ~1), "scale=%d:%d:flags=lanczos" % (w & ~1, h & ~1)]
        w, h, args = w & ~1, h & ~1, CODER["h264"] + ["-crf", "20"]
    else:
        w, h = w & ~1, h & ~1
        vf, args = ["crop=%d:%d:0:0" % (w, h), FILTER[variant]], CODER["h264"] + ["-crf", "20"]
    if fps:
        vf.append("fps=%.3f" % fps)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-threads", "1", "-t", "3.4", "-i", src, "-an", "-vf", ",".join(vf), "-pix_fmt", "yuv420p"] + args + ["-threads", "1", dst], check=True, stdin=subprocess.DEVNULL)
    return dict(info, w=w, h=h, bt709=h >= 720), w / info["w"], h / info["h"]


def one(r, variant, like, features, run, most):
    tr = common.track(os.path.join(features, r["dump"]))
    if tr is None:
        return None
    t, lm = tr
    info = common.probe(r["file"])
    if info["sar"] not in ("1:1", "0:1", "N/A"):
        return None
    file, kx, ky = r["file"], 1, 1
    with tempfile.TemporaryDirectory() as d:
        if variant != "native":
            file = os.path.join(d, "a.mkv")
            info, kx, ky = recode(r["file"], file, info, variant, like)
        frame = {int(round(v * 25)): i for i, v in enumerate(t) if v < LAST.get(variant, 3.4) - .2}
        want = sorted(n for n in frame if n % common.STEP == 0)
        if not want:
            return None
        want = {want[int(j)] for j in np.linspace(0, len(want) - 1, min(most, len(want)))}
        out, sides = [], []
        for n, p in common.pictures(file, info, max(want) + 1):
            if n in want:
                cx, cy, side = common.square(np.array(lm[frame[n]]) * np.array([kx, ky], "f"))
                out.append(common.crop(p, cx, cy, side))
                sides.append(side)
    if not out:
        return None
    x = np.stack(out).astype("f")
    numbers = np.concatenate([run(x[i:i + 8])[0] for i in range(0, len(x), 8)]).astype(np.float16)
    return dict(dump=r["dump"], label=r["label"], method=r["method"], set=r["dataset"], person=r["person"], split=r["split"], side=np.array(sides), seconds=len(t) / 25., size=(info["w"], info["h"]), numbers=numbers,
                like=like and (like["method"], like["w"], like["h"], like["codec"], like["rate"]))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--video", nargs="+", required=True)
    p.add_argument("--features", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--names")
    p.add_argument("--out", required=True)
    p.add_argument("--variant", nargs="+", required=True)
    p.add_argument("--most", type=int, default=12)
    p.add_argument("--presenters", type=int, default=2, help="clips of each nameless presenter")
    p.add_argument("--of-person", type=int, default=3, help="genuine clips of a train person; of dev twice as many")
    a = p.parse_args()
    names = pickle.load(open(a.names, "rb")) if a.names else {}
    rows, count = [], {}
    for r in common.clips(a.video):
        if r["person"] == common.NAMELESS:
            r["person"] = names.get(r["dump"])
        if r["label"] == "real":
            count[r["person"]] = count.get(r["person"], 0) + 1
            most = a.of_person * 2 if r["split"] == "dev" else a.presenters if r["person"] and r["person"].startswith("presenter") else a.of_person
            if not r["person"] or count[r["person"]] > most:
                continue
        rows.append(r)
    likes = []
    for r in rows:
        if r["label"] == "fake" and r["split"] == "dev":
            i = common.probe(r["file"])
            likes.append(dict(i, method=r["method"], rate=bit_rate(r["file"], float(r["seconds"]))))
    by_method = {}
    for l in likes:
        by_method.setdefault(l["method"], []).append(l)
    os.makedirs(a.out, exist_ok=True)
    run = net.compiled(a.weights, os.path.join(a.out, "numbers_%d.onnx" % os.getpid()))
    rows = [rows[i] for i in np.random.RandomState(1).permutation(len(rows))]
    for variant in a.variant:
        to = os.path.join(a.out, variant + ".pkl")
        out = pickle.load(open(to, "rb")) if os.path.exists(to) else []
        had = {o["dump"] for o in out}
        for r in rows:
            if r["dump"] in had or variant != "native" and r["label"] == "fake":
                continue
            rng = np.random.RandomState(zlib.crc32(r["dump"].encode()))
            methods = sorted(by_method)
            m = by_method[methods[rng.randint(len(methods))]]
            try:
                turn = TURN[zlib.crc32(r["dump"].encode()) // 7 % len(TURN)] if variant == "turn" else variant
                o = one(r, turn, m[rng.randint(len(m))] if variant == "matched" else None, a.features, run, a.most)
            except Exception as e:
                print(variant, r["dump"], repr(e)[:200], file=sys.stderr)
                continue
            if o:
                o["turn"] = turn
                out.append(o)
                if len(out) % 20 == 0:
                    pickle.dump(out, open(to + ".part", "wb"), 4)
                    os.rename(to + ".part", to)
        pickle.dump(out, open(to, "wb"), 4)
        print(variant, len(out), "clips,", sum(len(o["numbers"]) for o in out), "pictures,", len({o["person"] for o in out if o["label"] == "real"}), "genuine people", flush=True)


if __name__ == "__main__":
    main()
