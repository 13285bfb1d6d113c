"""The three towers. All give unit vectors of DIM numbers: the picture's 25 a second, the sound's 50."""
import torch
import torch.nn as nn
import torch.nn.functional as F

DIM = 64


def conv(i, o, k, stride=1, dil=1):
    return nn.Sequential(nn.Conv1d(i, o, k, stride, (k - 1) // 2 * dil if stride == 1 else 1, dil),
                         nn.BatchNorm1d(o), nn.ReLU())


class Lips(nn.Module):
    """[B, T, P, 2] frontal points -> [B, DIM, T]"""
    def __init__(self, points=49, h=144):
        super().__init__()
        self.net = nn.Sequential(conv(points * 4, h, 3), conv(h, h, 3), conv(h, h, 3, dil=2), conv(h, h, 3, dil=2),
                                 nn.Dropout(.1), nn.Conv1d(h, DIM, 1))

    def forward(self, v):
        v = v.flatten(2).transpose(1, 2)
        v = v - v.mean(2, keepdim=True)
        d = F.pad(v[:, :, 1:] - v[:, :, :-1], (1, 0))
        return F.normalize(self.net(torch.cat([v * 10, d * 30], 1)), dim=1)


class Mouth(nn.Module):
    """[B, T, 48, 48] grey 0-1 -> [B, DIM, T]"""
    def __init__(self, h=128):
        super().__init__()
        c2 = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, 2, 1), nn.BatchNorm2d(o), nn.ReLU())
        self.cnn = nn.Sequential(c2(2, 16), c2(16, 32), c2(32, 48), c2(48, 64))
        self.fc = nn.Sequential(nn.Linear(64 * 9, 96), nn.ReLU())
        self.net = nn.Sequential(nn.Dropout(.2), conv(96, h, 3), conv(h, h, 3), conv(h, h, 3, dil=2), nn.Dropout(.1),
                                 nn.Conv1d(h, DIM, 1))

    def forward(self, c):
        b, t = c.shape[:2]
        m = c.mean((1, 2, 3), keepdim=True)
        c = (c - m) / (((c - m) ** 2).mean((1, 2, 3), keepdim=True) + 1e-3).sqrt()
        d = F.pad(c[:, 1:] - c[:, :-1], (0, 0, 0, 0, 1, 0))
        x = torch.stack([c, d * 2], 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        x = self.fc(self.cnn(x).flatten(1)).view(b, t, -1).transpose(1, 2)
        return F.normalize(self.net(x), dim=1)


class Sound(nn.Module):
    """[B, 2 T', 40] log-mel at 100 Hz -> [B, DIM, T'] at 50 Hz; vector j is centred on frame 2 j"""
    def __init__(self, bands=40, h=144):
        super().__init__()
        self.net = nn.Sequential(conv(bands, 96, 5), nn.Conv1d(96, h, 3, 2, 1), nn.BatchNorm1d(h), nn.ReLU(),
                                 conv(h, h, 3), conv(h, h, 3, dil=2), conv(h, h, 3, dil=4), nn.Dropout(.1),
                                 nn.Conv1d(h, DIM, 1))

    def forward(self, m):
        m = m - m.mean(1, keepdim=True)
        m = m / (m.pow(2).mean((1, 2), keepdim=True).sqrt() + .5)
        return F.normalize(self.net(m.transpose(1, 2)), dim=1)
