#!/bin/sh
# fetch_music.sh DIR: music and short sounds of games in Debian bookworm, for train.py: DIR/taught and DIR/apart (music), DIR/effects.
# Nothing of it is shipped.
set -eu
taught="wesnoth-1.16-music hyperrogue-music freedroidrpg-data supertux-data asc-music drascula-music fretsonfire-songs-muldjord
fretsonfire-songs-sectoid btanks-data lincity-ng-data extremetuxracer-data hedgewars-data fillets-ng-data"
apart="singularity-music warmux-data"
effects="supertux-data lincity-ng-data freedroidrpg-data extremetuxracer-data btanks-data"
mkdir -p "$1/packages"; cd "$1"
for p in $taught $apart; do
    [ -d "packages/$p" ] && continue
    (cd packages && apt-get download "$p" && dpkg -x "$p"_*.deb "$p" && rm "$p"_*.deb)
done
link() { # link DIR PACKAGE: its files, or its music alone where voices lie beside it
    mkdir -p "$1"
    from=$(cd packages && for d in "$2/usr/share/games/hedgewars/Data/Music" "$2/usr/share/games/fillets-ng/music" "$2/usr/share/games/warmux/music" "$2"; do
        [ -d "$d" ] && echo "$d" && break; done)
    ln -sfn "../packages/$from" "$1/$2"
}
for p in $taught; do link taught "$p"; done
for p in $apart; do link apart "$p"; done
for p in $effects; do link effects "$p"; done
