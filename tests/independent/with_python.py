"""Columns of CSV and NDJSON files as Python's own csv and json modules read them, counted value by value.

The type of a CSV column is the first of boolean, whole number, float, date, moment, text that every cell is.
"""

import csv
import json
import platform
import re
from collections import Counter
from datetime import date, datetime, timezone

from truth import Truth, counted

NAME = f"Python {platform.python_version()}"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


NUMBER = r"-?(0|[1-9][0-9]*)"


def whole(text):
    if not re.fullmatch(NUMBER, text) or not -(2**63) <= int(text) < 2**63:
        raise ValueError(text)
    return int(text)


def real(text):
    """Digits with a leading zero are a text."""
    if not re.fullmatch(NUMBER + r"(\.[0-9]*)?([eE][+-]?[0-9]+)?", text):
        raise ValueError(text)
    return float(text)


def boolean(text):
    return {"false": 0, "true": 1}[text]


def day(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


def moment(text):
    if not MOMENT.fullmatch(text):
        raise ValueError(text)
    found = datetime.fromisoformat(text)
    since = (found if found.tzinfo else found.replace(tzinfo=timezone.utc)) - EPOCH
    return ((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1000


READERS = (
    ("boolean", boolean),
    ("integer", whole),
    ("float", real),
    ("date", day),
    ("timestamp", moment),
    ("text", str),
)


def csv_columns(path):
    """An empty cell is a null; a blank line is no row."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = (row for row in csv.reader(file) if row)
    return {name: typed(Counter(cells)) for name, cells in zip(header, zip(*rows))}


def typed(cells):
    rows, nulls = cells.total(), cells.pop("", 0)
    if not cells:
        return Truth(None, rows, nulls)
    for kind, read in READERS:
        try:
            counts, nan = counted((read(text), n) for text, n in cells.items())
        except (ValueError, KeyError):
            continue
        return Truth(kind, rows, nulls, nan, counts)
    raise ValueError("every cell is a text")


def ndjson_columns(path):
    """A key that is missing is a null; a column with a float is of floats."""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    found = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        values = [v for v in (row.get(name) for row in rows) if v is not None]
        kinds = {type(v) for v in values}
        kind = (
            "boolean"
            if kinds == {bool}
            else "integer"
            if kinds == {int}
            else "text"
            if kinds == {str}
            else "float"
            if kinds <= {int, float}
            else None
        )
        read = {"boolean": int, "float": float}.get(kind, lambda v: v)
        counts, nan = counted((read(v), n) for v, n in Counter(values).items())
        found[name] = Truth(kind, len(rows), len(rows) - len(values), nan, counts)
    return found
