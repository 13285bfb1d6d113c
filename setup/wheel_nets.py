"""Which nets a package carries: those of the manifest that may be passed on, less those that it leaves out.

    python3 setup/wheel_nets.py MODELS TARGET [--permissive] [--without ROLE,ROLE]
    python3 setup/wheel_nets.py MODELS --notice

--notice prints each net's licence and source, as packages say it. Otherwise writes TARGET/manifest.json with the rows that are left, their nets, cards and licence texts. --permissive: without the nets that
are for research only, as AVALIGN_PERMISSIVE_ONLY=1 runs.
"""
import hashlib
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


def notice(rows):
    research = [r["role"] for r in rows if r["licence"].startswith("research-only")]
    return "Nets, each with its licence and source (texts and packages of those of others: models/licences):\n" + \
        "".join("  %s: %s; %s\n" % (r["role"], r["licence"], r["source"]) for r in rows) + \
        ("For research only are: %s. AVALIGN_PERMISSIVE_ONLY=1 runs without them.\n" % ", ".join(research) if research else "")


def gather(models, target, permissive=False, without=()):
    with open(os.path.join(models, "manifest.json"), encoding="utf-8") as f:
        manifest = chosen(json.load(f), permissive, without)
    for row in manifest["models"]:
        source, copy = os.path.join(models, row["file"]), os.path.join(target, row["file"])
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copy(source, copy)
        with open(copy, "rb") as f:
            if hashlib.sha256(f.read()).hexdigest() != row["sha256"]:
                sys.exit("%s: its SHA-256 is not the manifest's; run make setup" % source)
        folder = os.path.dirname(source)
        for name in os.listdir(folder):
            if name == "CARD.md" or name.startswith("LICENSE"):
                shutil.copy(os.path.join(folder, name), os.path.join(os.path.dirname(copy), name))
    shutil.copytree(os.path.join(models, "licences"), os.path.join(target, "licences"), dirs_exist_ok=True)
    with open(os.path.join(target, "manifest.json"), "w", encoding="utf-8") as f:
        json.dump(manifest, f, indent=2, ensure_ascii=False)
        f.write("\n")
    return manifest


if __name__ == "__main__":
    if "--notice" in sys.argv:
        with open(os.path.join(sys.argv[1], "manifest.json"), encoding="utf-8") as opened:
            print(notice(json.load(opened)["models"]), end="")
        sys.exit(0)
    words = sys.argv[sys.argv.index("--without") + 1].split(",") if "--without" in sys.argv else ()
    gather(sys.argv[1], sys.argv[2], "--permissive" in sys.argv, words)
