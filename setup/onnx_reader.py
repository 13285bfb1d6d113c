"""Reads the weights of an ONNX file with NumPy alone: the few messages of onnx.proto that hold them."""
import numpy as np

TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}


def fields(data):
    """(number, value) of each field of a message; what has a length comes as bytes."""
    at = 0

    def varint():
        nonlocal at
        n = shift = 0
        while True:
            b = data[at]
            at += 1
            n |= (b & 127) << shift
            shift += 7
            if b < 128:
                return n
    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = data[at:at + size], at + size
        elif kind == 2:
            size = varint()
            value, at = data[at:at + size], at + size
        else:
            raise ValueError("not an ONNX file")
        yield key >> 3, value


def tensor(data):
    dims, kind, name, raw, numbers = [], 0, "", b"", []
    for number, value in fields(data):
        if number == 1:
            dims += [n for n in _packed(value)]
        elif number == 2:
            kind = value
        elif number == 8:
            name = value.decode()
        elif number == 9:
            raw = value
        elif number == 4:
            numbers = list(np.frombuffer(value, "<f4"))
        elif number in (5, 7):
            numbers += _packed(value)
    a = np.frombuffer(raw, TYPES[kind]) if raw or not numbers else np.array(numbers, TYPES[kind])
    return name, a.reshape(dims)


def _packed(value):
    if isinstance(value, int):
        return [value]
    out, n, shift = [], 0, 0
    for b in value:
        n |= (b & 127) << shift
        shift += 7
        if b < 128:
            out.append(n)
            n = shift = 0
    return out


def weights(path):
    """name -> array; and the operators in order: (kind, names of the inputs)."""
    with open(path, "rb") as f:
        graph = next(v for n, v in fields(f.read()) if n == 7)
    init, nodes = {}, []
    for number, value in fields(graph):
        if number == 5:
            name, a = tensor(value)
            init[name] = a
        elif number == 1:
            parts = list(fields(value))
            nodes.append((next(v.decode() for n, v in parts if n == 4), [v.decode() for n, v in parts if n == 1]))
    return init, nodes
