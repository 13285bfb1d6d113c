#!/bin/bash
# docs/tutorial.md, typed: every command of it, in its order; what it says they print is what they print, but for the digits.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
ok "every command is typed and says what the tutorial says" env PATH="$(dirname "$AVALIGN"):$PATH" $PYTHON "$here/tutorial.py" "$here/../../docs/tutorial.md" "$T"
finish
