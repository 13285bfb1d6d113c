"""Writes ONNX files with NumPy alone: the few messages of onnx.proto that a plain net needs."""
import numpy as np

TYPES = {"float32": 1, "int64": 7, "float16": 10, "bool": 9, "int32": 6}


def _varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def _field(number, value):
    """One field: int as varint, float as 32 bits, bytes or text by length."""
    if isinstance(value, (int, np.integer)):
        return _varint(number << 3) + _varint(int(value))
    if isinstance(value, float):
        return _varint(number << 3 | 5) + np.float32(value).tobytes()
    value = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def tensor(name, a):
    a = np.ascontiguousarray(a)
    return b"".join(_field(1, d) for d in a.shape) + _field(2, TYPES[a.dtype.name]) + _field(8, name) + _field(9, a.tobytes())


def _attribute(name, v):
    if isinstance(v, (bool, int, np.integer)):
        body = _field(3, int(v)) + _field(20, 2)
    elif isinstance(v, float):
        body = _field(2, v) + _field(20, 1)
    elif isinstance(v, str):
        body = _field(4, v) + _field(20, 3)
    elif isinstance(v, np.ndarray):
        body = _field(5, tensor("", v)) + _field(20, 4)
    elif all(isinstance(x, str) for x in v):
        body = b"".join(_field(9, x) for x in v) + _field(20, 8)
    else:
        body = b"".join(_field(8, int(x)) for x in v) + _field(20, 7)
    return _field(1, name) + body


def node(op, inputs, outputs, **attributes):
    return b"".join(_field(1, i) for i in inputs) + b"".join(_field(2, o) for o in outputs) + _field(4, op) + \
        b"".join(_field(5, _attribute(k, v)) for k, v in attributes.items())


def value(name, shape, kind="float32"):
    """shape: numbers, or names for what may vary."""
    dims = b"".join(_field(1, _field(2, d) if isinstance(d, str) else _field(1, d)) for d in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, TYPES[kind]) + _field(2, dims)))


def model(name, nodes, inputs, outputs, initializers, opset=13):
    """Bytes of a file: nodes from node(), inputs and outputs from value(), initializers name -> array."""
    graph = b"".join(_field(1, n) for n in nodes) + _field(2, name) + \
        b"".join(_field(5, tensor(k, a)) for k, a in initializers.items()) + \
        b"".join(_field(11, v) for v in inputs) + b"".join(_field(12, v) for v in outputs)
    return _field(1, 8) + _field(2, "avalign") + _field(7, graph) + _field(8, _field(1, "") + _field(2, opset))
