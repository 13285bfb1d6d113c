"""Reads marks with the formats' own readers and compares them: read_marks.py FOLDER RESULT.json"""
import csv
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "..", "third_party", "readers"))
import opentimelineio as otio  # noqa: E402
import rttm_manager  # noqa: E402
import webvtt  # noqa: E402
from praatio import textgrid  # noqa: E402
from sarif_pydantic import Sarif  # noqa: E402

folder, result = sys.argv[1], json.load(open(sys.argv[2]))


def path(ext):
    return os.path.join(folder, "m." + ext)


with open(path("csv"), newline="") as f:
    rows = list(csv.DictReader(f))
n = len(rows)
assert n >= 3 and all(float(r["end_s"]) >= float(r["start_s"]) >= 0 for r in rows)
assert sum(int(r["counts"]) for r in rows) == len(result["anomalies"])
texts = [r["text"] for r in rows]
assert all(a["detail"] in texts for a in result["anomalies"])

cues = webvtt.read(path("vtt")).captions
assert len(cues) == n and abs(cues[0].start_in_seconds - int(float(rows[0]["start_s"]))) <= 1 and cues[0].text == texts[0]

clip = otio.adapters.read_from_file(path("otio")).find_clips()[0]
assert len(clip.markers) == n
assert [m.name for m in clip.markers] == [r["kind"] for r in rows]
assert all(abs(m.marked_range.start_time.to_seconds() - float(r["start_s"])) <= .5 / 25 + 1e-6 for m, r in zip(clip.markers, rows))

clip = otio.adapters.read_from_file(path("edl"), rate=25).find_clips()[0]
assert len(clip.markers) == n and rows[0]["text"] in clip.markers[0].name
assert abs(clip.markers[-1].marked_range.start_time.to_seconds() - float(rows[-1]["start_s"])) <= .5 / 25 + 1e-6

grid = textgrid.openTextgrid(path("textgrid"), includeEmptyIntervals=True)
assert list(grid.tierNames) == ["speech", "phones", "findings"]
speech = [s for s in result["segments"] if s["kind"] == "speech"]
assert len([e for e in grid.getTier("speech").entries if e.label]) == len(speech)
assert [e.label for e in grid.getTier("phones").entries if e.label] == [p["phone"] for p in result["signals"]["viseme"]["phones"]]
assert len(grid.getTier("findings").entries) == len({r["start_s"] for r in rows})

run = Sarif.model_validate_json(open(path("sarif")).read()).runs[0]
assert len(run.results) == n and run.tool.driver.name == "avalign"
assert sum(r.level.value == "error" for r in run.results) == len(result["anomalies"])

assert len(rttm_manager.import_rttm(path("rttm"))) == len([s for s in result["segments"] if s["kind"] == "speaking"])
print("all seven formats are read as they were written")
