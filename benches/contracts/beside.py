"""Times sixteen rules over TPC-H's lineitem in tollgate and in the tools of `gates.py`, after all of them found the same.

`run.sh` makes the environments and calls it; benches/README.md says how to read it. First every tool gets a small file in which each
rule is broken, and must name all sixteen; then the large file, of which one rule is broken, by whole processes in turn.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "profile"))
import run as timed  # noqa: E402

import gates  # noqa: E402

# The tools read decimals in ways of their own, pandas as objects: all get doubles.
DOUBLES = ", ".join(f"{c}::DOUBLE AS {c}" for c in ("l_quantity", "l_extendedprice", "l_discount", "l_tax"))
# What is put in the place of a value, so that each rule of values is broken.
WRONG = {
    "l_orderkey": "NULL",
    "l_partkey": "NULL",
    "l_suppkey": "NULL",
    "l_quantity": "51.0",
    "l_discount": "-0.1",
    "l_returnflag": "'X'",
    "l_linestatus": "'X'",
    "l_shipmode": "'X'",
    "l_shipinstruct": "'x'",
    "l_shipdate": "DATE '1991-01-01'",
    "l_receiptdate": "DATE '1990-01-01'",
    "l_comment": "CASE WHEN place % 2 = 0 THEN NULL ELSE 'x' END",
}


def made(folder, scale):
    """lineitem with doubles, and a small one of which every rule is broken; generated once."""
    whole = timed.made(folder, scale, "parquet")
    doubles, broken = whole.with_name("doubles.parquet"), whole.with_name("broken.parquet")
    if not broken.exists():
        duckdb.sql(f"COPY (SELECT * REPLACE ({DOUBLES}) FROM '{whole}') TO '{doubles}'")
        # 30,000 rows and the first 1,000 again: fewer than there must be, and repeated keys.
        some = f"(SELECT * FROM '{doubles}' LIMIT 30000)"
        first = f"(SELECT * FROM '{doubles}' LIMIT 1000)"
        twice = f"SELECT *, row_number() OVER () AS place FROM ({some} UNION ALL {first})"
        told = ", ".join(
            f"CASE WHEN place % 997 = {number} THEN {value} ELSE {column} END AS {column}"
            for number, (column, value) in enumerate(WRONG.items())
        )
        every = f"SELECT * REPLACE ({told}) FROM ({twice})"
        duckdb.sql(f"COPY (SELECT * EXCLUDE (place) FROM ({every})) TO '{broken}'")
    return doubles, broken


def configured(folder, name, path):
    """A configuration of tollgate with the rules on a file."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    rules = [gates.expectation(*rule) for rule in gates.RULES]
    dataset = {"path": str(path), "expect": rules}
    (place / "tollgate.yaml").write_text(json.dumps({"version": 1, "datasets": {"lineitem": dataset}}))
    return place


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tollgate")
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--scale", default="1", help="of lineitem: 1 is 6 million rows")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tools", default=",".join(gates.TOOLS))
    return parser.parse_args()


def commands(given, folder, path):
    place = configured(folder, path.stem, path)
    # A process that ends with 1 for a broken rule did its work.
    ours = f"'{given.tollgate}' run '{place}/tollgate.yaml' --quiet --output '{place}/out'; test $? -eq 1"
    found = {"tollgate": ["sh", "-c", ours]}
    for tool in given.tools.split(","):
        python = given.environments / tool / "bin" / "python"
        found[tool] = [str(python), "-B", str(HERE / "gates.py"), tool, str(path)]
    return found, place / "out" / "run.json"


def same(given, folder, path, names):
    """Every contender found these rules broken, and where it counts, the same number of values outside their limits."""
    asked, record = commands(given, folder, path)
    found = {}
    for name, command in asked.items():
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[name] = gates.tollgate(record) if name == "tollgate" else json.loads(told)
        print(name, found[name])
    for name, broken in found.items():
        missed = set(names) ^ set(broken)
        assert not missed, f"{name}: {missed}"
        assert broken["between l_tax"] == found["tollgate"]["between l_tax"], name


def main():
    given = arguments()
    folder = given.environments.parent / "data"
    timed.two_processors()
    doubles, broken = made(folder, given.scale)
    same(given, folder, broken, gates.NAMES)
    same(given, folder, doubles, ["between l_tax"])
    load = f"{os.cpu_count()} processors of which 2 are used, load {os.getloadavg()[0]:.1f}"
    figures = timed.measure(commands(given, folder, doubles)[0], given.runs)
    timed.table(f"{len(gates.RULES)} rules on lineitem, scale {given.scale}, {load}, {given.runs} runs", figures, "tollgate")


main()
