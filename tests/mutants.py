"""How much of the arithmetic do the unit tests hold? Changes one operator or constant at a time and sees whether a test fails.

    python3 tests/mutants.py [--count 100] [--seed 1] [--only PATTERN] [DIR ...]      # src/analyze and src/dsp when none is given

Works in a copy of the tree under build-mutants. A mutant is killed when a unit test fails, crashes or hangs; those that do not
compile are not counted. Prints every mutant and, in the last line, the share killed (also when it is stopped by a signal). Tests that take long are left out: they run
whole files through nets, and would only hide what the small ones miss. Of the others those are run that have the changed file in them.
"""
import argparse
import filecmp
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys

SLOW = {"alloc", "api", "contract", "result", "pipeline", "report", "sandbox", "speech_encoder"}
# linked with every analyzer, but about one wing alone, and slow
WING = {"tests/test_sync_time": "src/analyze/sync/"}
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*", "&&": "||", "||": "&&"}
# what a C line is made of, as far as a mutant needs it: names and numbers whole, so that no operator is torn out of ->, ++ or 1e-3
TOKEN = re.compile(r"\"(?:\\.|[^\"])*\"|'(?:\\.|[^'])*'|/\*.*?\*/|//[^\n]*|[A-Za-z_]\w*|\.?\d(?:[eE][+-]|[\w.])*|->|\+\+|--|<<|>>|[-+*/&|<>=!]=|&&|\|\||\S", re.S)
NUMBER = re.compile(r"^(\d*\.?\d+(?:[eE][+-]?\d+)?)([fFuUlL]*)$")


def other_number(text):
    m = NUMBER.match(text)
    if not m or text.startswith("0x"):
        return None
    value, suffix = m.groups()
    if re.fullmatch(r"\d+", value):
        return "%d%s" % (int(value) + 1 if int(value) < 2 else int(value) * 2, suffix)
    return "(%s * 1.5)%s" % (value, "") if float(value) else "0.5" + suffix


def sites(text):
    """(start, end, replacement) of everything that can be changed."""
    found, before = [], ""
    for m in TOKEN.finditer(text):
        t, line = m.group(), text[text.rfind("\n", 0, m.start()) + 1:m.start()]
        if t.startswith(("/*", "//", '"', "'")):
            continue
        if not line.lstrip().startswith("#"):
            binary = re.match(r"[\w)\].]", before[-1:] or " ") and before not in ("return", "case", "const", "else")
            new = SWAPS.get(t) if binary else other_number(t)
            # a * after a type is a pointer; what follows [ is a size, and sizes only waste room
            if t == "*" and (re.search(r"(?:^|[(,;]\s*|const\s+|static\s+)[A-Za-z_]\w*\s*$", line) or text[m.end():m.end() + 1] != " "):
                new = None
            if new is None and not binary:
                new = None
            if before == "[" and NUMBER.match(t):
                new = None
            if new:
                found.append((m.start(), m.end(), new))
        before = t
    return found


def run(command, cpu_s=None, **more):
    """Exit status; a test that takes much more of the processor than it should hangs, however busy the machine is."""
    limit = None if cpu_s is None else lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s), int(cpu_s)))
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit, **more).returncode
    except subprocess.TimeoutExpired:
        return 124


def cpu_of(command, **more):
    """Seconds of processor time that it takes; None when it fails."""
    def spent():
        u = resource.getrusage(resource.RUSAGE_CHILDREN)
        return u.ru_utime + u.ru_stime
    before = spent()
    return None if run(command, **more) else spent() - before


def tests_of(made, build):
    """Which tests were linked with which source file (by its name): the linker takes from the archive only what a test calls."""
    tests = {}
    for t in made:
        symbols = subprocess.run(["readelf", "-sW", os.path.join(build, t)], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"\bFILE\b.*\s(\S+\.c)$", symbols, re.M):
            tests.setdefault(name, []).append(t)
    return tests


def fails(test, build, env, cpu_s):
    return run(["ninja", "-C", build, test], env=env) or run([os.path.join(build, test)], env=env, cwd=build, cpu_s=cpu_s, timeout=900)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("dirs", nargs="*", default=["src/analyze", "src/dsp"])
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only", default="", help="file names that contain this")
    a = p.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    tree = os.path.join(root, "build-mutants", "tree")
    build = os.path.join(root, "build-mutants", "build")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
    for f in filter(None, files):
        here, there = os.path.join(root, f), os.path.join(tree, f)
        if os.path.exists(here) and not (os.path.exists(there) and filecmp.cmp(here, there, shallow=False)):
            os.makedirs(os.path.dirname(there), exist_ok=True)
            shutil.copyfile(here, there)  # new for ninja, also where a run that was broken off left a mutant
    for link in ("third_party", "models/third_party"):
        if not os.path.islink(os.path.join(tree, link)):
            os.symlink(os.path.join(root, link), os.path.join(tree, link))
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(root, "third_party/openvino/pkgconfig"), AVALIGN_TINY=os.path.join(tree, "tests/tiny"),
               AVALIGN_MODELS=os.path.join(tree, "models"), AVALIGN_SAMPLE=os.path.join(tree, "samples/portrait.mp4"))
    if not os.path.exists(os.path.join(build, "build.ninja")):
        subprocess.run(["meson", "setup", build, tree, "-Doptimization=2", "-Ddebug=false"], env=env, stdout=subprocess.DEVNULL, check=True)
    names = sorted(f[len("tests/unit/test_"):-2] for f in files if f.startswith("tests/unit/test_") and f.endswith(".c"))
    tests = [n for n in names if n not in SLOW | {"peers", "spoof"}]
    made = ["tests/test_" + n for n in tests]
    takes = {}
    if run(["ninja", "-C", build] + made, env=env):
        sys.exit("mutants: it does not build as it is")
    for t in made:
        takes[t] = cpu_of([os.path.join(build, t)], env=env, cwd=build)
        if takes[t] is None:
            sys.exit("mutants: %s does not pass as it is" % t)
    made.sort(key=takes.get)
    of = tests_of(made, build)
    todo = []
    for d in a.dirs:
        for f in files:
            if f.startswith(d + "/") and f.endswith(".c") and a.only in f:
                with open(os.path.join(tree, f)) as src:
                    todo += [(f, s) for s in sites(src.read())]
    random.Random(a.seed).shuffle(todo)
    killed = survived = 0
    try:
        for f, (start, end, new) in todo:
            if killed + survived == a.count:
                break
            path = os.path.join(tree, f)
            with open(path) as src:
                text = src.read()
            with open(path, "w") as out:
                out.write(text[:start] + new + text[end:])
            try:
                # only what does not compile is no mutant; a test whose link fails would be our own fault
                if run(["ninja", "-C", build, "libavalign_internal.a"], env=env):
                    continue
                line = text.count("\n", 0, start) + 1
                if any(fails(t, build, env, 5 + 5 * takes[t]) for t in of.get(os.path.basename(f), []) if f.startswith(WING.get(t, ""))):
                    killed += 1
                    print("killed %s:%d  %s -> %s" % (f, line, text[start:end], new), flush=True)
                else:
                    survived += 1
                    print("survived %s:%d  %s -> %s  in: %s" % (f, line, text[start:end], new, text.split("\n")[line - 1].strip()), flush=True)
            finally:
                with open(path, "w") as out:
                    out.write(text)
    except KeyboardInterrupt:
        pass
    print("%d of %d mutants killed, %.2f" % (killed, killed + survived, killed / max(1, killed + survived)))


main()
