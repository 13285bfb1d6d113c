"""decoders.py -- autoencoders that a genuine face is sent through, so that it carries a decoder's traces.

taef2 (MIT, shared/models) works in the latent space of a current diffusion model; the others are small ones of our own:
KL, VQ and plain, 4 and 8 times smaller, with three ways to enlarge, and a super-resolution net."""
import torch
from torch import nn
from torch.nn import functional as F


def conv(a, b, **k):
    return nn.Conv2d(a, b, 3, padding=1, **k)


class Block(nn.Module):
    def __init__(self, n, pool=False):
        super().__init__()
        self.conv = nn.Sequential(conv(n, n), nn.ReLU(), conv(n, n), nn.ReLU(), conv(n, n))
        self.pool = nn.Sequential(nn.Conv2d(n, 4 * n, 1, bias=False), nn.GroupNorm(4, 4 * n), nn.ReLU(), nn.Conv2d(4 * n, n, 1, bias=False)) if pool else None

    def forward(self, x):
        if self.pool is not None:
            x = x + self.pool(x)
        return F.relu(self.conv(x) + x)


class Clamp(nn.Module):
    def forward(self, x):
        return torch.tanh(x / 3) * 3


class Taef2(nn.Module):
    def __init__(self, folder):
        super().__init__()
        down = lambda: conv(64, 64, stride=2, bias=False)
        up = lambda: [nn.Upsample(scale_factor=2), conv(64, 64, bias=False)]
        three = lambda pool=False: [Block(64, pool) for _ in range(3)]
        self.e = nn.Sequential(conv(3, 64), Block(64), down(), *three(), down(), *three(), down(), *three(True), conv(64, 32))
        self.d = nn.Sequential(Clamp(), conv(32, 64), nn.ReLU(), *three(True), *up(), *three(), *up(), *three(), *up(), Block(64), conv(64, 3))
        for net, name in ((self.e, "encoder"), (self.d, "decoder")):
            net.load_state_dict(torch.load("%s/taef2_%s.pth" % (folder, name), map_location="cpu"))
        self.step = 8

    def forward(self, x, noise=0.):
        z = self.e(x)
        return self.d(z + noise * z.std() * torch.randn_like(z)).clamp(0, 1)


class Small(nn.Module):
    """Plain, kl or vq; 2 or 3 halvings; enlarged by repeating, by transposed convolution or by shuffling; sr: no encoder, the input is only shrunk."""
    def __init__(self, kind, halvings, up, width=32, latent=8):
        super().__init__()
        self.kind, self.step, self.halvings = kind, 2 ** halvings, halvings
        e, d = [conv(3, width), nn.ReLU()], []
        for i in range(halvings):
            e += [conv(width, width, stride=2), nn.ReLU(), conv(width, width), nn.ReLU()]
            d += {"repeat": [nn.Upsample(scale_factor=2), conv(width, width)], "transposed": [nn.ConvTranspose2d(width, width, 4, 2, 1)],
                  "shuffle": [conv(width, 4 * width), nn.PixelShuffle(2)], "bilinear": [nn.Upsample(scale_factor=2, mode="bilinear"), conv(width, width)]}[up]
            d += [nn.ReLU(), conv(width, width), nn.ReLU()]
        self.e = nn.Sequential(*e, conv(width, latent))
        self.d = nn.Sequential(conv(3 if kind == "sr" else latent, width), nn.ReLU(), *d, conv(width, 3))
        if kind == "vq":
            self.book = nn.Parameter(torch.randn(512, latent) * .3)
        self.extra = 0

    def forward(self, x, noise=0.):
        if self.kind == "sr":
            z = F.interpolate(x, scale_factor=1 / self.step, mode="area")
            return (self.d(z) + F.interpolate(z, scale_factor=self.step, mode="bilinear")).clamp(0, 1) if not self.training else \
                self.d(z) + F.interpolate(z, scale_factor=self.step, mode="bilinear")
        z, self.extra = self.e(x), 0
        if self.kind == "kl":
            self.extra = 1e-4 * (z ** 2).mean()
            z = z + (.1 if self.training else noise) * torch.randn_like(z)
        if self.kind == "vq":
            b, c, h, w = z.shape
            flat = z.permute(0, 2, 3, 1).reshape(-1, c)
            with torch.no_grad():
                k = (self.book.pow(2).sum(1) - 2 * flat @ self.book.t()).argmin(1)
            q = self.book[k]
            self.extra = (q - flat.detach()).pow(2).mean() + .25 * (q.detach() - flat).pow(2).mean()
            z = (flat + (q - flat).detach()).reshape(b, h, w, c).permute(0, 3, 1, 2)
        y = self.d(z)
        return y if self.training else y.clamp(0, 1)


OWN = {"kl8": ("kl", 3, "repeat"), "vq4": ("vq", 2, "shuffle"), "gan4": ("plain", 2, "transposed"), "sr2": ("sr", 1, "shuffle"), "sr4": ("sr", 2, "bilinear"),
       "gan8": ("plain", 3, "bilinear")}


def own(name):
    return Small(*OWN[name], latent=16 if OWN[name][1] == 3 else 6)
