#!/bin/bash
# The set-up: an archive cut short, a net that was changed, a system without apt: one line with the remedy; README's commands are those that are tried.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$T/src/models/third_party" "$T/src/training/import" "$T/src/third_party" && cp -r "$root/setup" "$T/src/" && cp "$root/models/third_party.sha256" "$T/src/models/" &&
    cp "$root"/training/import/whisper_*.py "$T/src/training/import/"
archive=$T/src/models/third_party.tar.xz
setup() { sh "$T/src/setup/install.sh" >"$T/out" 2>"$T/err" </dev/null; code=$?; }
cp "$root/models/third_party.tar.xz" "$archive"
ok "the archive holds the nets that third_party.sha256 says" eval 'tar xJf "$archive" -C "$T/src/models/third_party" && grep -v whisper "$T/src/models/third_party.sha256" | (cd "$T/src/models/third_party" && sha256sum --quiet -c -)'
ok "and no others" is "$(ls "$T/src/models/third_party" | wc -l)" "$(grep -vc whisper "$T/src/models/third_party.sha256")"
truncate -s -5000 "$archive"; setup
ok "an archive cut short: one line with the remedy" is "$code $(one_line 'third_party.tar.xz is cut short or missing: get it again' && echo said)" "1 said"
rm "$archive"; setup
ok "no archive" is "$code $(one_line 'third_party.tar.xz is cut short or missing' && echo said)" "1 said"
# a second run is silent where the stamp and the nets are right; it mends where they are not
cp "$root"/models/third_party/*whisper* "$T/src/models/third_party/"
sed -n 's/^pins=/pins=/p' "$root/setup/install.sh" >"$T/pins"
(cd "$T/src" && . "$T/pins" && echo "$pins" >third_party/stamp); setup
ok "a second run says and fetches nothing" is "$code $(cat "$T/out" "$T/err")" "0 "
printf x >>"$T/src/models/third_party/ge2e.onnx"; setup
ok "a net that was changed is not taken for whole" is "$code $(grep -c 'unpacking' "$T/out")" "1 1"
mkdir "$T/bin" && for p in sh cat tr grep sed; do ln -s "$(command -v $p)" "$T/bin/"; done
PATH=$T/bin sh "$root/setup/deps.sh" "$root/setup/packages.txt" >"$T/out" 2>"$T/err"; code=$?
ok "where apt is missing: which libraries" is "$code $(one_line 'no apt here. Install .*libavcodec-dev.*libjansson-dev' && echo said)" "1 said"
# the README
first=$(sed '/^A real result/q' "$root/README.md" | sed -n '/^```sh/,/^```/p' | grep -v '^```' | sed 's/ *#.*//' | sort)
ok "setup/readme_check.sh types each command of README's first screen" is "$(sh "$root/setup/readme_check.sh" --list | sort)" "$first"
wheel=$(sh "$root/setup/readme_check.sh" --list | grep -c 'make wheel.*pip install\|make deps deb.*apt install\|podman build')
ok "which names wheel, packages and container" is "$wheel" 3
finish
