#!/bin/bash
# What a wheel would hold (setup/wheel.py --list), with empty libraries in FFmpeg's place; make wheel-check tries a whole one in bare trees.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v patchelf >/dev/null || { echo "no patchelf: setup/packages-wheel.txt"; exit 77; }
mkdir -p "$T/ffmpeg/lib" && echo licence | tee "$T/ffmpeg/COPYING.LGPLv2.1" >"$T/ffmpeg/LICENSE.sphinxbase"
ours=$( (patchelf --print-needed "$BUILD_DIR/libavalign.so.1"; patchelf --print-needed "$BUILD_DIR/avalign") | grep -E '^lib(av|sw)' | grep -v avalign | sort -u)
for name in $ours; do ${CC:-gcc} -shared -o "$T/ffmpeg/lib/$name" -Wl,-soname,"$name" -x c /dev/null; done
wheel() { (cd "$root" && $PYTHON setup/wheel.py "$BUILD_DIR" "$T/ffmpeg" "$T/out" --list "$@"); }
wheel >"$T/list" || { echo "FAIL setup/wheel.py"; exit 1; }
has() { for f in "$@"; do grep -qx "$f" "$T/list" || { echo "     no $f"; return 1; }; done; }
ok "its name says which systems it runs on" grep -Eq '^avalign-[0-9.]+-py3-none-manylinux_2_[0-9]+_x86_64$' <(head -1 "$T/list")
ok "tool, library and what they need" has avalign/bin/avalign avalign/lib/libavalign.so.1 $(sed 's,^,avalign/lib/,' <<<"$ours") avalign/lib/libpocketsphinx.so.3 avalign/lib/libjansson.so.4
ok "nothing that the system or openvino gives" is "$(grep -Ec 'lib/lib(c|m|stdc\+\+|gcc_s|openvino.*|tbb)\.so' "$T/list")" 0
ok "a licence for each library that is not ours" is "$(grep -c '^avalign/lib/' "$T/list" | awk -v own="$(wc -w <<<"$ours")" -v texts="$(grep -c '/licenses/lib\|/licenses/zlib' "$T/list")" '{ print (texts > 0 && texts <= $1 - own) }')" 1
ok "all of the Python layer" has $(cd "$root/bindings/python" && find avalign -maxdepth 1 -name '*.py' -o -name '*.h' -o -name py.typed) avalign/wheel.json
ok "every net but those of --transcribe" is "$(grep '^avalign/models/.*\.\(onnx\|tflite\)$' "$T/list" | sort | xargs)" \
    "$(jq -r '.models[] | select(.role != "speech-words" and .role != "speech-memory") | "avalign/models/" + .file' "$root/models/manifest.json" | sort | xargs)"
ok "phone recogniser, command and licences" has avalign/phones/cmudict-en-us.dict avalign/phones/en-us/mdef $(grep -x 'avalign-.*data/scripts/avalign' "$T/list" || echo command) \
    $(sed -n 's/^\(avalign-[0-9.]*\)-py3.*/\1.dist-info/p' "$T/list")/licenses/{NOTICE,ffmpeg.txt,Apache-2.0.txt,LICENSE}
wheel --permissive >"$T/list"
ok "a permissive one has no net for research only" is "$(grep -c 'models/sync' "$T/list") $(grep -c 'models/third_party/ge2e' "$T/list")" "0 1"
# a wheel that was made of other sources is not taken for this one
zipped() { rm -f "$T/w.whl"; mkdir -p "$T/w/avalign"; echo "{\"sources\": \"$1\"}" >"$T/w/avalign/wheel.json"; (cd "$T/w" && $PYTHON -m zipfile -c "$T/w.whl" avalign); }
fresh() { (cd "$root" && $PYTHON setup/wheel.py --fresh "$T/w.whl" >"$T/out" 2>"$T/err"); code=$?; }
zipped "$(cd "$root" && $PYTHON -c 'import sys; sys.path.insert(0, "setup"); import wheel; print(wheel.stamp())')"; fresh
ok "a wheel of these sources is fresh" is "$code" 0
zipped 0123456789abcdef; fresh
ok "of others: one line with the remedy" is "$code $(one_line 'made of other sources than these: run make wheel again' && echo said)" "1 said"
truncate -s -20 "$T/w.whl"; fresh
ok "cut short: one line with the remedy" is "$code $(one_line 'cut short or damaged.*run make wheel again' && echo said)" "1 said"
cp -rL "$root/models/." "$T/m" 2>/dev/null && printf x >>"$T/m/third_party/ge2e.onnx"
(cd "$root" && $PYTHON setup/wheel_nets.py "$T/m" "$T/packed" >"$T/out" 2>"$T/err"); code=$?
ok "a net with a wrong hash is not packed" is "$code $(one_line 'ge2e.onnx: its SHA-256 is not the manifest' && echo said)" "1 said"
finish
