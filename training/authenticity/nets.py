"""The views: waveform in, one logit out (above zero: made by a machine). Each is a net of its own with its front end inside."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

RATE, SAMPLES, WIN, HOP, FFT = 16000, 48000, 400, 160, 512
BINS = 240                                   # to 7.5 kHz: what lies above depends on the codec, not the speaker


class Stft(nn.Module):
    """Short-time Fourier transform as a convolution, so that it is part of the ONNX file."""

    def __init__(self):
        super().__init__()
        n = np.arange(WIN)
        w = np.hanning(WIN + 1)[:-1]
        k = np.arange(BINS + 1)[:, None]
        basis = np.concatenate([w * np.cos(2 * np.pi * k * n / FFT), -w * np.sin(2 * np.pi * k * n / FFT)])
        self.register_buffer("basis", torch.tensor(basis[:, None], dtype=torch.float32))

    def forward(self, x):
        y = F.conv1d(x[:, None], self.basis, stride=HOP)
        return y[:, 1:BINS + 1], y[:, BINS + 2:]


class Mfm(nn.Module):
    """Convolution with max-feature-map activation (Wu et al. 2018, arXiv:1511.02683) and batch norm."""

    def __init__(self, i, o, k=3, stride=1):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(i, 2 * o, k, stride, k // 2), nn.BatchNorm2d(o)

    def forward(self, x):
        a, b = self.conv(x).chunk(2, 1)
        return self.norm(torch.maximum(a, b))


class Trunk(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            Mfm(channels, 16, 5, 2), nn.MaxPool2d((2, 2)), Mfm(16, 16, 1), Mfm(16, 24), nn.MaxPool2d((2, 2)), Mfm(24, 24, 1), Mfm(24, 32),
            nn.MaxPool2d((2, 2)), Mfm(32, 32, 1), Mfm(32, 32))
        self.score, self.out = nn.Conv1d(32 * 15, 32, 1), nn.Linear(64, 1)
        self.drop = nn.Dropout(.4)

    def forward(self, x):
        y = self.body(x)                                      # n, 32, bands, time
        y = F.relu(self.score(self.drop(y.flatten(1, 2))))    # each band has weights of its own
        d = y - y.mean(2, keepdim=True)
        return self.out(self.drop(torch.cat([y.mean(2), torch.sqrt((d * d).mean(2) + 1e-5)], 1)))


class Spectrum(nn.Module):
    """Log spectrogram less its mean over time in each bin: what the channel does is gone."""

    def __init__(self):
        super().__init__()
        self.stft, self.trunk = Stft(), Trunk(1)

    def forward(self, x):
        return self.see(*self.stft(x))

    def see(self, re, im):
        y = torch.log(re * re + im * im + 1e-6)
        y = torch.clamp(y, min=-12.)
        return self.trunk((y - y.mean(2, keepdim=True))[:, None] / 4)


class Phase(nn.Module):
    """How the phase goes on from frame to frame and from bin to bin (cosine and sine of the deviation from a steady
    tone), where there is energy; no magnitude but that weight."""

    def __init__(self):
        super().__init__()
        self.stft, self.trunk = Stft(), Trunk(4)
        turn = 2 * np.pi * np.arange(1, BINS + 1) * HOP / FFT
        self.register_buffer("turn", torch.tensor(np.stack([np.cos(turn), np.sin(turn)]), dtype=torch.float32))

    def forward(self, x):
        return self.see(*self.stft(x))

    def see(self, re, im):
        m = torch.sqrt(re * re + im * im + 1e-8)
        re, im = re / m, im / m
        tr = re[:, :, 1:] * re[:, :, :-1] + im[:, :, 1:] * im[:, :, :-1]
        ti = im[:, :, 1:] * re[:, :, :-1] - re[:, :, 1:] * im[:, :, :-1]
        c, s = self.turn[0][:, None], self.turn[1][:, None]
        tr, ti = tr * c + ti * s, ti * c - tr * s
        br = re[:, 1:] * re[:, :-1] + im[:, 1:] * im[:, :-1]
        bi = im[:, 1:] * re[:, :-1] - re[:, 1:] * im[:, :-1]
        br, bi = F.pad(br, (0, 0, 0, 1))[:, :, 1:], F.pad(bi, (0, 0, 0, 1))[:, :, 1:]
        level = torch.log(m[:, :, 1:] + 1e-4)
        w = torch.sigmoid(2 * (level - level.mean((1, 2), keepdim=True)))
        return self.trunk(torch.stack([tr * w, ti * w, br * w, bi * w], 1))


class Waveform(nn.Module):
    """Raw samples through strided convolutions."""

    def __init__(self):
        super().__init__()
        c = lambda i, o, k, s: nn.Sequential(nn.Conv1d(i, o, k, s, k // 2), nn.BatchNorm1d(o), nn.LeakyReLU(.2))
        self.body = nn.Sequential(c(1, 32, 63, 4), c(32, 48, 9, 4), c(48, 48, 9, 4), c(48, 64, 5, 2), c(64, 64, 5, 2))
        self.out, self.drop = nn.Linear(128, 1), nn.Dropout(.4)

    def forward(self, x):
        x = x / torch.sqrt((x * x).mean(1, keepdim=True) + 1e-6)
        y = self.body(x[:, None])
        d = y - y.mean(2, keepdim=True)
        return self.out(self.drop(torch.cat([y.mean(2), torch.sqrt((d * d).mean(2) + 1e-5)], 1)))


VIEWS = {"spectrum": Spectrum, "phase": Phase, "waveform": Waveform}


class Together(nn.Module):
    """Views side by side with one Fourier transform: waveform in, one logit for each out."""

    def __init__(self, views):
        super().__init__()
        self.views, self.stft = nn.ModuleList(views), Stft()

    def forward(self, waveform):
        re, im = self.stft(waveform)
        return torch.cat([v.see(re, im) if hasattr(v, "see") else v(waveform) for v in self.views], 1)
