"""Goldens of the parity test: SyncNet, Wav2Lip's expert and iresnet18 by PyTorch nets written out as their authors published
them, ECAPA-TDNN and its front end by SpeechBrain, Wav2Vec2 by transformers. Writes peers.h; needs torch, scipy, librosa,
speechbrain and transformers.

    python peers.py > peers.h
"""
import numpy as np
import python_speech_features
import librosa
import scipy.signal
import torch
import torch.nn as nn

import peer_weights
import wav2lip_expert

T = 40                                       # pictures


def picture(t, side):
    """Something that moves; tests/unit/test_lse.c has the same."""
    y, x, c = np.mgrid[:side, :side, :3]
    return ((x * 3 + y * 5 + c * 70 + t * 11 + (x * y) // 37 + (t * t * x) // 53) % 256).astype(np.uint8)


def sound():
    i = np.arange(T * 640 + 400, dtype=np.float64)
    return (np.round((.3 * np.sin(i * .05 + 40 * np.sin(i * 1e-4)) + .2 * np.sin(i * .31) * np.sin(i * 7e-4)) * 32768) / 32768).astype("f")


class SyncNet(nn.Module):
    def __init__(self):
        super().__init__()
        b2, b3, r = nn.BatchNorm2d, nn.BatchNorm3d, lambda: nn.ReLU()
        c2 = lambda i, o, k, p: nn.Conv2d(i, o, k, 1, p)
        c3 = lambda i, o, k, s, p: nn.Conv3d(i, o, k, s, p)
        self.netcnnaud = nn.Sequential(
            c2(1, 64, 3, 1), b2(64), r(), nn.MaxPool2d(1, 1), c2(64, 192, 3, 1), b2(192), r(), nn.MaxPool2d(3, (1, 2)),
            c2(192, 384, 3, 1), b2(384), r(), c2(384, 256, 3, 1), b2(256), r(), c2(256, 256, 3, 1), b2(256), r(),
            nn.MaxPool2d(3, 2), c2(256, 512, (5, 4), 0), b2(512), r())
        self.netcnnlip = nn.Sequential(
            c3(3, 96, (5, 7, 7), (1, 2, 2), 0), b3(96), r(), nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            c3(96, 256, (1, 5, 5), (1, 2, 2), (0, 1, 1)), b3(256), r(), nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            c3(256, 256, (1, 3, 3), 1, (0, 1, 1)), b3(256), r(), c3(256, 256, (1, 3, 3), 1, (0, 1, 1)), b3(256), r(),
            c3(256, 256, (1, 3, 3), 1, (0, 1, 1)), b3(256), r(), nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            c3(256, 512, (1, 6, 6), 1, 0), b3(512), r())
        fc = lambda: nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), r(), nn.Linear(512, 1024))
        self.netfcaud, self.netfclip = fc(), fc()

    def aud(self, x):
        return self.netfcaud(self.netcnnaud(x).flatten(1))

    def lip(self, x):
        return self.netfclip(self.netcnnlip(x).flatten(1))


class Block(nn.Module):
    def __init__(self, i, o, k, s, p, residual):
        super().__init__()
        self.conv_block, self.residual = nn.Sequential(nn.Conv2d(i, o, k, s, p), nn.BatchNorm2d(o)), residual

    def forward(self, x):
        y = self.conv_block(x)
        return torch.relu(y + x if self.residual else y)


class Expert(nn.Module):
    def __init__(self):
        super().__init__()
        self.face_encoder = nn.Sequential(*[Block(*b) for b in wav2lip_expert.FACE])
        self.audio_encoder = nn.Sequential(*[Block(*b) for b in wav2lip_expert.SOUND])

    def forward(self, face, mel):
        f = lambda x: torch.nn.functional.normalize(x.flatten(1), p=2, dim=1)
        return f(self.face_encoder(face)), f(self.audio_encoder(mel))


def load(net, weights):
    state = net.state_dict()
    for k, v in weights.items():
        assert tuple(state[k].shape) == v.shape, k
        state[k] = torch.tensor(v)
    net.load_state_dict(state)
    return net.eval()


def syncnet():
    net = load(SyncNet(), peer_weights.syncnet_weights())
    print("/* %.2f M parameters */" % (sum(p.numel() for p in net.parameters()) / 1e6))
    pcm = (sound() * 32768).astype(np.int16)
    mfcc = np.stack(list(zip(*python_speech_features.mfcc(pcm, 16000))))
    video = torch.tensor(np.stack([picture(t, 224) for t in range(T)], 3).transpose(2, 3, 0, 1)[None].astype("f"))
    last = min(T, len(pcm) // 640) - 5
    with torch.no_grad():
        im = net.lip(torch.cat([video[:, :, v:v + 5] for v in range(last)]))
        cc = net.aud(torch.tensor(np.stack([mfcc[None, :, v * 4:v * 4 + 20] for v in range(last)]).astype("f")))
    pad = torch.nn.functional.pad(cc, (0, 0, 15, 15))
    dists = torch.stack([torch.nn.functional.pairwise_distance(im[[i]].repeat(31, 1), pad[i:i + 31]) for i in range(last)], 1)
    m = dists.mean(1)
    low, at = m.min(0)
    return im, cc, 15 - int(at), float(low), float(m.median() - low), last


def wav2lip_mel(pcm):
    d = librosa.stft(scipy.signal.lfilter([1, -.97], [1], pcm), n_fft=800, hop_length=200, win_length=800, pad_mode="reflect")
    s = librosa.filters.mel(sr=16000, n_fft=800, n_mels=80, fmin=55, fmax=7600) @ np.abs(d)
    s = 20 * np.log10(np.maximum(1e-5, s)) - 20
    return np.clip(8 * ((s + 100) / 100) - 4, -4, 4)


def expert():
    net = load(Expert(), peer_weights.expert_weights())
    mel = wav2lip_mel(sound())
    n = T - 5
    faces = np.stack([np.concatenate([picture(t, 96)[48:] for t in range(i, i + 5)], 2).transpose(2, 0, 1) / 255. for i in range(n)])
    mels = np.stack([mel[None, :, int(80. * (i / 25.)):][:, :, :16] for i in range(n)])
    with torch.no_grad():
        f, a = net(torch.tensor(faces.astype("f")), torch.tensor(mels.astype("f")))
    c = (f @ a.T).double().numpy()
    by = {v: np.mean([c[i, i + v] for i in range(n) if 0 <= i + v < n]) for v in range(-15, 16)}
    best = max(by, key=by.get)
    return f, a, by[0], by[best], -best


def ecapa():
    import importlib.machinery
    import sys
    import types
    for name in ("torchaudio", "torchaudio.transforms", "torchaudio.functional"):       # imported there, not used here
        m = types.ModuleType(name)
        m.__spec__, m.__path__, m.__version__ = importlib.machinery.ModuleSpec(name, None), [], "2.11.0"
        m.list_audio_backends = lambda: ["none"]
        sys.modules[name] = m
    from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
    from speechbrain.processing.features import Filterbank, InputNormalization, STFT, spectral_magnitude
    w = peer_weights.ecapa_weights()
    net = ECAPA_TDNN(80, channels=[256] * 3 + [256, 768], lin_neurons=192)
    state = net.state_dict()
    for k, v in w.items():
        assert tuple(state[k].shape) == v.shape, k
        state[k] = torch.tensor(v)
    net.load_state_dict(state)
    net.eval()
    pcm = torch.tensor(sound()[None, :159 * 160 + 400])
    stft = STFT(sample_rate=16000, win_length=25, hop_length=10, n_fft=400, center=False)(pcm)
    bands = Filterbank(n_mels=80)(spectral_magnitude(stft))
    with torch.no_grad():
        e = net(InputNormalization(norm_type="sentence", std_norm=False)(bands, torch.ones(1)))[0, 0]
    return e / e.norm()


def iresnet():
    t = {k: torch.tensor(v) for k, v in peer_weights.iresnet_weights().items()}
    f = torch.nn.functional
    bn = lambda x, k: f.batch_norm(x, t[k + ".running_mean"], t[k + ".running_var"], t[k + ".weight"], t[k + ".bias"], False, 0, 1e-5)
    x = torch.tensor((picture(3, 112).transpose(2, 0, 1)[None].astype("f") - 127.5) / 127.5)
    x = f.prelu(bn(f.conv2d(x, t["conv1.weight"], None, 1, 1), "bn1"), t["prelu.weight"])
    for i in range(1, 5):
        for k in range(2):
            b, s = "layer%d.%d." % (i, k), 2 if k == 0 else 1
            y = f.conv2d(bn(x, b + "bn1"), t[b + "conv1.weight"], None, 1, 1)
            y = f.conv2d(f.prelu(bn(y, b + "bn2"), t[b + "prelu.weight"]), t[b + "conv2.weight"], None, s, 1)
            if k == 0:
                x = bn(f.conv2d(x, t[b + "downsample.0.weight"], None, s), b + "downsample.1")
            x = bn(y, b + "bn3") + x
    x = f.linear(bn(x, "bn2").flatten(1), t["fc.weight"], t["fc.bias"])
    x = bn(x, "features")[0]
    return x / x.norm()


def wav2vec2(config=None):
    """Probabilities of 3 s of sound, by transformers itself."""
    from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification
    config = config or peer_weights.WAV2VEC2
    net = Wav2Vec2ForSequenceClassification(Wav2Vec2Config(num_labels=len(peer_weights.WAV2VEC2_LABELS), vocab_size=8, **config)).eval()
    rest = net.load_state_dict({k: torch.tensor(v) for k, v in peer_weights.wav2vec2_weights(config).items()}, strict=False)
    assert not rest.unexpected_keys and rest.missing_keys in ([], ["wav2vec2.masked_spec_embed"]), rest
    i = np.arange(48000, dtype=np.float64)
    x = np.round((.3 * np.sin(i * .05 + 40 * np.sin(i * 1e-4)) + .2 * np.sin(i * .31) * np.sin(i * 7e-4)) * 32768) / 32768
    x = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    with torch.no_grad():
        return torch.softmax(net(torch.tensor(x[None], dtype=torch.float32)).logits[0], 0).numpy()


def main():
    row = lambda name, v: print("static const float %s[] = { %s };" % (name, ", ".join("%.9e" % x for x in v)))
    print("/* peers.h -- made by peers.py; SyncNet's and Wav2Lip's arithmetic on random weights. */")
    im, cc, offset, low, conf, n = syncnet()
    row("golden_lip", im[3, :16])
    row("golden_aud", cc[7, :16])
    print("enum { GOLDEN_T = %d, GOLDEN_OFFSET = %d, GOLDEN_WINDOWS = %d };" % (T, offset, n))
    print("static const double golden_distance = %.9g, golden_confidence = %.9g;" % (low, conf))
    f, a, zero, best, at = expert()
    row("golden_expert", f[3, :16])
    row("golden_ecapa", ecapa()[:24])
    row("golden_iresnet", iresnet()[:24])
    row("golden_wav2vec2", wav2vec2())
    print("enum { GOLDEN_EXPERT_OFFSET = %d };" % at)
    print("static const double golden_cosine = %.9g, golden_best_cosine = %.9g;" % (zero, best))


if __name__ == "__main__":
    main()
