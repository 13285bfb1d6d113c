#!/bin/bash
# make install gives a tool, a library and models that work from where they are.
. "$(dirname "$0")/lib.sh"
prefix=$(meson introspect --buildoptions "$BUILD_DIR" | jq -r '.[] | select(.name == "prefix") | .value')
DESTDIR="$T" meson install -C "$BUILD_DIR" --no-rebuild >"$T/log" 2>&1
ok "installs" is $? 0
p=$T$prefix
env -i HOME="$T" "$p/bin/avalign" analyze "$SAMPLE" --json - 2>"$T/err" >"$T/json"
ok "the installed tool finds its library, runtime and models" is "$? $(get '.tracks | length')" "0 1"
export PKG_CONFIG_PATH=$p/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$T
cc "$(dirname "$0")/../../examples/offset.c" $(pkg-config --cflags --libs avalign) -Wl,-rpath,"$p/lib" -Wl,-rpath-link,"$p/lib/avalign" -o "$T/offset"
ok "pkg-config builds the example" is $? 0
ok "which runs" env AVALIGN_MODELS="$p/share/avalign/models" "$T/offset" "$SAMPLE"
ok "the man page is there" test -s "$p/share/man/man1/avalign.1"
ok "no build path is left in the binaries" is "$(readelf -d "$p/bin/avalign" "$p"/lib/libavalign.so | grep -c third_party)" 0
finish
