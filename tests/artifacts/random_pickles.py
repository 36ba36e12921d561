"""Writes random pickles and the names that Python's own readers ask for: FOLDER/random.jsonl, one pickle a line.

Usage: python random_pickles.py FOLDER [COUNT [SEED]]. Most break off somewhere; names asked for until then
count. Nothing that is named is imported: a class that does nothing stands for each.
"""

import io
import json
import pickle
import random
import resource
import struct
import sys
from collections import OrderedDict
from pathlib import Path

WORDS = ["os", "system", "collections", "OrderedDict", "builtins", "list", "str", "a.b", "x", "numpy", "dtype"]
BUILDS = [bytes([code]) for code in b")\x85\x86\x87t]}ldaesu\x8f\x90\x91"]
CALLS = [b"R", b"\x81", b"o", b"b", b"\x92"]
VALUES = [
    b"N", b"\x88", b"\x89", b"K\x05", b"M\x05\x00", b"J\xff\xff\xff\xff", b"I5\n", b"I01\n", b"L5L\n", b"F1.5\n",
    b"G" + b"\0" * 8, b"\x8a\x01\x05", b"\x8b\x01\0\0\0\x05", b"C\x01a", b"B\x01\0\0\0a",
    b"\x8e" + struct.pack("<Q", 2) + b"ab", b"\x96" + struct.pack("<Q", 2) + b"ab",
]  # fmt: skip
OTHERS = [b"\x95" + b"\0" * 8, b"\x82\x01", b"\x83\x01\0", b"Pabc\n", b"Q", b"\x97", b"\x98", b"0", b"1", b"2", b"("]
CALLED = [b"", b")R", b"\x94", b"\x8c\x01x\x85R"]


class Nothing:
    def __new__(cls, *_, **__):
        return object.__new__(cls)

    def __init__(self, *_, **__):
        pass

    def nothing(self, *_):
        pass

    __setstate__ = append = extend = add = update = __setitem__ = nothing

    def __call__(self, *_, **__):
        return Nothing()

    def __hash__(self):
        return 1


def text(draw):
    word = draw.choice(WORDS)
    data = word.encode()
    kind = draw.randrange(7)
    if kind == 0:
        return b"V" + "".join(f"\\u{ord(c):04x}" if draw.random() < 0.4 else c for c in word).encode() + b"\n"
    if kind == 1:
        escape = lambda c: draw.choice([f"\\x{ord(c):02x}", f"\\{ord(c):03o}", c])
        quote = draw.choice("'\"")
        return f"S{quote}{''.join(map(escape, word))}{quote}\n".encode()
    size = len(data)
    heads = [b"\x8c" + bytes([size]), b"X" + struct.pack("<I", size), b"\x8d" + struct.pack("<Q", size)]
    heads += [b"U" + bytes([size]), b"T" + struct.pack("<i", size)]
    return heads[kind - 2] + data


def memo(draw):
    place = draw.randrange(8)
    byte, four, digits = bytes([place]), struct.pack("<I", place), b"%d\n" % place
    return draw.choice([b"q" + byte, b"r" + four, b"p" + digits, b"\x94", b"h" + byte, b"j" + four, b"g" + digits])


def operation(draw):
    kind = draw.randrange(14)
    line = lambda: draw.choice(WORDS).encode() + b"\n"
    if kind < 4:
        return text(draw) + draw.choice([b"", b"", b"\x94"])
    if kind < 6:
        return memo(draw)
    if kind < 8:
        return text(draw) + text(draw) + b"\x93" + draw.choice(CALLED)
    if kind == 8:
        return draw.choice([b"\x93", b"c" + line() + line(), b"i" + line() + line(), bytes([draw.randrange(256)])])
    return draw.choice([BUILDS, CALLS, VALUES, OTHERS, VALUES][kind - 9]) if kind < 14 else b""


def asked(base, data):
    names = []

    class Reader(base):
        def find_class(self, module, name):
            names.append([module, name])
            return {"str": str, "list": list, "OrderedDict": OrderedDict}.get(name, Nothing)

        def persistent_load(self, _):
            return Nothing()

    try:
        Reader(io.BytesIO(data), buffers=[b"x"] * 3).load()
    except Exception:
        return names, False
    return names, True


def main():
    folder = Path(sys.argv[1])
    count, seed = (int(a) for a in [*sys.argv[2:4], *["50000", "1"][len(sys.argv) - 2 :]])
    draw = random.Random(seed)
    # A place of the memo that is far away makes Python ask for much memory at once.
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    with (folder / "random.jsonl").open("w") as file:
        for _ in range(count):
            operations = b"".join(operation(draw) for _ in range(draw.randrange(3, 25)))
            data = draw.choice([b"", b"\x80\x04"]) + operations + b"."
            python, whole = asked(pickle._Unpickler, data)
            compiled, _ = asked(pickle.Unpickler, data)
            names = sorted({tuple(n) for n in python + compiled})
            file.write(json.dumps({"pickle": data.hex(), "names": names, "whole": whole}) + "\n")


if __name__ == "__main__":
    main()
