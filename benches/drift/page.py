"""The page that the answers make: docs/drift-benchmark.md."""

import datetime
import json
import math
import platform
from collections import defaultdict

import cells
import history
import tables
from cells import Cell
from faults import KINDS, SEVERITIES, WORDS

# Rows of the tables: contender, its rule, what it is called.
ROWS = [
    ("tollgate 0.05", "flagged", "tollgate, `false_alarm: 0.05`"),
    ("tollgate 0.01", "flagged", "tollgate, 0.01 (default)"),
    ("tollgate 0.01", "blocks", "tollgate, 0.01, above its floors: blocks"),
    ("scipy", "any column", "KS and chi-squared of scipy, Bonferroni 0.05"),
    ("alibi-detect", "dataset", "alibi-detect"),
    ("evidently", "dataset", "evidently, dataset"),
    ("evidently", "any column", "evidently, any column"),
    ("evidently, types inferred", "dataset", "evidently, types inferred, dataset"),
    ("evidently, types inferred", "any column", "evidently, types inferred, any column"),
    ("nannyml", "any column, any chunk", "nannyml"),
    ("whylogs", "any column", "whylogs"),
    ("deepchecks", "drift", "deepchecks, drift"),
    ("deepchecks", "drift or new category", "deepchecks, drift or new category"),
    ("psi", "any column", "PSI above 0.2"),
]
SHORT = {
    "KS and chi-squared of scipy, Bonferroni 0.05": "scipy",
    "tollgate, `false_alarm: 0.05`": "tollgate 0.05",
    "tollgate, 0.01 (default)": "tollgate 0.01",
    "tollgate, 0.01, above its floors: blocks": "tollgate 0.01, blocks",
}


def wilson(hits, n):
    """Wilson's 95 % interval of a share."""
    z, p = 1.959963984540054, hits / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def share(hits, n, interval=True):
    if not n:
        return "–"
    low, high = wilson(hits, n)
    text = f"{100 * hits / n:.1f} %"
    return f"{text} [{100 * low:.1f}, {100 * high:.1f}] of {n}" if interval else text


def remember_unchanged(folder, cell, ids):
    """Pairs whose fault left every row as it was, for the footnote."""
    if ids:
        with (folder / "unchanged.jsonl").open("a") as out:
            print(json.dumps({"cell": cell.name(), "ids": ids}), file=out)


def unchanged(folder):
    file, found = folder / "unchanged.jsonl", defaultdict(set)
    for line in file.read_text().splitlines() if file.exists() else []:
        entry = json.loads(line)
        found[entry["cell"]] |= set(entry["ids"])
    return found


class Answers:
    """What the contenders said, by contender and cell."""

    def __init__(self, who, plan, cache, args):
        self.who = {one.name: one for one in who}
        self.who |= {one.name: one for one in history.walks(args)}
        self.plan, self.cache, self.known = plan, cache, {}

    def of(self, name, cell):
        if (name, cell) not in self.known:
            one = self.who.get(name)
            self.known[name, cell] = self.cache.read(one, cell) if one else {}
        return self.known[name, cell]

    def count(self, name, rule, which):
        """(flagged, judged) over cells."""
        hits = n = 0
        for cell in which:
            for answer in self.of(name, cell).values():
                if "flags" in answer:
                    hits, n = hits + bool(answer["flags"][rule]), n + 1
        return hits, n

    def errors(self, name):
        return sum("error" in a for cell, _ in self.plan for a in self.of(name, cell).values())

    def skipped(self, name):
        answers = (a for cell, _ in self.plan for a in self.of(name, cell).values())
        return sum(bool(a.get("flags", {}).get("skipped")) for a in answers)

    def cpu(self, name, which):
        """Median CPU seconds of a pair."""
        found = sorted(a["cpu"] for cell in which for a in self.of(name, cell).values() if "cpu" in a)
        return found[len(found) // 2] if found else None

    def broken(self, name, rule, size):
        """(found, judged) over all cells with a fault of a size; (0, 0) while one of them has no answer."""
        each = [self.count(name, rule, [cell]) for cell in self.cells("fault", size)]
        return (sum(h for h, _ in each), sum(n for _, n in each)) if all(n for _, n in each) else (0, 0)

    def rows(self):
        return [(name, rule, label) for name, rule, label in ROWS if name in self.who]

    def cells(self, group, size=None, **more):
        return [
            cell
            for cell, _ in self.plan
            if cell.group == group and size in (None, cell.size) and all(getattr(cell, k) == v for k, v in more.items())
        ]


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


SMALL = [100, 200, 1000, 5000]


def nulls(found):
    """Shares flagged without a change: up to 5,000 rows by everybody, and of large tables."""
    rows = []
    for name, rule, label in found.rows():
        each = [found.cells("null", size) for size in SMALL]
        counts = [found.count(name, rule, which) for which in [*each, sum(each, [])]]
        if any(n for _, n in counts):
            rows.append([label] + [share(*c) for c in counts])
    head = ["flagged, nothing changed", *(f"{s:,} rows" for s in SMALL), "all four"]
    large, more = [20000, 100000, 1000000], []
    for name, rule, label in found.rows():
        counts = [found.count(name, rule, found.cells("null", size)) for size in large]
        if any(n for _, n in counts):
            more.append([label] + [share(*c) for c in counts])
    return markdown(head, rows) + "\n\n" + markdown([head[0], *(f"{s:,} rows" for s in large)], more)


def by_table(found):
    """Whether one table is behind the false alarms."""
    which = sum((found.cells("null", size) for size in SMALL), [])
    parts = []
    for table in tables.TABLES:
        answers = (a for cell in which for a in found.of("tollgate 0.05", cell).values())
        judged = [a for a in answers if a["id"].startswith(f"{table}/") and "flags" in a]
        if judged:
            parts.append(f"{table} {sum(a['flags']['flagged'] for a in judged)} of {len(judged)}")
    return ", ".join(parts)


def power(found):
    rows = []
    for name, rule, label in found.rows():
        counts = [found.broken(name, rule, size) for size in sorted(cells.FAULT_SIZES)]
        if any(n for _, n in counts):
            rows.append([label] + [share(*c) for c in counts])
    return markdown(["found, one fault in one column"] + [f"{s:,} rows" for s in sorted(cells.FAULT_SIZES)], rows)


def kinds(found, size):
    """Per kind: small, middle, large in per cent."""
    shown = [row for row in found.rows() if found.broken(row[0], row[1], size)[1]]
    if not shown:
        return ""
    rows = []
    for kind in KINDS:
        row = [WORDS[kind]]
        for name, rule, _ in shown:
            parts = []
            for severity in SEVERITIES:
                hits, n = found.count(name, rule, found.cells("fault", size, kind=kind, severity=severity))
                parts.append(f"{100 * hits / n:.0f}" if n else "–")
            row.append(" ".join(parts))
        rows.append(row)
    return markdown([f"{size:,} rows a side"] + [SHORT.get(label, label) for *_, label in shown], rows)


def better(found):
    """Where a contender that keeps the level found more than tollgate at 0.05, on the pairs that both judged."""
    lines = {}
    for size in sorted(cells.FAULT_SIZES):
        for name, rule, label in found.rows():
            hits, n = found.count(name, rule, found.cells("null", size))
            if name.startswith("tollgate") or not n or wilson(hits, n)[0] > 0.05:
                continue
            for cell in found.cells("fault", size):
                ours, theirs = found.of("tollgate 0.05", cell), found.of(name, cell)
                both = [i for i in ours if "flags" in ours[i] and "flags" in theirs.get(i, {})]
                a = sum(ours[i]["flags"]["flagged"] for i in both)
                b = sum(theirs[i]["flags"][rule] for i in both)
                if b > a:
                    where = f"{WORDS[cell.kind]}, {cell.severity}, {size:,} rows: {b} against {a} of {len(both)}"
                    lines.setdefault(label, []).append(where)
    return "\n".join(f"- {label}: {'; '.join(where)}" for label, where in lines.items()) or "- nowhere in these cells"


def summary(found):
    """One sentence per size: tollgate, and the best of those whose false alarms are not surely above 5 %."""
    lines = []
    for size in sorted(cells.FAULT_SIZES):
        sides = {}
        for name, rule, label in found.rows():
            calm, broken = found.count(name, rule, found.cells("null", size)), found.broken(name, rule, size)
            if calm[1] and broken[1] and rule != "blocks" and wilson(*calm)[0] <= 0.05:
                sides[label] = (
                    broken[0] / broken[1],
                    f"{100 * calm[0] / calm[1]:.1f} %",
                    f"{100 * broken[0] / broken[1]:.0f} %",
                )
        ours = sides.pop(ROWS[0][2], None)
        others = {label: side for label, side in sides.items() if not label.startswith("tollgate")}
        if ours and others:
            best = max(others, key=lambda label: others[label][0])
            lines.append(
                f"- {size:,} rows a side: tollgate at 0.05 flags {ours[1]} of the pairs without a change and finds {ours[2]} of "
                f"the faults; {SHORT.get(best, best)}, the best of the others that keep to 5 %, {others[best][1]} and {others[best][2]}."
            )
    return "\n".join(lines)


def tiny(found):
    rows = []
    for size in (100000, 1000000):
        for kind in KINDS:
            row = [f"{size:,}", WORDS[kind]]
            which = found.cells("tiny", size, kind=kind)
            for name, rule in (
                ("tollgate 0.01", "flagged"),
                ("tollgate 0.01", "blocks"),
                ("scipy", "any column"),
                ("nannyml", "any column, any chunk"),
                ("psi", "any column"),
            ):
                hits, n = found.count(name, rule, which)
                row.append(f"{hits} of {n}" if n else "–")
            if row[2] != "–":
                rows.append(row)
    head = [
        "rows a side",
        "tiny change",
        "tollgate 0.01 tells",
        "tollgate 0.01 blocks",
        "scipy",
        "nannyml",
        "PSI above 0.2",
    ]
    return markdown(head, rows)


NIGHT_HEAD = ["calm nights flagged", "previous day", "last 7 days", "first 28 days", "all nights before"]
NIGHT_HEAD += ["middle faults found", "large faults found"]


def nightly(found, series):
    """Calm nights by what they are compared with; faults against the last 7 days, or the one reference there is."""
    rows = []

    def add(name, rule, label, places, faults):
        calm = {place: found.count(name, rule, [Cell("night", 0, series, "calm", of)]) for place, of in places.items()}
        if any(n for _, n in calm.values()):
            row = [label] + [share(*calm[place]) if place in calm else "" for place in NIGHT_HEAD[1:5]]
            cell = [Cell("night", 0, series, severity, faults) for severity in ("middle", "large")]
            rows.append(row + [share(*found.count(name, rule, [one])) for one in cell])

    for name, rule, label in found.rows():
        add(name, rule, label, {place: place for place in cells.REFERENCES}, "last 7 days")
        add(name, rule, f"{label}, `chunk_period` a day", {"first 28 days": "daily chunks"}, "daily chunks")
    for name in history.walks_named():
        add(name, "flagged", f"{name}: told", {"all nights before": "history"}, "history")
        add(name, "blocks", f"{name}: blocks", {"all nights before": "history"}, "history")
    return series_words(series) + "\n\n" + markdown(NIGHT_HEAD, rows)


def times(found):
    sizes, rows = (1000, 5000, 100000, 1000000), []
    for name in dict.fromkeys(name for name, *_ in found.rows()):
        each = [found.cpu(name, found.cells("null", size)) for size in sizes]
        spent = [a.get("cpu", 0) for cell, _ in found.plan for a in found.of(name, cell).values()]
        row = [name] + ["–" if cpu is None else f"{1000 * cpu:,.0f} ms" for cpu in each]
        rows.append(row + [f"{sum(spent):,.0f} s for {len(spent):,}"])
    return markdown(["CPU of a pair, median", *(f"{s:,} rows" for s in sizes), "all pairs of this page"], rows)


def sources(args):
    file, rows = args.cache / "tables.json", []
    known = json.loads(file.read_text()) if file.exists() else {}
    for name, one in {**tables.TABLES, **tables.LARGE}.items():
        if name not in known:
            frame = cells.table(name, args.cache)
            texts = sum(frame[c].dtype == "object" for c in frame.columns)
            known[name] = [len(frame), len(frame.columns), texts, 100 * float(frame.isna().mean().mean())]
            file.write_text(json.dumps(known))
        n, columns, texts, missing = known[name]
        rows.append([name, one.source, one.licence, f"{n:,}", f"{columns}", f"{texts}", f"{missing:.1f} %"])
    return markdown(["table", "from", "licence", "rows", "columns", "of them text", "missing"], rows)


def notes(found, args):
    """What did not go as planned, from the answers themselves."""
    lines = []
    same, asked = unchanged(args.cache), 0
    for cell, pairs in found.plan:
        if cell.group == "fault":
            asked += len([a for a in found.of("tollgate 0.05", cell).values() if "flags" in a])
    count = sum(len(ids) for name, ids in same.items() if name.startswith("fault"))
    lines.append(
        f"- In {count} of {asked} pairs with a fault it left every row as it was (a column of few values that is"
    )
    lines.append("  rounded or cut back to them). They count as not found, for everybody.")
    for name in dict.fromkeys(name for name, *_ in found.rows()):
        if found.errors(name):
            lines.append(f"- {name} raised an error on {found.errors(name)} pairs; they are left out of its counts.")
        if found.skipped(name):
            lines.append(f"- {name} said `skipped` on {found.skipped(name)} pairs: counted as not flagged.")
    return "\n".join(lines)


def page(args, who, plan, cache):
    found = Answers(who, plan, cache, args)
    versions = ", ".join(
        dict.fromkeys(f"{one.package if hasattr(one, 'package') else 'tollgate'} {one.version}" for one in who)
    )
    return TEXT.format(
        date=datetime.date.today().strftime("%B %Y"),
        versions=versions,
        python=platform.python_version(),
        sources=sources(args),
        summary=summary(found),
        nulls=nulls(found),
        by_table=by_table(found),
        power=power(found),
        kinds="\n\n".join(filter(None, (kinds(found, size) for size in sorted(cells.FAULT_SIZES)))),
        better=better(found),
        tiny=tiny(found),
        nightly="\n\n".join(nightly(found, series) for series in tables.SERIES),
        times=times(found),
        notes=notes(found, args),
        nulls_asked=args.nulls,
        faults_asked=args.faults,
        seed=args.seed,
        first=cells.FIRST_NIGHT + 1,
    )


def series_words(name):
    frames = [frame for _, frame in cells.days(name)]
    sizes = sorted(len(frame) for frame in frames)
    n = len(sizes)
    return (
        f"{tables.SERIES[name]}; {n} days of {sizes[0]:,} to {sizes[-1]:,} rows, half of them {sizes[n // 4]:,} to "
        f"{sizes[3 * n // 4]:,}, {len(frames[0].columns)} columns; {len(cells.tested(name))} nights judged"
    )


TEXT = """# Drift: beside other tools

Written by `benches/drift/run.sh`, {date}: {versions}; Python {python}. All figures are from one plan of pairs with
seed {seed}, kept as answers per tool and version. [drift.md](drift.md) says what the gate of tollgate does.

{summary}

## What was asked

- **False alarms**: both sides drawn without replacement from one real table, so nothing changed. A cell is the share of pairs
  flagged, Wilson's 95 % interval, and the number of pairs.
- **Power**: the same with one fault in one column of the second side, the column drawn anew for each pair. Small, middle and
  large are 2, 5 and 15 % of the rows; a shift of 4, 10 and 30 % of the standard deviation, a spread wider by as much; 15, 40 and
  100 % of the rows joined wrongly.
- Everybody sees the same pairs; slow tools see the first of each cell, evenly over the tables. At its shipped defaults:

| tool | what is run | when it flags |
|---|---|---|
| tollgate | `drift: {{false_alarm: 0.05}}` or the default 0.01, the binary over files | `drift_dataset` is not kept; `blocks` where the change is above its floor too |
| scipy | `ks_2samp` of numbers, `chi2_contingency` of texts, missing values left out | smallest p times columns at most 0.05 |
| alibi-detect | `TabularDrift`, p 0.05, Bonferroni; texts as codes, missing texts a value, missing numbers the mean (it takes neither) | `is_drift` |
| evidently | `DataDriftPreset()` with the columns declared as numbers and categories, or inferred | half of the columns drifted; or any column |
| nannyml | `UnivariateDriftCalculator(column_names)`: ten chunks, Jensen-Shannon, mean ± 3 deviations of the reference's chunks | an alert in any column of any chunk |
| whylogs | `calculate_drift_scores(..., with_thresholds=True)` of two profiles | DRIFT in any column |
| deepchecks | `train_test_validation()` | drift of a column at 0.2 or more, or of all at 0.25 (a classifier); or also any new category |
| PSI | deciles of the reference, numbers alone: a custom of practice | above 0.2 in any column |

TensorFlow Data Validation is left out: its drift comparator has no default threshold. So are frouros and Great
Expectations: tests and expectations, but no verdict on a dataset by default. The tools are made for more than this question:
the table says what their defaults do with it, not what a person can set up with them.

{sources}

Packages are installed to measure and are no part of tollgate. Dates are left out of all tables.

## False alarms

{nulls}

tollgate at 0.05 by table, up to 5,000 rows: {by_table}.

## Power

Read it beside the false alarms: who flags most data with nothing wrong finds every fault too.

{power}

Per kind: small, middle, large, in per cent.

{kinds}

### Where another tool found more

Of those whose false alarms are not surely above 5 %, on the same pairs, against tollgate at 0.05:

{better}

## Tiny changes in large data

0.4 % of the rows, or a shift of 0.8 % of the standard deviation; 3 % of the rows joined wrongly. Significant is not the same as
worth stopping for: tollgate tells it, and blocks only above its floors (2 % of a distribution, 0.5 points of missing values,
0.1 % of rows with unseen values or beyond the reference, 0.5 % of repeated rows, 0.05 of a correlation). In a column of a few
distinct fractions, such as lineitem's discount and tax, the smallest shift makes every value a new one: no tiny change.

{tiny}

## Nights

Real days one after the other, from the {first}st on, every second one. Nothing was changed in a calm night, but weekdays, holidays
and seasons differ by more than chance: a test of rows that flags it is right about the rows, and nobody can work with it. Faults
take turns over the ten kinds, and are looked for against the last 7 days, or against what else the row says. `history` is
`reference: history` of tollgate, which learns what is ordinary: it walks all nights in order by the command line, records what
it saw, and nobody marks anything; `oracle.py` says what a judge could find who knows too much, [drift.md](drift.md#nights) what the
history looks at. nannyml with `chunk_period="D"` is that tool as it is meant to be used here.

{nightly}

## Time

CPU seconds of a pair on two shared cores, which other work used too. tollgate: the whole process over files, with profile and
reports, many pairs a run. The others: the call alone, without Python's start, import and reading.

{times}

## Notes

{notes}
- evidently's dataset verdict is flagged on tables of few columns of which half hold almost only distinct texts (airports): its
  chi-squared is asked about categories of one row each. Inferred, such columns are free text instead.
- `benches/drift/run.sh PATH_OF_TOLLGATE --docs docs/drift-benchmark.md` makes this page: environments, pairs and answers are
  kept in `~/.cache/tollgate-bench`, so a newer tollgate is judged in minutes. {nulls_asked} pairs a size were asked for, and
  {faults_asked} per table, kind and severity. CI does not run it.
"""
