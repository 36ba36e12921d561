"""action.yml under the emulator: `cases.py TOLLGATE` with the path of a built program.

Half of the cases call a program that only writes down how it was called; it comes out of an archive that a server on the
loopback address gives, with the right SHA-256 and with a wrong one. The others run the gate itself on the example.
"""

import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from emulate import emulate

ROOT = Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-gnu"
SYSTEM = {"TOLLGATE_UNAME_S": "Linux", "TOLLGATE_UNAME_M": "x86_64"}
# Writes its arguments and variables to CALLED, says what it is told to, ends with CODE.
FAKE = """#!/usr/bin/env python3
import json, os, sys
if sys.argv[1:] != ["--version"]:
    json.dump([sys.argv[1:], dict(os.environ)], open(os.environ["CALLED"], "w"))
    if "SAY" in os.environ:
        open(os.environ["GITHUB_OUTPUT"], "a").write(os.environ["SAY"])
    sys.exit(int(os.environ.get("CODE", "0")))
print("tollgate 0.0.0")
"""
# A candidate that is better than the champion, and a folder as registry.
MODELS = """
version: 1
models:
  late:
    candidate: {predictions: new.csv, label: late, score: p, key: id}
    baseline: {predictions: old.csv}
    metrics: {roc_auc: {at_least: 0.6, no_worse_by: 0.01}}
    promote: {registry: here}
registries: {here: {kind: directory, path: registry}}
"""


def archive(folder):
    """A release's archive with the program that writes down how it was called, packed as a release is; gives its SHA-256."""
    program = folder / "program/tollgate"
    program.parent.mkdir()
    program.write_text(FAKE)
    packed = [subprocess.run([ROOT / "packaging/archive", program, TARGET, folder / place], stdout=subprocess.PIPE, text=True,
                             check=True).stdout for place in ("v9.9.9", "again")]
    assert packed[0] == packed[1], "the same program gives another archive"
    version, target, digest = packed[0].split()
    assert target == TARGET and version in (ROOT / "Cargo.toml").read_text(), packed
    assert digest == hashlib.sha256((folder / f"v9.9.9/tollgate-{TARGET}.tar.gz").read_bytes()).hexdigest()
    return digest


class Server(http.server.SimpleHTTPRequestHandler):
    """Files of a folder; counts what was asked for."""

    asked = 0
    comments: list[dict] = []
    closed = False

    def do_GET(self):
        Server.asked += 1
        if self.path.startswith("/repos/"):
            self.answer(Server.comments)
        else:
            super().do_GET()

    def do_POST(self):
        Server.comments.append({"id": len(Server.comments) + 1, "user": {"type": "Bot"}} | self.given())
        self.answer(Server.comments[-1])

    def do_PATCH(self):
        before, number = self.path.rsplit("/", 1)
        assert before == "/repos/o/r/issues/comments", self.path
        Server.comments[int(number) - 1] |= self.given()
        self.answer(Server.comments[int(number) - 1])

    def given(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, what):
        allowed = self.headers["Authorization"] == "Bearer gh-token-of-the-emulator" and not Server.closed
        self.send_response(200 if allowed else 403)
        self.end_headers()
        self.wfile.write(json.dumps(what if allowed else {}).encode())

    def log_message(self, *_):
        pass


def small_tree(folder):
    """The action in a tree whose program is built in seconds: it says `pass`."""
    shutil.copytree(ROOT / ".github/action", folder / ".github/action")
    shutil.copy(ROOT / "action.yml", folder)
    (folder / "checks").mkdir()
    (folder / "src").mkdir()
    (folder / "build.rs").write_text("fn main() {}\n")
    (folder / "Cargo.toml").write_text('[package]\nname = "tollgate"\nversion = "7.7.7"\nedition = "2024"\n\n[workspace]\n')
    (folder / "Cargo.lock").write_text('version = 4\n\n[[package]]\nname = "tollgate"\nversion = "7.7.7"\n')
    (folder / "src/main.rs").write_text("""
fn main() {
    if let Ok(file) = std::env::var("GITHUB_OUTPUT") {
        std::fs::write(file, "verdict=pass\\n").unwrap();
    }
    println!("tollgate 7.7.7");
}
""")


class Cases:
    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        (folder / "served").mkdir()
        self.sum = archive(folder / "served")
        handler = lambda *a: Server(*a, directory=str(folder / "served"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.count = 0

    def base(self):
        """Address that releases are downloaded from."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def fake(self, inputs=None, tools="tools", **env):
        """The action with the program from the archive; gives what is left, and how the program was called."""
        self.count += 1
        self.workspace = self.folder / f"work{self.count}"
        self.workspace.mkdir()
        called = self.folder / f"called{self.count}.json"
        env = SYSTEM | {"TOLLGATE_BASE_URL": self.base(), "RUNNER_TOOL_CACHE": str(self.folder / tools), "CALLED": str(called)} | env
        given = {"version": "9.9.9", "checksum": self.sum} | (inputs or {})
        ended = emulate(ROOT, given, self.workspace, env)
        return ended, json.loads(called.read_text()) if called.exists() else (None, {})

    def real(self, around=None, **inputs):
        """The action with the program itself, in a copy of the example's folder; `around` are more variables."""
        self.count += 1
        workspace = self.folder / f"work{self.count}"
        workspace.mkdir()
        shutil.copytree(ROOT / "examples/flights", workspace / "flights", ignore=shutil.ignore_patterns("models"))
        promise = "{path: flights/data/airlines.csv, expect: [{primary_key: {columns: carrier}}]}"
        (workspace / "pass.yaml").write_text(f"version: 1\ndatasets: {{airlines: {promise}}}\n")
        for name, every in [("old", 3), ("new", 5)]:
            rows = [(i, i % 2, 0.2 if (i % 2 == 1) == (i % every == 0) else 0.8) for i in range(600)]
            (workspace / f"{name}.csv").write_text("id,late,p\n" + "".join("%d,%d,%s\n" % row for row in rows))
        (workspace / "models.yaml").write_text(MODELS)
        return self.again(workspace, around, **inputs), workspace

    def again(self, workspace, around=None, **inputs):
        """The action with the program itself, in a folder that is there."""
        env = {"TOLLGATE_BINARY": self.program, "RUNNER_TOOL_CACHE": str(self.folder / "none")} | (around or {})
        return emulate(ROOT, inputs, workspace, env)

    def downloads_once(self):
        ended, (arguments, _) = self.fake(SAY="verdict=pass\nfailed=0\n")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (0, "pass", "0"), ended
        assert arguments == ["run", "--ci", "auto", "--fail-on=error", "--output=tollgate-report", "--", "tollgate.yaml"], arguments
        asked = Server.asked
        ended, _ = self.fake(SAY="verdict=fail\n", CODE="1")
        assert Server.asked == asked, "the second run downloads again"
        assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (1, "fail", "1"), ended

    def script(self, place, **env):
        """install.sh without the action."""
        env = SYSTEM | {"TOLLGATE_BASE_URL": self.base(), "TOLLGATE_VERSION": "v9.9.9", "TOLLGATE_SHA256": self.sum,
                        "TOLLGATE_INSTALL_DIR": str(place), "PATH": os.environ["PATH"], "HOME": str(self.folder)} | env
        script = ["bash", str(ROOT / ".github/action/install.sh")]
        return subprocess.run(script, env=env, capture_output=True, text=True, check=False)

    def other_systems_install_with_the_same_script(self):
        ran = self.script(self.folder / "bin")
        assert "tollgate 0.0.0" in ran.stdout and (self.folder / "bin/tollgate").is_file(), ran
        ran = self.script(self.folder / "other", TOLLGATE_SHA256="1" * 64)
        assert ran.returncode == 3 and "error: the archive" in ran.stderr and "::" not in ran.stdout, ran
        assert not (self.folder / "other").exists(), ran

    def a_folder_keeps_what_is_in_it(self):
        place = self.folder / "shared"
        place.mkdir()
        (place / "deploy.sh").write_text("mine")
        for wrong in ({"TOLLGATE_SHA256": "1" * 64}, {"TOLLGATE_VERSION": "9.9.8"}):
            assert self.script(place, **wrong).returncode == 3
            assert [f.name for f in place.iterdir()] == ["deploy.sh"], list(place.iterdir())
        ran = self.script(place)
        assert ran.returncode == 0 and (place / "deploy.sh").read_text() == "mine", ran
        names = sorted(f.name for f in place.iterdir())
        assert names == [".tollgate-installed", "deploy.sh", "tollgate"], names
        (self.folder / "inside/tollgate").mkdir(parents=True)
        ran = self.script(self.folder / "inside")
        assert ran.returncode == 3 and "tollgate is a folder" in ran.stderr, ran

    def who_did_not_install_it_may_run_it(self):
        place = self.folder / "whose"
        assert self.script(place).returncode == 0
        modes = [oct(path.stat().st_mode & 0o777) for path in (place, place / "tollgate")]
        assert modes == ["0o755", "0o755"], modes

    def another_version_is_another_program(self):
        place, asked = self.folder / "kept", lambda: Server.asked
        shutil.copytree(self.folder / "served/v9.9.9", self.folder / "served/v9.9.7")
        assert self.script(place).returncode == 0
        before = asked()
        assert self.script(place).returncode == 0 and asked() == before, "it downloads what is there"
        for wrong in ({"TOLLGATE_SHA256": "0" * 64}, {"TOLLGATE_VERSION": "9.9.8"}):
            ran = self.script(place, **wrong)
            assert ran.returncode == 3 and "tollgate 0.0.0" not in ran.stdout, ran
        before = asked()
        assert self.script(place, TOLLGATE_VERSION="9.9.7").returncode == 0 and asked() == before + 1
        # Nor is a program that was put there by something else taken for the one that was asked for.
        (place / "tollgate").write_text("#!/bin/sh\necho tollgate of somebody else\n")
        ran = self.script(place, TOLLGATE_VERSION="9.9.7")
        assert ran.returncode == 0 and "tollgate 0.0.0" in ran.stdout and asked() == before + 2, ran

    def releases_are_those_of_the_action(self):
        releases = self.folder / "served/o/tollgate/releases"
        releases.mkdir(parents=True)
        (releases / "download").symlink_to(self.folder / "served")
        around = {"TOLLGATE_BASE_URL": "", "GITHUB_SERVER_URL": self.base()}
        ended, (arguments, _) = self.fake(tools="theirs", SAY="verdict=pass\n", **around)
        assert ended.code == 0 and arguments[0] == "run", ended
        ran = self.script(self.folder / "nowhere", **around)
        assert ran.returncode == 3 and "where releases are is not known" in ran.stderr, ran
        ran = self.script(self.folder / "theirs2", TOLLGATE_REPOSITORY="o/tollgate", **around)
        assert ran.returncode == 0, ran

    def another_archive_is_not_unpacked(self):
        ended, (arguments, _) = self.fake({"checksum": "0" * 64}, tools="tampered")
        assert arguments is None and "not 000000" in ended.log and "::error" in ended.log, ended
        assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (3, "error", "3"), ended
        left = list((self.folder / "tampered").rglob("*tollgate*"))
        assert [f.name for f in left] == ["tollgate"] and not list(left[0].iterdir()), left

    def what_is_not_known_is_not_installed(self):
        for inputs, said in [({"checksum": ""}, "no checksum"), ({"version": "1.0;id"}, "exact version"),
                             ({"checksum": "abc"}, "64 lower-case"), ({"version": "9.9.8"}, "cannot download"),
                             ({"version": "latest", "checksum": ""}, "no checksum")]:
            ended, (arguments, _) = self.fake(inputs, tools="unknown")
            assert arguments is None and said in ended.log, ended
            assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (3, "error", "3"), ended
        ended, _ = self.fake(tools="unknown", TOLLGATE_UNAME_M="riscv64")
        assert ended.code == 3 and "riscv64" in ended.log, ended
        ended, _ = self.fake(tools="unknown", TOLLGATE_BASE_URL="http://example.org")
        assert ended.code == 3 and "https" in ended.log, ended

    def a_hostile_input_is_one_argument(self):
        for text in ["$(touch pwned)", "`touch pwned`", "a\"b'c", "; touch pwned", "x && touch pwned #", "*", "~",
                     "-h", "${{ github.token }}", "a\nb", "%0A::error::x", "$IFS\\", "é\u202e"]:
            names = ["config", "fail-on", "report", "sarif", "junit", "html", "json"]
            ended, (arguments, _) = self.fake(dict.fromkeys(names, text) | {"args": f"--first\n{text}\n"}, SAY="verdict=pass\n")
            parts = ["run", "--ci", "auto", f"--fail-on={text}", f"--output={text}"]
            for form in ["html", "json", "junit", "sarif"]:
                parts += ["--output", f"{form}={text}"]
            assert arguments == [*parts, "--first", *text.split("\n"), "--", text], arguments
            assert ended.outputs["verdict"] == "pass", ended
            ended, (arguments, _) = self.fake({"command": text, "artifact": text})
            assert arguments == [text], arguments
            ended, (arguments, _) = self.fake({"working-directory": text + "/none"})
            assert arguments is None and (ended.code, ended.outputs["verdict"]) == (2, "error"), ended
            assert not list(self.folder.rglob("pwned")), text

    def a_ci_of_its_own_is_given_once(self):
        for given in ("--ci\ngithub", "--ci=github"):
            ended, (arguments, _) = self.fake({"args": given}, SAY="verdict=pass\n")
            assert ended.code == 0 and "auto" not in arguments and arguments[3:-2] == given.split("\n"), arguments
        ended, _ = self.real(config="pass.yaml", args="--ci\nnone")
        assert (ended.code, ended.outputs["verdict"]) == (3, "error") and "said no verdict" in ended.log, ended

    def a_folder_may_be_called_like_a_report(self):
        ended, workspace = self.real(config="pass.yaml", report="html=x")
        assert (ended.code, ended.outputs["verdict"]) == (0, "pass"), ended
        assert (workspace / "html=x/run.json").is_file() and (workspace / ended.outputs["report-html"]).is_file(), ended.outputs
        [(what, given)] = [u for u in ended.used if u[0].startswith("actions/upload-artifact@")]
        assert given["path"] == str(workspace / "html=x"), given

    def a_folder_is_named_as_its_system_names_it(self):
        tools = self.folder / "cygwin"
        tools.mkdir()
        (tools / "cygpath").write_text('#!/bin/sh\n[ "$1" = -u ] && echo "$2" || echo "D:$2"\n')
        (tools / "cygpath").chmod(0o755)
        ended, workspace = self.real({"PATH": f"{tools}:{os.environ['PATH']}"}, config="pass.yaml")
        [(what, given)] = [u for u in ended.used if u[0].startswith("actions/upload-artifact@")]
        assert given["path"] == f"D:{workspace}/tollgate-report", given

    def a_name_of_two_lines_is_no_output(self):
        text = "x\nverdict=pass"
        ended, _ = self.fake({"report": text}, CODE="1")
        assert (ended.code, ended.outputs["verdict"]) == (1, "error"), ended

    def no_verdict_is_no_pass(self):
        ended, _ = self.fake(CODE="101")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (101, "error", "101"), ended
        ended, _ = self.fake(CODE="0")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (3, "error", "3"), ended
        assert "::error title=tollgate::" in ended.log, ended.log
        ended, _ = self.fake({"skip-install": "true"}, PATH="/usr/bin:/bin")
        assert (ended.code, ended.outputs["verdict"]) == (3, "error"), ended

    def the_token_is_for_the_comment(self):
        ended, (arguments, env) = self.fake()
        assert "gh-token" not in json.dumps(env) and "GITHUB_STEP_SUMMARY" in env, env
        ended, (arguments, env) = self.fake({"comment": "sticky", "summary": "false"})
        assert "--comment=sticky" in arguments and env["GITHUB_TOKEN"].startswith("gh-token"), arguments
        assert "GITHUB_STEP_SUMMARY" not in env and "gh-token" not in ended.log + "".join(arguments), ended

    def another_command_takes_its_arguments(self):
        ended, (arguments, _) = self.fake({"command": "promote", "args": "run.json\n--dry-run"}, SAY="promoted=true\n")
        assert arguments == ["promote", "run.json", "--dry-run"] and ended.outputs["promoted"] == "true", arguments
        # It knows no comment, and is given no token for one.
        asked = {"command": "promote", "args": "run.json", "comment": "sticky"}
        ended, (arguments, env) = self.fake(asked, SAY="promoted=true\n")
        assert arguments == ["promote", "run.json"] and "gh-token" not in json.dumps(env), arguments
        ended, (arguments, _) = self.fake({"command": "plan", "config": "a.yaml"}, CODE="2")
        assert arguments == ["plan", "--", "a.yaml"] and ended.code == 2, arguments

    def source_is_cached_by_what_it_is(self):
        ended, _ = self.fake({"build-from-source": "true"}, tools="source", PATH="/nowhere:/usr/bin:/bin")
        [(what, given)] = [u for u in ended.used if u[0].startswith("actions/cache@")]
        assert given["key"].startswith(f"tollgate-{TARGET}-source-") and given["path"].startswith(str(self.folder)), given
        assert ended.code == 3 and "no cargo" in ended.log, ended

    def source_is_built_once(self):
        tree = self.folder / "tree"
        tree.mkdir()
        small_tree(tree)
        env = SYSTEM | {"RUNNER_TOOL_CACHE": str(self.folder / "built")}
        given = {"build-from-source": "true", "cache": "false"}
        for compiles in (True, False):
            ended = emulate(tree, given, self.folder, env)
            assert (ended.code, ended.outputs["verdict"]) == (0, "pass") and not ended.used, ended
            assert ("Compiling tollgate v7.7.7" in ended.log) == compiles and "tollgate 7.7.7" in ended.log, ended.log
        [folder] = (self.folder / "built/tollgate").iterdir()
        assert sorted(f.name for f in folder.iterdir() if f.name[0] != ".") == ["tollgate"], list(folder.iterdir())
        (tree / "src/main.rs").write_text("fn main() { std::process::exit(9) }")
        ended = emulate(tree, given, self.folder, env)
        assert "Compiling" in ended.log and (ended.code, ended.outputs["verdict"]) == (3, "error"), ended

    def an_old_toolchain_is_not_enough(self):
        tools = self.folder / "old"
        tools.mkdir()
        for name, text in [("cargo", '[ "$1" = --version ] && echo "cargo 1.60.0" || { echo "called $*"; exit 1; }'),
                           ("rustup", 'echo "rustup $*"')]:
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        wanted = re.search(r'^rust-version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]
        given = {"build-from-source": "true", "cache": "false"}
        ended, _ = self.fake(given, tools="none", PATH=f"{tools}:/usr/bin:/bin")
        assert f"rustup toolchain install {wanted} --profile minimal" in ended.log, ended.log
        assert f"called +{wanted} install --locked" in ended.log and ended.code == 3, ended.log
        (tools / "rustup").unlink()
        ended, _ = self.fake(given, tools="none", PATH=f"{tools}:/usr/bin:/bin")
        assert f"needs Rust {wanted} or later, and here is 1.60.0" in ended.log and ended.code == 3, ended.log

    def a_pass(self):
        ended, workspace = self.real(config="pass.yaml", junit="out/junit.xml", sarif="out/x.sarif")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["failed"]) == (0, "pass", "0"), ended
        assert "tollgate" in ended.summary and (workspace / "out/junit.xml").exists(), ended
        for name in ["report-html", "report-json", "report-junit", "report-sarif"]:
            assert (workspace / ended.outputs[name]).is_file(), (name, ended.outputs)
        digest = ended.outputs["run-digest"].removeprefix("sha256:")
        assert digest == hashlib.sha256((workspace / ended.outputs["report-json"]).read_bytes()).hexdigest(), ended
        [(what, given)] = [u for u in ended.used if u[0].startswith("actions/upload-artifact@")]
        assert given == {"name": "tollgate-report", "path": str(workspace / "tollgate-report")}, given

    def a_folder_to_work_in(self):
        ended, workspace = self.real(**{"working-directory": "flights", "config": "dirty.yaml", "report": "../out",
                                        "junit": "../x.xml"})
        assert (ended.code, ended.outputs["verdict"]) == (1, "fail"), ended
        for name in ["report-html", "report-json", "report-junit"]:
            assert Path(ended.outputs[name]).is_absolute() and Path(ended.outputs[name]).is_file(), ended.outputs
        assert "file=flights/contracts/flights.yaml" in ended.log, ended.log

    def a_fail(self):
        ended, _ = self.real(config="flights/dirty.yaml")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["failed"]) == (1, "fail", "8"), ended
        assert ended.outputs["exit-code"] == "1" and ended.log.count("\n::error") <= 10 < len(ended.summary), ended
        assert any(u[0].startswith("actions/upload-artifact@") for u in ended.used), ended
        ended, _ = self.real(**{"config": "flights/dirty.yaml", "fail-on": "never", "artifact": ""})
        assert ended.code != 1 and ended.outputs["exit-code"] == str(ended.code) and not ended.used, ended

    def one_comment_from_run_to_run(self):
        event = self.folder / "event.json"
        event.write_text('{"pull_request": {"number": 5}}')
        around = {"GITHUB_API_URL": self.base(), "GITHUB_REPOSITORY": "o/r", "GITHUB_EVENT_PATH": str(event)}
        for config, word in [("pass.yaml", "pass"), ("flights/nothing.yaml", "error"), ("pass.yaml", "pass")]:
            ended, _ = self.real(around, config=config, comment="sticky")
            assert ended.outputs["verdict"] == word and "no comment" not in ended.log, ended
        bodies = [c["body"] for c in Server.comments]
        assert len(bodies) == 2 and "tollgate: pass" in bodies[0] and "error" in bodies[1], bodies
        Server.closed = True
        ended, _ = self.real(around, config="pass.yaml", comment="sticky")
        Server.closed = False
        assert (ended.code, ended.outputs["verdict"]) == (0, "pass") and "::notice" in ended.log, ended

    def a_promotion_in_two_jobs(self):
        """examples/workflows/github-promotion.yml: one job signs what it found, another moves the alias."""
        subprocess.run([self.program, "key", "new", "--output", self.folder / "key"], check=True, capture_output=True)
        private = {"TOLLGATE_SIGNING_KEY": (self.folder / "key").read_text()}
        public = {"TOLLGATE_PUBLIC_KEY": (self.folder / "key.pub").read_text()}
        ended, workspace = self.real(private, config="models.yaml", args="--sign")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["promoted"]) == (0, "pass", ""), ended
        assert private["TOLLGATE_SIGNING_KEY"].splitlines()[1] not in ended.log
        record = workspace / "tollgate-report/run.json"
        promote = {"command": "promote", "args": "tollgate-report/run.json", "artifact": ""}
        text = record.read_text()
        record.write_text(text.replace('"verdict"', ' "verdict"', 1))
        ended = self.again(workspace, public, **promote)
        assert (ended.code, ended.outputs["promoted"]) == (5, "false"), ended
        record.write_text(text)
        ended = self.again(workspace, public, **promote)
        assert (ended.code, ended.outputs["promoted"]) == (0, "true"), ended
        assert (workspace / "registry/late/aliases/champion.json").is_file(), ended

    def a_mistake(self):
        ended, _ = self.real(config="flights/nothing.yaml")
        assert (ended.code, ended.outputs["verdict"], ended.outputs["exit-code"]) == (2, "error", "2"), ended


def main(program):
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as folder:
        cases = Cases(Path(folder), program)
        names = [n for n in vars(Cases) if n not in ("again", "base", "fake", "real", "script") and not n.startswith("_")]
        asked = sys.argv[2:]
        for name in asked or names:
            getattr(cases, name)()
            print(f"ok   {name}")
    print(f"{len(asked or names)} cases of action.yml")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
