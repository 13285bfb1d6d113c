"""Which nets a package carries: those of the manifest that may be passed on, less those that it leaves out.

    python3 setup/wheel_nets.py MODELS TARGET [--permissive] [--without ROLE,ROLE]

Writes TARGET/manifest.json with the rows that are left, their nets, cards and licence texts. --permissive: without the nets that
are for research only, as AVALIGN_PERMISSIVE_ONLY=1 runs.
"""
import json
import os
import shutil
import sys


def chosen(manifest, permissive=False, without=()):
    """The manifest of a package: rows that may be redistributed, in their order."""
    rows = [r for r in manifest["models"] if r.get("redistributable") is True and r["role"] not in without]
    if permissive:
        rows = [r for r in rows if not r["licence"].startswith("research-only")]
    return dict(manifest, models=rows)


def gather(models, target, permissive=False, without=()):
    with open(os.path.join(models, "manifest.json"), encoding="utf-8") as f:
        manifest = chosen(json.load(f), permissive, without)
    for row in manifest["models"]:
        source, copy = os.path.join(models, row["file"]), os.path.join(target, row["file"])
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copy(source, copy)
        folder = os.path.dirname(source)
        for name in os.listdir(folder):
            if name == "CARD.md" or name.startswith("LICENSE"):
                shutil.copy(os.path.join(folder, name), os.path.join(os.path.dirname(copy), name))
    with open(os.path.join(target, "manifest.json"), "w", encoding="utf-8") as f:
        json.dump(manifest, f, indent=2, ensure_ascii=False)
        f.write("\n")
    return manifest


if __name__ == "__main__":
    words = sys.argv[sys.argv.index("--without") + 1].split(",") if "--without" in sys.argv else ()
    gather(sys.argv[1], sys.argv[2], "--permissive" in sys.argv, words)
