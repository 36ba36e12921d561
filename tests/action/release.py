"""The release workflow, as far as it can be held without GitHub's runner: `release.py`.

Its tools are installed by the step itself, with a Python that takes no packages, as that of macOS; and nothing goes to the index
before a person published the release.
"""

import os
import subprocess
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
# Makes an environment whose Python writes down what it is told, and takes no packages itself.
PYTHON = """#!/bin/bash
if [ "$2" = venv ]; then
    mkdir -p "$3/PLACE" && printf '#!/bin/bash\\necho "$*" >> "$CALLED"\\n' > "$3/PLACE/python" && chmod +x "$3/PLACE/python"
else
    echo "error: externally-managed-environment"; exit 1
fi
"""


def tools(step, target, place):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "bin").mkdir()
        (folder / "bin/python3").write_text(PYTHON.replace("PLACE", place))
        (folder / "bin/python3").chmod(0o755)
        env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "RUNNER_TEMP": str(folder / "temp"), "TARGET": target,
               "GITHUB_PATH": str(folder / "path"), "CALLED": str(folder / "called")}
        subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=env, check=True)
        assert (folder / "path").read_text() == f"{folder}/temp/tools/{place}\n", (folder / "path").read_text()
        called = (folder / "called").read_text()
    assert "maturin==" in called and ("ziglang==" in called) == ("linux" in target), called


def main():
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    triggers, jobs = workflow[True], workflow["jobs"]
    [step] = [s for s in jobs["build"]["steps"] if s.get("name") == "tools"]
    for target, place in [("x86_64-unknown-linux-gnu", "bin"), ("aarch64-apple-darwin", "bin"),
                          ("x86_64-pc-windows-msvc", "Scripts")]:
        tools(step, target, place)
    assert triggers["release"] == {"types": ["published"]}, triggers
    index = [name for name, job in jobs.items() if any("pypi-publish" in s.get("uses", "") for s in job["steps"])]
    assert index == ["wheels"] and "needs" not in jobs["wheels"], index
    assert jobs["wheels"]["if"].startswith("github.event_name == 'release' && "), jobs["wheels"]["if"]
    assert jobs["build"]["if"] == "github.event_name == 'push'" and jobs["draft"]["needs"] == "build", jobs
    print("the release: its tools are installed, and wheels go out when it is published")


if __name__ == "__main__":
    main()
