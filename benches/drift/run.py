"""False alarms, power and calm nights of the drift gate, beside what others ship.

Usage: run.sh [TOLLGATE] makes the environments and calls this; or python run.py TOLLGATE --venvs FOLDER --cache FOLDER.
Every pair is drawn without replacement from one real table, so nothing changed between its sides; then one fault is put into
one column of the second side, drawn anew for each pair. Pairs depend on the seed and their own names alone, and answers are
kept per contender and version: a run that was stopped goes on, and a newer tollgate is judged without asking the others again.
"""

import argparse
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import cells
import contenders
import history
import page

warnings.filterwarnings("ignore")


def measure(cell, pairs, who, cache, args):
    """Asks every contender for the pairs of a cell that it has not answered yet; pairs are made once for all of them."""
    missing = {}
    for one in who:
        known = cache.read(one, cell)
        left = [pair for pair in one.takes(cell, pairs) if pair.id not in known]
        if left:
            missing[one] = left
    if not missing:
        return
    start = time.process_time()
    batch = 60 if cell.size <= 20000 else 4
    for at in range(0, len(pairs), batch):
        part = pairs[at : at + batch]
        wanted = {pair.id for left in missing.values() for pair in left}
        with tempfile.TemporaryDirectory(dir=args.cache) as folder:
            made = {pair.id: write(cell, pair, Path(folder), args) for pair in part if pair.id in wanted}
            for one, left in missing.items():
                ids = {pair.id for pair in left}
                asked = [(pair.id, *made[pair.id][:2]) for pair in part if pair.id in ids and made[pair.id]]
                for answer in one.judge(cell, asked):
                    cache.append(one, cell, [answer])
                none = [pair.id for pair in part if pair.id in ids and not made[pair.id]]
                cache.append(one, cell, [{"id": name, "none": True} for name in none])
            same = [name for name, files in made.items() if files and files[2]]
            page.remember_unchanged(args.cache, cell, same)
    print(
        f"{time.strftime('%H:%M:%S')} {cell.name()}: {', '.join(one.name for one in missing)}; "
        f"{time.process_time() - start:.0f} s to make the pairs",
        file=sys.stderr,
        flush=True,
    )


def write(cell, pair, folder, args):
    """The files of a pair, and whether the fault left every row as it was; None where there is no pair."""
    made = cells.make(cell, pair, args)
    if made is None:
        return None
    before, now = made
    files = []
    for side, frame in (("r", before), ("d", now)):
        file = folder / f"{side}-{pair.id.replace('/', '-').replace(' ', '_')}.parquet"
        if side == "r" and cell.reference in ("first 28 days", "daily chunks"):
            file = folder / "reference.parquet"
        if not file.exists():
            frame.to_parquet(file, index=False)
        files.append(file)
    same = False
    if cell.group == "fault":
        calm = cells.draw(cells.table(pair.table, args.cache), cell.size, cells.rng(args.seed, cell.name(), pair.id))[1]
        same = all((calm[c].eq(now[c]) | (calm[c].isna() & now[c].isna())).all() for c in calm.columns)
    return (*files, same)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tollgate", help="the binary to measure")
    parser.add_argument("--venvs", type=Path, required=True, help="folder with an environment per contender")
    parser.add_argument("--cache", type=Path, required=True, help="folder for answers and the generated table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nulls", type=int, default=240, help="pairs without a change per size, up to 20,000 rows")
    parser.add_argument("--faults", type=int, default=3, help="pairs per table, kind and severity")
    parser.add_argument("--large", type=int, default=60, help="pairs per table at 100,000 rows")
    parser.add_argument("--huge", type=int, default=24, help="pairs at 1,000,000 rows")
    parser.add_argument("--only", nargs="+", help="contenders by name; default all")
    parser.add_argument(
        "--cells", nargs="+", help="cells by the first parts of their names, such as null-1000 or fault; default all"
    )
    parser.add_argument("--docs", type=Path, help="write the page to this file; with --no-run from the answers alone")
    parser.add_argument("--no-run", action="store_true", help="measure nothing")
    return parser.parse_args()


def main():
    args = parse()
    args.cache.mkdir(parents=True, exist_ok=True)
    cache, who, plan = contenders.Cache(args.cache, args.seed), contenders.contenders(args), cells.plan(args)
    if not args.no_run:
        for cell, pairs in plan:
            if not args.cells or any(f"{cell.name()}-".startswith(f"{prefix}-") for prefix in args.cells):
                measure(cell, pairs, who, cache, args)
        if not args.cells or "history" in args.cells:
            history.measure(args, cache)
        for one in who:
            getattr(one, "close", lambda: None)()
        used = os.times()
        print(
            f"CPU: {used.user + used.system:.0f} s here, "
            f"{used.children_user + used.children_system:.0f} s in contenders",
            file=sys.stderr,
        )
    text = page.page(args, who, plan, cache)
    if args.docs:
        args.docs.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
