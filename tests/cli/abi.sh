#!/bin/bash
# A program built against an earlier release of this major version runs on this library: nothing of tests/abi/avalign-VERSION.abi has
# changed or gone; more may have come. What is allowed and still looks like a change (a member at the end of a struct with
# struct_size, a new code) goes into the old file by hand, after it was thought over.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n "s/^project(.* version: '\([0-9.]*\)'.*/\1/p" "$root/meson.build") first=$root/tests/abi/avalign-${version%%.*}.0.0.abi
command -v abidiff >/dev/null || { echo "no abidiff: setup/test_tools.sh fetches it"; exit 77; }
bash "$root/tests/abi/write.sh" "$BUILD_DIR/libavalign.so.${version%%.*}" "$root/include/avalign" >"$T/new.abi" 2>/dev/null
holds() { # holds OLD NEW
    abidiff "$1" "$2" >"$T/abi" 2>&1
    [ $(($? & 3)) = 0 ] && ! grep -Eq '[1-9][0-9]* (Removed|Changed)' "$T/abi" || { sed 's/^/     /' "$T/abi" | head -60; return 1; }
}
breaks() { ! holds "$1" "$2" >/dev/null; }
ok "the major version's first release is kept" test -s "$first"
for old in "$root/tests/abi/avalign-${version%%.*}".*.abi; do
    release=$(basename "$old" .abi)
    ok "what was built against ${release#avalign-} runs" holds "$old" "$T/new.abi"
done
sed "/elf-symbol name='avalign_push_faces'/d" "$first" >"$T/less.abi"
ok "a function that is gone is seen" breaks "$first" "$T/less.abi"
ok "one that has come is welcome" holds "$T/less.abi" "$first"
sed "/name='AvalignPcm'/s/size-in-bits='[0-9]*'/size-in-bits='64'/" "$first" >"$T/size.abi"
ok "a struct of another size is seen" breaks "$first" "$T/size.abi"
finish
