"""Differences that are known, with who is right and why."""

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Listed:
    """`rules` is a pattern of names, `frames` one of kinds, `right` whose answer is the tool's documented one.

    `ours` and `theirs` are the status that each gives. `more` says by how many rows tollgate's count is greater:
    another difference of the same rule then still shows.
    """

    tool: str
    rules: str
    right: str
    reason: str
    frames: str = "*"
    more: object = None
    ours: str | None = None
    theirs: str | None = None

    def covers(self, tool, rule, frame, their, our):
        if tool != self.tool or not fnmatchcase(rule, self.rules) or not fnmatchcase(frame.kind, self.frames):
            return False
        if self.ours is not None and not our.status.startswith(self.ours):
            return False
        if self.theirs is not None and not their.status.startswith(self.theirs):
            return False
        if self.more is not None and their.failing is not None:
            return (our.failing or 0) == their.failing + self.more(frame)
        return True


GX = "great_expectations"
PANDERA = "pandera"
FRICTIONLESS = "frictionless"
POINTBLANK = "pointblank"
DATAFRAMELY = "dataframely"
SODACL = "sodacl"
SODA = "soda"
DATACONTRACT = "datacontract"


def nans(frame):
    return frame.nans("g")


def repeated_nans(frame):
    return nans(frame) if nans(frame) > 1 else 0


def ended(frame):
    """Texts that end with `b` and a line end."""
    return sum(t is not None and t.endswith("b\n") for t in frame.table.column("t").to_pylist())


def both_null(frame):
    pairs = zip(frame.table.column("a").to_pylist(), frame.table.column("c").to_pylist(), strict=True)
    nulls = sum(a is None and c is None for a, c in pairs)
    return nulls if nulls > 1 else 0


def broken_keys(frame):
    """Keys with one null: Frictionless counts those that repeat, and those of nulls alone."""
    pairs = zip(frame.table.column("a").to_pylist(), frame.table.column("c").to_pylist(), strict=True)
    return len({pair for pair in pairs if None in pair and pair != (None, None)})


def extra_nans(frame):
    return max(nans(frame) - 1, 0)


def null_group(frame, column):
    nulls = frame.table.column(column).null_count
    return nulls if nulls > 1 else 0


def nulls(frame, column):
    return frame.table.column(column).null_count


def complete(frame, columns):
    """Values of the columns in the rows without a null there; NaN is one value."""
    rows = zip(*(frame.table.column(c).to_pylist() for c in columns), strict=True)
    return [tuple("NaN" if v != v else v for v in row) for row in rows if None not in row]


def beyond_groups(*columns):
    """Rows that repeat a value, less the values that are repeated."""

    def more(frame):
        times = Counter(complete(frame, columns)).values()
        return sum(n - 2 for n in times if n > 1)

    return more


NAN_IS_NULL = "pandas takes NaN for null and leaves it out; here it is a value that is no number, and breaks the rule"
NO_ROWS = "tollgate fails where there is nothing to compute the number from"

NULL_CASES = "nulls that repeat fail in both, but are left out of the rows that Pandera shows; here they are counted"
SKIPPED = "Pandera passes where there is no row; tollgate says that nothing was looked at, which does not fail the run"
NO_ROW = (
    "Frictionless passes where there is no row; tollgate says that nothing was looked at, which does not fail the run"
)
ALTERNATION = (
    "Frictionless puts `^` and `$` around the pattern without brackets: `a|ab` is `^a` or `ab$`; the "
    "standard wants the whole text. And `$` is also before a last line end"
)
KEY_NULLS = (
    "the fields of a primary key are required by the standard; Frictionless takes a null there for one more value"
)
NAN_IS_GREATEST = (
    "Polars takes NaN for greater than every number; here it is outside of every range. `allow_nan` is a "
    "rule of its own"
)
NAN_IN_DUCKDB = "DuckDB takes NaN for greater than every number; here it is outside of every range"
NAN_PASSES = "the number of a column with NaN is NaN, which Soda 3 takes for within every limit; here NaN is left out"
NO_NUMBER = "Soda gives no verdict where there is nothing to compute the number from; tollgate fails"
GROUPS_ODCS = (
    "the tool counts the values that are repeated, tollgate the rows that repeat one; the standard says "
    "neither, and the importer notes it"
)
NO_AGE = "no value has no age: Soda fails, tollgate cannot tell, which is an error and fails the run as well"
NO_ROW_ODCS = (
    "the tool passes where there is no row; tollgate says that nothing was looked at, which does not fail the run"
)
ENDS = "the standard leaves both numbers of `mustBeBetween` out of the range; the tool takes them in"
NULL_MISSING = "the standard lists null among `missingValues` where it is missing; the tool always takes it for missing"
REPEATED = ("n", "i", "f", "g", "t", "d", "b")

LISTED = [
    *(
        Listed(GX, f"{rule} g", "both", NAN_IS_NULL, more=nans)
        for rule in ("between", "mostly", "above", "below", "in_set")
    ),
    Listed(GX, "null g", "both", "pandas takes NaN for null; here it is a value", more=nans),
    Listed(GX, "not_null* g", "both", "pandas takes NaN for null; here it is a value", more=lambda f: -nans(f)),
    Listed(GX, "unique g", "both", "pandas takes NaN for null; here NaN repeats NaN", more=repeated_nans),
    Listed(GX, "dist* g", "both", "pandas takes NaN for null; here it is one more value", "[fw]*"),
    Listed(GX, "sum *", GX, f"the sum of no rows is 0; {NO_ROWS}", "empty", ours="fail", theirs="pass"),
    Listed(GX, "distinctness *", GX, f"the share of no rows is 0; {NO_ROWS}", "empty", ours="fail", theirs="pass"),
    Listed(
        GX, "distinct_in *", GX, f"the empty set is within every set; {NO_ROWS}", "empty", ours="fail", theirs="pass"
    ),
    *(Listed(PANDERA, f"{r} g", "both", NAN_IS_NULL, more=nans) for r in ("*than*", "*equal_to", "in_range_*", "isin")),
    Listed(PANDERA, "not_null g", "both", "pandas takes NaN for null; here it is a value", more=lambda f: -nans(f)),
    Listed(PANDERA, "unique g", "both", NULL_CASES, more=lambda f: null_group(f, "g") + repeated_nans(f)),
    *(
        Listed(PANDERA, f"unique {on}", "both", NULL_CASES, more=lambda f, on=on: null_group(f, on))
        for on in ("i", "f", "t", "d", "b")
    ),
    Listed(PANDERA, "unique_together", "both", NULL_CASES, more=both_null),
    Listed(PANDERA, "not_null*", "both", SKIPPED, "empty", ours="skipped", theirs="pass"),
    Listed(FRICTIONLESS, "pattern t", "tollgate", ALTERNATION, ours="fail"),
    Listed(
        FRICTIONLESS,
        "unique g",
        "both",
        "Frictionless takes each NaN for a value of its own; here NaN repeats NaN",
        more=extra_nans,
    ),
    Listed(FRICTIONLESS, "primary_a_c", "tollgate", KEY_NULLS, more=broken_keys),
    Listed(
        FRICTIONLESS,
        "unique_keys*",
        "tollgate",
        "`uniqueKeys` of the standard is not looked at by Frictionless 5",
        ours="fail",
        theirs="pass",
    ),
    Listed(FRICTIONLESS, "*", "both", NO_ROW, "empty", ours="skipped", theirs="pass"),
    Listed(POINTBLANK, "*", "tollgate", "Pointblank ends with an error where there is no row", "empty", theirs="error"),
    Listed(
        POINTBLANK,
        "??_True g",
        "both",
        "with `na_pass` comparisons take NaN for null, `between` does not; here NaN breaks both",
        more=nans,
    ),
    *(Listed(DATAFRAMELY, f"{rule} g", "both", NAN_IS_GREATEST, more=nans) for rule in ("min", "min_exclusive")),
    *(Listed(SODACL, f"{what} g", "tollgate", NAN_PASSES, theirs="pass") for what in ("avg", "max", "sum")),
    *(
        Listed(SODACL, f"{what} g", "both", "DuckDB refuses the deviation of NaN; here NaN is left out", theirs="error")
        for what in ("stddev*", "var*")
    ),
    Listed(SODACL, "valid_min g", "both", NAN_IN_DUCKDB, more=nans),
    Listed(SODACL, "*", "both", NO_NUMBER, ours="fail", theirs="not evaluated"),
    *(
        Listed(tool, rule, "both", NO_AGE, "empty", ours="error", theirs="fail")
        for tool in (SODACL, SODA)
        for rule in ("fresh", "stale")
    ),
    Listed(SODA, "valid_min g", "both", NAN_IN_DUCKDB, more=nans),
    *(
        Listed(
            SODA,
            f"{what} {on}",
            "tollgate",
            "Soda 4 gives no verdict of a number that is infinite or NaN",
            "[fw]*",
            theirs="not evaluated",
        )
        for what, on in (("min", "f"), ("max", "f"), ("max", "g"))
    ),
    Listed(SODA, "*", "both", NO_NUMBER, ours="fail", theirs="not evaluated"),
    Listed(DATACONTRACT, "*", "both", NO_ROW_ODCS, "empty", ours="skipped", theirs="pass"),
    Listed(
        DATACONTRACT,
        "sql_average",
        "both",
        "the mean of no rows is null, which the tool takes for unlike every number; tollgate fails",
        "empty",
        ours="fail",
        theirs="pass",
    ),
    Listed(DATACONTRACT, "minimum g", "both", NAN_IN_DUCKDB, more=nans),
    Listed(DATACONTRACT, "exclusiveMinimum g", "both", NAN_IN_DUCKDB, ours="fail", theirs="pass"),
    Listed(DATACONTRACT, "*_between*", "tollgate", ENDS, ours="fail", theirs="pass"),
    Listed(DATACONTRACT, "*_outside*", "tollgate", ENDS, ours="pass", theirs="fail"),
    Listed(DATACONTRACT, "missing_no_null t", "tollgate", NULL_MISSING, more=lambda f: -nulls(f, "t")),
    *(
        Listed(DATACONTRACT, f"{rule} {on}", "both", GROUPS_ODCS, more=beyond_groups(on))
        for rule in ("unique", "duplicates", "duplicates_some")
        for on in ("a", "c", "s", *REPEATED)
    ),
    *(
        Listed(DATACONTRACT, f"duplicates_{one}_{two}", "both", GROUPS_ODCS, more=beyond_groups(one, two))
        for one, two in (("a", "c"), ("n", "s"))
    ),
]
