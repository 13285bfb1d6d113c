"""Turns a fine-tuned Wav2Vec2 classifier of feelings (your own folder with config.json and model.safetensors or
pytorch_model.bin, as Hugging Face's transformers writes it: Wav2Vec2ForSequenceClassification) into avalign's voice-emotion net.

    python wav2vec2.py FOLDER MODELS [--labels neutral,happiness,...]

The labels are config.json's id2label, common other names understood (happy, sad, angry, fearful, ...); --labels names them in
the net's order where those say nothing ("LABEL_0"); a class that is none of avalign's seven keeps its name and is left out of
the sum. Needs NumPy alone. Architecture: Baevski et al. 2020, arXiv:2006.11477. The net hears 3 s at a time.
Its row has no calibration: emotion_coherence and signals.emotion are absent ("not-calibrated") until it gets one
(training/emotion/measure.py prints it).
"""
import argparse
import json
import os
import struct

import numpy as np

import onnx_net
import onnx_writer as w
import torch_archive

SAMPLES = 48000
SEVEN = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"]
OTHER = {"neu": "neutral", "hap": "happiness", "happy": "happiness", "joy": "happiness", "sad": "sadness", "ang": "anger", "angry": "anger",
         "fearful": "fear", "scared": "fear", "disgusted": "disgust", "surprised": "surprise", "ps": "surprise", "pleasant_surprise": "surprise"}


def safetensors(path):
    with open(path, "rb") as f:
        n, = struct.unpack("<Q", f.read(8))
        head = json.loads(f.read(n))
        blob = f.read()
    kinds = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I64": "<i8"}
    return {k: np.frombuffer(blob[v["data_offsets"][0]:v["data_offsets"][1]], kinds[v["dtype"]]).reshape(v["shape"])
            for k, v in head.items() if k != "__metadata__"}


class Wav2Vec2:
    def __init__(self, weights, config):
        self.t, self.c, self.nodes, self.init, self.n = weights, config, [], {}, 0

    def const(self, name, a):
        self.init[name] = np.ascontiguousarray(a)
        return name

    def op(self, kind, *x, **attr):
        self.n += 1
        self.nodes.append(w.node(kind, list(x), ["t%d" % self.n], **attr))
        return "t%d" % self.n

    def get(self, key):
        if key not in self.t:
            raise SystemExit("the file lacks %s: it is another net" % key)
        return self.t[key].astype("f")

    def weight(self, key):
        return self.const(key, self.get(key))

    def ints(self, *v):
        return self.const("i" + "_".join(map(str, v)).replace("-", "m"), np.array(v, np.int64))

    def gelu(self, x):
        e = self.op("Erf", self.op("Mul", x, self.const("rsqrt2", np.float32([2 ** -.5]))))
        return self.op("Mul", self.op("Mul", x, self.const("half", np.float32([.5]))), self.op("Add", e, self.const("one", np.float32([1]))))

    def norm(self, x, key):
        return self.op("LayerNormalization", x, self.weight(key + ".weight"), self.weight(key + ".bias"), axis=-1, epsilon=float(self.c.get("layer_norm_eps", 1e-5)))

    def linear(self, x, key):
        return self.op("Add", self.op("MatMul", x, self.const(key + ".weight", self.get(key + ".weight").T)), self.weight(key + ".bias"))

    def conv(self, x, key, stride):
        bias = [self.weight(key + ".conv.bias")] if key + ".conv.bias" in self.t else []
        return self.op("Conv", x, self.weight(key + ".conv.weight"), *bias, strides=[stride])

    def swap(self, x):
        return self.op("Transpose", x, perm=[0, 2, 1])

    def front(self, x):
        d = self.op("Sub", x, self.op("ReduceMean", x, axes=[1], keepdims=1))
        v = self.op("ReduceMean", self.op("Mul", d, d), axes=[1], keepdims=1)
        x = self.op("Div", d, self.op("Sqrt", self.op("Add", v, self.const("tiny", np.float32([1e-7])))))
        x = self.op("Reshape", x, self.ints(1, 1, -1))
        for i, stride in enumerate(self.c["conv_stride"]):
            key = "wav2vec2.feature_extractor.conv_layers.%d" % i
            x = self.conv(x, key, stride)
            if self.c.get("feat_extract_norm", "group") == "layer":
                x = self.swap(self.norm(self.swap(x), key + ".layer_norm"))
            elif i == 0:
                x = self.op("InstanceNormalization", x, self.weight(key + ".layer_norm.weight"), self.weight(key + ".layer_norm.bias"), epsilon=1e-5)
            x = self.gelu(x)
        key = "wav2vec2.feature_projection"
        return self.linear(self.norm(self.swap(x), key + ".layer_norm"), key + ".projection")

    def position(self, x):
        key = "wav2vec2.encoder.pos_conv_embed.conv."
        new = key + "parametrizations.weight.original"
        g, v = (self.get(new + "0"), self.get(new + "1")) if new + "0" in self.t else (self.get(key + "weight_g"), self.get(key + "weight_v"))
        v = v * (g / np.sqrt((v.astype("d") ** 2).sum((0, 1), keepdims=True)))
        k = v.shape[2]
        y = self.op("Conv", self.swap(x), self.const("position", v.astype("f")), self.weight(key + "bias"), pads=[k // 2, k // 2],
                    group=self.c["num_conv_pos_embedding_groups"])
        if k % 2 == 0:
            y = self.op("Slice", y, self.ints(0), self.ints(-1), self.ints(2))
        return self.op("Add", x, self.gelu(self.swap(y)))

    def attention(self, x, key):
        heads = self.c["num_attention_heads"]
        size = self.get(key + ".q_proj.weight").shape[0] // heads
        q, k, v = (self.op("Reshape", self.linear(x, "%s.%s_proj" % (key, n)), self.ints(1, -1, heads, size)) for n in "qkv")
        q = self.op("Mul", self.op("Transpose", q, perm=[0, 2, 1, 3]), self.const("scale", np.float32([size ** -.5])))
        a = self.op("Softmax", self.op("MatMul", q, self.op("Transpose", k, perm=[0, 2, 3, 1])), axis=-1)
        y = self.op("Transpose", self.op("MatMul", a, self.op("Transpose", v, perm=[0, 2, 1, 3])), perm=[0, 2, 1, 3])
        return self.linear(self.op("Reshape", y, self.ints(1, -1, heads * size)), key + ".out_proj")

    def build(self):
        stable = self.c.get("do_stable_layer_norm", False)
        x = self.position(self.front("waveform"))
        x = x if stable else self.norm(x, "wav2vec2.encoder.layer_norm")
        seen = [x]
        for i in range(self.c["num_hidden_layers"]):
            key = "wav2vec2.encoder.layers.%d" % i
            feed = lambda y: self.linear(self.gelu(self.linear(y, key + ".feed_forward.intermediate_dense")), key + ".feed_forward.output_dense")
            if stable:
                x = self.op("Add", x, self.attention(self.norm(x, key + ".layer_norm"), key + ".attention"))
                x = self.op("Add", x, feed(self.norm(x, key + ".final_layer_norm")))
            else:
                x = self.norm(self.op("Add", x, self.attention(x, key + ".attention")), key + ".layer_norm")
                x = self.norm(self.op("Add", x, feed(x)), key + ".final_layer_norm")
            seen.append(x)
        if stable:      # transformers 4 sums the normed state, 5 the one before; checkpoints of this kind are older
            seen[-1] = x = self.norm(x, "wav2vec2.encoder.layer_norm")
        if self.c.get("use_weighted_layer_sum"):
            share = np.exp(self.get("layer_weights") - self.get("layer_weights").max())
            parts = [self.op("Mul", y, self.const("share%d" % i, share[i:i + 1] / share.sum())) for i, y in enumerate(seen)]
            x = parts[0]
            for y in parts[1:]:
                x = self.op("Add", x, y)
        x = self.op("ReduceMean", self.linear(x, "projector"), axes=[1], keepdims=0)
        return self.linear(x, "classifier")


def names(config, given):
    labels = given.split(",") if given else [config["id2label"][k] for k in sorted(config["id2label"], key=int)]
    labels = [OTHER.get(n.strip().lower(), n.strip().lower()) for n in labels]
    if sum(n in SEVEN for n in labels) < 2:
        raise SystemExit("the net's labels (%s) name none of avalign's: give them with --labels" % ", ".join(labels))
    return labels


def convert(weights, config, labels, models):
    if config.get("hidden_act", "gelu") != "gelu" or config.get("feat_extract_activation", "gelu") != "gelu":
        raise SystemExit("only nets with gelu are understood")
    if weights["classifier.weight"].shape[0] != len(labels):
        raise SystemExit("the net has %d classes, but %d labels are named" % (weights["classifier.weight"].shape[0], len(labels)))
    net = Wav2Vec2(weights, config)
    out = net.build()
    os.makedirs(os.path.join(models, "wav2vec2"), exist_ok=True)
    with open(os.path.join(models, "wav2vec2", "voice.onnx"), "wb") as f:
        f.write(w.model("wav2vec2", net.nodes + [w.node("Identity", [out], ["logits"])], [w.value("waveform", [1, SAMPLES])],
                        [w.value("logits", [1, len(labels)])], net.init, opset=17))
    onnx_net.add_row(models, "voice-emotion", "Wav2Vec2 classifier", "wav2vec2/voice.onnx", "the checkpoint's own", "the user's file; Hugging Face transformers",
                     [dict(name="waveform", shape=[1, SAMPLES], scale="16 kHz, 3 s")], labels=labels, logits=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("folder")
    p.add_argument("models")
    p.add_argument("--labels")
    args = p.parse_args()
    with open(os.path.join(args.folder, "config.json")) as f:
        config = json.load(f)
    safe = os.path.join(args.folder, "model.safetensors")
    weights = safetensors(safe) if os.path.exists(safe) else torch_archive.tensors(os.path.join(args.folder, "pytorch_model.bin"))
    convert(weights, config, names(config, args.labels), args.models)


if __name__ == "__main__":
    main()
