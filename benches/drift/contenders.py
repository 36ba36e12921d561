"""Who judges, and what is kept of it: JSON lines under the cache folder, one file per contender, version and cell."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

# A contender must not tell anybody that it runs, and is one process.
QUIET = {
    "NML_DISABLE_USAGE_LOGGING": "1",
    "DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
    "DO_NOT_TRACK": "1",
    "LOKY_MAX_CPU_COUNT": "1",
    "OMP_NUM_THREADS": "2",
    "TQDM_DISABLE": "1",
}


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Tollgate:
    """The binary itself, many pairs a run: `drift: {false_alarm: ALPHA, severity: error}`, all else at its default."""

    def __init__(self, binary, alpha):
        self.binary, self.alpha, self.name = Path(binary).resolve(), alpha, f"tollgate {alpha}"
        said = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = said.split()[-1]
        self.key = f"tollgate-{alpha}-{hashlib.sha256(self.binary.read_bytes()).hexdigest()[:12]}"

    def takes(self, cell, pairs):
        return [] if cell.reference == "daily chunks" else pairs

    def judge(self, cell, pairs):
        batch = 50 if cell.size <= 20000 else 4
        for at in range(0, len(pairs), batch):
            yield from self.run(pairs[at : at + batch])

    def run(self, pairs):
        lines = ["version: 1", "datasets:"]
        for i, (_, before, now) in enumerate(pairs):
            drift = f"{{false_alarm: {self.alpha}, severity: error}}"
            lines.append(f'  p{i}: {{path: "{now}", reference: "{before}", drift: {drift}}}')
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "tollgate.yaml").write_text("\n".join(lines) + "\n")
            start = children()
            command = [self.binary, "run", "-q", "--output", "out"]
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            cpu = (children() - start) / len(pairs)
            record = Path(folder) / "out/run.json"
            if not record.exists():
                raise RuntimeError(f"{self.name} wrote no record: {ran.stdout[-500:]} {ran.stderr[-500:]}")
            outcomes = json.loads(record.read_text())["outcomes"]
        of = {o["dataset"]: o for o in outcomes if o["check"] == "drift_dataset"}
        for i, (name, _, _) in enumerate(pairs):
            yield {"id": name, "flags": flags(of[f"p{i}"]), "cpu": round(cpu, 4)}


def flags(outcome):
    """What the dataset's outcome says: flagged where its p is not above the level; blocks where it fails."""
    limits = outcome["limits"]
    found = {"flagged": bool(limits) and not limits[0]["held"], "blocks": outcome["status"] in ("fail", "error")}
    if outcome["status"] == "skipped":
        found["skipped"] = True
    return found


class Peer:
    """judge.py in the environment that has the contender; one process for the whole run, one pair at a time."""

    def __init__(self, name, package, python, nulls=None, faults=None, nights=None, sizes=None):
        self.name, self.package, self.python, self.process = name, package, Path(python), None
        self.nulls, self.faults, self.nights, self.sizes = nulls, faults, nights, sizes
        self.version = self.installed()
        self.key = f"{name.replace(' ', '_')}-{self.version}"

    def installed(self):
        code = f"import importlib.metadata as m; print(m.version('{self.package}'))"
        try:
            return subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return None

    def takes(self, cell, pairs):
        """The first pairs of a cell, as many as this contender has time for."""
        if cell.reference == "daily chunks" and self.package != "nannyml":
            return []
        if self.sizes and cell.size not in self.sizes and cell.group != "night":
            return []
        tables = len({pair.table for pair in pairs})
        faults = None if self.faults is None else self.faults * tables
        most = {"null": self.nulls, "night": self.nights}.get(cell.group, faults)
        return pairs if most is None else pairs[:most]

    def judge(self, cell, pairs):
        if self.process is None:
            self.process = subprocess.Popen(
                [self.python, Path(__file__).with_name("judge.py"), self.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, **QUIET},
            )
            self.process.stdout.readline()
        for name, before, now in pairs:
            line = {"id": name, "before": str(before), "now": str(now)}
            if cell.reference == "daily chunks":
                line["time"] = "date"
            print(json.dumps(line), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
            if not answer:
                raise RuntimeError(f"{self.name} ended at {name} of {cell.name()}")
            yield json.loads(answer)

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def contenders(args):
    """All that are there; who is not is named."""

    def python(name):
        return args.venvs / name / "bin/python"

    small = [100, 200, 1000, 5000]
    found = [
        Tollgate(args.tollgate, 0.05),
        Tollgate(args.tollgate, 0.01),
        Peer("scipy", "scipy", sys.executable),
        Peer("psi", "numpy", sys.executable),
        Peer("alibi-detect", "alibi-detect", python("alibi-detect"), sizes=small + [20000]),
        Peer("nannyml", "nannyml", python("nannyml"), nulls=120, faults=1, nights=60, sizes=small),
        Peer("whylogs", "whylogs", python("whylogs"), nulls=120, faults=1, nights=60, sizes=small),
        Peer("evidently", "evidently", python("evidently"), nulls=60, faults=1, nights=40, sizes=small),
        Peer("evidently, types inferred", "evidently", python("evidently"), nulls=30, faults=0, nights=0, sizes=small),
        Peer("deepchecks", "deepchecks", python("deepchecks"), nulls=30, faults=0, nights=0, sizes=small),
    ]
    for one in found:
        if one.version is None:
            print(f"{one.name} is not installed: left out", file=sys.stderr)
    return [one for one in found if one.version is not None and (not args.only or one.name in args.only)]


class Cache:
    """Answers by contender and cell, appended as they come: a run that was stopped goes on where it was."""

    def __init__(self, folder, seed):
        self.folder = folder / ("answers" if seed == 1 else f"answers-{seed}")

    def file(self, contender, cell):
        return self.folder / contender.key / f"{cell.name()}.jsonl"

    def read(self, contender, cell):
        file = self.file(contender, cell)
        if not file.exists():
            return {}
        text = file.read_text()
        if not text.endswith("\n"):
            # A run was stopped within a line.
            text = text[: text.rfind("\n") + 1]
            file.write_text(text)
        return {answer["id"]: answer for answer in map(json.loads, text.splitlines())}

    def append(self, contender, cell, answers):
        file = self.file(contender, cell)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as out:
            for answer in answers:
                print(json.dumps(answer), file=out, flush=True)
