#!/bin/sh
# setup/wheel.sh [OUT]: the Python wheel, tool, library, FFmpeg and nets inside (make wheel). Needs what setup/packages-wheel.txt lists.
# FFmpeg is built from Debian's source package of the installed version, LGPL parts alone, and so is sphinxbase, with its own small
# LAPACK; OpenVINO is a dependency of the wheel. AVALIGN_PERMISSIVE_ONLY=1: without the nets that are for research only.
set -eu
cd "$(dirname "$0")/.."
out=${1:-dist} build=build-wheel parts=$PWD/build-parts
sh setup/deps.sh --check setup/packages.txt setup/packages-wheel.txt
export PKG_CONFIG_PATH="$PWD/third_party/openvino/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"

fetch() { # fetch PACKAGE FOLDER: Debian's source of an installed package, from apt's own servers
    package=$(dpkg-query -W -f='${source:Package}=${source:Version}' "$1") folder=$2
    mkdir -p "$parts/apt/lists/partial" "$parts/new"
    if [ -f /etc/apt/sources.list.d/debian.sources ]; then
        sed 's/^Types: .*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$parts/apt/src.sources"
    else
        sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$parts/apt/src.list"
    fi
    set -- -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$parts/apt" \
        -o Dir::State::lists="$parts/apt/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
    apt-get "$@" update >/dev/null
    (cd "$parts/new" && apt-get "$@" source "$package" >../apt/log 2>&1) || { cat "$parts/apt/log" >&2; exit 1; }
    mv "$parts/new"/*/ "$folder" && rm -r "$parts/new"
}

# What recordings come in; what reads must answer as Debian's FFmpeg does, so all demuxers and parsers. AV1 is dav1d's.
decoders=h264,hevc,vp3,vp6,vp6a,vp6f,vp8,vp9,libdav1d,mpeg1video,mpeg2video,mpegvideo,mpeg4,msmpeg4v1,msmpeg4v2
decoders=$decoders,msmpeg4v3,h261,h263,h263i,h263p,flv,flashsv,flashsv2,wmv1,wmv2,wmv3,vc1,theora,cavs,svq1,svq3,rv10
decoders=$decoders,rv20,rv30,rv40,cinepak,indeo3,indeo5,msvideo1,msrle,qtrle,rpza,smc,tscc,tscc2,g2m,prores,dnxhd,cfhd
decoders=$decoders,dvvideo,mjpeg,mjpegb,amv,jpeg2000,ffv1,huffyuv,ffvhuff,utvideo,rawvideo,v210,v410,v308,v408,yuv4
decoders=$decoders,r210,r10k,zlib,png,apng,gif,webp,tiff,bmp,pgm,ppm,aac,aac_latm,mp1float,mp2float,mp3float,mp3,mp2
decoders=$decoders,mp3adufloat,mp3on4float,ac3,eac3,dca,truehd,mlp,opus,vorbis,flac,alac,tta,tak,wavpack,ape,shorten
decoders=$decoders,amrnb,amrwb,qcelp,evrc,gsm,gsm_ms,ilbc,g723_1,g729,dss_sp,truespeech,nellymoser,sipr,cook,ra_144
decoders=$decoders,ra_288,atrac1,atrac3,atrac3p,qdm2,qdmc,wmav1,wmav2,wmapro,wmalossless,wmavoice,mpc7,mpc8,mace3
decoders=$decoders,mace6,s302m,adpcm_g722,adpcm_g726,adpcm_g726le,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf
decoders=$decoders,adpcm_yamaha,adpcm_ct,adpcm_ima_amv,pcm_*,speex,comfortnoise,als,sbc,dvaudio,dirac,vp5,zmbv,mss1,mss2
decoders=$decoders,lagarith,magicyuv,hap,loco,ayuv,y41p

build_ffmpeg() {
    mkdir -p "$parts/ffmpeg-build" && cd "$parts/ffmpeg-build"
    ../ffmpeg-source/configure --prefix="$parts/partial" ${CC:+--cc="$CC"} --disable-everything --disable-autodetect --disable-programs \
        --disable-doc --disable-avdevice --disable-avfilter --disable-postproc --disable-debug --enable-shared --disable-static \
        --enable-zlib --enable-libdav1d --enable-demuxers --enable-parsers --enable-bsfs --enable-decoder="$decoders" --enable-encoder=mjpeg \
        --enable-protocol=http,httpproxy,tcp,udp,rtp,rtmp,rtmpt,crypto --extra-ldflags="$wrap" --extra-libs="$old -lm" >configure.log 2>&1
    grep -q '^License: LGPL' configure.log || { echo "setup/wheel.sh: FFmpeg's licence is not the LGPL" >&2; exit 1; }
    rm -rf ../partial
    make -j"$(nproc --all)" >make.log 2>&1
    make install >>make.log 2>&1
    echo "$decoders" >"$parts/partial/made_of"
    cp ../ffmpeg-source/COPYING.LGPLv2.1 "$parts/partial/" && rm -rf "$parts/installed" && cd ../.. && mv "$parts/partial" "$parts/installed"
}

build_sphinxbase() { # the tools that would make configure anew are not needed
    (cd "$parts/sphinxbase-source" && ./configure --disable-static --without-python ac_cv_lib_lapack_sgesv_=no >configure.log 2>&1 &&
        make -C src/libsphinxbase AUTOCONF=: AUTOMAKE=: ACLOCAL=: AUTOHEADER=: >make.log 2>&1)
    cp -L "$parts/sphinxbase-source/src/libsphinxbase/.libs/libsphinxbase.so.3" "$parts/installed/lib/"
    cp "$parts/sphinxbase-source/LICENSE" "$parts/installed/LICENSE.sphinxbase"
}

mkdir -p "$parts"
old=$parts/glibc_2_34.o wrap='-Wl,--wrap=hypot -Wl,--wrap=hypotf'
${CC:-cc} -O2 -fPIC -c setup/glibc_2_34.c -o "$old"
[ -d "$parts/ffmpeg-source" ] || fetch libavcodec-dev "$parts/ffmpeg-source"
[ -d "$parts/sphinxbase-source" ] || fetch libsphinxbase3 "$parts/sphinxbase-source"
[ "$(cat "$parts/installed/made_of" 2>/dev/null)" = "$decoders" ] || build_ffmpeg
[ -f "$parts/installed/LICENSE.sphinxbase" ] || build_sphinxbase

[ -f $build/build.ninja ] || meson setup $build -Dqueue=disabled -Dserve=disabled -Dc_link_args="$wrap $old -l:libm.so.6" >/dev/null
ninja -C $build avalign >/dev/null
permissive=
[ "${AVALIGN_PERMISSIVE_ONLY:-}" != 1 ] || permissive=--permissive
/usr/bin/python3 setup/wheel.py $build "$parts/installed" "$out" $permissive
