#!/bin/sh
# run.sh BUILD [ARGS...]: runs every test of a build, or those that the arguments leave (meson's), and ends with a line that counts them.
build=${1:-build}; shift
meson test -C "$build" --print-errorlogs "$@"
status=$?
python3 - "$build/meson-logs/testlog.json" <<'P'
import json, sys
r = [json.loads(l)["result"] for l in open(sys.argv[1])]
ok, skip = r.count("OK"), r.count("SKIP")
print("%d passed, %d failed%s" % (ok, len(r) - ok - skip, ", %d skipped" % skip if skip else ""))
P
exit $status
