"""Makes samples/portrait.mp4: a still portrait whose mouth is warped to a spoken sentence.

    python samples/make.py --portrait astronaut.png --avalign build/avalign --out samples/portrait.mp4

The portrait is NASA's photograph of Eileen Collins (public domain), as the scikit-image wheel carries it
(skimage/data/astronaut.png). The voice is espeak-ng's; its own phoneme events drive the mouth, so sound and
picture are in sync by construction and every later shift of the sound is known exactly. The clip is synthetic
and its name says nothing about a real person's words.
Needs: numpy, Pillow, ffmpeg, libespeak-ng1.
"""
import argparse
import ctypes
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image

TEXT = ("This picture does not really speak. A program moves the mouth, and another program makes the voice. "
        "Both are in step, because both follow the same list of sounds. My baby bought a big paper umbrella.")
FPS, SIDE = 25, 320
# phoneme (espeak-ng mnemonic, first letters): opening 0-1 and width about 1
SHAPES = [("p", 0, 1), ("b", 0, 1), ("m", 0, 1), ("f", .12, 1), ("v", .12, 1), ("w", .2, .75), ("u", .3, .78),
          ("U", .3, .8), ("o", .55, .82), ("O", .6, .85), ("0", .65, .9), ("a", .9, 1), ("A", .9, 1), ("V", .7, 1),
          ("3", .5, .95), ("@", .45, 1), ("e", .6, 1.06), ("E", .6, 1.06), ("i", .4, 1.12), ("I", .4, 1.08),
          ("r", .3, .9), ("l", .4, 1), ("n", .3, 1), ("N", .3, 1), ("t", .22, 1), ("d", .25, 1), ("s", .16, 1.06),
          ("z", .16, 1.06), ("S", .22, .88), ("Z", .22, .88), ("T", .25, 1), ("D", .25, 1), ("k", .35, 1),
          ("g", .35, 1), ("h", .5, 1), ("j", .35, 1.08), ("_", .06, 1)]


class Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user", ctypes.c_void_p), ("id", ctypes.c_char * 8)]


def speak(text):
    """Samples (int16), rate, and [(seconds, phoneme)]."""
    lib = ctypes.CDLL("libespeak-ng.so.1")
    rate = lib.espeak_Initialize(2, 0, None, 1)            # synchronous, phoneme events
    pcm, events = [], []
    callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))

    def callback(wav, n, ev):
        if wav and n:
            pcm.append(np.ctypeslib.as_array(wav, (n,)).copy())
        i = 0
        while ev[i].type != 0:
            if ev[i].type == 7:
                events.append((ev[i].audio_position / 1000, ev[i].id.decode()))
            i += 1
        return 0
    keep = callback_type(callback)
    lib.espeak_SetSynthCallback(keep)
    lib.espeak_SetVoiceByName(b"en-us+f3")
    lib.espeak_SetParameter(1, 140, 0)                     # words a minute
    data = text.encode()
    lib.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
    lib.espeak_Synchronize()
    return np.concatenate(pcm), rate, events


def shape(name):
    for key, opening, width in SHAPES:
        if name.lstrip("',_|").startswith(key):
            return opening, width
    return .06, 1


def mouth_track(events, frames):
    """Opening and width per frame: targets in the middle of each sound, joined by cosines."""
    t = [0.]
    v = [(.06, 1.)]
    for (a, name), (b, _) in zip(events, events[1:] + [(events[-1][0] + .2, "_")]):
        t.append((a + b) / 2)
        v.append(shape(name))
    t, v = np.array(t), np.array(v)
    at = np.arange(frames) / FPS
    i = np.clip(np.searchsorted(t, at) - 1, 0, len(t) - 2)
    f = np.clip((at - t[i]) / np.maximum(t[i + 1] - t[i], 1e-3), 0, 1)
    f = (.5 - .5 * np.cos(np.pi * f))[:, None]
    return v[i] * (1 - f) + v[i + 1] * f


def landmarks(avalign, image):
    """The mesh of the still portrait, by the tool itself."""
    with tempfile.TemporaryDirectory() as d:
        clip = os.path.join(d, "still.mkv")
        subprocess.run(["ffmpeg", "-v", "error", "-loop", "1", "-i", image, "-t", "0.4", "-r", "25", "-c:v", "ffv1", clip],
                       check=True)
        subprocess.run([avalign, "features", clip, "--out", d], check=True)
        return np.load(os.path.join(d, "track0", "landmarks.npy"))[-1]


def warp(img, lm, opening, width, sway):
    """One frame: the gap between the inner lips is scaled, what is below follows down to the chin."""
    n = img.shape[0]
    yy, xx = np.mgrid[0:n, 0:n].astype(float)
    sx, sy = sway
    xx, yy = xx - sx, yy - sy
    top, low, chin = lm[13, 1], lm[14, 1], lm[152, 1]
    cx, half = (lm[61, 0] + lm[291, 0]) / 2, (lm[291, 0] - lm[61, 0]) / 2
    gap = low - top
    want = opening * half * .62
    side = np.clip(1 - ((xx - cx) / (half * 1.25)) ** 2, 0, 1)     # less towards the corners
    g = gap + (want - gap) * side
    below = np.clip((chin + half - yy) / (chin + half - low), 0, 1)
    src = np.where(yy < top, yy, np.where(yy < top + g, top + (yy - top) * gap / np.maximum(g, .3), yy - (g - gap) * below))
    near = np.exp(-(((xx - cx) / (1.6 * half)) ** 2 + ((yy - low) / (1.3 * half)) ** 2) ** 2)
    srcx = cx + (xx - cx) / (1 + (width - 1) * near)
    x0, y0 = np.clip(srcx, 0, n - 1.001), np.clip(src, 0, n - 1.001)
    i, j = x0.astype(int), y0.astype(int)
    fx, fy = (x0 - i)[..., None], (y0 - j)[..., None]
    p = lambda dy, dx: img[j + dy, i + dx]
    out = (p(0, 0) * (1 - fx) + p(0, 1) * fx) * (1 - fy) + (p(1, 0) * (1 - fx) + p(1, 1) * fx) * fy
    inside = (yy > top + .1 * g) & (yy < top + .9 * g) & (g > gap * 1.15)   # darker towards the throat
    depth = np.clip((g - gap * 1.15) / (half * .5), 0, .75) * np.sin(np.pi * np.clip((yy - top) / np.maximum(g, 1), 0, 1))
    return np.where(inside[..., None], out * (1 - depth[..., None]), out)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--portrait", required=True)
    p.add_argument("--avalign", required=True)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    pcm, rate, events = speak(TEXT)
    frames = int(len(pcm) / rate * FPS)
    img = Image.open(a.portrait).convert("RGB").crop((100, 0, 356, 256)).resize((SIDE, SIDE), Image.BICUBIC)
    track = mouth_track(events, frames)
    with tempfile.TemporaryDirectory() as d:
        still = os.path.join(d, "still.png")
        img.save(still)
        lm = landmarks(a.avalign, still)
        base = np.asarray(img, float)
        raw = os.path.join(d, "frames.rgb")
        with open(raw, "wb") as f:
            for k in range(frames):
                sway = 2.5 * np.sin(k / 31), 1.8 * np.sin(k / 23 + 1)
                f.write(np.clip(warp(base, lm, *track[k], sway), 0, 255).astype(np.uint8).tobytes())
        wav = os.path.join(d, "voice.s16")
        pcm.tofile(wav)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "%dx%d" % (SIDE, SIDE),
                        "-r", str(FPS), "-i", raw, "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", wav, "-c:v", "libx264",
                        "-pix_fmt", "yuv420p", "-crf", "24", "-preset", "veryslow", "-c:a", "aac", "-b:a", "48k",
                        "-metadata", "title=Synthetic sample of the avalign project", "-shortest",
                        "-movflags", "+faststart", a.out], check=True)


if __name__ == "__main__":
    main()
