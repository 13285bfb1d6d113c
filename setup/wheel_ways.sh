#!/bin/sh
# setup/wheel_ways.sh FOLDER: the wheel that is installed for the first python3 of PATH, by its three ways in, on every file of the folder that has
# a FILE.json beside it, which is what it must answer. (wheel_check.sh and python_check.sh run it; it needs nothing of the source tree.)
set -eu
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cd "$1"
python3 -c 'import socket; socket.create_connection(("192.0.2.1", 80), 2)' 2>/dev/null && [ -z "${NETWORK:-}" ] && { echo "there is a network"; exit 1; }
cat >"$work/same.py" <<'P'
import json, sys
want, got = (json.load(open(p)) for p in sys.argv[1:3])
def differ(a, b, at=""):
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return [d for k in a for d in differ(a[k], b[k], at + "." + k)]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i in range(len(a)) for d in differ(a[i], b[i], "%s[%d]" % (at, i))]
    return [] if a == b else ["%s: %s native, %s here" % (at, str(a)[:60], str(b)[:60])]
found = differ(want, got)
print(("FAIL " if found else "ok   ") + sys.argv[3], "; ".join(found[:6]), "(%d in all)" % len(found) if len(found) > 6 else "")
sys.exit(bool(found))
P
failed=
for want in *.json; do
    f=${want%.json}
    avalign "$f" --json "$work/tool" -q >/dev/null 2>&1 || [ $? -le 2 ]
    python3 -m avalign analyze "$f" --json "$work/module" -q >/dev/null 2>&1 || [ $? -le 2 ]
    python3 -c 'import avalign, json, sys; json.dump(avalign.analyze(sys.argv[1]), open(sys.argv[2], "w"))' "$f" "$work/import"
    for way in tool module import; do python3 "$work/same.py" "$want" "$work/$way" "$f by $way" || failed=1; done
done
avalign doctor | grep -v '^ok' || true
avalign --version
[ -z "$failed" ]
