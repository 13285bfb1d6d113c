#!/usr/bin/env python3
"""Calls whose text depends on the locale. src/ is a guest in programs that may have set one: there numbers with a point go
through ava_format() and letters through ava_lower(). The tool (tools/) sets none, so it stays in the C locale."""
import re, sys, pathlib

root = pathlib.Path(__file__).resolve().parent.parent
PRINT = re.compile(r"(?<!ava_)\b(v?s?n?printf|v?fprintf|v?dprintf|v?asprintf|sscanf)\s*\(")
FLOAT = re.compile(r"%[-+ #0']*(?:\d+|\*)?(?:\.(?:\d+|\*))?[lL]?[aAeEfFgG]")
OTHER = re.compile(r"\b(strtod|strtof|strtold|atof|strcasecmp|strncasecmp|strcasestr|tolower|toupper|is(?:alpha|alnum|upper|lower|print|punct|graph)"
                   r"|vsn?printf|setlocale|uselocale|strftime|localeconv)\s*\(")

def call(text, at):
    """The arguments of a call whose bracket opens before `at`."""
    deep, quote, i = 1, "", at
    while deep and i < len(text):
        c = text[i]
        if quote:
            i += c == "\\"
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        else:
            deep += (c == "(") - (c == ")")
        i += 1
    return text[at:i]

bad = []
for folder in sys.argv[1:] or ["src", "tools"]:
    for f in sorted((root / folder).rglob("*.[ch]")):
        text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), f.read_text(), flags=re.S)
        line = lambda m: text.count("\n", 0, m.start()) + 1
        if folder == "tools":
            bad += ["%s:%d: %s: the tool stays in the C locale" % (f.relative_to(root), line(m), m[1])
                    for m in re.finditer(r"\b(setlocale|uselocale)\s*\(", text)]
            continue
        if f.name in ("format.c", "format.h"):
            continue
        bad += ["%s:%d: %s with a number that has a point: use ava_format()" % (f.relative_to(root), line(m), m[1])
                for m in PRINT.finditer(text) if FLOAT.search(call(text, m.end()).replace("%%", ""))]
        bad += ["%s:%d: %s depends on the locale" % (f.relative_to(root), line(m), m[1]) for m in OTHER.finditer(text)]
print("\n".join(bad) or "nothing here depends on the locale")
sys.exit(bool(bad))
