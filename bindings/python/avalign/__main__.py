"""python -m avalign, and the wheel's command: runs the tool that lies in the package, or else the one on PATH."""
import os
import sys


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    tool, phones = os.path.join(here, "bin", "avalign"), os.path.join(here, "phones")
    if os.path.isdir(phones):
        os.environ.setdefault("AVALIGN_POCKETSPHINX", phones)
    if not os.path.exists(tool):
        tool = "avalign"
    try:
        os.execvp(tool, ["avalign"] + sys.argv[1:])
    except FileNotFoundError:
        sys.exit("avalign: the tool is neither in the package nor on PATH; make install puts it there")


if __name__ == "__main__":
    main()
