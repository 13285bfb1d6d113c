"""tutorial.py TUTORIAL.md DIR: runs the ```sh blocks of a page in a copy of what they need under DIR, and holds the ```text blocks against what
they print: each line must be there, whatever its digits (nets change) and wherever a clip's finding has another place."""
import os
import re
import subprocess
import sys

page, where = sys.argv[1:3]
root = os.path.dirname(os.path.dirname(os.path.abspath(page)))
for name in ("samples", "policies"):
    os.symlink(os.path.join(root, name), os.path.join(where, name))


def plain(line):
    return re.sub(r"[-+]?\d+(\.\d+)?", "#", " ".join(line.split()))


blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", open(page).read(), re.M | re.S)
said, bad, lines = "", [], 0
for kind, text in blocks:
    if kind == "sh":
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", text], cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = done.stdout
        if done.returncode:
            bad.append("exit code %d of: %s\n%s" % (done.returncode, text, said))
        continue
    printed = {plain(x) for x in said.splitlines()}
    for line in text.splitlines():
        lines += 1
        if plain(line) not in printed:
            bad.append("not printed: %s\n%s" % (line, said))
if len(blocks) < 10 or lines < 15:
    bad.append("only %d blocks with %d lines were found" % (len(blocks), lines))
print("\n".join(bad) or "%d blocks, %d lines" % (len(blocks), lines))
sys.exit(bool(bad))
