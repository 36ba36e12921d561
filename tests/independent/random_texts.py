"""CSV files over quotes, line ends, blank lines, types that change late and several chunks, the same every time."""

import csv
import functools
import random
from pathlib import Path

from random_files import SEED, WORDS

FILES = 40


def whole(rng):
    return str(rng.choice((0, -1, 7, rng.randint(-(2**63), 2**63 - 1), rng.randint(-50, 50))))


def real(rng):
    return rng.choice(
        (f"{rng.uniform(-5, 5):.2f}", repr(rng.random()), "1e300", "-0.0", "0.1", "12.", str(rng.randint(0, 9)))
    )


def truth(rng):
    return rng.choice(("true", "false"))


def day(rng):
    return f"{rng.randint(1, 9999):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def moment(rng):
    date = f"{rng.randint(1700, 2200)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}"
    return f"{date}T{rng.randint(10, 23)}:00:{rng.randint(10, 59)}Z"


def text(rng):
    return rng.choice(
        [w for w in WORDS if w not in ("", "\x00", "NULL", "nan", "\t", " ")]
        + [
            'a "quoted" word',
            "two, with a comma",
            "two\nlines",
            "",
            "x" * rng.randrange(40),
            f"key {rng.randrange(1000)}",
        ]
    )


CELLS = (whole, real, truth, day, moment, text)


@functools.cache
def write_all(folder):
    """Writes the files, once; gives their paths."""
    return [write(Path(folder) / f"random{i:02}.csv", i) for i in range(FILES)]


def write(path, i):
    rng = random.Random(f"{SEED} csv {i}")
    rows = rng.choice((1, 2, 30, 300)) if i % 10 else 40_000
    makers = [rng.choice(CELLS) for _ in range(rng.randint(1, 9))]
    few = [[make(rng) for _ in range(rng.choice((1, 5, 500, 12_000 if rows > 20_000 else 50)))] for make in makers]
    # the last cells of some columns are of another type
    late = [rng.random() < 0.3 for _ in makers]
    blank = rng.choice((0, 0, 0.05))
    with open(path, "w", newline="", encoding="utf-8") as file:
        end = rng.choice(("\n", "\r\n"))
        writer = csv.writer(file, lineterminator=end, quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
        writer.writerow([f"{make.__name__} {k}" for k, make in enumerate(makers)])
        for row in range(rows):
            cells = [rng.choice(column) if rng.random() > 0.1 else "" for column in few]
            if row == rows - 1:
                cells = [text(rng) if is_late else cell for cell, is_late in zip(cells, late)]
            if len(cells) > 1 and rng.random() < blank:
                file.write(end)
            writer.writerow(cells)
    return path
