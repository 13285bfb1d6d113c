"""channel.py -- the same rough road for both of a pair: scaling, smoothing, noise, then a real video codec, then the tool's crop."""
import os, subprocess, tempfile
import numpy as np
from scipy.ndimage import gaussian_filter, median_filter
import common, made

CANVAS, BATCH, MOVES = 288, 24, 2


def codec(rng):
    """Arguments of ffmpeg, and the container."""
    kind = rng.choice(["h264"] * 9 + ["h265"] * 3 + ["vp9"] * 3 + ["mpeg4"] + ["mjpeg"] * 2 + ["none"] * 2)
    if kind == "h264":
        return ["-c:v", "libx264", "-preset", str(rng.choice(["veryfast", "faster", "medium"])), "-crf", "%d" % rng.uniform(15, 31)], "mkv"
    if kind == "h265":
        return ["-c:v", "libx265", "-preset", "superfast", "-x265-params", "log-level=error:pools=1:frame-threads=1", "-crf", "%d" % rng.uniform(18, 33)], "mkv"
    if kind == "vp9":
        return ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "6", "-b:v", "0", "-crf", "%d" % rng.uniform(22, 45)], "webm"
    if kind == "mpeg4":
        return ["-c:v", "mpeg4", "-q:v", "%d" % rng.uniform(2, 8)], "mkv"
    if kind == "mjpeg":
        return ["-c:v", "mjpeg", "-q:v", "%d" % rng.uniform(2, 12), "-pix_fmt", "yuvj420p"], "mkv"
    return ["-c:v", "rawvideo"], "nut"


def degrade(rng):
    """A function of one float picture, its scale and moves, drawn once for all members of a pair."""
    w = rng.rand(6)
    scale = np.exp(rng.uniform(np.log(.55), np.log(1.1)))
    small = rng.uniform(.45, .9) if w[0] < .15 else None     # shrunk, then enlarged again
    blur = rng.uniform(.3, 1) if w[1] < .15 else 0
    sharp = rng.uniform(.2, 1.2) if w[2] < .2 else 0
    noise = rng.uniform(.5, 4) if w[3] < .2 else 0
    smooth = rng.uniform(.3, .9) if w[4] < .12 else 0        # as beauty filters and denoisers do: an edge-keeping mean
    grey = w[5] < .04
    gain, seed = rng.uniform(.85, 1.15), rng.randint(1 << 30)

    def run(img):
        img = img.astype("f")
        h, w_ = img.shape[:2]
        if smooth:
            soft = median_filter(img, (5, 5, 1))
            img = img + smooth * (soft - img) * np.exp(-((soft - img) / 18) ** 2)
        if small:
            img = made.resize(made.resize(img, max(24, int(h * small)), max(24, int(w_ * small))), h, w_)
        k = min(scale, (CANVAS - 8) / max(h, w_))
        if abs(k - 1) > .03:
            img = made.resize(img, max(40, int(h * k)), max(40, int(w_ * k)))
        if blur:
            img = gaussian_filter(img, (blur, blur, 0))
        if sharp:
            img = img + sharp * (img - gaussian_filter(img, (1, 1, 0)))
        if noise:
            img = img + gaussian_filter(np.random.RandomState(seed).randn(*img.shape), (.4, .4, 0)) * noise
        img = img * gain
        if grey:
            img = np.repeat(img.mean(-1, keepdims=True), 3, -1)
        return np.clip(img + .5, 0, 255).astype(np.uint8)
    return run


def on_canvas(img, dy, dx):
    h, w = img.shape[:2]
    top, left = (CANVAS - h) // 2 + dy, (CANVAS - w) // 2 + dx
    return np.pad(img, ((top, CANVAS - h - top), (left, CANVAS - w - left), (0, 0)), "edge"), top, left


def coded(pics, moves, args, ext):
    """pics: RGB pictures; each is shown MOVES times, moved a little; gives the last decoded I420 picture of each and where it lies."""
    raw, at = [], []
    for img, m in zip(pics, moves):
        for j in range(MOVES):
            c, top, left = on_canvas(img, *(m * (j - 1)))
            raw.append(c.tobytes())
        at.append((top, left))
    size = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "%dx%d" % (CANVAS, CANVAS), "-r", "25", "-i", "-"]
    with tempfile.TemporaryDirectory() as d:
        name = os.path.join(d, "a." + ext)
        yuv = [] if "-pix_fmt" in args else ["-pix_fmt", "yuv420p"]
        subprocess.run(["ffmpeg", "-v", "error", "-y"] + size + ["-threads", "1"] + yuv + args + ["-threads", "1", name], input=b"".join(raw), check=True)
        out = subprocess.run(["ffmpeg", "-v", "error", "-threads", "1", "-i", name, "-vf", "scale=out_range=tv", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"], stdout=subprocess.PIPE, check=True).stdout
    n = CANVAS * CANVAS * 3 // 2
    assert len(out) == n * len(raw), (len(out) / n, len(raw), args)
    return [common.Yuv.of(out[i * n:(i + 1) * n], CANVAS, CANVAS) for i in range(MOVES - 1, len(raw), MOVES)], at


def crops(kinds, chunk, draw):
    """kinds: name -> list of dicts with rgb (`base` also with lm). The 224 x 224 crops of each after one road, the same for all kinds."""
    rng = np.random.RandomState(chunk * 101 + draw)
    n = len(kinds["base"])
    out = {k: [] for k in kinds}
    for b in range(0, n, BATCH):
        here = range(b, min(n, b + BATCH))
        args, ext = codec(rng)
        roads = [degrade(rng) for _ in here]
        moves = [rng.randint(-2, 3, 2) for _ in here]
        jitter = [rng.uniform(-.02, .02, 3) for _ in here]
        for k, rows in kinds.items():
            pics = [f(rows[i]["rgb"]) for f, i in zip(roads, here)]
            yuv, at = coded(pics, moves, args, ext)
            for i, p, (top, left), pic, j in zip(here, yuv, at, pics, jitter):
                base = kinds["base"][i]
                scale = np.array([pic.shape[1] / base["rgb"].shape[1], pic.shape[0] / base["rgb"].shape[0]])
                cx, cy, side = common.square((base["lm"] * scale + [left, top]).astype("f"))
                out[k].append(common.crop(p, cx + j[0] * side, cy + j[1] * side, side * (1 + j[2])))
    return {k: np.stack(v) for k, v in out.items()}
