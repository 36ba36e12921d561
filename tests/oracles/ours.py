"""What tollgate says of rules: one dataset per rule, each with the rule's own file as its contract."""

import json
import subprocess
from dataclasses import dataclass


@dataclass
class Rule:
    """One rule in a tool's form, or as a native contract; `ask` is what the tool needs to run it."""

    name: str
    form: str
    ask: object = None
    suffix: str = "yaml"


@dataclass
class Answer:
    """`status` is pass, fail, warn or skipped, or why there is none.

    `failing` is None where rows are not counted, `number` where nothing is computed.
    """

    status: str
    failing: int | None = None
    number: float | None = None

    def __str__(self):
        counted = "" if self.failing is None else f" with {self.failing} failing"
        return self.status + counted + ("" if self.number is None else f", {self.number}")


def answers(tollgate, rules, data, folder):
    """The answer to each rule, in their order."""
    datasets = {}
    for at, rule in enumerate(rules):
        file = folder / f"rule{at}.{rule.suffix}"
        file.write_text(rule.form, encoding="utf-8")
        datasets[f"r{at}"] = {
            "path": str(data),
            "contract": file.name,
            "profile": False,
            "allow_empty": True,
        }
    config = folder / "tollgate.yaml"
    config.write_text(json.dumps({"version": 1, "datasets": datasets}), encoding="utf-8")
    command = [tollgate, "run", str(config), "--quiet", "--output", str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"tollgate ended with {done.returncode}:\n{done.stderr[:3000]}")
    run = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    return [answer([o for o in run["outcomes"] if o["dataset"] == name]) for name in datasets]


def answer(outcomes):
    """All outcomes of one rule together. A rule that is not held, or not judged, is never a pass."""
    held = [o for o in outcomes if o["check"] != "contract_import"]
    for outcome in outcomes:
        if outcome["check"] == "contract_import" and outcome["status"] != "pass":
            return Answer(f"not held: {outcome['message']}")
        if outcome["status"] in ("error", "inconclusive") and not any(o["status"] == "fail" for o in held):
            return Answer(f"{outcome['status']}: {outcome['message']}")
    if not held:
        return Answer("no outcome")
    status = {o["status"] for o in held}
    counts = [o["failing"] for o in held if o.get("failing") is not None]
    word = next((s for s in ("fail", "warn", "skipped") if s in status), "pass")
    return Answer(
        word, sum(counts) if counts else None, number([o for o in held if "implied" not in o.get("tags", [])])
    )


def number(outcomes):
    """The number that the one outcome of a rule is about."""
    if len(outcomes) != 1:
        return None
    measured = [m.get("number") for m in outcomes[0]["measured"] if m["name"] not in ("failing", "failing_ratio")]
    return measured[0] if len(measured) == 1 else None
