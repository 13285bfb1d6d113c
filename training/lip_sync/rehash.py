"""rehash.py MODELS: writes the SHA-256 of every file into MODELS/manifest.json."""
import hashlib
import json
import os
import sys


def rehash(models):
    path = os.path.join(models, "manifest.json")
    with open(path) as f:
        manifest = json.load(f)
    for row in manifest["models"]:
        with open(os.path.join(models, row["file"]), "rb") as f:
            row["sha256"] = hashlib.sha256(f.read()).hexdigest()
    with open(path, "w") as f:
        json.dump(manifest, f, indent=2)
        f.write("\n")


if __name__ == "__main__":
    rehash(sys.argv[1])
