"""Holds random frames against the same rules with another tool and with tollgate, and compares what both say.

Usage: compare.py TOOL PATH-OF-THE-BINARY [SEEDS]

The rules are in the tool's own form, which tollgate reads as it is; Pointblank and dataframely have none that it reads,
so there the contract is native, with that tool's semantics. Verdicts must be equal, and where the tool counts failing
rows, so must be the counts. Differences that are known are in `listed.py`, each with its reason: they are printed, and
one that no longer shows is an error as well.

Exits 1 on a difference that is not listed, and on a listed one that is none.
"""

import importlib
import math
import sys
import tempfile
from collections import Counter
from pathlib import Path

from frames import frames
from listed import LISTED
from ours import answers

SEEDS = 8


def compare(tool, tollgate, seeds):
    judge = importlib.import_module(f"with_{tool}")
    equal, seen, differences, said = 0, {}, [], Counter()
    for frame in frames(seeds):
        rules = judge.rules(frame.rng)
        names = [rule.name for rule in rules]
        assert len(set(names)) == len(names), "two rules of one name"
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            data = judge.write(frame.table, folder)
            theirs = judge.answers(rules, data)
            ours = answers(tollgate, rules, data, folder)
        for rule, their, our in zip(rules, theirs, ours, strict=True):
            said[their.status.split(":")[0]] += 1
            if same(their, our):
                equal += 1
                continue
            reason = next(
                (at for at, entry in enumerate(LISTED) if entry.covers(tool, rule.name, frame, their, our)), None
            )
            if reason is None:
                differences.append(
                    f"{frame.name}, {rule.name}: {tool} {their}, tollgate {our}\n    {rule.form.strip()}"
                )
            else:
                seen[reason] = seen.get(reason, 0) + 1
    return equal, seen, differences, said


def same(their, our):
    if their.status != our.status:
        return False
    if their.number is not None and our.number is not None:
        close = math.isclose(their.number, our.number, rel_tol=1e-9, abs_tol=1e-9)
        return close or (math.isnan(their.number) and math.isnan(our.number))
    return their.failing is None or their.failing == (our.failing or 0)


def main():
    tool, tollgate = sys.argv[1:3]
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else SEEDS
    equal, seen, differences, said = compare(tool, str(Path(tollgate).resolve()), seeds)
    bad = 0
    for at, entry in enumerate(LISTED):
        if entry.tool != tool:
            continue
        times = seen.get(at, 0)
        print(f"listed: {entry.rules}, {entry.frames} frames, {times} times, right: {entry.right}: {entry.reason}")
        if at not in seen and seeds >= SEEDS:
            bad += 1
            print(f"listed, but both say the same: {entry.rules}")
    for difference in differences:
        print(f"differs: {difference}"[:1500])
    compared, listed = equal + sum(seen.values()) + len(differences), sum(seen.values())
    print(f"{tool} said: " + ", ".join(f"{word} {times}" for word, times in said.most_common()))
    print(f"{tool}: {compared} rules compared, {equal} equal, {listed} listed")
    return 1 if bad or differences or not {"pass", "fail"} <= set(said) else 0


if __name__ == "__main__":
    sys.exit(main())
