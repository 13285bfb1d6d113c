#!/bin/bash
# avalign serve: who may ask and who may not, limits, names, what a kill leaves, the API as its document says it, and the page in Chromium.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
export AVALIGN_MODELS=$AVALIGN_TINY # what they say does not matter here
PORT=$((20000 + $$ % 20000)) URL=http://127.0.0.1:$PORT
trap 'kill -9 $server 2>/dev/null; rm -rf "$T"' EXIT
start() { # start [OPTIONS]: sets $server, $token
    "$AVALIGN" serve --out "$T/s" --port $PORT --only artifacts,verdict --jobs 1 "$@" >"$T/url" 2>"$T/err" & server=$!
    for wait in $(seq 200); do [ -s "$T/url" ] && break; sleep 0.05; done
    token=$(sed 's/.*token=//' "$T/url")
}
api() { local path=$1; shift; curl -s -H "Authorization: Bearer $token" "$@" "$URL/api/$path"; }
code() { curl -s -o "$T/body" -w '%{http_code}' "$@"; }
auth() { code -H "Authorization: Bearer $token" "$@"; }
send() { api "files?name=$1" --data-binary "@$2"; }
wait_for() { # wait_for JQ: until it holds of the list
    for wait in $(seq 600); do api files | jq -e "$1" >/dev/null && return; sleep 0.05; done; echo "     $(api files)"; return 1
}
uploads() { find "$T/s/uploads" -mindepth 1 -maxdepth 1 | wc -l; }
for i in 1 3 4; do ff -t 1.$i -i "$SAMPLE" -c copy "$T/$i.mkv"; done
ff -t 2 -i "$SAMPLE" -c copy "$T/2.mkv"
start --max-file 2
ok "it prints an address with a token" grep -Eqx "$URL/#token=[0-9a-f]{32}" "$T/url"
ok "all of its folder is private" is "$(find "$T/s" -perm /077 | wc -l)" 0

# who may ask
ok "without a token: nothing" is "$(code "$URL/api/files") $(code -H 'Authorization: Bearer 00000000000000000000000000000000' "$URL/api/files") $(code -X POST --data x "$URL/api/files?name=x")" "401 401 401"
ok "and it says what to do" jq -e '.error | contains("open the address")' "$T/body"
ok "a name that a stranger gave this machine is not answered" is "$(auth -H 'Host: evil.example' "$URL/api/files") $(code -H "Host: evil.example:$PORT" "$URL/") $(auth -H "Host: localhost:$PORT" "$URL/api/files")" "421 421 200"
ok "another page can't change anything" is "$(auth -H 'Origin: http://evil.example' --data x "$URL/api/files?name=x") $(auth -H 'Origin: null' --data x "$URL/api/files?name=x") $(auth -H 'Sec-Fetch-Site: cross-site' -X DELETE "$URL/api/files/1")" "403 403 403"
ok "the page runs no script but its own" is "$(curl -si "$URL/" | grep -ci "^content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'")$(curl -s "$URL/" | grep -c '<script>\|onclick\|style=')" 10
ok "it listens on this machine alone" is "$(ss -Hltn "sport = :$PORT" | awk '{ print $4 }')" "127.0.0.1:$PORT"

# uploads
ok "a file is taken" is "$(send 'a%20b/%3Cimg%20src%3Dx%20onerror%3Dhacked%3D1%3E.mkv' "$T/1.mkv" | jq -r .name)" "a b/<img src=x onerror=hacked=1>.mkv"
ok "no name leaves the folder" is "$(send '../../../x/%2e%2e/y%0a.mkv' "$T/2.mkv" | jq -r .name) $(send "$(printf 'n%.0s' $(seq 400)).mkv" "$T/3.mkv" | jq '.name | length')" "x/y?.mkv 200"
ok "a copy is known" is "$(send copy.mkv "$T/1.mkv" | jq .same_as)" 1
ok "10 GB are refused before they come" is "$(timeout 5 curl -s -H "Authorization: Bearer $token" -H 'Content-Length: 10000000000' -H 'Expect: 100-continue' -X POST --data-binary @"$T/1.mkv" -o "$T/body" -w '%{http_code}' "$URL/api/files?name=big.mkv") $(jq -r .error "$T/body" | grep -c '10.0 GB')" "413 1"
ok "nothing is refused as empty, and so is what has no length" is "$(auth -X POST "$URL/api/files?name=x" -H 'Content-Length: 0') $(auth -X POST -H 'Transfer-Encoding: chunked' --data-binary @"$T/1.mkv" "$URL/api/files?name=x")" "422 411"
n=$(uploads)
(curl -s -H "Authorization: Bearer $token" --limit-rate 20k --data-binary @"$T/4.mkv" "$URL/api/files?name=half.mkv" >/dev/null & pid=$!; sleep 0.5; uploads >"$T/during"; kill $pid; wait $pid 2>/dev/null)
for wait in $(seq 100); do [ "$(uploads)" = "$n" ] && break; sleep 0.05; done
ok "what is broken off leaves nothing" is "$(cat "$T/during") $(uploads)" "$((n + 1)) $n"
ok "everything is judged" wait_for '.files | length == 4 and all(.verdict)'
words() { sqlite3 "$T/s/avalign.db" "UPDATE scores SET value = $1 WHERE file = 2 AND name = 'sync_offset_ms'"; api files/2 | jq -r .offset; }
ok "the offset is in words" is "$(words 137.4), $(words -40), $(words 0.3), $(words NULL)" "sound early by 137 ms, sound late by 40 ms, together, no answer: left out on request"
ok "reasons are said in the words of the evidence page" is "$(api status | jq -cS .reasons)" "$(curl -s "$URL/$(api files/2 | jq -r .links.page)" | sed -n '/^"reasons": {/,/^}/p' | sed '1s/.*/{/; $s/},/}/' | jq -cS 'map_values(.[0])')"
noticed() { sqlite3 "$T/s/avalign.db" "UPDATE scores SET value = $1 WHERE file = 2 AND name = 'noticed'"; api files/2 | jq .noticed; }
ok "what was noticed is the rule of the evidence page" is "$(api files/2/result | jq '(.anomalies + .noticed | length) > 0') $(noticed 1) $(noticed 0)" "$(api files/2 | jq .noticed) true false"
ok "the result is what analyze says" is "$(api files/2/result | jq -c '[.tracks, .absent, .file]')" "$("$AVALIGN" analyze "$T/2.mkv" --only artifacts,verdict -q --json - | jq -c '[.tracks, .absent, "x/y?.mkv"]')"
link() { api files/1 | jq -r ".links.$1"; }
ok "links need no token" is "$(code "$URL/$(link page)") $(code "$URL/$(link marks)?format=vtt") $(code -H 'Range: bytes=5-8' "$URL/$(link media)") $(cmp -n 4 -i 5:0 "$T/1.mkv" "$T/body" && stat -c %s "$T/body")" "200 200 206 4"
ok "but open nothing else" is "$(code "$URL/$(link page | sed 's/files.1/files\/2/')") $(code "$URL/$(link page | sed s/page/result/)") $(code "$URL/api/files/1/page")" "401 401 401"
ok "an evidence page is shut into an origin of its own" is "$(curl -si "$URL/$(link page)" | grep -ci '^content-security-policy: sandbox allow-scripts;')" 1
ok "and can be kept under its name" is "$(curl -si "$URL/$(link page)?download=1" | grep -i '^content-disposition' | tr -d '\r')" "Content-Disposition: attachment; filename*=UTF-8''%3Cimg%20src%3Dx%20onerror%3Dhacked%3D1%3E.mkv.html"
echo "no video" >"$T/text"; send broken.mp4 "$T/text" >/dev/null
ok "what is no video says so" wait_for '.files[] | select(.name == "broken.mp4") | .status == "failed" and (.error | contains("not a media file"))'
ok "the API is as its document says" $PYTHON "$here/serve_api.py" "$URL" "$token"
ok "a file is removed with all that was made of it" is "$(auth -X DELETE "$URL/api/files/2") $(find "$T/s/uploads" -name 'y?.mkv' | wc -l)$(ls "$T/s/json" "$T/s/pages" "$T/s/marks" | grep -c 000002) $(auth "$URL/api/files/2")" "200 00 404"
ok "a copy of what was removed gets a result of its own" is "$(auth -X DELETE "$URL/api/files/1") $(wait_for '.files[] | select(.name == "copy.mkv") | .status == "done"' && echo own)" "200 own"
"$AVALIGN" serve --out "$T/s" --port $((PORT + 1)) >"$T/out" 2>"$T/err2"; second=$?
ok "a second one in the folder is told" is "$second $(grep -c 'another batch is at work' "$T/err2")" "4 1"
"$AVALIGN" serve --out "$T/other" --port $PORT >"$T/out" 2>"$T/err2"; second=$?
ok "and one on the same port" is "$second $(grep -c 'name another with --port' "$T/err2")" "4 1"
mkdir -m 755 "$T/open"; "$AVALIGN" serve --out "$T/open" --port $((PORT + 1)) >"$T/out" 2>"$T/err2"
ok "a folder that others can look into is refused" grep -q 'chmod 700' "$T/err2"

# killed in the middle
for i in $(seq 5); do { cat "$T/4.mkv"; echo $i; } >"$T/k"; send "k$i.mkv" "$T/k" >/dev/null; done
mkdir "$T/s/uploads/00009999"; echo half >"$T/s/uploads/00009999/half.mkv"
wait_for '.files | any(.status == "working")'; was=$token
kill -9 $server; wait $server 2>/dev/null
sqlite3 "$T/s/avalign.db" "UPDATE files SET mtime = 1000 WHERE path LIKE '%copy.mkv'"
start --max-total 1
ok "after kill -9 it goes on, under the same token" is "$token $(wait_for '[.files[] | select(.name | test("^k"))] | length == 5 and all(.status == "done" or .same_as)' && echo all)" "$was all"
ok "what came half is gone" [ ! -e "$T/s/uploads/00009999" ]
ok "what has expired is removed" is "$(wait_for '[.files[] | select(.name == "copy.mkv")] | length == 0' && find "$T/s" -name '*copy.mkv*' | wc -l)" 0
head -c 900000 /dev/zero >"$T/large"; send a.mkv "$T/large" >/dev/null
ok "where there is no room left, it says so" is "$(auth --data-binary @"$T/large" "$URL/api/files?name=b.mkv") $(jq -r .error "$T/body" | grep -c 'no room')" "507 1"
kill -TERM $server; wait $server; code=$?
ok "told to stop, it stops" is $code 0

if command -v chromium >/dev/null && command -v node >/dev/null && [ -d "$here/../../third_party/browser/package" ]; then
    rm -rf "$T/s"; mkdir -p "$T/in/folder"
    for i in $(seq 20); do { cat "$T/$((i % 2 + 3)).mkv"; echo $i; } >"$T/in/$i.mkv"; done
    mv "$T/in/20.mkv" "$T/in/folder"; cp "$T/text" "$T/in/broken.mp4"; cp "$T/1.mkv" "$T/in/<img src=x onerror=window.hacked=1>.mkv"; echo >"$T/in/folder/note.txt"
    ok "the page in Chromium" node "$here/../page/serve_page.js" "$T/in" "${PAGE_SHOTS:-$T}" "$AVALIGN" "$T/s" $PORT
elif [ -n "${CI:-}" ]; then
    ok "Chromium is there (setup/test_tools.sh)" false
fi
finish
