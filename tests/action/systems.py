"""The files for CI systems name what the program writes there: `systems.py TOLLGATE` with the path of a built program.

Each system is told by its variable alone. The command and the paths are those of the example, and the paths must be there
after a run that passes, and after one that fails.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples/workflows"
# The example, the variable that every job of the system has, and what is printed there.
SYSTEMS = {
    "gitlab-ci.yml": ("GITLAB_CI", "section_start:"),
    "azure-pipelines.yml": ("TF_BUILD", "##vso[task.setvariable variable=TOLLGATE_VERDICT;isOutput=true]"),
    "Jenkinsfile": ("JENKINS_URL", "verdict: "),
    "buildkite.yml": ("BUILDKITE", "verdict: "),
    "bitbucket-pipelines.yml": ("BITBUCKET_BUILD_NUMBER", "verdict: "),
    "circleci.yml": ("CIRCLECI", "verdict: "),
}
AGENT = """#!/bin/sh
cat > "$CALLED"
"""


def one(name, program, folder):
    variable, printed = SYSTEMS[name]
    text = (EXAMPLES / name).read_text()
    [command] = re.findall(r"""\btollgate"? (run [^'"\n]*)""", text)
    assert command == "run tollgate.yaml", command
    # Those with a `*` are patterns of whole folders.
    paths = set(re.findall(r"tollgate-report(?:/[\w.-]+)*\b(?!/?\*)", text))
    assert paths or "tollgate-report/**" in text, name
    agent = folder / "tools/buildkite-agent"
    agent.parent.mkdir()
    agent.write_text(AGENT)
    agent.chmod(0o755)
    env = {"PATH": f"{agent.parent}:{os.environ['PATH']}", "HOME": str(folder), variable: "true", "CALLED": str(folder / "called")}
    for code, least in [(0, 1), (1, 9)]:
        (folder / "a.csv").write_text("id\n1\n2\n3\n")
        promise = f"[{{row_count: {{min: {least}}}}}]"
        (folder / "tollgate.yaml").write_text(f"version: 1\ndatasets: {{a: {{path: a.csv, expect: {promise}}}}}\n")
        ran = subprocess.run([program, *command.split()], cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == code and printed in ran.stdout, (name, ran)
        for path in paths:
            assert (folder / path).exists(), f"{name} names {path}, which is not written"
        word = ["pass", "fail"][code]
        if name == "gitlab-ci.yml":
            assert f"TOLLGATE_VERDICT={word}\n" in (folder / "tollgate-report/tollgate.env").read_text()
        if name == "buildkite.yml":
            assert word in (folder / "called").read_text()
        (folder / "called").unlink(missing_ok=True)
    print(f"ok   {name}: {', '.join(sorted(paths)) or 'the folder of reports'}")


def main(program):
    for name in SYSTEMS:
        with tempfile.TemporaryDirectory() as folder:
            one(name, program, Path(folder))
    others = {f.name for f in EXAMPLES.iterdir() if not f.name.startswith("github-")} - set(SYSTEMS)
    assert not others, f"nothing is known of {others}"


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
