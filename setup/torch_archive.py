"""Reads the tensors of a PyTorch file (zip archive, or the older stream of pickles) without PyTorch.

Only the types that a dictionary of tensors is made of are let in: a file can't run code here.
"""
import collections
import io
import pickle
import struct
import zipfile

import numpy as np

DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
          "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?"}
MAGIC = 0x1950a86a20f9469cfc6c


class Storage:
    def __init__(self, name):
        self.dtype = np.dtype(DTYPES[name])


def rebuild(storage, offset, size, stride, *_):
    a = storage()
    return (a, offset, size, stride) if a is None else np.lib.stride_tricks.as_strided(
        a[offset:], size, [s * a.itemsize for s in stride]).copy()


def parameter(data, *_):
    return data


class Reader(pickle.Unpickler):
    def __init__(self, f, load):
        super().__init__(f, encoding="latin1")
        self.load_storage = load

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return rebuild
        if module == "torch._utils" and name == "_rebuild_parameter":
            return parameter
        if module.split(".")[0] == "torch" and name in DTYPES:
            return lambda: Storage(name)
        if module.startswith("torch") or module.startswith("numpy") or module == "argparse":
            return lambda *a, **k: None             # optimiser settings and the like: not needed
        raise pickle.UnpicklingError("%s.%s has no place in a file of weights" % (module, name))

    def persistent_load(self, pid):
        kind = pid[1]() if callable(pid[1]) else pid[1]
        return self.load_storage(kind.dtype, str(pid[2]), int(pid[4]))


class Late:
    """A storage of the older form: its bytes come after the pickle."""
    def __init__(self, dtype, n):
        self.dtype, self.n, self.data = dtype, n, None

    def __call__(self):
        return self.data


def read_zip(path):
    with zipfile.ZipFile(path) as z:
        top = next(n for n in z.namelist() if n.endswith("/data.pkl"))[:-len("data.pkl")]
        load = lambda dtype, key, n: (lambda a=np.frombuffer(z.read(top + "data/" + key), dtype, n): a)
        return Reader(io.BytesIO(z.read(top + "data.pkl")), load).load()


def read_stream(path):
    with open(path, "rb") as f:
        blob = f.read()

    def parse(storages):
        g = io.BytesIO(blob)
        load = lambda dtype, key, n: storages.setdefault(key, Late(dtype, n))
        head = [Reader(g, load).load() for _ in range(3)]
        if head[0] != MAGIC:
            raise ValueError("%s is no PyTorch file" % path)
        return g, Reader(g, load).load()
    storages = {}
    g, _ = parse(storages)                           # finds the storages and where their bytes begin
    for key in Reader(g, None).load():
        n, = struct.unpack("<q", g.read(8))
        s = storages[str(key)]
        s.data = np.frombuffer(g.read(n * s.dtype.itemsize), s.dtype)
    return parse(storages)[1]                        # now with their contents


def read(path):
    """The object in the file: for a checkpoint a dictionary of arrays, perhaps inside others."""
    return read_zip(path) if zipfile.is_zipfile(path) else read_stream(path)


def tensors(path, *keys):
    """Name -> array: the first of keys that the file has, or the file's own dictionary; without "module." in front."""
    d = read(path)
    for k in keys:
        if isinstance(d, dict) and k in d:
            d = d[k]
            break
    return {(k[7:] if k.startswith("module.") else k): v for k, v in d.items() if isinstance(v, np.ndarray)}
