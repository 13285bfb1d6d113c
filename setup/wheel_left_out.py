"""What the system's FFmpeg reads and the wheel's, which `make wheel` built, does not: formats without a decoder, containers without a demuxer.

    python3 setup/wheel_left_out.py

Goes by formats, so wrappers of hardware and of other libraries are not counted apart. docs/install.md has what it prints.
"""
import ctypes
import glob
import subprocess
import sys
import textwrap

OWN = "build-parts/installed/lib"
KINDS = {0: "Pictures", 1: "Sound"}


class Codec(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("long_name", ctypes.c_char_p), ("type", ctypes.c_int), ("id", ctypes.c_int)]


class Demuxer(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p)]


def walk(function, kind):
    function.restype, function.argtypes = ctypes.POINTER(kind), [ctypes.POINTER(ctypes.c_void_p)]
    place = ctypes.c_void_p()
    while True:
        one = function(ctypes.byref(place))
        if not one:
            return
        yield one


def reads(folder):
    """Prints what the libraries in that folder (the system's: empty) read: kind and name, one a line."""
    codec, container = (ctypes.CDLL(sorted(glob.glob("%s/lib%s.so.*" % (folder, n)))[0] if folder else ctypes.util.find_library(n.replace("lib", ""))) for n in ("avcodec", "avformat"))
    codec.avcodec_get_name.restype = ctypes.c_char_p
    for c in walk(codec.av_codec_iterate, Codec):
        if codec.av_codec_is_decoder(c) and c.contents.type in KINDS:
            print(KINDS[c.contents.type], codec.avcodec_get_name(c.contents.id).decode())
    for d in walk(container.av_demuxer_iterate, Demuxer):
        print("Containers", d.contents.name.decode())


def main():
    if len(sys.argv) > 1:
        import ctypes.util
        return reads(sys.argv[1])
    theirs, own = (set(subprocess.run([sys.executable, __file__, f], check=True, capture_output=True, text=True, env={"LD_LIBRARY_PATH": f}).stdout.splitlines())
                   for f in ("", OWN))
    for kind in list(KINDS.values()) + ["Containers"]:
        names = sorted(line.split()[1] for line in theirs - own if line.split()[0] == kind)
        print(textwrap.fill("%s: %s" % (kind, " ".join(names)), 120, break_on_hyphens=False))


if __name__ == "__main__":
    main()
