"""Random but repeatable weights in the shapes of SyncNet v2, Wav2Lip's sync expert, ECAPA-TDNN, iresnet18 and a small Wav2Vec2, as models
for the parity test.

    python peer_weights.py MODELS        # adds their nets and rows to a model directory (needs numpy)
"""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "training", "import"))
import arcface  # noqa: E402
import ecapa  # noqa: E402
import syncnet  # noqa: E402
import wav2lip_expert  # noqa: E402
import wav2vec2  # noqa: E402


def layer(w, rng, conv, norm, shape):
    """He-scaled weights, and a batch norm with some life in it."""
    w[conv + ".weight"] = (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype("f")
    w[conv + ".bias"] = (rng.standard_normal(shape[0]) * .05).astype("f")
    if norm:
        w[norm + ".weight"] = rng.uniform(.8, 1.2, shape[0]).astype("f")
        w[norm + ".bias"] = (rng.standard_normal(shape[0]) * .1).astype("f")
        w[norm + ".running_mean"] = (rng.standard_normal(shape[0]) * .1).astype("f")
        w[norm + ".running_var"] = rng.uniform(.8, 1.2, shape[0]).astype("f")


def syncnet_weights():
    rng, w = np.random.RandomState(11), {}
    lip = [(0, (96, 3, 5, 7, 7)), (4, (256, 96, 1, 5, 5)), (8, (256, 256, 1, 3, 3)), (11, (256, 256, 1, 3, 3)),
           (14, (256, 256, 1, 3, 3)), (18, (512, 256, 1, 6, 6))]
    aud = [(0, (64, 1, 3, 3)), (4, (192, 64, 3, 3)), (8, (384, 192, 3, 3)), (11, (256, 384, 3, 3)), (14, (256, 256, 3, 3)),
           (18, (512, 256, 5, 4))]
    for name, layers in (("lip", lip), ("aud", aud)):
        for i, shape in layers:
            layer(w, rng, "netcnn%s.%d" % (name, i), "netcnn%s.%d" % (name, i + 1), shape)
        layer(w, rng, "netfc%s.0" % name, "netfc%s.1" % name, (512, 512))
        layer(w, rng, "netfc%s.3" % name, None, (1024, 512))
    w["netcnnlip.0.weight"] /= 100          # pictures come in 0-255
    w["netcnnaud.0.weight"] /= 10           # and cepstra up to some tens
    return w


def expert_weights():
    rng, w = np.random.RandomState(12), {}
    for key, layers in (("face_encoder", wav2lip_expert.FACE), ("audio_encoder", wav2lip_expert.SOUND)):
        for i, (cin, cout, k, _, _, _) in enumerate(layers):
            layer(w, rng, "%s.%d.conv_block.0" % (key, i), "%s.%d.conv_block.1" % (key, i), (cout, cin, k, k))
    return w


def ecapa_weights(c=256):
    rng, w = np.random.RandomState(13), {}
    tdnn = lambda key, o, i, k=1: layer(w, rng, key + ".conv.conv", key + ".norm.norm", (o, i, k))
    tdnn("blocks.0", c, 80, 5)
    for b in (1, 2, 3):
        tdnn("blocks.%d.tdnn1" % b, c, c)
        for i in range(7):
            tdnn("blocks.%d.res2net_block.blocks.%d" % (b, i), c // 8, c // 8, 3)
        tdnn("blocks.%d.tdnn2" % b, c, c)
        layer(w, rng, "blocks.%d.se_block.conv1.conv" % b, None, (128, c, 1))
        layer(w, rng, "blocks.%d.se_block.conv2.conv" % b, None, (c, 128, 1))
    tdnn("mfa", 3 * c, 3 * c)
    tdnn("asp.tdnn", 128, 9 * c)
    layer(w, rng, "asp.conv.conv", None, (3 * c, 128, 1))
    layer(w, rng, "fc.conv", "asp_bn.norm", (192, 6 * c, 1))
    for k, shape in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
        w["asp_bn.norm." + k] = (shape + .1 * rng.standard_normal(6 * c)).astype("f")
    return w


def iresnet_weights():
    rng, w = np.random.RandomState(14), {}

    def norm(key, n):
        w[key + ".weight"], w[key + ".bias"] = rng.uniform(.6, 1, n).astype("f"), (.1 * rng.standard_normal(n)).astype("f")
        w[key + ".running_mean"], w[key + ".running_var"] = (.1 * rng.standard_normal(n)).astype("f"), rng.uniform(.8, 1.2, n).astype("f")

    def conv(key, o, i, k=3):
        w[key + ".weight"] = (rng.standard_normal((o, i, k, k)) * np.sqrt(1 / (i * k * k))).astype("f")
    slope = lambda key, n: w.update({key + ".weight": rng.uniform(.1, .4, n).astype("f")})
    conv("conv1", 64, 3)
    norm("bn1", 64)
    slope("prelu", 64)
    size = 64
    for i, n in enumerate(arcface.LAYERS[18]):
        for k in range(n):
            key, out = "layer%d.%d" % (i + 1, k), 64 << i
            norm(key + ".bn1", size)
            conv(key + ".conv1", out, size)
            norm(key + ".bn2", out)
            slope(key + ".prelu", out)
            conv(key + ".conv2", out, out)
            norm(key + ".bn3", out)
            if k == 0:
                conv(key + ".downsample.0", out, size, 1)
                norm(key + ".downsample.1", out)
            size = out
    norm("bn2", 512)
    w["fc.weight"] = (rng.standard_normal((512, 512 * 49)) / np.sqrt(512 * 49)).astype("f")
    w["fc.bias"] = (.1 * rng.standard_normal(512)).astype("f")
    norm("features", 512)
    return w


WAV2VEC2 = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, conv_dim=[8, 8], conv_stride=[40, 8],
                conv_kernel=[60, 10], num_conv_pos_embeddings=6, num_conv_pos_embedding_groups=2, classifier_proj_size=12,
                feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True, use_weighted_layer_sum=False)
WAV2VEC2_LABELS = ["angry", "calm", "happy", "sad", "neutral"]


def wav2vec2_weights(c=WAV2VEC2):
    rng, w = np.random.RandomState(15), {}
    h, draw = c["hidden_size"], lambda *shape: (rng.standard_normal(shape) * (.3 if len(shape) == 1 else 1.5 / np.sqrt(np.prod(shape[1:])))).astype("f")

    def pair(key, *shape):
        w[key + ".weight"], w[key + ".bias"] = draw(*shape), draw(shape[0])

    def norm(key, n):
        w[key + ".weight"], w[key + ".bias"] = rng.uniform(.8, 1.2, n).astype("f"), draw(n)
    before = 1
    for i, (n, k) in enumerate(zip(c["conv_dim"], c["conv_kernel"])):
        key = "wav2vec2.feature_extractor.conv_layers.%d" % i
        w[key + ".conv.weight"] = draw(n, before, k)
        if c["conv_bias"]:
            w[key + ".conv.bias"] = draw(n)
        if i == 0 or c["feat_extract_norm"] == "layer":
            norm(key + ".layer_norm", n)
        before = n
    norm("wav2vec2.feature_projection.layer_norm", before)
    pair("wav2vec2.feature_projection.projection", h, before)
    key, k = "wav2vec2.encoder.pos_conv_embed.conv", c["num_conv_pos_embeddings"]
    w[key + ".bias"] = draw(h)
    w[key + ".parametrizations.weight.original0"] = rng.uniform(.5, 1, (1, 1, k)).astype("f")
    w[key + ".parametrizations.weight.original1"] = draw(h, h // c["num_conv_pos_embedding_groups"], k)
    norm("wav2vec2.encoder.layer_norm", h)
    for i in range(c["num_hidden_layers"]):
        key = "wav2vec2.encoder.layers.%d" % i
        for n in "qkv":
            pair("%s.attention.%s_proj" % (key, n), h, h)
        pair(key + ".attention.out_proj", h, h)
        norm(key + ".layer_norm", h)
        pair(key + ".feed_forward.intermediate_dense", c["intermediate_size"], h)
        pair(key + ".feed_forward.output_dense", h, c["intermediate_size"])
        norm(key + ".final_layer_norm", h)
    if c["use_weighted_layer_sum"]:
        w["layer_weights"] = draw(c["num_hidden_layers"] + 1)
    pair("projector", c["classifier_proj_size"], h)
    pair("classifier", len(WAV2VEC2_LABELS), c["classifier_proj_size"])
    return w


if __name__ == "__main__":
    wav2vec2.convert(wav2vec2_weights(), WAV2VEC2, wav2vec2.names({}, ",".join(WAV2VEC2_LABELS)), sys.argv[1])
    ecapa.convert(ecapa_weights(), sys.argv[1])
    arcface.convert(iresnet_weights(), sys.argv[1], 18)
    print(syncnet.convert(syncnet_weights(), sys.argv[1]), wav2lip_expert.convert(expert_weights(), sys.argv[1]))
