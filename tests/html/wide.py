"""A dataset of 30 columns with a contract of many promises and three nights: `wide.py OUT`; a night is OUT/night-N.csv.

The third night breaks some promises and drifts. Values are drawn from a fixed seed.
"""

import csv
import pathlib
import random
import sys

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
draw = random.Random(7)
numbers = [f"measure_{i:02}" for i in range(18)]
texts = [f"group_{i:02}" for i in range(8)]
names = ["id", "day", *numbers, *texts, "email", "note"]
assert len(names) == 30
for night in (1, 2, 3):
    bad = night == 3
    with open(out / f"night-{night}.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(names)
        for row in range(2_000):
            values = [f"{draw.gauss(10 * i, 3 + (bad and i % 3 == 0) * 3):.3f}" for i in range(18)]
            groups = [draw.choice("abcdefgh"[: 2 + i]) + ("x" if bad and i == 2 else "") for i in range(8)]
            if bad and row % 50 == 0:
                values[0], values[1], groups[0] = "", "-900", ""
            who = "broken" if bad and row % 70 == 0 else f"p{row}@example.org"
            rows.writerow([row, f"2013-02-0{night}", *values, *groups, who, "n" * (1 + row % 9)])
contract = ["version: 1", "dataset: wide", "owner: wide@example.org", "columns:"]
for name in names:
    kind = "number" if name in numbers else "integer" if name == "id" else "string" if name != "day" else "date"
    expect = [f"not_null: {{owner: {name.replace('_', '-')}@example.org}}"]
    if name in numbers:
        middle = 10 * numbers.index(name)
        expect.append(f"between: {{min: {middle - 60}, max: {middle + 60}}}")
    if name == "email":
        expect.append("matches: {pattern: '^[^@]+@[^@]+$', severity: warn}")
    contract.append(f"  - {{name: {name}, type: {kind}, expect: [{', '.join('{' + e + '}' for e in expect)}]}}")
contract.append("expect:")
contract.append("  - unique_key: {columns: id}")
(out / "contract.yaml").write_text("\n".join(contract) + "\n")
for night in (1, 2, 3):
    reference = "" if night == 1 else "    reference: night-1.csv\n    drift: {false_alarm: 0.01}\n"
    (out / f"night-{night}.yaml").write_text(
        f"version: 1\nhistory: history\ndatasets:\n  wide:\n    path: night-{night}.csv\n    contract: contract.yaml\n{reference}"
    )
