#!/bin/bash
# The public header stands alone in C99, C11, C17 and C++11; the example builds against it and runs.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
inc="-I$root/include -I$BUILD_DIR/include -I$BUILD_DIR/include/avalign"
echo '#include <avalign/avalign.h>' >"$T/h.c"; cp "$T/h.c" "$T/h.cpp"
for std in c99 c11 c17; do ok "header as $std" cc -std=$std -Wall -Wextra -pedantic -Werror $inc -fsyntax-only "$T/h.c"; done
ok "header as c++11" c++ -std=c++11 -Wall -Wextra -pedantic -Werror $inc -fsyntax-only "$T/h.cpp"
ok "example compiles" cc -Wall -Wextra -Werror $inc "$root/examples/offset.c" -o "$T/offset" -L"$BUILD_DIR" -lavalign -Wl,-rpath,"$BUILD_DIR" -Wl,-rpath-link,"$BUILD_DIR/../third_party/openvino/lib"
"$T/offset" "$SAMPLE" >"$T/out" 2>&1
ok "example runs and answers" grep -Eq '^the sound is [0-9]+ ms (early|late)$' "$T/out"
"$T/offset" /nowhere >"$T/out" 2>&1; ok "example reports errors" is $? 1
ok "only avalign_* is exported" is "$(nm -D --defined-only "$BUILD_DIR"/libavalign.so.1 | awk '{print $3}' | grep -vc '^avalign_')" 0
# a call that can fail is in the table of test_contract.c, which sees that an error of before is cleared and a new one told
untold=
for call in $(cat "$root"/include/avalign/*.h | tr '\n' ' ' | grep -oE 'AVALIGN_API int [a-z_]+\([^;]*\)' | grep -E 'AvalignErrorInfo \*|\(AvalignContext \*' | sed -E 's/AVALIGN_API int ([a-z_]+).*/\1/'); do
    grep -qE "\\b$call\(" "$root/tests/unit/test_contract.c" || untold+=" $call"
done
ok "every call that can fail is in the contract's table" is "$untold" ""
ok "and they were found" test "$(cat "$root"/include/avalign/*.h | grep -c 'AvalignErrorInfo \*')" -gt 15
finish
