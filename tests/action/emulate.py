"""Runs the steps of a composite action as GitHub's runner does, as far as action.yml needs it.

Not GitHub's runner: written from its documentation. Steps with `uses` are recorded and not run. Expressions are names of
inputs, outputs, the token and the action's repository, texts, `==`, `!=`, `&&`, `||` and `always()`; anything else is an error.
"""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml

TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_][\w.-]*)(\(\))?|(==|!=|&&|\|\|))")


class Expression:
    """`a == 'b' && always() || c`, with the precedence of JavaScript."""

    def __init__(self, text, names):
        self.names, self.tokens, place = names, [], 0
        while text[place:].strip():
            found = TOKEN.match(text, place)
            assert found, f"the emulator cannot read the expression {text!r}"
            self.tokens.append(found)
            place = found.end()

    def value(self):
        return self.either()

    def operator(self, *words):
        if self.tokens and self.tokens[0][4] in words:
            return self.tokens.pop(0)[4]
        return None

    def either(self):
        left = self.both()
        while self.operator("||"):
            right = self.both()
            left = left or right
        return left

    def both(self):
        left = self.equal()
        while self.operator("&&"):
            right = self.equal()
            left = left and right
        return left

    def equal(self):
        left = self.one()
        while word := self.operator("==", "!="):
            left = (left == self.one()) == (word == "==")
        return left

    def one(self):
        token = self.tokens.pop(0)
        if token[1]:
            return token[1][1:-1].replace("''", "'")
        return True if token[3] and token[2] == "always" else self.names(token[2])


def filled(text, names):
    """A text with its `${{ }}` replaced; what a value holds is not looked at again."""
    shown = lambda v: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v)
    return re.sub(r"\$\{\{(.*?)\}\}", lambda m: shown(Expression(m[1], names).value()), str(text), flags=re.S)


def outputs_of(text):
    """What a step wrote to GITHUB_OUTPUT: `name=value` or `name<<WORD`; the last of a name counts."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        if re.match(r"^[^=]+<<", line):
            name, word = line.split("<<", 1)
            value = []
            for line in lines:
                if line == word:
                    break
                value.append(line)
            else:
                raise AssertionError(f"the output {name} does not end")
            found[name] = "\n".join(value)
        elif line:
            name, sign, value = line.partition("=")
            assert sign, f"the runner refuses the output line {line!r}"
            found[name] = value
    return found


@dataclass
class Ended:
    """What is left of a run of the action."""

    code: int = 0
    outputs: dict = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    used: list = field(default_factory=list)
    steps: dict = field(default_factory=dict)


def emulate(action, inputs, workspace, env, token="gh-token-of-the-emulator"):
    """Runs the action in `workspace`; the job's code is that of the first step that ended it."""
    document = yaml.safe_load((action / "action.yml").read_text())
    unknown = set(inputs) - set(document["inputs"])
    assert not unknown, f"action.yml has no inputs {unknown}"
    given = {name: filled(one.get("default", ""), lambda n: token if n == "github.token" else None)
             for name, one in document["inputs"].items()} | inputs
    ended, paths = Ended(), []

    def names(name):
        parts = name.split(".")
        if parts[0] == "inputs":
            return given[".".join(parts[1:])]
        if parts[0] == "steps" and parts[2] == "outputs":
            return ended.steps.get(parts[1], {}).get(".".join(parts[3:]), "")
        if name == "github.action_repository":
            return "o/tollgate"
        raise AssertionError(f"the emulator does not know {name}")

    for step in document["runs"]["steps"]:
        condition = step.get("if", "success()")
        wanted = ended.code == 0 if "always()" not in condition else True
        if not wanted or condition != "success()" and not Expression(condition, names).value():
            continue
        if "uses" in step:
            ended.used.append((step["uses"], {k: filled(v, names) for k, v in step.get("with", {}).items()}))
            continue
        assert "${{" not in step["run"], "an input is pasted into a shell line"
        code, output = one_step(step, names, ended, (action, workspace, env, paths))
        ended.steps[step["id"]] = output
        if code and not step.get("continue-on-error") and ended.code == 0:
            ended.code = code
    ended.outputs = {n: filled(o["value"], names) for n, o in document["outputs"].items()}
    return ended


def one_step(step, names, ended, around):
    """Runs a step with files of its own; adds to the log, the summary and the PATH."""
    action, workspace, env, paths = around
    with tempfile.TemporaryDirectory() as folder:
        files = {n: Path(folder, n) for n in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GITHUB_ENV")}
        for file in files.values():
            file.touch()
        script = Path(folder, "step.sh")
        script.write_text(step["run"])
        surroundings = {"GITHUB_ACTIONS": "true", "CI": "true", "HOME": os.environ["HOME"], "RUNNER_TEMP": folder,
                        "GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTION_PATH": str(action),
                        # Empty in the steps of a composite action: actions/runner#2473.
                        "GITHUB_ACTION_REPOSITORY": ""} | env
        surroundings |= {n: filled(v, names) for n, v in step.get("env", {}).items()}
        surroundings |= {n: str(f) for n, f in files.items()}
        surroundings["PATH"] = os.pathsep.join([*reversed(paths), surroundings.get("PATH", os.environ["PATH"])])
        ran = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)], cwd=workspace,
                             env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        ended.log += ran.stdout.decode(errors="replace")
        ended.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        paths += files["GITHUB_PATH"].read_text().splitlines()
        return ran.returncode, outputs_of(files["GITHUB_OUTPUT"].read_text())
