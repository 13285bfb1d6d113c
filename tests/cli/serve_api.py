"""Holds the API of a running avalign serve against its OpenAPI document: python3 serve_api.py URL TOKEN

Every path and method of the document is called; what comes must be a reply that it names, of the type and form that it names."""
import json
import sys
import urllib.error
import urllib.request

import jsonschema

url, token = sys.argv[1:3]
doc = json.load(urllib.request.urlopen(url + "/api/openapi.json"))
called, bad = 0, []


def call(method, path, body=None, own=True):
    request = urllib.request.Request(url + path, data=body, method=method, headers={"Authorization": "Bearer " + token} if own else {})
    try:
        reply = urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as e:
        reply = e
    kind = reply.headers.get_content_type()
    return reply.status, kind, reply.read(64) if kind == "text/event-stream" else reply.read()


def resolve(x):
    while "$ref" in x:
        node = doc
        for part in x["$ref"].lstrip("#/").split("/"):
            node = node[part]
        x = node
    return x


def check(method, path, concrete, body=None, own=True):
    global called
    called += 1
    status, kind, text = call(method, concrete, body, own)
    replies = doc["paths"][path][method.lower()]["responses"]
    where = "%s %s: %d" % (method, concrete, status)
    if str(status) not in replies:
        bad.append(where + " is not in the document")
        return status
    content = resolve(replies[str(status)])["content"]
    if kind not in content:
        bad.append(where + ": " + kind)
    elif "schema" in content[kind]:
        schema = dict(content[kind]["schema"], components=doc["components"])
        for e in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(text)):
            bad.append("%s: %s" % (where, e.message))
    return status


files = json.loads(call("GET", "/api/files")[2])["files"]
done = next(f for f in files if f["status"] == "done")["id"]
failed = next(f for f in files if f["status"] == "failed")["id"]
bodies = {"/api/files": b"no media", "/api/files/{id}/judge": b'{"policy": "calibrated"}'}
for path, item in doc["paths"].items():
    for method in [m for m in ("get", "post", "delete") if m in item]:
        for number in ([999999] if "people" in path else [done, failed, 999999]) if "{id}" in path else [0]:
            if method == "delete" and number != 999999:
                continue  # below
            concrete = path.replace("{id}", str(number)) + {"/api/files": "?name=api.mp4" if method == "post" else "", "/api/files/{id}/marks": "?format=csv"}.get(path, "")
            status = check(method.upper(), path, concrete, bodies.get(path, b"") if method == "post" else None)
            if number == done and method == "get" and status != 200:
                bad.append("%s: %d" % (concrete, status))
            if method == "post" and path.endswith("/judge") and number == done:
                for wrong in (b"", b"[]", b"{}", b'{"policy": "/etc/passwd"}', b'{"policy": {"format": 1}}', b'{"policy": "seed", "flag_at": 2}'):
                    if check("POST", path, concrete, wrong) != 422:
                        bad.append("%s took %r" % (concrete, wrong))
                stale = "/api/files/%d/marks?format=csv" % done
                if check("GET", "/api/files/{id}/marks", stale) != 409 or check("GET", "/api/files/{id}/marks", stale + "&first=1") != 200 or check("POST", path, concrete, b'{"policy": "seed"}') != 200:
                    bad.append("marks of another verdict")
        if "401" in item[method]["responses"] and check(method.upper(), path, path + "?name=x", b"x" if method == "post" else None, own=False) != 401:
            bad.append(path + " needs no token")
sent = [f for f in json.loads(call("GET", "/api/files")[2])["files"] if f["name"] == "api.mp4"]
for f in sent:
    if check("DELETE", "/api/files/{id}", "/api/files/%d" % f["id"]) != 200:
        bad.append("what was sent can't be removed")
person = None
for f in [f for f in files if f["status"] == "done"]:
    if person is None and check("POST", "/api/people", "/api/people", json.dumps({"name": "A <b>", "files": [f["id"]]}).encode()) == 201:
        person = json.loads(call("GET", "/api/people")[2])["people"][-1]
        for method, suffix, body in (("GET", "", None), ("POST", "/verify", json.dumps({"file": f["id"]}).encode()), ("DELETE", "", None)):
            if check(method, "/api/people/{id}" + suffix, "/api/people/%d%s" % (person["id"], suffix), body) != 200:
                bad.append("people: %s %s" % (method, suffix))
for wrong in (b"", b"{}", b'{"name": "", "files": [1]}', b'{"name": "x", "files": []}'):
    if check("POST", "/api/people", "/api/people", wrong) != 422:
        bad.append("people took %r" % wrong)
if person is None or person["name"] != "A <b>":
    bad.append("nobody was enrolled")
if called < 20 or not sent:
    bad.append("only %d calls" % called)
print("\n".join(bad) or "%d calls as the document says" % called)
sys.exit(bool(bad))
