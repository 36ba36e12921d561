"""Writes a dataset whose column names and values attack every output, and a configuration: `hostile.py FOLDER`.

Every column breaks a promise whose limits, owner and description attack as well. The same texts are in
tests/report_fixture.rs.
"""

import json
import pathlib
import sys

HOSTILE = [
    "::error::x",
    "##vso[task.complete result=Succeeded;]done",
    "##[error]x",
    "\x1b[31mred\x9b2J",
    "<script>alert(1)</script>",
    "\" onload='alert(1)' <img src=x onerror=alert(1)>",
    "a|b\\|c",
    "@team #12 www.example.org http://example.org/x.png $x$",
    "=cmd()",
    "nul\0and\r\n::warning::line",
    "\u202egpj.exe\ufdd0\uffff",
    "]]>",
    "``` `code` ```",
    "[a](javascript:x) ![b](http://example.org/y.png) *c* _d_ ~e~",
    "</style><style>@import 'http://example.org/z.css'",
    "</title><svg onload=alert(1)>",
]

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
names = [text for text in HOSTILE if "\0" not in text]
rows = [
    {name: HOSTILE[(i + shift) % len(HOSTILE)] for i, name in enumerate(names)} for shift in range(len(HOSTILE))
]
(folder / "d.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
expect = [
    {
        "in_set": {
            "column": name,
            "values": ["ok", name],
            "severity": ["error", "warn"][i % 2],
            "owner": name,
            "description": name,
            "tags": [name],
        }
    }
    for i, name in enumerate(names)
]
config = {"version": 1, "datasets": {"d": {"path": "d.ndjson", "expect": expect}}}
(folder / "tollgate.yaml").write_text(json.dumps(config))
