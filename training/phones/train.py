"""From the encoder's frames to phones: trains, judges and writes models/speech_encoder/phones.onnx.

    python train.py --labels A.jsonl B.jsonl --judge C.jsonl --encoder ../../models/speech_encoder/whisper_tiny_en.onnx --work DIR --out phones.onnx

Windows as the tool makes them (up to 4 s, even level), each clip as it is and twice through a channel of chance (extract.py's). The net:
three of the encoder's states, a layer of every frame by itself, one over five frames, one to the 40 phones. --judge: clips of speakers
that --labels lacks; prints the share of frames that are right, and what the Viterbi search makes of them.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import openvino as ov
import torch
from torch import nn
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", d) for d in ("speech_encoder", "lip_sync")]
from halve import halve  # noqa: E402
from extract import channel, coded, level, CODECS  # noqa: E402
from log_mel import RATE, log_mel  # noqa: E402
from label import sound  # noqa: E402

NAMES = ("SIL AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH").split()
STATES, FRAME, FULL, WIDE = (2, 3, 4), RATE // 50, 4 * RATE, 192
GROUP = {n: g for g, names in {"closed": "P B M", "lip": "F V", "round": "UW UH OW OY W SH CH JH ZH AO R ER", "spread": "IY IH EY EH", "open": "AA AE AH AY AW",
                               "tongue": "TH DH L N NG D T K G HH Y", "teeth": "S Z"}.items() for n in names.split()}
torch.set_num_threads(1)
torch.manual_seed(1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(len(STATES) * 384))
        self.register_buffer("scale", torch.ones(len(STATES) * 384))
        self.a, self.b, self.c = nn.Linear(len(STATES) * 384, WIDE), nn.Conv1d(WIDE, WIDE, 5, padding=2), nn.Linear(WIDE, len(NAMES))
        self.drop = nn.Dropout(.2)

    def forward(self, x):
        """x [3, t, 384] of one window or [n, 3, t, 384]: log probabilities [.., t, 40]."""
        one = x.dim() == 3
        x = x[None] if one else x
        x = x.permute(0, 2, 1, 3).flatten(2)
        x = self.drop(F.relu(self.a((x - self.mean) * self.scale)))
        x = F.relu(self.b(x.transpose(1, 2))).transpose(1, 2) + x
        y = F.log_softmax(self.c(self.drop(x)), -1)
        return y[0] if one else y


def frames_of(phones, start, n):
    """The phone at the middle of each of n frames from `start` seconds on; -1 outside."""
    y = np.full(n, -1)
    for name, a, b in phones:
        i, j = int(np.ceil((a - start) * 50)), int(np.ceil((b - start) * 50))
        y[max(0, i):max(0, min(n, j))] = NAMES.index(name) if name in NAMES else 0
    return y


def windows(clip, rng, roads):
    """Pieces of at most four seconds: samples and labels."""
    pcm = sound(clip["path"]).astype(np.float32) / 32768
    spoken = [p for p in clip["phones"] if p[0] != "SIL"]
    out = []
    for road in range(roads):
        at = max(0, int((spoken[0][1] - .05 - (rng.uniform(0, .3) if road else 0)) * RATE))
        end = min(len(pcm), int((spoken[-1][2] + .05) * RATE))
        whole = pcm[at:end]
        if road:
            whole, _ = channel(whole, rng)
            codec = str(rng.choice(list(CODECS)))
            whole = coded([np.asarray(whole, np.float32)], codec)[0]
        k = 0
        while k < len(whole):
            size = FULL if not road or rng.random() < .6 else int(rng.uniform(1.5, 4) * 2) * RATE // 2
            x = whole[k:k + size]
            n = len(x) // (RATE // 2) * (RATE // 2)
            if n >= RATE * 3 // 2:
                out.append((level(x[:n]), frames_of(clip["phones"], (at + k) / RATE, n // FRAME)))
            k += size
    return out


def features(names, encoder, work, roads, tag):
    """[(states [3, t, 384] half precision, labels, speaker)] of all clips; kept in DIR."""
    store = os.path.join(work, tag + ".npz")
    if not os.path.exists(store):
        net = ov.Core().compile_model(encoder, "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
        rng, xs, ys, who = np.random.default_rng(5), [], [], []
        for name in names:
            for line in open(name):
                c = json.loads(line)
                for x, y in windows(c, rng, roads):
                    r = net([log_mel(x)[None]])
                    states = next(v for k, v in r.items() if "frames" in k.get_names() or (len(v.shape) >= 3 and v.shape[-1] == 384 and v.shape[-2] == len(y)))
                    states = np.asarray(states).reshape(-1, len(y), 384)[list(STATES)]
                    pad = 200 - len(y)
                    xs.append(np.pad(states, ((0, 0), (0, pad), (0, 0))).astype(np.float16))
                    ys.append(np.pad(y, (0, pad), constant_values=-1))
                    who.append(c["dataset"] + "/" + c["speaker"])
        np.savez(store, x=np.stack(xs), y=np.stack(ys), who=np.array(who))
    d = np.load(store)
    return d["x"], torch.tensor(d["y"]), d["who"]


def search(logp, switch, least=2):
    """Viterbi: another phone costs `switch`, and lasts `least` frames. Phones as (id, from, to)."""
    t, n = logp.shape
    best, back = np.full((t + 1, n), -1e9), np.zeros((t + 1, n), int)
    run = np.vstack([np.zeros(n), np.cumsum(logp, 0)])
    enter = np.zeros(t + 1)
    first = np.full((t + 1, n), -1)
    stay = np.full(n, -1e9)
    for i in range(1, t + 1):
        stay = stay + logp[i - 1]
        start = i - least
        if start >= 0:
            fresh = enter[start] - (switch if start else 0) + run[i] - run[start]
            better = fresh > stay
            stay = np.where(better, fresh, stay)
            back[i] = np.where(better, start, back[i - 1])
        else:
            back[i] = back[i - 1]
        best[i] = stay
        enter[i] = stay.max() if i >= least else -1e9
        first[i] = stay.argmax()
    out, i = [], t
    while i >= least:
        k = int(first[i, 0])
        s = int(back[i, k])
        out.append((k, s, i))
        i = s
    return out[::-1]


def distance(a, b):
    """Changes that make list a of list b."""
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            last, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, last + (x != y))
    return d[-1]


def judge(net, x, y):
    net.eval()
    with torch.no_grad():
        p = np.concatenate([net(torch.tensor(x[i:i + 32].astype(np.float32))).numpy() for i in range(0, len(x), 32)])
    net.train()
    known = (y >= 0).numpy()
    got = p.argmax(-1)
    text = "frames right %.3f" % (got == y.numpy())[known].mean()
    for switch in (1, 2, 3, 4):
        wrong = said = shape = 0
        for q, t in zip(p, y.numpy()):
            n = (t >= 0).sum() if (t < 0).any() else len(t)
            first = int(np.argmax(t >= 0))
            truth = [int(v) for k, v in enumerate(t[first:first + n]) if v > 0 and (k == 0 or v != t[first + k - 1])]
            heard = [k for k, *_ in search(q[first:first + n].astype(float), switch) if k > 0]
            wrong += distance(truth, heard)
            shape += distance([GROUP[NAMES[k]] for k in truth], [GROUP[NAMES[k]] for k in heard])
            said += len(truth)
        text += "; switch %g: phone errors %.3f, of shape %.3f" % (switch, wrong / max(1, said), shape / max(1, said))
    return text


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--labels", nargs="+", required=True)
    p.add_argument("--judge", nargs="+", required=True)
    p.add_argument("--encoder", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--steps", type=int, default=2500)
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    x, y, who = features(a.labels, a.encoder, a.work, 3, "train")
    vx, vy, _ = features(a.judge, a.encoder, a.work, 1, "judge")
    print(len(x), "windows of", len(set(who)), "speakers;", len(vx), "windows to judge by", flush=True)
    net, rng, t0 = Net(), np.random.default_rng(1), time.time()
    part = x[rng.permutation(len(x))[:400]].transpose(0, 2, 1, 3).reshape(-1, len(STATES) * 384).astype(np.float32)
    part = part[np.abs(part).sum(1) > 0]
    net.mean.copy_(torch.tensor(part.mean(0)))
    net.scale.copy_(torch.tensor(1 / (part.std(0) + 1e-3)))
    optim = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=.01)
    plan = torch.optim.lr_scheduler.OneCycleLR(optim, 2e-3, total_steps=a.steps, pct_start=.1)
    for step in range(a.steps):
        j = rng.integers(len(x), size=16)
        loss = F.cross_entropy(net(torch.tensor(x[j].astype(np.float32))).flatten(0, 1), y[j].flatten(), ignore_index=-1, label_smoothing=.05)
        optim.zero_grad()
        loss.backward()
        optim.step()
        plan.step()
        if step % 500 == 499:
            print(step + 1, "%.3f" % loss.item(), judge(net, vx, vy) if step + 1 == a.steps else "", "%.0f s" % (time.time() - t0), flush=True)
    net.eval()
    torch.save(net.state_dict(), os.path.join(a.work, "phones.pt"))
    torch.onnx.export(net, (torch.zeros(len(STATES), 200, 384),), a.out, input_names=["states"], output_names=["phones"], dynamo=False)
    halve(a.out)


if __name__ == "__main__":
    main()
