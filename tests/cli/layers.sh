#!/bin/bash
# Directions of docs/architecture.md: who includes and who calls whom, no circles among files; who may know FFmpeg and the engine.
cd "$(dirname "$0")/../.." || exit 99
bad=0
allow() { # allow DIR: folders that files in src/DIR may include and call
    case $1 in
        util) echo "util avalign" ;;
        image | dsp) echo "$1 util avalign" ;;
        infer) echo "infer util avalign" ;;
        media) echo "media image util avalign" ;;
        nets) echo "nets infer image dsp util avalign" ;;
        track) echo "track nets infer image util avalign" ;;
        evidence) echo "evidence nets dsp util avalign" ;;
        extract) echo "extract evidence track nets infer media image dsp util avalign" ;;
        analyze) echo "analyze evidence nets dsp util avalign" ;;
        pipeline) echo "pipeline extract result analyze evidence track infer media util avalign" ;;
        result) echo "result analyze evidence infer media image util avalign" ;;
        report) echo "report result evidence util avalign" ;;
        api) echo "api report pipeline extract result analyze evidence track nets infer media image dsp util avalign" ;;
        *) echo "" ;;
    esac
}
for f in $(find src -name '*.[ch]'); do
    dir=${f#src/}; dir=${dir%%/*}; allowed=" $(allow "$dir") "
    for inc in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$f"); do
        case $allowed in *" $inc "*) ;; *) echo "$f must not include $inc/"; bad=$((bad + 1)) ;; esac
    done
    grep -q '#include <libav\|#include <libsw' "$f" && [ "$dir" != media ] && { echo "$f knows FFmpeg"; bad=$((bad + 1)); }
    grep -q '#include <openvino' "$f" && [ "$dir" != infer ] && { echo "$f knows the inference engine"; bad=$((bad + 1)); }
    grep -q '#include <jansson' "$f" && case $f in src/report/* | src/analyze/verdict/policy.c | src/result/reference.c | src/infer/engine.h | src/infer/manifest.c | src/extract/external_tracks.c | src/media/c2pa_verify.c) ;; *)
        echo "$f knows JSON: it is made in src/report/json_*.c"; bad=$((bad + 1)) ;; esac
    grep -Eq '\b(exit|abort|printf|fprintf|puts)\(' "$f" && ! grep -q 'snprintf' "$f" && { echo "$f writes or exits"; bad=$((bad + 1)); }
done
# C libraries round these functions of floats differently, and a result must not depend on which one is there: util/rounded.h
grep -nE '[^_a-z](atan2?|asin|acos|tan|sinh|cosh|tanh|log10|log1p|expm1|exp10|cbrt|erfc?)f\(' $(find src tools -name '*.[ch]' ! -name rounded.h) && { echo "results that depend on the C library"; bad=$((bad + 1)); }
room() { # room DIR: the rooms of tools/ that files in tools/DIR may include
    case $1 in
        common) echo "common" ;;
        batch | eval | cli) echo "$1 common" ;;
        queue | serve) echo "$1 batch common" ;;
        *) echo "" ;;
    esac
}
for f in tools/*.[ch]; do [ -e "$f" ] && { echo "$f is in no room"; bad=$((bad + 1)); }; done
for f in tools/*/*.[ch]; do
    dir=${f#tools/}; dir=${dir%%/*}; allowed=" $(room "$dir") "
    for inc in $(sed -n 's/^#include "\(.*\)"/\1/p' "$f"); do
        [ -f "tools/$inc" ] || { echo "$f includes $inc, more than the public header"; bad=$((bad + 1)); }
        case $allowed in *" ${inc%%/*} "*) ;; *) echo "$f must not include $inc"; bad=$((bad + 1)) ;; esac
    done
    grep -q '#include <amqp' "$f" && [ "$f" != tools/queue/queue.c ] && { echo "$f knows RabbitMQ"; bad=$((bad + 1)); }
    grep -q '#include <microhttpd' "$f" && [ "$f" != tools/serve/serve_call.h ] && { echo "$f knows the HTTP library"; bad=$((bad + 1)); }
    grep -q '#include <sqlite' "$f" && [ "$f" != tools/batch/batch_db.c ] && { echo "$f knows SQLite"; bad=$((bad + 1)); }
done
# The same for calls: which object takes a symbol that which other one has. Then no file may depend on itself by way of others.
objects=$(ls -td "${BUILD_DIR:-build}"/libavalign.so.*.p | head -1) # the newest: another version may have left its own
calls() { # lines "file file symbol", of src/ without .c
    (cd "$objects" && nm -A src_*.o) | sed 's/^src_\([^:]*\)\.c\.o:/\1 /' | awk '
        $(NF - 1) ~ /^[TDRBVWC]$/ { home[$NF] = $1 }
        $(NF - 1) == "U" { user[++n] = $1; symbol[n] = $NF }
        END { for (i = 1; i <= n; i++) if (symbol[i] in home && home[symbol[i]] != user[i]) print user[i], home[symbol[i]], symbol[i] }'
}
calls=$(calls)
[ "$(echo "$calls" | wc -l)" -gt 300 ] || { echo "no calls read from $objects"; bad=$((bad + 1)); }
while read -r user home symbol; do
    case " $(allow "${user%%_*}") " in
        *" ${home%%_*} "*) ;;
        *) echo "$user must not call ${home%%_*}/ ($symbol of $home)"; bad=$((bad + 1)) ;;
    esac
done <<<"$calls"
circles=$(echo "$calls" | awk '{ print $1, $2 }' | sort -u | tsort 2>&1 >/dev/null)
[ -z "$circles" ] || { echo "files that go round in a circle:"; echo "$circles"; bad=$((bad + 1)); }
[ $bad = 0 ] && echo "directions of includes and calls hold"
[ $bad = 0 ]
