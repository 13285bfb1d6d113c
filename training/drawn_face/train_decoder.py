"""train_decoder.py -- one of our own small decoders, taught on genuine faces: train_decoder.py STILLS... --name vq4 --seconds 240 --out DIR"""
import argparse, os, time
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
import decoders, made


def batches(stills, rng, n=8, side=96):
    while True:
        out = []
        while len(out) < n:
            s = stills[rng.randint(len(stills))]["rgb"]
            k = min(1.15, np.exp(rng.uniform(np.log(140), np.log(320))) / max(s.shape[:2]))
            s = made.resize(s, max(side, int(s.shape[0] * k)), max(side, int(s.shape[1] * k)))
            y, x = rng.randint(s.shape[0] - side + 1), rng.randint(s.shape[1] - side + 1)
            out.append(s[y:y + side, x:x + side])
        yield torch.from_numpy(np.stack(out)).permute(0, 3, 1, 2) / 255


def main():
    p = argparse.ArgumentParser()
    p.add_argument("stills", nargs="+")
    p.add_argument("--name", required=True)
    p.add_argument("--seconds", type=float, default=240)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    seed = sum(map(ord, a.name))
    torch.manual_seed(seed)
    net, adversary = decoders.own(a.name).train(), None
    opt = torch.optim.AdamW(net.parameters(), 2e-3, betas=(.9, .99))
    if a.name.startswith("gan"):
        adversary = nn.Sequential(nn.Conv2d(3, 32, 4, 2, 1), nn.LeakyReLU(.2), nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(.2), nn.Conv2d(64, 64, 3, 1, 1), nn.LeakyReLU(.2), nn.Conv2d(64, 1, 3, 1, 1))
        opt_d = torch.optim.AdamW(adversary.parameters(), 1e-3, betas=(.5, .9))
    source = batches(made.load_stills(a.stills), np.random.RandomState(seed))
    start, step, seen = time.process_time(), 0, []
    while True:
        part = (time.process_time() - start) / a.seconds
        if part > 1:
            break
        for g in opt.param_groups:
            g["lr"] = 2e-3 * min(1, step / 50 + .02) * (1 - .95 * part)
        x = next(source)
        with torch.autocast("cpu", torch.bfloat16):
            y = net(x)
        y = y.float()
        loss = (y - x).abs().mean() + ((y.diff(dim=2) - x.diff(dim=2)).abs().mean() + (y.diff(dim=3) - x.diff(dim=3)).abs().mean()) * .5 + net.extra
        seen.append(float((y - x).abs().mean()) * 255)
        if adversary is not None and part > .5:
            with torch.autocast("cpu", torch.bfloat16):
                fake = adversary(y)
            (loss + .01 * -fake.float().mean()).backward()
            opt.step()
            with torch.autocast("cpu", torch.bfloat16):
                d = F.relu(1 - adversary(x)).mean() + F.relu(1 + adversary(y.detach())).mean()
            opt_d.zero_grad()
            d.backward()
            opt_d.step()
        else:
            loss.backward()
            opt.step()
        opt.zero_grad()
        step += 1
    os.makedirs(a.out, exist_ok=True)
    torch.save(net.state_dict(), os.path.join(a.out, a.name + ".pt"))
    print("%s: %d steps, mean change %.2f of 255" % (a.name, step, np.mean(seen[-50:])))


if __name__ == "__main__":
    main()
