#!/bin/bash
# ffmpeg_headers.sh INCLUDE_DIR...: does src/media compile against another FFmpeg's headers, without a warning? Each folder is the include/ of
# an installation, or what `make install-headers` of FFmpeg's source leaves. The build supplies version.h: `make` first.
cd "$(dirname "$0")/.." || exit 1
rc=0
for dir in "$@"; do
    version=$(sed -n 's/^#define LIBAVUTIL_VERSION_M[AI][JN]OR  *//p' "$dir/libavutil/version.h" | paste -sd.)
    failed=0
    for f in src/media/*.c; do
        ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I"$dir" -Isrc -Iinclude -Ibuild/include/avalign "$f" || { echo "FAIL $f"; failed=1 rc=1; }
    done
    echo "libavutil $version: $([ $failed = 0 ] && echo compiles || echo does not compile)"
done
exit $rc
