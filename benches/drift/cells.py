"""What is measured: cells of pairs. The rows of a pair depend on the seed and its own name alone."""

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

import tables
from faults import KINDS, SEVERITIES, fault

SIZES = [1000, 200, 5000, 100]
FAULT_SIZES = [1000, 200, 5000]
FIRST_NIGHT, FIXED_DAYS, EVERY, CANCELLED = 60, 28, 2, 0.10
REFERENCES = ["previous day", "last 7 days", "first 28 days"]


@dataclass(frozen=True)
class Cell:
    """Pairs of one kind. `group`: null, fault, tiny, night; `size`: rows a side; `kind`: of fault, or the series."""

    group: str
    size: int
    kind: str = ""
    severity: str = ""
    reference: str = ""

    def name(self):
        parts = (self.group, self.size, self.kind, self.severity, self.reference)
        return "-".join(str(p).replace(" ", "_") for p in parts if p)


@dataclass(frozen=True)
class Pair:
    """The name of a pair within its cell, and which table and turn it is of."""

    id: str
    table: str
    turn: int


def rng(seed, *names):
    return np.random.default_rng([seed, *(zlib.crc32(str(n).encode()) for n in names)])


@lru_cache(maxsize=None)
def table(name, folder):
    return tables.load(name, folder)


def fits(size, folder, large):
    """Names of the tables that have two sides of this many rows."""
    names = list(tables.LARGE) if large else list(tables.TABLES)
    if size == 20000:
        names = ["diamonds", "vote", "stops", "year of flights"]
    return [name for name in names if len(table(name, folder)) >= 2 * size]


def plan(args):
    """Every cell with its pairs, in the order of what is worth knowing first."""
    folder, cells = args.cache, []

    def add(cell, each, names):
        cells.append((cell, [Pair(f"{n}/{turn}", n, turn) for turn in range(each) for n in names]))

    for size in SIZES:
        names = fits(size, folder, False)
        add(Cell("null", size), -(-args.nulls // len(names)), names)
    for size in FAULT_SIZES:
        names = fits(size, folder, False)
        for kind in KINDS:
            for severity in SEVERITIES:
                add(Cell("fault", size, kind, severity), args.faults, names)
    for series in tables.SERIES:
        cells += nights(series)
    names = fits(20000, folder, False)
    add(Cell("null", 20000), -(-args.nulls // len(names)), names)
    names = list(tables.LARGE)
    add(Cell("null", 100000), args.large, names)
    for kind in KINDS:
        add(Cell("tiny", 100000, kind, "tiny"), max(args.large // 5, 1), names)
    add(Cell("null", 1000000), args.huge, ["lineitem"])
    for kind in KINDS:
        add(Cell("tiny", 1000000, kind, "tiny"), max(args.huge // 8, 1), ["lineitem"])
    return cells


def draw(frame, size, source):
    """Two sides of `size` rows each, without a row in both."""
    rows = source.permutation(len(frame))[: 2 * size]
    return [frame.iloc[part].reset_index(drop=True) for part in (rows[:size], rows[size:])]


def make(cell, pair, args):
    """(before, now) of a pair, or None where its table has no column for the fault."""
    if cell.group == "night":
        return night_pair(cell, pair, args)
    source = rng(args.seed, cell.name(), pair.id)
    before, now = draw(table(pair.table, args.cache), cell.size, source)
    if cell.kind:
        column = int(source.integers(1 << 20))
        now = fault(cell.kind, now, cell.severity, source, column)
        if now is None:
            return None
    return before, now


@lru_cache(maxsize=None)
def days(series):
    return tables.by_day(series)


def tested(series):
    """Positions of the nights that are judged: from the 61st on, every second, in an order drawn once.

    Left out before any contender looks: days with more than a tenth of the flights cancelled.
    """
    found = days(series)
    calm = [
        i
        for i in range(FIRST_NIGHT, len(found), EVERY)
        if series != "flights" or tables.cancelled(found[i][1]) <= CANCELLED
    ]
    return [int(i) for i in rng(1, "order", series).permutation(calm)]


def nights(series):
    """The cells of a series: calm nights against each reference, faults against the last week, and days as chunks."""
    calm = [Pair(f"{i}", series, i) for i in tested(series)]
    cells = [(Cell("night", 0, series, "calm", reference), calm) for reference in REFERENCES]
    cells.append((Cell("night", 0, series, "calm", "daily chunks"), calm))
    for severity in ("middle", "large"):
        for reference in ("last 7 days", "daily chunks"):
            cells.append((Cell("night", 0, series, severity, reference), calm))
    return cells


def night(series, position, severity, args):
    """The rows of a night, with the fault that is its turn where `severity` is not `calm`."""
    now = days(series)[position][1]
    if severity == "calm":
        return now, ""
    source = rng(args.seed, "night", series, severity, position)
    for step in range(len(KINDS)):
        kind = KINDS[(position // EVERY + step) % len(KINDS)]
        broken = fault(kind, now, severity, source, int(source.integers(1 << 20)))
        if broken is not None:
            return broken, kind
    raise ValueError("no column takes any fault")


def night_pair(cell, pair, args):
    found, at = days(cell.kind), pair.turn
    now, _ = night(cell.kind, at, cell.severity, args)
    if cell.reference == "previous day":
        return found[at - 1][1], now
    if cell.reference == "last 7 days":
        return pd.concat([frame for _, frame in found[at - 7 : at]], ignore_index=True), now
    past = found[:FIXED_DAYS]
    if cell.reference == "daily chunks":
        past = [(date, frame.assign(date=pd.Timestamp(date))) for date, frame in past]
        now = now.assign(date=pd.Timestamp(found[at][0]))
    return pd.concat([frame for _, frame in past], ignore_index=True), now
