"""How much of the arithmetic do the unit tests hold? Changes one operator or constant at a time and sees whether a test fails.

    python3 tests/mutants.py [--count 100] [--seed 1] [--only PATTERN] [DIR ...]      # src/analyze and src/dsp when none is given

Works in a copy of the tree under build-mutants. A mutant is killed when a unit test fails, crashes (under the address sanitizer) or hangs; those that do not
compile are not counted. Prints every mutant and, in the last line, the share killed (also when it is stopped by a signal). Tests that take long are left out: they run
whole files through nets, and would only hide what the small ones miss. Of the others those are run that come to the changed line, which
a build with gcov tells once; where none does, the mutant has survived without a run ("reached by no test").
"""
import argparse
import filecmp
import glob
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys

SLOW = {"alloc", "api", "push", "contract", "result", "pipeline", "report", "sandbox", "speech_encoder", "peers", "spoof", "sync_time"}
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*", "&&": "||", "||": "&&"}
# what a C line is made of, as far as a mutant needs it: names and numbers whole, so that no operator is torn out of ->, ++ or 1e-3
TOKEN = re.compile(r"\"(?:\\.|[^\"])*\"|'(?:\\.|[^'])*'|/\*.*?\*/|//[^\n]*|[A-Za-z_]\w*|\.?\d(?:[eE][+-]|[\w.])*|->|\+\+|--|<<|>>|[-+*/&|<>=!]=|&&|\|\||\S", re.S)
NUMBER = re.compile(r"^(\d*\.?\d+(?:[eE][+-]?\d+)?)([fFuUlL]*)$")


def other_number(text):
    m = NUMBER.match(text)
    if not m or text.startswith("0x"):
        return None
    value, suffix = m.groups()
    if re.fullmatch(r"\d+", value): # 0 and 1 change places, for 1 often means yes, and 2 would too
        return "%d%s" % (1 - int(value) if int(value) < 2 else int(value) * 2, suffix)
    return "(%s * 1.5)%s" % (value, "") if float(value) else "0.5" + suffix


def closing(text, at):
    """Where the parenthesis that opens at `at` is closed."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if not depth:
            return i
    return len(text)


def left_out(text):
    """Stretches in which a change means nothing, or nothing that these tests could see:
    - how much room is asked for: more changes nothing, less is the sanitizers' to see (tests/sanitize.sh);
    - what is done when memory runs out: tests/unit/test_alloc.c makes it run out, and takes too long here;
    - what is said of a failure beside its code;
    - < or > of two that were just found unequal: <= and >= are the same."""
    spans = [(m.start(), closing(text, m.end() - 1)) for m in re.finditer(r"\b(?:malloc|calloc|realloc|ava_reserve|ava_fail)\(", text)]
    spans += [m.span() for m in re.finditer(r"return -1;|\? -1 : 0;|[^\n]*\bAVALIGN_ERR_NOMEM\b[^\n]*", text) if "ava_push" not in m.group()]
    spans += [m.span(3) for m in re.finditer(r"(\S+) != (\S+?)(?:\)\s+return| \?) \(?\1 ([<>]) \2", text)]
    return spans


def sites(text):
    """(start, end, replacement) of everything that can be changed."""
    found, before, out = [], "", left_out(text)
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
            if new and not any(a <= m.start() and m.end() <= b for a, b in out):
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


def lines_run(build, tests, env):
    """{file: {line: [tests that come to it]}} of src/, by gcov (a line that has code and no test has an empty list), and {test: seconds}."""
    reached, takes = {}, {}
    for t in tests:
        for old in glob.glob(os.path.join(build, "**/*.gcda"), recursive=True):
            os.remove(old)
        takes[t] = cpu_of([os.path.join(build, t)], env=env, cwd=build)
        if takes[t] is None:
            sys.exit("mutants: %s does not pass as it is" % t)
        data = glob.glob(os.path.join(build, "libavalign.so*.p/*.gcda"))
        if not data:
            continue
        told = subprocess.run(["gcov", "--json-format", "--stdout"] + data, capture_output=True, text=True, cwd=build).stdout  # of all files that it can read
        for report in filter(None, told.split("\n")):
            for f in json.loads(report)["files"]:
                lines = reached.setdefault(os.path.relpath(os.path.join(build, f["file"]), os.path.join(build, "../tree")), {})
                for x in f["lines"]:
                    by = lines.setdefault(x["line_number"], [])
                    if x["count"] and t not in by:
                        by.append(t)
    return reached, takes


def reach(work, tests, env, files):
    """lines_run(), kept for as long as no file changes."""
    state = hashlib.sha256()
    for f in sorted(filter(None, files)):
        if f.startswith(("src/", "include/", "tests/", "meson")) and os.path.exists(os.path.join(work, "tree", f)):
            with open(os.path.join(work, "tree", f), "rb") as src:
                state.update(f.encode() + b"\0" + src.read())
    kept = os.path.join(work, "reached.json")
    if os.path.exists(kept):
        with open(kept) as src:
            known = json.load(src)
        if known["state"] == state.hexdigest():
            return known["lines"], known["takes"]
    build = os.path.join(work, "coverage")
    env = dict(env, CCACHE_DISABLE="1")  # it gives back objects and notes that gcov finds are not of one compilation
    if not set_up(build, os.path.join(work, "tree"), ["-Db_coverage=true", "-Doptimization=1"], env) or run(["ninja", "-C", build] + tests, env=env):
        sys.exit("mutants: it does not build with gcov")
    lines, takes = lines_run(build, tests, env)
    with open(kept, "w") as out:
        json.dump({"state": state.hexdigest(), "lines": lines, "takes": takes}, out)
    return reach(work, tests, env, files)


def set_up(build, tree, options, env):
    return os.path.exists(os.path.join(build, "build.ninja")) or not run(["meson", "setup", build, tree, "-Ddebug=false"] + options, env=env)


def copy_tree(root, tree, files):
    """What git knows; a file that is as it was keeps its time, so that ninja leaves it alone."""
    for f in filter(None, files):
        here, there = os.path.join(root, f), os.path.join(tree, f)
        if os.path.exists(here) and not (os.path.exists(there) and filecmp.cmp(here, there, shallow=False)):
            os.makedirs(os.path.dirname(there), exist_ok=True)
            shutil.copyfile(here, there)  # new for ninja, also where a run that was broken off left a mutant
    for link in ("third_party", "models/third_party"):
        if not os.path.islink(os.path.join(tree, link)):
            os.symlink(os.path.join(root, link), os.path.join(tree, link))


def tests_for(reached, f, line, every):
    """Those that come to the line; to the file, where the line has no code of its own (a table's row); every test, where gcov knows nothing."""
    if f not in reached:
        return every
    lines = reached[f]
    if str(line) in lines:
        return lines[str(line)]
    return sorted({t for by in lines.values() for t in by})


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
    work = os.path.join(root, "build-mutants")
    tree, build = os.path.join(work, "tree"), os.path.join(work, "build")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
    copy_tree(root, tree, files)
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", TBB_ENABLE_SANITIZERS="1", PKG_CONFIG_PATH=os.path.join(root, "third_party/openvino/pkgconfig"), AVALIGN_TINY=os.path.join(tree, "tests/tiny"),
               AVALIGN_MODELS=os.path.join(tree, "models"), AVALIGN_SAMPLE=os.path.join(tree, "samples/portrait.mp4"))
    made = ["tests/test_" + f[len("tests/unit/test_"):-2] for f in sorted(files)
            if f.startswith("tests/unit/test_") and f.endswith(".c") and f[len("tests/unit/test_"):-2] not in SLOW]
    if not set_up(build, tree, ["-Doptimization=1", "-Db_sanitize=address", "-Db_lundef=false"], env) or run(["ninja", "-C", build] + made, env=env):
        sys.exit("mutants: it does not build as it is")
    reached, takes = reach(work, made, env, files)
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
            line = text.count("\n", 0, start) + 1
            tests = sorted(tests_for(reached, f, line, made), key=takes.get)
            try:
                # only what does not compile is no mutant; a test whose link fails would be our own fault
                if run(["ninja", "-C", build, "libavalign_internal.a"], env=env):
                    continue
                if any(fails(t, build, env, 5 + 5 * takes[t]) for t in tests):
                    killed += 1
                    print("killed %s:%d  %s -> %s" % (f, line, text[start:end], new), flush=True)
                else:
                    survived += 1
                    print("survived %s:%d  %s -> %s%s  in: %s" % (f, line, text[start:end], new, "" if tests else "  reached by no test",
                                                                text.split("\n")[line - 1].strip()), flush=True)
            finally:
                with open(path, "w") as out:
                    out.write(text)
    except KeyboardInterrupt:
        pass
    print("%d of %d mutants killed, %.2f" % (killed, killed + survived, killed / max(1, killed + survived)))


main()
