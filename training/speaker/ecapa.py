"""A compact ECAPA-TDNN voice net of our own, taught by two larger ones.

    python ecapa.py hear  --pool DIR --video ../shared/data/video --ge2e models/third_party/ge2e.onnx --teacher models/third_party/dvector.onnx --work DIR [--part 0/2]
    python ecapa.py train --work DIR --out ecapa.onnx [--minutes 40] [--models COPY]   # COPY: a model folder that gets it as voice net

DIR (--pool): what training/authenticity/generate.py real has cut from Debian packages and the training people. The teachers
are the nets of the roles voice-identity and voice-embed, which set-up fetches. `hear` takes crops of two seconds at eight
speeds, so that 90 people make a few hundred voices, and asks both teachers. `train` shows the student the same crop with noise, another
voice far below it, a room, a tilt or a codec, in stretches of 0.8 to 1.9 s: cosine to both teachers, and additive angular margin (Deng et
al. 2019) over the people at three speeds. Architecture: Desplanques et al. 2020, arXiv:2005.07143, 256 channels, on GE2E's 40 mel bands.
Needs numpy torch soundfile scipy onnxruntime librosa (the filters alone) and ffmpeg.
"""
import argparse
import csv
import glob
import inspect
import os
import random
import subprocess
import time

import numpy as np

RATE, CROP, FRAMES, BANDS = 16000, 32000, 198, 40
SPEEDS = (.85, .9, .95, 1., 1., 1.05, 1.1, 1.18)
LABELLED = {.85: 0, 1.: 1, 1.18: 2}
CODECS = (("mp3", "mp3", "32k", RATE), ("opus", "ogg", "16k", RATE), ("aac", "adts", "32k", RATE), ("pcm_mulaw", "wav", "64k", 8000))


def spoken(x):
    """Without pauses: what the tool's voice activity would leave out."""
    f = x[:len(x) // 160 * 160].reshape(-1, 160)
    p = 10 * np.log10((f * f).mean(1) + 1e-10)
    keep = np.convolve(p > p.max() - 35, np.ones(7), "same") > 0
    return f[keep].reshape(-1)


def mel_filters():
    import librosa
    return librosa.filters.mel(sr=RATE, n_fft=400, n_mels=BANDS).astype("f")


def decode(path):
    p = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-vn", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"], capture_output=True)
    return np.frombuffer(p.stdout, "f")


# ------------------------------------------------------------------------------------------------- what the teachers say
def speech_files(args):
    out = []
    with open(os.path.join(args.pool, "index.tsv.real")) as f:
        for path, _, _, _, voice in csv.reader(f, delimiter="\t"):
            out.append((os.path.join(args.pool, path), voice))
    for p in sorted(glob.glob(os.path.join(args.video, "train", "grid_s1", "*.*")))[::6]:
        out.append((p, "grid_s1"))
    with open(os.path.join(args.video, "train", "index.tsv")) as f:
        out += [(os.path.join(args.video, "train", r["path"]), "") for r in csv.DictReader(f, delimiter="\t") if r["label"] != "real"]
    return out


class Teachers:
    def __init__(self, args):
        import onnxruntime
        o = onnxruntime.SessionOptions()
        o.intra_op_num_threads = 1
        self.large, self.ge2e = (onnxruntime.InferenceSession(p, o) for p in (args.teacher, args.ge2e))
        import librosa
        self.mel = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=BANDS).astype("f")
        self.mel40 = mel_filters()

    def frames(self, x, fft, window):
        f = np.lib.stride_tricks.sliding_window_view(x, fft)[::160]
        return np.abs(np.fft.rfft(f * window, axis=1)).astype("f") ** 2

    def ask(self, session, windows):
        e = session.run(None, {session.get_inputs()[0].name: np.stack(windows).astype("f")})[0]
        e = (e / (np.linalg.norm(e, axis=1, keepdims=True) + 1e-9)).mean(0)
        return e / (np.linalg.norm(e) + 1e-9)

    def dvector(self, x, step=38):
        hamming = np.zeros(512)
        hamming[56:456] = .54 - .46 * np.cos(2 * np.pi * np.arange(400) / 400)
        a = np.log10(self.frames(x, 512, hamming) @ self.mel.T + 1e-10)
        return self.ask(self.large, [a[i:i + 80] for i in range(0, len(a) - 79, step)])

    def __call__(self, x):
        level = max(1, 10 ** (-30 / 20) / np.sqrt((x * x).mean() + 1e-12))
        b = self.frames(x * level, 400, .5 - .5 * np.cos(2 * np.pi * np.arange(400) / 400)) @ self.mel40.T
        return np.r_[self.dvector(x),
                     self.ask(self.ge2e, [b[i:i + 160] for i in (0, len(b) - 160)])]


def hear(args):
    from scipy.signal import resample_poly
    part, parts = map(int, args.part.split("/"))
    rng, teachers = random.Random(part), Teachers(args)
    files = speech_files(args)[part::parts]
    voices = sorted({v for _, v in speech_files(args)} - {""})
    crops, asked, labels = [], [], []
    for path, voice in files:
        x = spoken(decode(path))
        for speed in SPEEDS:
            y = resample_poly(x, 20, round(20 * speed)).astype("f") if speed != 1 else x
            if len(y) < CROP:
                if len(y) < .6 * CROP:
                    continue
                y = np.tile(y, 2)
            for _ in range(2 if len(y) > 2.5 * CROP else 1):
                at = rng.randrange(len(y) - CROP + 1)
                cut = y[at:at + CROP]
                cut = cut / max(1e-3, np.abs(cut).max()) * .7
                crops.append((cut * 32767).astype(np.int16))
                asked.append(teachers(cut))
                labels.append(3 * voices.index(voice) + LABELLED[speed] if voice and speed in LABELLED else -1)
    coded = np.stack(crops)
    for k, (codec, kind, rate, hz) in enumerate(CODECS):        # every eighth crop once through each
        which = np.arange(len(coded))[k::8]
        enc = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-", "-c:a",
                              "libmp3lame" if codec == "mp3" else "libopus" if codec == "opus" else codec, "-b:a", rate, "-ar", str(hz), "-f", kind, "-"],
                             input=coded[which].tobytes(), capture_output=True).stdout
        dec = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", "-", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"], input=enc, capture_output=True).stdout
        y = np.frombuffer(dec, np.int16)
        y = np.pad(y, (0, max(0, len(which) * CROP - len(y))))[:len(which) * CROP]
        coded[which] = y.reshape(-1, CROP)
    os.makedirs(args.work, exist_ok=True)
    np.save(os.path.join(args.work, "crops_%d.npy" % part), coded)
    np.savez(os.path.join(args.work, "said_%d.npz" % part), said=np.array(asked, np.float16), label=np.array(labels), voices=voices)
    print(len(crops), "crops", len(voices), "voices")


# ------------------------------------------------------------------------------------------------------------ the student
def nets():
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class Tdnn(nn.Module):
        def __init__(self, i, o, k=1, d=1):
            super().__init__()
            self.conv, self.norm = nn.Conv1d(i, o, k, dilation=d, padding=(k - 1) * d // 2), nn.BatchNorm1d(o)

        def forward(self, x):
            return self.norm(F.relu(self.conv(x)))

    class Block(nn.Module):
        def __init__(self, c, d, scale=8):
            super().__init__()
            self.scale = scale
            self.one, self.two = Tdnn(c, c), Tdnn(c, c)
            self.res = nn.ModuleList([Tdnn(c // scale, c // scale, 3, d) for _ in range(scale - 1)])
            self.se = nn.Sequential(nn.Conv1d(c, c // 4, 1), nn.ReLU(), nn.Conv1d(c // 4, c, 1), nn.Sigmoid())

        def forward(self, x):
            parts = list(self.one(x).chunk(self.scale, 1))
            for i, net in enumerate(self.res, 1):
                parts[i] = net(parts[i] if i == 1 else parts[i] + parts[i - 1])
            y = self.two(torch.cat(parts, 1))
            return x + y * self.se(y.mean(2, keepdim=True))

    class Ecapa(nn.Module):
        """mel [n, t, 40] (power) in, embedding [n, 256] of length 1 out."""

        def __init__(self, c=256, wide=512, classes=1):
            super().__init__()
            self.first = Tdnn(BANDS, c, 5)
            self.blocks = nn.ModuleList([Block(c, d) for d in (2, 3, 4)])
            self.mfa = Tdnn(3 * c, wide)
            self.look = nn.Sequential(nn.Conv1d(3 * wide, 64, 1), nn.Tanh(), nn.Conv1d(64, wide, 1))
            self.norm, self.out = nn.BatchNorm1d(2 * wide), nn.Linear(2 * wide, 256)
            self.ge2e = nn.Linear(2 * wide, 256)
            self.people = nn.Parameter(torch.randn(classes, 256) * .1)

        def pooled(self, mel):
            x = torch.log(mel + 1e-6)
            x = (x - x.mean(1, keepdim=True)).transpose(1, 2) / 3
            x, outs = self.first(x), []
            for b in self.blocks:
                x = b(x)
                outs.append(x)
            x = self.mfa(torch.cat(outs, 1))
            mean = x.mean(2, keepdim=True)
            std = torch.sqrt(((x - mean) ** 2).mean(2, keepdim=True) + 1e-5)
            a = torch.softmax(self.look(torch.cat([x, mean.expand_as(x), std.expand_as(x)], 1)), 2)
            mean = (a * x).sum(2)
            return self.norm(torch.cat([mean, torch.sqrt((a * (x - mean[:, :, None]) ** 2).sum(2) + 1e-5)], 1))

        def forward(self, mel):
            return F.normalize(self.out(self.pooled(mel)), dim=1)

        def loss(self, mel, said, label):
            p = self.pooled(mel)
            e, g = F.normalize(self.out(p), dim=1), F.normalize(self.ge2e(p), dim=1)
            close = (1 - (e * said[:, :256]).sum(1)).mean()
            # how the crops of a batch lie to each other matters more than where each lies
            among = ((e @ e.T - said[:, :256] @ said[:, :256].T) ** 2).mean()
            beside = (1 - (g * said[:, 256:]).sum(1)).mean()
            known = label >= 0
            aam = e.new_zeros(())
            if known.any():
                cos = e[known] @ F.normalize(self.people, dim=1).T
                y = F.one_hot(label[known], cos.shape[1]).bool()
                turned = torch.cos(torch.acos(cos.clamp(-.999, .999)) + .2)
                aam = F.cross_entropy(30 * torch.where(y, turned, cos), label[known])
            return close + 5 * among + .5 * beside + .03 * aam, close, among, aam
    return torch, Ecapa


class Spoiler:
    """A crop as the student hears it: mel frames with noise, another voice, a room, a tilt."""

    def __init__(self, crops, seed):
        self.crops, self.rng = crops, np.random.RandomState(seed)
        self.mel, self.window = mel_filters().T, (.5 - .5 * np.cos(2 * np.pi * np.arange(400) / 400)).astype("f")

    def noise(self, n):
        r = self.rng
        if r.rand() < .3:                                   # other people, far below
            return sum(self.crops[r.randint(len(self.crops))].astype("f") for _ in range(r.randint(1, 4)))[:n]
        s = np.fft.rfft(r.randn(n))
        f = np.arange(len(s)) / len(s) + 1e-3
        return np.fft.irfft(s * f ** -r.uniform(0, 1), n).astype("f")

    def __call__(self, k, frames):
        r, x = self.rng, self.crops[k].astype("f") / 32768
        if r.rand() < .35:
            t = np.arange(int(RATE * r.uniform(.05, .4)))
            room = r.randn(len(t)) * 10 ** (-3 * t / len(t)) * r.uniform(.02, .12)
            room[0] = 1
            n = 1 << 16
            x = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(room, n), n)[:CROP].astype("f")
        if r.rand() < .5:
            y = self.noise(CROP)
            x = x + y * np.sqrt((x * x).mean() / ((y * y).mean() + 1e-9) * 10 ** (-r.uniform(3, 25) / 10))
        at = r.randint(FRAMES - frames + 1)
        x = x[at * 160:(at + frames - 1) * 160 + 400] * 10 ** r.uniform(-1.2, 0)
        s = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(x, 400)[::160] * self.window, axis=1)
        m = (s.real ** 2 + s.imag ** 2).astype("f") @ self.mel
        if r.rand() < .6:
            m *= np.exp(np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), r.randn(5) * .8)).astype("f")
        if r.rand() < .3:
            m[:, BANDS - r.randint(1, 9):] *= 1e-3         # narrow band
        return m * np.float32(max(1, 1e-3 / (x * x).mean()))


def train(args):
    torch, Ecapa = nets()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    parts = sorted(glob.glob(os.path.join(args.work, "crops_*.npy")))
    crops = np.concatenate([np.load(p, mmap_mode="r") for p in parts])
    said = [np.load(p.replace("crops_", "said_")[:-1] + "z") for p in parts]
    label, voices = np.concatenate([s["label"] for s in said]), list(said[0]["voices"])
    said = np.concatenate([s["said"] for s in said]).astype("f")
    rng, spoil = np.random.RandomState(0), Spoiler(crops, 1)
    held = {k for k, v in enumerate(voices) if k % 9 == 4}     # people left out, to see how the teaching goes
    out = np.isin(label // 3, list(held)) & (label >= 0)
    inside, outside = np.flatnonzero(~out), np.flatnonzero(out & (label % 3 == 1))
    net = Ecapa(classes=3 * len(voices))
    print(len(inside), "crops,", len(outside), "of people left out,", sum(p.numel() for p in net.parameters()), "weights", flush=True)
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-4)
    start, step, seen = time.time(), 0, []
    while (done := (time.time() - start) / 60 / args.minutes) < 1:
        for g in opt.param_groups:
            g["lr"] = 2e-3 * min(1, step / 200) * (.02 + .98 * (1 + np.cos(np.pi * done)) / 2)
        frames = int(rng.choice([80, 120, 160, 190], p=[.25, .2, .4, .15]))
        which = rng.choice(inside, 64, replace=False)
        x = torch.tensor(np.stack([spoil(k, frames) for k in which]))
        loss, *terms = net.train().loss(x, torch.tensor(said[which]), torch.tensor(label[which]))
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5)
        opt.step()
        seen.append([t.item() for t in (loss, *terms)])
        step += 1
        if step % 200 == 0 or step == 20:
            save(torch, net, args.out)
            print("%.1f min, step %d: loss %.3f close %.3f among %.4f margin %.2f; left out %s" % (
                (time.time() - start) / 60, step, *np.mean(seen, 0), check(torch, net, spoil, outside, said, label)), flush=True)
            seen = []
    save(torch, net, args.out)
    if args.models:
        install(args.out, args.models)


def check(torch, net, spoil, outside, said, label):
    """Cosine to the teacher and equal error rate among people left out, beside the teachers' own."""
    spoil = Spoiler(spoil.crops, 7)
    which = outside[::max(1, len(outside) // 300)]
    with torch.no_grad():
        e = net.eval()(torch.tensor(np.stack([spoil(k, 160) for k in which]))).numpy()
    iu = np.triu_indices(len(which), 1)
    same = (label[which][:, None] == label[which])[iu]

    def eer(v):
        c = (v @ v.T)[iu]
        t = np.sort(c)[::50]
        miss = np.searchsorted(np.sort(c[same]), t) / same.sum()
        false = 1 - np.searchsorted(np.sort(c[~same]), t) / (~same).sum()
        i = np.argmin(abs(miss - false))
        return 50 * (miss[i] + false[i])
    return "cosine %.3f, EER %.1f %% (teachers, clean %.1f, %.1f)" % (
        (e * said[which, :256]).sum(1).mean(), eer(e), eer(said[which, :256]), eer(said[which, 256:]))


def save(torch, net, path):
    net.eval()
    torch.save(net.state_dict(), path + ".pt")
    dynamo = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(net, torch.zeros(2, 160, BANDS), path, input_names=["mel"], output_names=["embedding"], opset_version=13,
                      dynamic_axes={"mel": {0: "n", 1: "t"}, "embedding": {0: "n"}}, **dynamo)


def install(path, models):
    import shutil
    import sys
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "import"))
    import onnx_net
    shutil.copy(path, os.path.join(models, "speaker", "voice.onnx"))
    onnx_net.add_row(models, "voice-embed", "avalign voice, ECAPA-TDNN", "speaker/voice.onnx", "research-only (trained on research sets)",
                     "trained by this project: training/speaker/ecapa.py", [dict(name="mel", shape=[-1, -1, BANDS], scale="power in 40 Slaney mel bands, 25 ms windows every 10 ms")], without=("voice-identity",))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("what", choices=("hear", "train"))
    for k in ("pool", "video", "ge2e", "teacher", "out", "models"):
        a.add_argument("--" + k)
    a.add_argument("--work", required=True)
    a.add_argument("--part", default="0/1")
    a.add_argument("--minutes", type=float, default=40)
    a = a.parse_args()
    {"hear": hear, "train": train}[a.what](a)


if __name__ == "__main__":
    main()
