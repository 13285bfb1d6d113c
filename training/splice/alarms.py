"""False alarms of the splice net: the tool on genuine speech that nobody cut, the development sets beside the project.

    python alarms.py --avalign build/avalign --shared ../shared [--models DIR]      # prints every splice of .3 and more, and how many an hour reach .5
"""
import argparse
import csv
import glob
import json
import os
import subprocess


def files(shared):
    with open(os.path.join(shared, "data", "audio", "index.tsv")) as f:
        for r in csv.DictReader(f, delimiter="\t"):
            if r["label"] != "spoof":
                yield os.path.join(shared, "data", "audio", r["path"])
    yield from sorted(glob.glob(os.path.join(shared, "data", "video", "dev", "real", "**", "*.mp4"), recursive=True))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--avalign", required=True)
    p.add_argument("--shared", required=True)
    p.add_argument("--models")
    args = p.parse_args()
    n = hours = over = 0
    for path in files(args.shared):
        more = ["--models", args.models] if args.models else []
        got = subprocess.run([args.avalign, "analyze", path, "-q", "--only", "artifacts", "--json", "-", *more], capture_output=True, text=True)
        if got.returncode > 2:
            continue
        r = json.loads(got.stdout)
        n, hours = n + 1, hours + (r["media"].get("sound") or {}).get("length_s", 0) / 3600
        for s in r["signals"]["artifacts"].get("segments", []):
            if s["kind"] == "splice" and "go on from itself" in s["evidence"]:
                over += s["score"] >= .5
                print(path, "%.2f s, score %.2f: %s" % (s["start_s"], s["score"], s["evidence"]))
    print("%d files, %.2f hours, %d splices of .5 and more" % (n, hours, over))


if __name__ == "__main__":
    main()
