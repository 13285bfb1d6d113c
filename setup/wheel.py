"""Puts the wheel together: the tool and the library of a build, FFmpeg's libraries, nets, phone recogniser and the Python layer.

    python3 setup/wheel.py BUILD PARTS OUT [--permissive] [--list]
    python3 setup/wheel.py --fresh WHEEL

PARTS is what setup/wheel.sh installed (FFmpeg, sphinxbase); libraries that are not there come from the system, each with its licence. --permissive:
without the nets that are for research only. --list: prints what the wheel would hold, and writes none. --fresh: was that wheel made of the
sources and nets that are here? Exit 1 and one line if not.
"""
import argparse
import base64
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wheel_nets

# Given by every system that the wheel's tag names, or by the package openvino.
SYSTEM = re.compile(r"^(lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+)\.so|ld-linux|linux-vdso|libopenvino|libtbb)")
LEFT_OUT = ("speech-words", "speech-memory")  # 55 MB packed, for --transcribe alone; the wheel has to stay under 90 MB
PYTHONS = ">=3.10,<3.15"  # those for which the pinned openvino has wheels
PHONES = "/usr/share/pocketsphinx/model/en-us"
SUMMARY = "Do the sound and the picture of a talking-head video belong together?"
# What a wheel is made of; a stamp of it travels inside, so that a wheel of other sources is not taken for this one.
SOURCES = ("meson.build", "meson_options.txt", "include", "src", "tools", "policies", "bindings/python", "models/manifest.json", "models/licences", "setup/wheel.sh",
           "setup/wheel.py", "setup/wheel_nets.py", "setup/glibc_2_34.c", "setup/requirements.txt", "LICENSE")
SCRIPT = '''#!python
# Runs the tool that lies in the package, without importing the package: it must answer where the library cannot be opened.
import importlib.util
import os

folder = importlib.util.find_spec("avalign").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("avalign_runtime", os.path.join(folder, "_runtime.py"))
runtime = importlib.util.module_from_spec(spec)
spec.loader.exec_module(runtime)
runtime.main()
'''


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def system_libraries():
    return {m[1]: m[2] for m in re.finditer(r"^\s+(\S+) \(libc6,x86-64[^)]*\) => (\S+)$", output("/sbin/ldconfig", "-p"), re.M)}


def gather_libraries(first, parts, lib, licences):
    """Copies what they need, and what that needs; of the system's own with the licence of each."""
    todo, where = list(first), system_libraries()
    while todo:
        for name in output("patchelf", "--print-needed", todo.pop()).split():
            copy = os.path.join(lib, name)
            if SYSTEM.match(name) or os.path.exists(copy):
                continue
            own = os.path.join(parts, "lib", name)
            source = os.path.realpath(own if os.path.exists(own) else where[name])
            shutil.copy(source, copy)
            todo.append(copy)
            if not os.path.exists(own):
                found = subprocess.run(["dpkg", "-S", source], capture_output=True, text=True).stdout or \
                    output("dpkg", "-S", re.sub("^/usr", "", source))
                owner = found.split(":")[0]
                shutil.copy("/usr/share/doc/%s/copyright" % owner, os.path.join(licences, owner + ".txt"))


def finish_binaries(paths):
    """Small, and found from where they lie: each other in lib, OpenVINO in its own package beside this one."""
    for f in paths:
        subprocess.run(["strip", "--strip-unneeded", f], check=True)
        subprocess.run(["patchelf", "--set-rpath", "$ORIGIN:$ORIGIN/../lib:$ORIGIN/../../openvino/libs", f], check=True)


def glibc(paths):
    """The oldest C library that has all the functions that the binaries ask for: (2, 36)."""
    asked = {tuple(map(int, v.split("."))) for p in paths for v in re.findall(r"GLIBC_([0-9.]+)", output("objdump", "-T", p))}
    return max(asked)[:2]


def stamp():
    files = sorted(os.path.join(d, f) for s in SOURCES for d, _, names in os.walk(s) for f in names if not f.endswith(".pyc"))
    whole = hashlib.sha256()
    for path in sorted(files + [s for s in SOURCES if os.path.isfile(s)]):
        with open(path, "rb") as f:
            whole.update(("%s %s\n" % (path, hashlib.sha256(f.read()).hexdigest())).encode())
    return whole.hexdigest()[:16]


def fresh(path):
    """Why the wheel is not one of these sources; None: it is. Its nets are held to the manifest when it is made (wheel_nets.py)."""
    try:
        with zipfile.ZipFile(path) as z:
            made_of = json.loads(z.read("avalign/wheel.json")).get("sources")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as e:
        return "%s: cut short or damaged (%s): run make wheel again" % (path, e)
    return None if made_of == stamp() else "%s: made of other sources than these: run make wheel again" % path


def pinned(name):
    with open("setup/requirements.txt", encoding="utf-8") as f:
        return re.search(r"^%s==(\S+)" % name, f.read(), re.M)[1]


def texts(version, kind, rows):
    research = sorted(r["role"] for r in rows if r["licence"].startswith("research-only"))
    notice = "Code: MIT (LICENSE). FFmpeg's libraries: LGPL 2.1 or later, built from Debian's source package by setup/wheel.sh; other " \
             "libraries: the texts here.\n" + wheel_nets.notice(rows)
    licence = "MIT; libraries and nets of other licences, see licenses" + (" (for research only: %s)" % ", ".join(research) if research else "")
    with open("bindings/python/README.md", encoding="utf-8") as f:
        readme = f.read()
    return {
        "METADATA": "Metadata-Version: 2.1\nName: avalign\nVersion: %s\nSummary: %s\nLicense: %s\nRequires-Python: %s\n"
                    "Requires-Dist: cffi>=1.15\nRequires-Dist: numpy\nRequires-Dist: openvino==%s\n"
                    "Description-Content-Type: text/markdown\n\n%s" % (version, SUMMARY, licence, PYTHONS, pinned("openvino"), readme),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: avalign\nRoot-Is-Purelib: false\nTag: %s\n" % kind,
        "licenses/NOTICE": notice,
    }


def lay_out(root, build, parts, permissive):
    """Everything that the wheel holds, in the folder root; the wheel's name."""
    with open("meson.build", encoding="utf-8") as f:
        version = re.search(r"version: '([0-9.]+)'", f.read())[1]
    package, info, data = (os.path.join(root, n) for n in ("avalign", "avalign-%s.dist-info" % version, "avalign-%s.data" % version))
    lib, licences, tool = os.path.join(package, "lib"), os.path.join(info, "licenses"), os.path.join(package, "bin", "avalign")
    for d in (lib, licences, os.path.dirname(tool), os.path.join(package, "models"), os.path.join(package, "phones"), os.path.join(data, "scripts")):
        os.makedirs(d)
    for f in glob.glob("bindings/python/avalign/*"):
        if os.path.isfile(f):
            shutil.copy(f, package)
    shutil.copy(os.path.join(build, "avalign"), tool)
    shutil.copy(os.path.join(build, "libavalign.so.1"), lib)
    gather_libraries([tool, os.path.join(lib, "libavalign.so.1")], parts, lib, licences)
    binaries = sorted(glob.glob(lib + "/*")) + [tool]
    finish_binaries(binaries)
    rows = wheel_nets.gather("models", os.path.join(package, "models"), permissive, LEFT_OUT)["models"]
    shutil.copytree(PHONES + "/en-us", os.path.join(package, "phones", "en-us"))
    for f in ("en-us-phone.lm.bin", "cmudict-en-us.dict"):
        shutil.copy(os.path.join(PHONES, f), os.path.join(package, "phones"))
    for source, name in (("LICENSE", "LICENSE"), ("/usr/share/doc/pocketsphinx-en-us/copyright", "pocketsphinx-en-us.txt"),
                         ("models/licences/Apache-2.0.txt", "Apache-2.0.txt"), (os.path.join(parts, "COPYING.LGPLv2.1"), "ffmpeg.txt"), (os.path.join(parts, "LICENSE.sphinxbase"), "sphinxbase.txt")):
        shutil.copy(source, os.path.join(licences, name))
    oldest, engine = glibc(binaries), pinned("openvino")
    kind = "py3-none-manylinux_%d_%d_x86_64" % oldest
    needs = next(n for n in output("patchelf", "--print-needed", os.path.join(lib, "libavalign.so.1")).split() if n.startswith("libopenvino_c"))
    with open(os.path.join(package, "wheel.json"), "w", encoding="utf-8") as f: # what _runtime.py looks for
        json.dump({"glibc": oldest, "openvino": engine, "library": needs, "sources": stamp()}, f)
    with open(os.path.join(data, "scripts", "avalign"), "w", encoding="utf-8") as f:
        f.write(SCRIPT)
    for name, text in texts(version, kind, rows).items():
        with open(os.path.join(info, name), "w", encoding="utf-8") as f:
            f.write(text)
    return "avalign-%s-%s" % (version, kind), os.path.basename(info)


def files_of(root):
    return sorted(os.path.relpath(os.path.join(d, f), root) for d, _, names in os.walk(root) for f in names)


def pack(root, info, path):
    """The same bytes for the same contents: no times, files in order."""
    rows = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for f in files_of(root):
            with open(os.path.join(root, f), "rb") as opened:
                data = opened.read()
            entry = zipfile.ZipInfo(f, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if f.startswith("avalign/bin/") or ".data/scripts/" in f else 0o100644) << 16
            z.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
            rows.append("%s,sha256=%s,%d" % (f, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode(), len(data)))
        z.writestr(zipfile.ZipInfo(info + "/RECORD", (2020, 1, 1, 0, 0, 0)), "\n".join(rows + [info + "/RECORD,,", ""]))
    print("%s %.1f MB" % (path, os.path.getsize(path) / 1e6))


def main():
    if sys.argv[1:2] == ["--fresh"]:
        sys.exit(fresh(sys.argv[2]))
    p = argparse.ArgumentParser()
    for name in ("build", "parts", "out"):
        p.add_argument(name)
    p.add_argument("--permissive", action="store_true")
    p.add_argument("--list", action="store_true")
    a = p.parse_args()
    root = tempfile.mkdtemp()
    try:
        name, info = lay_out(root, a.build, a.parts, a.permissive)
        if a.list:
            print("\n".join([name] + files_of(root)))
            return
        os.makedirs(a.out, exist_ok=True)
        for old in glob.glob(os.path.join(a.out, "avalign-*.whl")):
            os.remove(old)
        pack(root, info, os.path.join(a.out, name + ".whl"))
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
