"""common.py -- where the clips lie, and a face cut out of a picture exactly as the tool cuts it."""
import csv, os, re, subprocess
import numpy as np

SIDE, SCALE, STEP = 224, 1.5, 5   # the crop's side in pixels; times the larger side of the landmarks' box; every 5th picture of 25 a second
NAMELESS = "lrwar_ungrouped"
# no picture of these is drawn: sounds or pictures exchanged, or speech made for a genuine picture
SOUND_ONLY = re.compile(r"audio_swap|^lip2speech")


def clips(folders):
    """Rows of every index.tsv under the folders; `dump` names the folder that the landmarks lie in."""
    rows = []
    for prefix, folder in zip(("", "list_"), folders):
        for split in ("train", "dev"):
            name = os.path.join(folder, split, "index.tsv")
            if not os.path.exists(name):
                continue
            for r in csv.DictReader(open(name), delimiter="\t"):
                r.update(split=split, file=os.path.join(folder, split, r["path"]), dump=prefix + split + "_" + r["path"].replace("/", "_"))
                if r["label"] == "real" or not SOUND_ONLY.search(r["method"]):
                    rows.append(r)
    return rows


def track(dump):
    """Times and landmarks [n,468,2] of the longest face track, or None."""
    best = None
    for d in sorted(os.listdir(dump)) if os.path.isdir(dump) else []:
        if d.startswith("track"):
            t = np.load(os.path.join(dump, d, "t_s.npy"))
            if len(t) and (best is None or len(t) > len(best[0])):
                best = t, np.load(os.path.join(dump, d, "landmarks.npy"), mmap_mode="r")[:, :, :2]
    return best


def square(lm):
    """cx, cy, side of the crop for landmarks [..., 468, 2]."""
    lo, hi = lm.min(-2), lm.max(-2)
    c, side = (lo + hi) / 2, (hi - lo).max(-1) * SCALE
    return np.concatenate([c, side[..., None]], -1).astype("f")


class Yuv:
    """One I420 picture: planes y, u, v and the matrix."""
    def __init__(self, y, u, v, bt709=False, full=False):
        self.y, self.u, self.v, self.bt709, self.full = y, u, v, bt709, full

    @classmethod
    def of(cls, raw, w, h, bt709=False):
        cw, ch = (w + 1) // 2, (h + 1) // 2
        a = np.frombuffer(raw, np.uint8)
        return cls(a[:w * h].reshape(h, w), a[w * h:w * h + cw * ch].reshape(ch, cw), a[w * h + cw * ch:w * h + 2 * cw * ch].reshape(ch, cw), bt709)


def crop(p, cx, cy, side, n=SIDE):
    """What ava_warp_rgb gives: luma bilinear or the mean of a grid, chroma nearest, black outside. uint8 [n,n,3]."""
    h, w = p.y.shape
    k = np.float32(side / n)
    at = np.arange(n, dtype="f") - np.float32((n - 1) / 2)
    bx, by = np.float32(cx) + k * at, np.float32(cy) + k * at
    inx, iny = (bx >= -.5) & (bx <= w - .5), (by >= -.5) & (by <= h - .5)
    x16, y16 = (bx * 65536).astype(np.int64), (by * 65536).astype(np.int64)
    g = 0 if k < 1.6 else min(4, int(np.ceil(k * .75)))
    if not g:
        x, y, fx, fy = x16 >> 16, y16 >> 16, (x16 >> 8) & 255, (y16 >> 8) & 255
        x0, x1, y0, y1 = (np.clip(v, 0, m - 1) for v, m in ((x, w), (x + 1, w), (y, h), (y + 1, h)))
        rows0, rows1 = p.y[y0].astype(np.int64), p.y[y1].astype(np.int64)
        both = rows0 * (256 - fy)[:, None] + rows1 * fy[:, None]
        luma = (both[:, x0] * (256 - fx) + both[:, x1] * fx + 32768) >> 16
    else:
        off = ((np.float32(k) * ((np.arange(g) + .5) / g - .5)).astype("f") * 65536).astype(np.int64)
        xs = np.clip((x16[:, None] + off + 32768) >> 16, 0, w - 1)
        ys = np.clip((y16[:, None] + off + 32768) >> 16, 0, h - 1)
        s = p.y[ys.ravel()].astype(np.int64).reshape(n, g, w).sum(1)[:, xs.ravel()].reshape(n, n, g).sum(2)
        luma = (s * (65536 // (g * g)) + 32768) >> 16
    ch, cw = p.u.shape
    cxi, cyi = np.clip((x16 + 32768) >> 17, 0, cw - 1), np.clip((y16 + 32768) >> 17, 0, ch - 1)
    u, v = p.u[cyi][:, cxi].astype(np.int64) - 128, p.v[cyi][:, cxi].astype(np.int64) - 128
    kr, kb = (.2126, .0722) if p.bt709 else (.299, .114)
    kg, ys_, cs = 1 - kr - kb, 1 if p.full else 255 / 219, 1 if p.full else 255 / 224
    y0_ = 0 if p.full else 16
    l = (luma - y0_) * int(ys_ * 65536) + 32768
    out = np.stack([(l + int(2 * (1 - kr) * cs * 65536) * v) >> 16,
                    (l + int(-2 * kb * (1 - kb) / kg * cs * 65536) * u + int(-2 * kr * (1 - kr) / kg * cs * 65536) * v) >> 16,
                    (l + int(2 * (1 - kb) * cs * 65536) * u) >> 16], -1)
    out = np.clip(out, 0, 255)
    out[~iny] = 0
    out[:, ~inx] = 0
    return out.astype(np.uint8)


def probe(path):
    o = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height,avg_frame_rate,color_space,codec_name,sample_aspect_ratio,bit_rate,pix_fmt:stream_side_data=rotation",
                        "-of", "default=nw=1", path], stdout=subprocess.PIPE, text=True).stdout
    d = dict(l.split("=", 1) for l in o.split("\n") if "=" in l)
    w, h = int(d["width"]), int(d["height"])
    if abs(int(d.get("rotation", 0) or 0)) % 180:
        w, h = h, w
    n, m = (int(x) for x in d["avg_frame_rate"].split("/"))
    return dict(w=w, h=h, fps=n / m if m else 25., codec=d["codec_name"], bt709=d.get("color_space") == "bt709" or (d.get("color_space", "unknown") == "unknown" and h >= 720),
                sar=d.get("sample_aspect_ratio", "1:1"))


def pictures(path, info, last=None, vf=""):
    """I420 pictures of a file on the 25 fps grid, one after another."""
    w, h = info["w"], info["h"]
    cmd = ["ffmpeg", "-v", "error", "-threads", "1", "-i", path, "-map", "0:v:0", "-an", "-vf", (vf + "," if vf else "") + "fps=25:round=near", "-pix_fmt", "yuv420p", "-f", "rawvideo"]
    p = subprocess.Popen(cmd + (["-frames:v", str(last)] if last else []) + ["-"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    size, n = w * h + 2 * ((w + 1) // 2) * ((h + 1) // 2), 0
    while True:
        raw = p.stdout.read(size)
        if len(raw) < size:
            break
        yield n, Yuv.of(raw, w, h, info["bt709"])
        n += 1
    p.stdout.close()
    p.wait()
