#!/bin/bash
# The caller's own tracking: boxes alone, and 68 landmarks, give the offset of our own tracking.
. "$(dirname "$0")/lib.sh"
schema=$(dirname "$0")/../../docs/tracks.schema.json
json "$SAMPLE"; base=$(get .sync_offset_ms)
"$AVALIGN" features "$SAMPLE" --out "$T/dump" && $PYTHON - "$T" <<'P'
import json, sys
import numpy as np
T = sys.argv[1]
t = np.load(T + "/dump/track0/t_s.npy"); lm = np.load(T + "/dump/track0/landmarks.npy")
boxes = {"format": 1, "frames": []}
points = {"format": 1, "frames": []}
# inner lips and the few other points of iBUG's 68 that matter, from the mesh
ibug = {36: 33, 45: 263, 1: 234, 15: 454, 30: 1, 48: 61, 54: 291, 61: 82, 62: 13, 63: 312, 65: 317, 66: 14, 67: 87}
for s, f in zip(t, lm):
    x0, y0 = f[:, :2].min(0); x1, y1 = f[:, :2].max(0)
    boxes["frames"].append({"t_s": float(s), "faces": [{"track": 7, "box": [float(v) for v in (x0, y0, x1 - x0, y1 - y0)]}]})
    p = [[float(f[ibug.get(i, 1), 0]), float(f[ibug.get(i, 1), 1])] for i in range(68)]
    points["frames"].append({"t_s": float(s), "faces": [{"track": 2, "landmarks": p}]})
json.dump(boxes, open(T + "/boxes.json", "w")); json.dump(points, open(T + "/points.json", "w"))
P
for kind in boxes points; do
    ok "$kind fit the schema" $PYTHON -W ignore -m jsonschema -i "$T/$kind.json" "$schema"
    json "$SAMPLE" --tracks "$T/$kind.json"
    # the landmarks' own method has a zero of its own, some tens of ms from the nets'
    ok "$kind: $(get .sync_offset_ms) ms against $base" near "$(get .sync_offset_ms)" "$base" $([ $kind = boxes ] && echo 25 || echo 50)
done
ok "the caller's track number is kept" is "$(get '.tracks[0].id')" 2
ok "points: no face net was needed" is "$(get '[.models[].role] | contains(["face-mesh"])')" false
finish
