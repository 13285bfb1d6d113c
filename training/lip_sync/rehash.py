"""rehash.py MODELS: writes the SHA-256 of every file into MODELS/manifest.json."""
import hashlib
import json
import os
import sys

path = os.path.join(sys.argv[1], "manifest.json")
manifest = json.load(open(path))
for row in manifest["models"]:
    row["sha256"] = hashlib.sha256(open(os.path.join(sys.argv[1], row["file"]), "rb").read()).hexdigest()
with open(path, "w") as f:
    json.dump(manifest, f, indent=2)
    f.write("\n")
