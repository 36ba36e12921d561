"""Differences that are known, with who is right and why."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Listed:
    """`rules` is a pattern of names, `frames` one of kinds, `right` whose answer is the tool's documented one.

    `more` says by how many rows tollgate's count is greater, so that another difference of the same rule still shows.
    """

    tool: str
    rules: str
    right: str
    reason: str
    frames: str = "*"
    more: object = None
    ours: str | None = None

    def covers(self, tool, rule, frame, their, our):
        if tool != self.tool or not fnmatchcase(rule, self.rules) or not fnmatchcase(frame.kind, self.frames):
            return False
        if self.ours is not None and not our.status.startswith(self.ours):
            return False
        if self.more is not None and their.failing is not None:
            return (our.failing or 0) == their.failing + self.more(frame)
        return True


GX = "great_expectations"


def nans(frame):
    return frame.nans("g")


def repeated_nans(frame):
    return nans(frame) if nans(frame) > 1 else 0


NAN_IS_NULL = "pandas takes NaN for null and leaves it out; here it is a value that is no number, and breaks the rule"
NO_ROWS = "tollgate fails where there is nothing to compute the number from"

LISTED = [
    *(Listed(GX, f"{rule} g", "both", NAN_IS_NULL, more=nans) for rule in ("between", "mostly", "above", "below", "in_set")),
    Listed(GX, "null g", "both", "pandas takes NaN for null; here it is a value", more=nans),
    Listed(GX, "not_null* g", "both", "pandas takes NaN for null; here it is a value", more=lambda f: -nans(f)),
    Listed(GX, "unique g", "both", "pandas takes NaN for null; here NaN repeats NaN", more=repeated_nans),
    Listed(GX, "median *", GX, "the median of an even number of values is the mean of two; the suite is read as the lower one"),
    Listed(GX, "sum *", GX, f"the sum of no rows is 0; {NO_ROWS}", "empty"),
    Listed(GX, "distinctness *", GX, f"a share of no rows passes; {NO_ROWS}", "empty"),
    Listed(GX, "distinct_in *", GX, f"the empty set is within every set; {NO_ROWS}", "empty"),
]
