"""Where the wheel's parts lie, running its tool, and what is said when something that it needs is not there.

Imports nothing of the package, so that it can be loaded by itself: the command must answer where the library cannot be opened.
"""
import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(ImportError):
    """One line: what is missing, and the remedy."""


def carried(*names):
    """A part of the wheel; None outside of one."""
    path = os.path.join(HERE, *names)
    return path if os.path.exists(path) else None


def glibc():
    """This system's C library as (2, 36); None: it is not glibc."""
    try:
        return tuple(int(n) for n in os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")[:2])
    except (AttributeError, IndexError, OSError, TypeError, ValueError):
        return None


def openvino():
    """The folder with OpenVINO's libraries; None outside of a wheel, whose library finds its own. Missing: what to do."""
    facts = carried("wheel.json")
    if not facts:
        return None
    with open(facts, encoding="utf-8") as f:
        need = json.load(f)
    have = glibc()
    if not have or have < tuple(need["glibc"]):
        raise Missing("this system's C library is %s, the wheel needs glibc %d.%d or newer: use a newer system, or build from source (docs/install.md)"
                      % ("glibc %d.%d" % have if have else "not glibc", *need["glibc"]))
    beside = os.path.join(os.path.dirname(HERE), "openvino")
    spec = None if os.path.isdir(beside) else importlib.util.find_spec("openvino")
    folders = [beside] + list(spec.submodule_search_locations or [] if spec else [])
    found = next((d for d in (os.path.join(f, "libs") for f in folders) if os.path.exists(os.path.join(d, need["library"]))), None)
    if not found:
        raise Missing("OpenVINO %s is not installed beside this package: pip install openvino==%s" % (need["openvino"], need["openvino"]))
    return found


def as_command():
    """Is it python -m avalign that imports the package?"""
    words = getattr(sys, "orig_argv", [])
    return sys.argv[:1] == ["-m"] and "-m" in words[:-1] and words[words.index("-m") + 1] == "avalign"


def main():
    """Runs the tool that lies in the package, or else the one on PATH."""
    tool, phones = carried("bin", "avalign"), carried("phones")
    try:
        libs = openvino()
        if libs and not os.path.samefile(os.path.dirname(os.path.dirname(libs)), os.path.dirname(HERE)):
            os.environ["LD_LIBRARY_PATH"] = ":".join(filter(None, [libs, os.environ.get("LD_LIBRARY_PATH")])) # past the run path's reach
        if phones:
            os.environ.setdefault("AVALIGN_POCKETSPHINX", phones)
        os.execvp(tool or "avalign", ["avalign"] + sys.argv[1:])
    except FileNotFoundError:
        sys.exit("avalign: the tool is neither in the package nor on PATH; make install puts it there")
    except PermissionError:
        sys.exit("avalign: %s cannot be run: the package lies on a file system without programs (noexec), or lost its mode; install it elsewhere" % tool)
    except Missing as e:
        if sys.argv[1:2] == ["doctor"]:
            print("%-8s %-28s %s" % ("MISSING", "OpenVINO" if "OpenVINO" in str(e) else "C library", e))
            sys.exit(3)
        sys.exit("avalign: %s" % e)
