"""Counts what was compared and keeps every difference, each with its file, column, measure, our number and theirs."""

import re
import subprocess
from collections import Counter


class Comparison:
    """Everything that is compared goes through here, so that nothing is compared without being counted."""

    def __init__(self, binary):
        self.binary = binary
        self.compared = 0
        self.columns = Counter()
        self.left_out = Counter()
        self.differences = []

    def equal(self, what, ours, theirs, by="DuckDB"):
        """Floats within 1e-9 of their size; everything else exactly."""
        if isinstance(ours, float) or isinstance(theirs, float):
            self.near(what, ours, theirs, None if theirs is None else 1e-9 * max(1.0, abs(theirs)), by)
        else:
            self.exact(what, ours, theirs, by)

    def exact(self, what, ours, theirs, by):
        self.compared += 1
        if ours != theirs or type(ours) is not type(theirs):
            self.differ(what, ours, theirs, by)

    def near(self, what, ours, theirs, within, by):
        """Equal, both NaN, or both numbers and not further apart than `within`."""
        self.compared += 1
        if ours is None or theirs is None:
            if ours is not theirs:
                self.differ(what, ours, theirs, by)
        elif ours != ours and theirs != theirs:
            return
        elif ours != theirs and not abs(ours - theirs) <= within:
            self.differ(what, ours, f"{theirs} (allowed are {float(within):.3g} apart)", by)

    def leave_out(self, by, reason):
        """Notes what a program cannot read, without the numbers in its words."""
        self.left_out[by, re.sub(r"\d+", "N", reason).splitlines()[0][:110]] += 1

    def differ(self, what, ours, theirs, by):
        self.differences.append(f"{what}: tollgate {shown(ours)}, {by} {shown(theirs)}")

    def run(self, arguments, folder, codes):
        """What the program prints; absent, and a difference, when it ends with another code."""
        done = subprocess.run([self.binary, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in codes:
            lines = done.stderr.splitlines()
            said = [line for line in lines if line.startswith("error") or "panicked" in line] or lines
            what = f"`{' '.join(arguments)}` ended with {done.returncode}, not with {codes}"
            self.differences.append(f"{what}: {' '.join(said[:1])}")
            return None
        return done.stdout


def shown(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 160 else f"{text[:160]}… ({len(text)} characters)"
