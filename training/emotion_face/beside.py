"""beside.py -- face-api's net beside our own, in one file: the weighted mean of their logarithms.

    python beside.py OWN.onnx FACE_API.onnx OUT.onnx [SHARE]

OWN is what export.py writes; FACE_API is models/third_party/face_expression.onnx (MIT), which wants the face alone: its picture is cut out of
ours here. The two err differently: face-api's knows posed and rare expressions, ours what a crowd calls ordinary faces."""
import sys

import numpy as np
import onnx
from onnx import compose, helper, numpy_helper

import export

SIDE, BOXES, RAISED, LEAST = 112, 1.12, .047, 1e-4


def main():
    own, api = onnx.load(sys.argv[1]), onnx.load(sys.argv[2])
    share = float(sys.argv[4]) if len(sys.argv) > 4 else .8
    api = export.halve(compose.add_prefix(api, "api_"))
    own = compose.add_prefix(own, "own_")
    box = SIDE / BOXES                                   # the face alone, in our picture
    x0, y0 = round((SIDE - box) / 2), round((SIDE - box) / 2 + RAISED * box)
    g, a = own.graph, api.graph
    face, both = g.input[0].name, [g.output[0].name, a.output[0].name]
    const = lambda name, v: g.initializer.append(numpy_helper.from_array(np.array(v), name))
    const("first", np.array([y0, x0], np.int64)), const("last", np.array([y0 + round(box), x0 + round(box)], np.int64)), const("axes", np.array([2, 3], np.int64))
    const("even", np.array([1, 1, SIDE / round(box), SIDE / round(box)], np.float32))
    const("contempt", np.array([0, 0, 0, 1], np.int64)), const("least", np.float32(LEAST))
    const("share", np.float32(share)), const("other", np.float32(1 - share))
    node = helper.make_node
    nodes = [node("Slice", [face, "first", "last", "axes"], ["cut"]),
             node("Resize", ["cut", "", "even"], [a.input[0].name], mode="linear", coordinate_transformation_mode="half_pixel")]
    nodes += list(a.node) + list(g.node)
    nodes += [node("Pad", [both[1], "contempt"], ["eight"])]
    for name, p, w in (("own", both[0], "share"), ("api", "eight", "other")):
        nodes += [node("Add", [p, "least"], [name + "_least"]), node("Log", [name + "_least"], [name + "_log"]), node("Mul", [name + "_log", w], [name + "_share"])]
    nodes += [node("Add", ["own_share", "api_share"], ["sum"]), node("Softmax", ["sum"], ["probabilities"], axis=1)]
    graph = helper.make_graph(nodes, "face", [helper.make_tensor_value_info(face, onnx.TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
                              [helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, ["n", 8])], list(g.initializer) + list(a.initializer))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, sys.argv[3])
    print("%.2f MB, ours counts %.2f" % (len(model.SerializeToString()) / 1e6, share))


if __name__ == "__main__":
    main()
