#!/bin/sh
# tools/completions/update.sh [AVALIGN [DIR]]: writes the options of the man page and the completions anew from the tool's option table,
# into the source tree or, for the test that they agree, into DIR.
set -e
avalign=${1:-build/avalign}
root=$(cd "$(dirname "$0")/../.." && pwd)
to=${2:-}
[ -n "$to" ] || to=$root
mkdir -p "$to/docs" "$to/tools/completions"
"$avalign" --generate man >"$to/docs/options.part"
awk -v part="$to/docs/options.part" '
    /^\.\\" options:/ { print; while ((getline line <part) > 0) print line; skip = 1; next }
    /^\.\\" end of options/ { skip = 0 }
    !skip' "$root/docs/avalign.1" >"$to/docs/page.part"
mv "$to/docs/page.part" "$to/docs/avalign.1"
rm "$to/docs/options.part"
"$avalign" --generate bash >"$to/tools/completions/avalign.bash"
"$avalign" --generate zsh >"$to/tools/completions/_avalign"
