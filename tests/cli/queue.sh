#!/bin/bash
# submit, worker and queue against a real RabbitMQ: no job lost, none doubled, poison set aside with its reason, whatever dies.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/broker.sh"
if [ ! -x "$RABBIT/rabbitmq-server" ]; then echo "SKIP: no rabbitmq-server; sh setup/test_tools.sh brings it"; exit 77; fi
broker_start "{consumer_timeout, 8000}, {channel_tick_interval, 1000}" || exit 1
q() { "$AVALIGN" "$@" >"$T/out" 2>"$T/err" </dev/null; code=$?; }
status() { "$AVALIGN" queue status --queue "$URL" --name "$1" --json | jq -r ".$2"; }
until_is() { # until_is SECONDS NAME WHAT VALUE: waits for a queue's count
    for wait in $(seq $((5 * $1))); do [ "$(status "$2" "$3")" = "$4" ] && return 0; sleep 0.2; done
    echo "     $3 of $2 is $(status "$2" "$3")"; return 1
}
# --renew: the broker here gives a job to another worker after 8 s, and machines under load are slow
worker() { "$AVALIGN" worker --queue "$URL" --threads 1 --renew 2 "$@" 2>>"$T/worker.err" & }
mkdir "$T/in"
for i in $(seq 10 21); do ff -ss 0.$i -t 5 -i "$SAMPLE" -c:v copy -c:a copy "$T/in/$i.mkv"; done

# who may come in
q queue status --queue "$URL"
ok "no credentials: refused, in one line" one_line 'ACCESS_REFUSED'
ok "with the code for it" is $code 4
q queue status --queue "amqp://av:secret@localhost:$PORT"
ok "no password on the command line" one_line 'no user and password in the address'
printf 'user=av\npassword=secret word\nca=%s\n' "$T/broker/ca.pem" >"$T/cred"; chmod 644 "$T/cred"
q queue status --queue "$URL" --credentials "$T/cred"
ok "a file that others can read is refused" one_line 'chmod 600'
chmod 600 "$T/cred"
q queue status --queue "$TLS_URL" --credentials "$T/cred" --json
ok "TLS with the right authority" is "$code $(jq -r .waiting "$T/out")" "0 0"
AVALIGN_AMQP_CA=$T/broker/other.pem q queue status --queue "$TLS_URL" --credentials "$T/cred"
ok "TLS with another authority is refused" one_line 'verification failed'
q queue status --queue "amqps://127.0.0.1:$TLS_PORT" --credentials "$T/cred"
ok "so is a certificate for another host" is $code 4
q worker --queue amqp://localhost:1
ok "no broker: told in one line" one_line 'socket error'
export AVALIGN_AMQP_USER=av AVALIGN_AMQP_PASSWORD="secret word"
q submit "$T/in" --queue "$URL" --name 'a b'
ok "odd queue names are refused" one_line 'letters, digits'

# one worker, results in a folder
mkdir "$T/shared"
ls "$T/in/"1[0-2].mkv >"$T/three"; cp "$T/in/10.mkv" "$T/same.mkv"; echo "$T/same.mkv" >>"$T/three"
q submit "$T/three" --queue "$URL" --name one --only lipsync --html
ok "the same content is queued once" grep -q '^3 submitted, 1 of the same content left out' "$T/err"
ok "three are waiting" is "$(status one waiting)" 3
worker --name one --out "$T/shared"; pid=$!
for wait in $(seq 100); do child=$(pgrep -P $pid) && grep -q '^Seccomp:.*2' /proc/$child/status 2>/dev/null && break; sleep 0.1; done
ok "what decodes is sandboxed" grep -q '^Seccomp:.*2' /proc/$child/status
until_is 60 one waiting 0; until_is 60 one dead 0
for wait in $(seq 100); do [ "$(ls "$T/shared"/*.json 2>/dev/null | wc -l)" = 3 ] && break; sleep 0.2; done
ok "a result and a page for each" is "$(ls "$T/shared" | sed 's/.*\.//' | sort | uniq -c | xargs)" "3 html 3 json"
ok "what analyze says" is "$(jq -c .sync_offset_ms "$(grep -l '/11.mkv' "$T/shared"/*.json)")" "$("$AVALIGN" analyze "$T/in/11.mkv" --only lipsync -q --json - | jq -c .sync_offset_ms)"
ok "one worker is seen" is "$(status one workers)" 1
before=$(stat -c %y "$T/shared"/*.json)
q submit "$T/three" --queue "$URL" --name one --only lipsync --html
until_is 60 one waiting 0; sleep 1
ok "submitted again, nothing is done again" is "$(stat -c %y "$T/shared"/*.json)" "$before"
kill -TERM $pid; wait $pid; code=$?
ok "told to stop, it leaves in peace" is $code 0

# what can't be judged is set aside with the reason
echo "not a video" >"$T/broken.mp4"; cp "$T/in/13.mkv" "$T/changes.mkv"
printf '%s\n' "$T/in/14.mkv" "$T/broken.mp4" "$T/changes.mkv" "$T/nowhere.mp4" >"$T/odd"
q submit "$T/odd" --queue "$URL" --name odd --only lipsync
ok "a file that is not there is told at once" one_of_lines "nowhere.mp4: open: No such file"
ok "with the code for it" is $code 3
printf x >>"$T/changes.mkv"
q worker --queue "$URL" --renew 2 --name odd --idle-exit 1 --threads 1
ok "the worker goes on over all of them" is "$code $(status odd results) $(status odd dead)" "0 1 2"
q queue dead --queue "$URL" --name odd
ok "the reason is listed: no media" grep -q 'broken.mp4: open: not a media file' "$T/out"
ok "the reason is listed: changed" grep -q 'changes.mkv: open: the file is not the one that was submitted' "$T/out"
q queue collect --queue "$URL" --name odd --out "$T/o"
ok "collected: done and failed alike" is "$(jq -r '(.file | split("/") | last) + " " + (.status // "done")' "$T/o/results.jsonl" | sort | xargs)" "14.mkv done broken.mp4 failed changes.mkv failed"
truncate -s -1 "$T/changes.mkv"
q queue dead --queue "$URL" --name odd --retry
q worker --queue "$URL" --renew 2 --name odd --idle-exit 1 --threads 1
ok "tried again, the file that was put right is judged" is "$(status odd results) $(status odd dead)" "1 1"
q submit "$T/three" --queue "$URL" --name root --only lipsync
q worker --queue "$URL" --renew 2 --name root --root "$T/shared" --idle-exit 1
ok "nothing outside of --root is opened" is "$(status root results) $(status root dead)" "0 3"
q submit "$T/three" --queue "$URL" --name slow
q worker --queue "$URL" --renew 2 --name slow --timeout 0.05 --idle-exit 1
"$AVALIGN" queue dead --queue "$URL" --name slow >"$T/out"
ok "what takes too long is set aside" is "$(grep -c 'took longer than 0.05 s' "$T/out")" 3

q submit "$T/three" --queue "$URL" --name ill
q worker --queue "$URL" --renew 2 --name ill --memory 20
ok "a worker that can't judge at all says so and leaves the jobs to others" is "$code $(status ill dead)" "4 0"
ok "none is lost" until_is 10 ill waiting 3

# a file that kills whoever reads it takes no worker with it
echo "$T/in/15.mkv" | "$AVALIGN" submit - --queue "$URL" --name poison --quiet
worker --name poison; pid=$!
for wait in $(seq 3000); do
    for child in $(pgrep -P $pid); do ls -l /proc/$child/fd 2>/dev/null | grep -q '15.mkv' && kill -SEGV $child; done
    [ $((wait % 20)) = 0 ] && [ "$(status poison dead)" = 1 ] && break; sleep 0.02
done
"$AVALIGN" queue dead --queue "$URL" --name poison >"$T/out"
ok "three deaths, and it is set aside" grep -q 'died of signal 11' "$T/out"
ok "the worker lives" kill -0 $pid
kill -TERM $pid; wait $pid

# longer than the broker's patience of 8 s for one delivery
ff -stream_loop 29 -i "$SAMPLE" -c copy -t 300 "$T/long.mkv"
echo "$T/long.mkv" | "$AVALIGN" submit - --queue "$URL" --name long --quiet
: >"$T/worker.err"
worker --name long; pid=$!
until_is 90 long results 1
ok "a long job is done" is "$(grep -c 'long.mkv: .*flagged' "$T/worker.err")" 1
ok "it took longer than the broker waits" awk '/long.mkv:/ { exit !($(NF-1) > 9) }' "$T/worker.err"
ok "without losing the connection" is "$(grep -c 'connecting anew' "$T/worker.err")" 0
ok "and the worker takes jobs again" until_is 10 long workers 1
kill -TERM $pid; wait $pid
"$AVALIGN" queue collect --queue "$URL" --name long --out "$T/l" 2>/dev/null
echo "$T/long.mkv" | "$AVALIGN" submit - --queue "$URL" --name long --quiet
worker --name long; pid=$!
sleep 5; kill -KILL $pid; wait $pid 2>/dev/null
ok "killed while it held the job, the job comes back" until_is 20 long waiting 1
: >"$T/worker.err"
worker --name long --renew 1000; pid=$!
for wait in $(seq 150); do grep -q 'connecting anew' "$T/worker.err" && break; sleep 0.2; done
ok "without renewal the broker takes it away (so the test above means something)" grep -q 'timed out\|timeout' "$T/worker.err"
kill -KILL $pid; wait $pid 2>/dev/null

# two hosts in network namespaces; workers killed at random, the broker killed and started again, poison among the jobs
hosts_up || echo "no network namespaces here: both workers run on this host"
host() { # host a|b: a worker there, in the background; its process in $pid
    host_start "$1" "$AVALIGN" worker --queue "$(host_url "$1")" --name storm --threads 1 --renew 2 2>>"$T/storm.err" & pid=$!
}
cp "$T/broken.mp4" "$T/in/poison.mp4"
RANDOM=7
"$AVALIGN" submit "$T/in" --queue "$URL" --name storm --only lipsync,authenticity --quiet
host a; a=$pid; host b; b=$pid
for blow in $(seq 12); do
    sleep 0.$((RANDOM % 8 + 2))
    victim=$([ $((RANDOM % 2)) = 0 ] && echo a || echo b)
    if [ $((RANDOM % 3)) = 0 ]; then pkill -KILL -P ${!victim}
    else kill -KILL ${!victim}; wait ${!victim} 2>/dev/null; host $victim; eval $victim=$pid; fi
    if [ $blow = 6 ]; then broker_kill; broker_up; fi
done
for wait in $(seq 300); do [ "$(status storm results)" -ge 12 ] && [ "$(status storm waiting)" = 0 ] && [ "$(status storm dead)" -ge 1 ] && break; sleep 0.3; done
until_is 30 storm waiting 0
"$AVALIGN" queue collect --queue "$URL" --name storm --out "$T/s" 2>/dev/null
ok "after the storm every job has its result, once" is "$(jq -r 'select(.status | not) | .file | split("/") | last' "$T/s/results.jsonl" | sort | xargs)" "$(cd "$T/in" && ls *.mkv | xargs)"
ok "poison is set aside, and nothing else" is "$("$AVALIGN" queue dead --queue "$URL" --name storm | sed 's/: .*//' | sort -u | xargs -n1 basename)" poison.mp4
ok "the results are those of a quiet day" is "$(jq -c 'select(.file | endswith("/20.mkv")) | .sync_offset_ms' "$T/s/results.jsonl")" "$("$AVALIGN" analyze "$T/in/20.mkv" --only lipsync -q --json - | jq -c .sync_offset_ms)"
kill -TERM $a $b; wait $a; code=$?
ok "a worker that lived through it leaves in peace" is $code 0
finish
