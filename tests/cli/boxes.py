"""boxes.py FILE RESULT.json: does media.structure list the boxes that are there? Walks them by itself, as ISO 14496-12 lays them."""
import json
import struct
import sys

data = open(sys.argv[1], "rb").read()
listed = json.load(open(sys.argv[2]))["media"]["structure"]["parts"]
inner = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"mvex", b"moof", b"traf", b"meta", b"ilst"}
found = []


def walk(at, end, depth):
    seen = {}
    while at + 8 <= end:
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        size = size or end - at
        name = kind.decode("latin-1")
        seen[name] = seen.get(name, 0) + 1
        if seen[name] <= 4:  # later ones are counted with the fourth
            found.append([name, depth, at, size])
            if kind in inner:
                skip = 8 if kind != b"meta" or data[at + 12:at + 16] == b"hdlr" else 12
                walk(at + skip, at + size, depth + 1)
        else:
            next(f for f in reversed(found) if f[0] == name and f[1] == depth)[3] += size
        at += size


walk(0, len(data), 0)
ours = [[p["type"], p["depth"], p["at"], p["bytes"]] for p in listed]
for a, b in zip(found, ours):
    if a != b:
        sys.exit("found %r, listed %r" % (a, b))
sys.exit(len(ours) < 10 or len(ours) != min(len(found), 200))
