"""store.py IN OUT WHERE SOURCE [CUT]: a copy of IN with an unsigned C2PA manifest store at its end, in a uuid box (mp4) or a chunk (riff),
less CUT bytes."""
import struct
import sys

src, dst, where, source = sys.argv[1:5]


def head(major, n):
    return bytes([major << 5 | n]) if n < 24 else bytes([major << 5 | 25]) + struct.pack(">H", n)


def cbor(x):
    if isinstance(x, str):
        return head(3, len(x.encode())) + x.encode()
    if isinstance(x, list):
        return head(4, len(x)) + b"".join(map(cbor, x))
    return head(5, len(x)) + b"".join(cbor(k) + cbor(v) for k, v in x.items())


def box(kind, body):
    return struct.pack(">I", 8 + len(body)) + kind + body


def jumb(kind, label, *inside):
    about = kind + bytes.fromhex("00110010800000AA00389B71") + b"\3" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", about) + b"".join(inside))


made = {"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/" + source}
actions = jumb(b"cbor", "c2pa.actions.v2", box(b"cbor", cbor({"actions": [made, {"action": "c2pa.edited"}]})))
claim = jumb(b"c2cl", "c2pa.claim.v2", box(b"cbor", cbor({
    "claim_generator_info": {"name": "</script><b>Maker", "version": "1"}, "dc:title": "a\x1b[31m\ntitle \u202eé"})))
store = jumb(b"c2pa", "c2pa", jumb(b"c2ma", "urn:c2pa:test", jumb(b"c2as", "c2pa.assertions", actions), claim))
data = open(src, "rb").read()
if where == "riff":
    data += b"C2PA" + struct.pack("<I", len(store)) + store + b"\0" * (len(store) & 1)
else:
    uuid = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
    data += box(b"uuid", uuid + bytes(4) + b"manifest\0" + bytes(8) + store)
if len(sys.argv) > 5:
    data = data[:-int(sys.argv[5])]
open(dst, "wb").write(data)
