#!/bin/bash
# Wrong options: refused by the first process that sees them, in one line that names the option and what is allowed, before any
# work, in every command. What is tried follows each command's own --help, so a new option is tried too.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
CLIP=$T/clip.mkv; ff -t 3 -i "$SAMPLE" -c copy "$CLIP"
printf 'path,label\n%s,real\n' "$CLIP" >"$T/list.csv"; printf '%s\n' "$CLIP" >"$T/list"
echo text >"$T/file"; mkdir "$T/dir"; printf 'user=a\n' >"$T/cred"; chmod 600 "$T/cred"
unset AVALIGN_QUEUE
operands() { # operands COMMAND: what makes the call complete
    case $1 in
        analyze) echo "$CLIP" ;; embed | emotion) echo voice "$CLIP" ;; enroll) echo somebody "$CLIP" ;; verify) echo "$CLIP" --reference "$T/file" ;;
        batch) echo "$T/list" --out "$T/new" ;; submit) echo "$T/list" --queue amqp://127.0.0.1:1 ;; worker) echo --queue amqp://127.0.0.1:1 ;;
        queue) echo status --queue amqp://127.0.0.1:1 ;; selftest) echo --degrade "$CLIP" ;; eval) echo "$T/list.csv" ;; models) echo list ;;
        features) echo "$CLIP" --out "$T/new" ;; fix) echo "$CLIP" --out "$T/new.mkv" ;; doctor) ;; serve) echo --out "$T/new" --port 1 ;;
        *) echo "FAIL $1: options.sh does not know what its call needs" ;;
    esac
}
wrong_values() { # wrong_values ARGUMENT OPTION: one on a line
    case $2:$1 in
        queue:URL) printf '%s\n' "" http://h amqp:// amqp://user:word@h amqp://h:port amqp://h:99999 ;;
        name:NAME) printf '%s\n' "" "a b" ../x ;;
        profile:NAME) printf '%s\n' "" nosuch SEED ;;
        policy:*) printf '%s\n' "" nosuch "$T/dir" "$T/file" '{"format":' ;;
        only:* | except:*) printf '%s\n' "" nosuch , lipsync, ,lipsync lipsync,,viseme lipsync,lipsync LIPSYNC ;;
        progress:*) printf '%s\n' "" xml ;;
        marks:*) printf '%s\n' "" vtt vtt= =x nosuch=x ;;
        since:*) printf '%s\n' "" yesterday 2026-02-31 2026-11-23x 23.11.2026 ;;
        models:*) printf '%s\n' "" "$T/nowhere" "$T/file" ;;
        root:*) printf '%s\n' "" "$T/nowhere" "$T/file" ;;
        *:N) printf '%s\n' "" x -1 0 1.5 1e99 nan 0x 3x " 3" 99999999999999999999 ;;
        *:S | *:X | *:MB | *:DAYS) printf '%s\n' "" x -1 nan inf 1e99 3x ;;
        *:MS) printf '%s\n' "" x nan inf 1e99 3x -60001 ;;
        *:OUT* | out:FILE*) printf '%s\n' "" "$T/dir" "$T/nowhere/x" "$(printf 'n%.0s' $(seq 300))" "$T/nowhere/"$'a\rb\x1b[31m' ;;
        *:FILE*) printf '%s\n' "" "$T/nowhere" "$T/dir" "$T/"$'a\rb\x1b[31m' ;;
        *:DIR) printf '%s\n' "" "$T/file" ;;
        *) printf '%s\n' "" ;;
    esac
}
said() { # said OPTION: exactly one line, which names the option or the place
    [ "$(grep -c . "$T/err")" = 1 ] && ! grep -q $'[\x01-\x09\x0b-\x1f\x7f]' "$T/err" && grep -Eq -- "--$1|manifest|output|policy|$T" "$T/err"
}
tried=0 bad=0
try() { # try COMMAND OPTION ARGS...
    local command=$1 option=$2; shift 2
    timeout 10 "$AVALIGN" "$command" "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?
    tried=$((tried + 1))
    if { [ $code != 3 ] && [ $code != 4 ]; } || ! said "$option"; then
        bad=$((bad + 1)); echo "     avalign $command $*: code $code: $(head -3 "$T/err")"
    fi
}
mapfile -t all <<<"$("$AVALIGN" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')"
ok "there are ${#all[@]} commands" [ "${#all[@]}" -ge 11 ]
for command in "${all[@]}"; do
    read -ra rest <<<"$(operands $command)"
    while read -r option argument; do
        if [ -z "$argument" ]; then try $command "$option" "${rest[@]}" "--$option=1"; continue; fi
        while IFS= read -r value; do try $command "$option" "${rest[@]}" "--$option=$value"; done <<<"$(wrong_values "$argument" "$option")"
        try $command "$option" "${rest[@]}" "--$option" # nothing follows
    done <<<"$("$AVALIGN" $command --help | sed -n 's/^  --\([a-z-]*\) \{0,1\}\([^ ]*\).*/\1 \2/p')"
    try $command nosuch "${rest[@]}" --nosuch
    try $command nosuch "${rest[@]}" --nosuch=1
    try $command nosuch "${rest[@]}" $'--nosuch\r\x1b[31m'
    timeout 10 "$AVALIGN" $command "${rest[@]}" a b c d "" >"$T/out" 2>"$T/err" </dev/null; code=$?
    ok "$command: an empty argument or too many are refused" is "$code $(grep -c . "$T/err")" "3 1"
done
ok "$tried wrong values, each refused in one line" is $bad 0
ok "nothing was begun" [ ! -e "$T/new" ]
one() { # one TEXT PATTERN ARGS...
    local what=$1 pattern=$2; shift 2
    timeout 20 "$AVALIGN" "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?
    ok "$what" one_line "$pattern"
}
one "a wrong profile names the profiles" 'bt1359-detect.*film' batch "$T/list" --out "$T/new" --profile nosuch
one "a wrong analyzer names the analyzers" 'lipsync.*verdict' submit "$T/list" --queue amqp://127.0.0.1:1 --only nosuch
one "the wrong one of two is blamed" '\-\-only "nosuch"' analyze "$CLIP" --profile film --only nosuch
one "an option cut short is told in full" 'is it --flag-at' analyze "$CLIP" --flag 0.5
one "an option is no value" 'another option follows' analyze "$CLIP" --json --quiet
one "selftest with a wrong analyzer does not crash" 'takes names' selftest --degrade "$CLIP" --only nosuch
one "no broker, no credentials, no work" 'port is a number' submit "$T/list" --queue amqp://h:0
"$AVALIGN" analyze "$CLIP" --only=lipsync -q --json=- >"$T/json"; ok "--name=value" jq -e ".media.duration_s > 0" "$T/json"
(cd "$T" && cp "$CLIP" -- -odd.mkv && "$AVALIGN" analyze --only lipsync -q --json - -- -odd.mkv >"$T/json"); ok "after -- a dash begins a name" jq -e ".media.duration_s > 0" "$T/json"

# settings of the analysis reach the processes of batch
"$AVALIGN" batch "$T/list" --out "$T/b" --only lipsync,verdict --profile ebu-r37 --flag-at 0.25 --max-duration 2 -q; code=$?
ok "profile, threshold and length reach batch's processes" is "$(jq -c '[.settings.flag_at, (.signals.lipsync.profile.name // .signals.lipsync.profile), .settings.analyzers]' "$T"/b/json/*.json)" \
    "$("$AVALIGN" analyze "$CLIP" --only lipsync,verdict --profile ebu-r37 --flag-at 0.25 --max-duration 2 -q --json - | jq -c '[.settings.flag_at, (.signals.lipsync.profile.name // .signals.lipsync.profile), .settings.analyzers]')"
"$AVALIGN" batch "$T/list" --out "$T/b" --only lipsync,verdict --flag-at 0.25 -q
ok "other settings, judged anew" is "$(jq '.media.duration_s != null and (.signals.lipsync.profile == null)' "$T"/b/json/*.json)" true

# help, man page and completions come from one table
sh "$root/tools/completions/update.sh" "$AVALIGN" "$T/tree"
for f in docs/avalign.1 tools/completions/avalign.bash tools/completions/_avalign; do
    ok "$f is as the option table has it (else run tools/completions/update.sh)" cmp -s "$root/$f" "$T/tree/$f"
done
ok "bash takes its completion" bash -n "$root/tools/completions/avalign.bash"
complete_() { (. "$root/tools/completions/avalign.bash"; COMP_WORDS=(avalign "$@"); COMP_CWORD=$#; _avalign; echo "${COMPREPLY[*]}"); }
ok "and completes options" is "$(complete_ batch --ret)" "--retry-failed"
ok "and values" is "$(complete_ worker --profile eb; complete_ analyze --profile eb)" "
ebu-r37"
finish
