#!/bin/bash
# analyze --live: a line for each window while the stream runs, memory that does not grow, real servers.
. "$(dirname "$0")/lib.sh"
free_port() { $PYTHON -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
stream() { ffmpeg -v error -nostdin $PACE -stream_loop -1 -i "$SAMPLE" -c copy "$@"; } # PACE=-re: in real time
PACE=
ff -stream_loop 5 -i "$SAMPLE" -c copy -t 34 -f mpegts "$T/s.ts"
live() { "$AVALIGN" analyze --live "$@" >"$T/out" 2>"$T/err"; code=$?; }
live - <"$T/s.ts"
ok "a line for each window and the rest" is "$(jq -c '[.start_s, (.end_s | floor)]' "$T/out" | xargs)" "[0,10] [10,20] [20,30] [30,34]"
ok "every line has the fields or the reason" jq -es 'all(.[]; . as $w | ["sync_offset_ms","sync_confidence","lip_sync_score","voice_face_match","emotion_coherence","voice_authenticity","anomaly_score"] | all(. as $f | $w[$f] != null or ($w.absent[$f] | type == "string")))' "$T/out"
ok "in sync in every window" jq -es 'all(.[]; .sync_offset_ms < 100 and .sync_offset_ms > -20)' "$T/out"
cp "$T/out" "$T/first"
live --sandbox - <"$T/s.ts"
ok "the same from inside the sandbox" cmp "$T/first" "$T/out"
live - --window 5 --only lipsync --json "$T/lines" <"$T/s.ts"
live - --window 5 --only lipsync --json "$T/lines" <"$T/s.ts"
ok "a file of lines goes on where it was" is "$(wc -l <"$T/lines")" 14
# late sound
ff -i "$T/s.ts" -itsoffset 0.4 -i "$T/s.ts" -map 0:v -map 1:a -c copy -t 18 "$T/late.ts"
live - --only lipsync <"$T/late.ts"
ok "late sound is seen while it runs" jq -es 'length == 2 and all(.[]; .sync_offset_ms < -300)' "$T/out"
# one side's packets come after the other's: a window waits for them for a second and a half, no longer
cat >"$T/lag.py" <<'P'
# the sound's packets of a transport stream come S seconds after the picture's of the same time
import sys
src, dst, lag = sys.argv[1], sys.argv[2], float(sys.argv[3])
data, out, late, now = open(src, "rb").read(), [], [], 0.0
for i in range(0, len(data) - 187, 188):
    p = data[i:i + 188]
    pid = (p[1] & 31) << 8 | p[2]
    if pid == 256 and p[3] & 32 and p[4] and p[5] & 16:
        now = ((p[6] << 25) | (p[7] << 17) | (p[8] << 9) | (p[9] << 1) | p[10] >> 7) / 90000
    while late and late[0][0] + lag <= now:
        out.append(late.pop(0)[1])
    (late.append((now, p)) if pid == 257 else out.append(p))
open(dst, "wb").write(b"".join(out + [p for _, p in late]))
P
ends() { $PYTHON "$T/lag.py" "$T/s.ts" "$T/lag.ts" "$1"; live - --window 4 --only lipsync <"$T/lag.ts"; jq -s -c '[.[0:2][] | .end_s > .start_s + 3.99]' "$T/out"; }
ok "sound that comes 1.3 s after the picture is waited for" is "$(ends 1.3)" "[true,true]"
ok "1.9 s after it, it is not" is "$(ends 1.9)" "[false,false]"
# silence, no picture, rubbish
ff -i "$T/s.ts" -an -c copy -t 12 -f mpegts "$T/mute.ts"
live - <"$T/mute.ts"
ok "no sound: lines with reasons" jq -es 'length == 2 and all(.[]; .absent.sync_offset_ms == "no-audio")' "$T/out"
ok "too little to judge: the code for it" is $code 2
live - </dev/null
ok "nothing comes: told in one line" one_line 'open'
live "$T/none.ts"
ok "no file: told in one line" one_line 'No such file'
live http://127.0.0.1:1/x
ok "no address without leave" one_line 'allow-network'
live - --html "$T/x.html" </dev/null
ok "no page of a stream" one_line 'lines of JSON'
# a real server, in real time; every line must come soon after its window
port=$(free_port)
PACE=-re stream -t 25 -f mpegts -listen 1 "http://127.0.0.1:$port/live.ts" & server=$!
for wait in $(seq 50); do ss -ltn 2>/dev/null | grep -q ":$port " && break; sleep 0.1; done
"$AVALIGN" analyze --live "http://127.0.0.1:$port/live.ts" --allow-network --window 5 --only lipsync >"$T/http" 2>"$T/err" & pid=$!
sleep 14
ok "lines come while the stream runs" [ "$(wc -l <"$T/http")" -ge 1 ] && kill -0 $server
wait $pid; wait $server
ok "from an HTTP server, to its end" is "$(wc -l <"$T/http")" 5
port=$(free_port)
"$AVALIGN" analyze --live "udp://127.0.0.1:$port?timeout=3000000" --allow-network --window 5 --only lipsync >"$T/udp" 2>"$T/err" & pid=$!
sleep 1; PACE=-re stream -t 17 -f mpegts "udp://127.0.0.1:$port?pkt_size=1316"; wait $pid
ok "from UDP" [ "$(wc -l <"$T/udp")" -ge 2 ]
# two and a half minutes, as fast as it goes: memory after one minute and at the end
stream -t 150 -f mpegts - | "$AVALIGN" analyze --live - --threads 1 >"$T/out" 2>"$T/err" & sleep 1
pid=$(pgrep -n -f "analyze --live - --threads 1")
rss() { awk '/VmRSS/ { print $2 }' /proc/$pid/status 2>/dev/null; }
while [ "$(wc -l <"$T/out")" -lt 6 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done; early=$(rss)
while [ "$(wc -l <"$T/out")" -lt 13 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done; late=$(rss)
wait
ok "15 windows" is "$(wc -l <"$T/out")" 15
ok "memory stays where it was (${early:-?} kB, ${late:-?} kB)" awk -v a="${early:-0}" -v b="${late:-0}" 'BEGIN { exit !(a > 0 && b > 0 && b < 1.1 * a) }'
ok "the last window is as good as the first" near "$(head -1 "$T/out" | jq .sync_offset_ms)" "$(tail -2 "$T/out" | head -1 | jq .sync_offset_ms)" 40
finish
