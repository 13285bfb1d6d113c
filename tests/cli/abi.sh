#!/bin/bash
# A program built against 1.0 runs on this library: nothing of tests/abi/avalign-1.0.abi has changed or gone; more may have come. What is
# allowed and still looks like a change (a member at the end of a struct with struct_size, a new code) goes into the old
# file by hand, after it was thought over.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd) old=$(cd "$(dirname "$0")/../abi" && pwd)/avalign-1.0.abi
command -v abidiff >/dev/null || { echo "no abidiff: setup/test_tools.sh fetches it"; exit 77; }
abidw --headers-dir "$root/include/avalign" --no-show-locs --no-corpus-path --no-comp-dir-path --exported-interfaces-only --drop-private-types \
    "$BUILD_DIR/libavalign.so.1" >"$T/new.abi" 2>/dev/null
holds() { # holds OLD NEW
    abidiff "$1" "$2" >"$T/abi" 2>&1
    [ $(($? & 3)) = 0 ] && ! grep -Eq '[1-9][0-9]* (Removed|Changed)' "$T/abi" || { sed 's/^/     /' "$T/abi" | head -60; return 1; }
}
breaks() { ! holds "$1" "$2" >/dev/null; }
ok "what was built against 1.0 runs" holds "$old" "$T/new.abi"
sed "/elf-symbol name='avalign_push_faces'/d" "$old" >"$T/less.abi"
ok "a function that is gone is seen" breaks "$old" "$T/less.abi"
ok "one that has come is welcome" holds "$T/less.abi" "$old"
sed "/name='AvalignPcm'/s/size-in-bits='[0-9]*'/size-in-bits='64'/" "$old" >"$T/size.abi"
ok "a struct of another size is seen" breaks "$old" "$T/size.abi"
finish
