"""Whether a Jenkinsfile is Groovy, by a parser of Groovy 3, and a pipeline: its steps are Jenkins' own and not looked at.

Usage: jenkinsfile.py FILE. Fails on a file that cannot be parsed; so must the same file with a brace, a quote or a bracket less.
"""

import pathlib
import sys

from groovy_parser.parser import parse_groovy_content


def is_groovy(text):
    try:
        parse_groovy_content(text)
    except Exception:
        return False
    return True


text = pathlib.Path(sys.argv[1]).read_text()
assert is_groovy(text), f"{sys.argv[1]} is no Groovy"
assert any(line.startswith("pipeline {") for line in text.splitlines()), "no pipeline"
for left_out in ("{", "}", "(", "'''"):
    place = text.index(left_out, text.index("pipeline {"))
    assert not is_groovy(text[:place] + text[place + len(left_out) :]), f"a file without one {left_out} passes"
print(f"{sys.argv[1]} is Groovy, and is not with a sign less")
