#!/bin/bash
# Whatever locale is set: the tool's output is the same, and so is the library's in a program that set one.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
ok "nothing in the code depends on the locale" $PYTHON "$here/../locale_lint.py"
command -v localedef >/dev/null && [ -e /usr/share/i18n/locales/tr_TR ] || { echo "no sources of locales here: the rest is left out"; finish; exit; }
mkdir "$T/locales"
for l in de_DE tr_TR; do localedef -i $l -f UTF-8 "$T/locales/$l.UTF-8" 2>/dev/null; done
export LOCPATH=$T/locales
ok "the locales are there: a comma, and no plain i" is "$(LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 0,5')" 0,5

ff -i "$SAMPLE" -t 7 -c copy -movflags +faststart "$T/short.mp4"; SAMPLE=$T/short.mp4

# a host that calls setlocale() first; the second time with nets from the cache
for l in C de_DE.UTF-8 tr_TR.UTF-8; do
    mkdir "$T/$l"
    ok "the library in a program under $l" "$BUILD_DIR/tests/host_locale" $l "$T/$l" "$SAMPLE" "$T/cache"
    ok "says the same as under C" diff -rq "$T/C" "$T/$l"
done
ok "and it said something with a point" grep -q ',[0-9]*\.[0-9]*,' "$T/C/csv"
ok "sentences too" grep -q 'leads\|lags' "$T/C/json"

# the tool
ff -i "$SAMPLE" -itsoffset 0.24 -i "$SAMPLE" -map 0:v -map 1:a -c copy "$T/In Istanbul.MKV"
mkdir "$T/dir"; cp "$T/In Istanbul.MKV" "$T/dir/"
printf 'I said it is so.' >"$T/words"
cat >"$T/list.csv" <<L
path,label,person
$T/dir/In Istanbul.MKV,fake,A
$SAMPLE,real,B
L
same() { # same LOCALE: everything the tool prints there, into $T/t.LOCALE
    local d=$T/t.$1; mkdir "$d"; cd "$d" || exit 99
    export LC_ALL=$1 LANG=$1
    "$AVALIGN" analyze "$T/In Istanbul.MKV" --json json --html html --transcript "$T/words" --marks vtt=vtt --marks edl=edl --marks csv=csv --marks rttm=rttm \
        --marks textgrid=textgrid --marks otio=otio --marks sarif=sarif --marks ass=ass --flag-at 0.05 --profile film --progress json >text 2>progress
    sed -i 's/[0-9][0-9]*/N/g' progress; sort -u -o progress progress
    "$AVALIGN" analyze "$SAMPLE" --flag-at 0,5 >flag 2>&1
    "$AVALIGN" analyze "$SAMPLE" --only LIPSYNC >only 2>&1
    "$AVALIGN" analyze "$SAMPLE" --max-duration 1e99 >duration 2>&1
    "$AVALIGN" doctor >doctor 2>&1
    "$AVALIGN" embed voice "$SAMPLE" --quick >embed 2>&1
    "$AVALIGN" enroll someone "$SAMPLE" --out someone.json >enroll 2>&1
    "$AVALIGN" verify --reference someone.json "$SAMPLE" >verify 2>&1
    "$AVALIGN" batch --help >/dev/null 2>&1 && "$AVALIGN" batch "$T/dir" --out batch --jobs 1 --only lipsync >batch.said 2>&1 || :
    cut -d, -f1-3 batch/*.csv >batch.csv 2>/dev/null
    "$AVALIGN" eval "$T/list.csv" --only lipsync --jobs 1 >eval 2>&1
    rm -rf batch
    unset LC_ALL LANG; cd - >/dev/null || exit 99
}
for l in C de_DE.UTF-8 tr_TR.UTF-8; do same $l; done
for l in de_DE.UTF-8 tr_TR.UTF-8; do ok "the tool says the same under $l" diff -r -x batch.said "$T/t.C" "$T/t.$l"; done
[ ! -s "$T/t.C/batch.csv" ] || ok "there is a table in it" grep -q 'In Istanbul.MKV' "$T/t.C/batch.csv"
finish
