"""python -m avalign: runs the tool."""
from avalign._runtime import main

if __name__ == "__main__":
    main()
