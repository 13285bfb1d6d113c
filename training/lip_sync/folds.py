"""folds.py FEATURES K: the persons of fold K of three, comma-separated (grid_s1 is always in training)."""
import os
import pickle
import sys

clips = pickle.load(open(os.path.join(sys.argv[1], "corpus.pkl"), "rb"))
people = sorted({c["person"] for c in clips if c["split"] == "train" and c["person"] != "grid_s1"})
print(",".join(people[int(sys.argv[2])::3]))
