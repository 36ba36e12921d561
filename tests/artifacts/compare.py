"""Prints what picklescan and modelscan say about the files of evil.py and honest.py.

Usage: python compare.py FOLDER [LIST]. LIST is what `TOLLGATE_ARTIFACTS=FOLDER cargo test artifact_files` writes to
FOLDER/tollgate.txt: a word and a path, TAB between them. Counts: refused, could not
be read, passed, not looked at.
"""

import logging
import sys
from collections import Counter
from pathlib import Path

from modelscan.modelscan import ModelScan
from picklescan.scanner import scan_file_path

logging.disable(logging.CRITICAL)
WORDS = ["refused", "unreadable", "passed", "unseen"]


def picklescan(path):
    try:
        found = scan_file_path(str(path))
    except Exception:
        return "unreadable"
    if found.issues_count or found.infected_files:
        return "refused"
    if found.scan_err:
        return "unreadable"
    return "passed" if found.scanned_files else "unseen"


def modelscan(path):
    try:
        found = ModelScan().scan(str(path))
    except Exception:
        return "unreadable"
    if found["summary"]["total_issues"]:
        return "refused"
    if found["errors"]:
        return "unreadable"
    return "passed" if found["summary"]["scanned"]["total_scanned"] else "unseen"


def main():
    root = Path(sys.argv[1])
    tools = {"picklescan": picklescan, "modelscan": modelscan}
    if len(sys.argv) > 2:
        said = dict(reversed(line.split("\t")) for line in Path(sys.argv[2]).read_text().splitlines())
        tools = {"tollgate": lambda path: said[str(path.relative_to(root))], **tools}
    print("| files | " + " | ".join(f"{t}: {', '.join(WORDS)}" for t in tools) + " |")
    print("|---|" + "---|" * len(tools))
    for kind in ("evil", "honest"):
        for group in sorted(p for p in (root / kind).iterdir() if p.is_dir()):
            files = sorted(p for p in group.iterdir() if p.is_file())
            cells = []
            for ask in tools.values():
                counts = Counter(ask(path) for path in files)
                cells.append(", ".join(str(counts[w]) for w in WORDS))
            print(f"| {kind}: {group.name} ({len(files)}) | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
