#!/bin/bash
# write.sh LIBRARY [INCLUDE_DIR] >tests/abi/avalign-VERSION.abi: what a library promises to programs, in abidw's words; a release adds its own
exec abidw --headers-dir "${2:-include/avalign}" --no-show-locs --no-corpus-path --no-comp-dir-path --exported-interfaces-only --drop-private-types "$1"
