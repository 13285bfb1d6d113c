#!/bin/bash
# The first SIGINT or SIGTERM ends every command within a second: signals.py has the table.
. "$(dirname "$0")/lib.sh"
ff -i "$SAMPLE" -c copy "$T/clip.mkv"
mkdir "$T/work"
$PYTHON "$(dirname "$0")/signals.py" "$AVALIGN" "$T/clip.mkv" "$T/work"
