//! Each CI system is told how a run ended: whatever the data hold, no command but ours is read.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use crate::ci_runner::{azure, github, github as github_commands, outputs};
use crate::harness::Gate;
use crate::report_fixture::{HOSTILE, rich};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use tollgate::ci::{Comment, Ending, System, Telling, Variables};
use tollgate::report::Format;

/// A name or value between quotes, as YAML and JSON read it.
fn quoted(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    let escaped = |c: char| match c {
        ' '..='~' => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    text.chars().map(escaped).collect()
}

/// Columns whose names and values attack every output; each breaks a promise, and one has values that YAML cannot hold.
pub(crate) fn hostile(folder: &Path) {
    let names: Vec<&str> = HOSTILE
        .iter()
        .copied()
        .filter(|n| !n.contains('\0'))
        .collect();
    let mut lines = String::new();
    for shift in 0..HOSTILE.len() {
        let pair = |(i, name): (usize, &&str)| {
            let value = HOSTILE[(i + shift) % HOSTILE.len()];
            format!("{}:{}", quoted(name), quoted(value))
        };
        let row: Vec<String> = names.iter().enumerate().map(pair).collect();
        writeln!(lines, "{{{}}}", row.join(",")).unwrap();
    }
    let mut config = "version: 1\ndatasets:\n  d:\n    path: d.ndjson\n    expect:\n".to_owned();
    for (i, name) in names.iter().enumerate() {
        let severity = ["error", "warn"][i % 2];
        let name = quoted(name);
        writeln!(
            config,
            "      - in_set: {{column: {name}, values: [ok, {name}], severity: {severity}, owner: {name}}}"
        )
        .unwrap();
    }
    std::fs::write(folder.join("d.ndjson"), lines).unwrap();
    std::fs::write(folder.join("tollgate.yaml"), config).unwrap();
}

fn attacked(args: &[&str], variables: &[(&str, &str)]) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    hostile(folder.path());
    let gate = Gate::within(folder, args, variables);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    assert!(
        gate.stdout.ends_with("\nverdict: fail\n"),
        "{}",
        gate.stdout
    );
    gate
}

fn read(gate: &Gate, name: &str) -> String {
    std::fs::read_to_string(gate.folder.path().join(name)).unwrap()
}

/// What GitHub sets, with files in the folder of the run.
const GITHUB: &[(&str, &str)] = &[
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_STEP_SUMMARY", "summary"),
    ("GITHUB_OUTPUT", "outputs"),
];

#[test]
fn github_reads_annotations_and_nothing_else() {
    let gate = attacked(&[], GITHUB);
    let commands = github(&gate.stdout);
    let count = |name: &str| commands.iter().filter(|c| c.name == name).count();
    assert_eq!((count("error"), count("warning")), (7, 6));
    assert_eq!(commands.len(), 13, "{commands:?}");
    for command in &commands {
        assert_eq!(command.properties["file"], "tollgate.yaml");
        assert!(command.properties["line"].parse::<usize>().unwrap() > 4);
        assert!(command.properties["title"].starts_with("d.in_set("));
        assert!(!command.data.contains(['\n', '\r', '\u{1b}', '\0']));
    }
    assert!(github(&gate.stderr).is_empty(), "{}", gate.stderr);
    assert!(read(&gate, "summary").starts_with("## ❌ tollgate: fail\n"));
    let found = outputs(&read(&gate, "outputs")).unwrap();
    let expected = [
        ("verdict", "fail"),
        ("exit-code", "1"),
        ("passed", "1"),
        ("warned", "6"),
        ("failed", "7"),
        ("report-html", "report/report.html"),
        ("report-json", "report/run.json"),
        ("report-sarif", ""),
        ("report-junit", ""),
    ];
    for (name, value) in expected {
        assert_eq!(found[name], value, "{name}");
    }
    let digest = found["run-digest"].strip_prefix("sha256:").unwrap();
    assert_eq!((digest.len(), found.len()), (64, 10));
}

#[test]
fn every_file_is_harmless_in_a_log() {
    let args: Vec<String> = Format::files()
        .flat_map(|f| ["--output".to_owned(), format!("{0}=out/{0}", f.name())])
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let gate = attacked(&args, &[]);
    for format in Format::files() {
        let text = read(&gate, &format!("out/{}", format.name()));
        let commands = github_commands(&text);
        let ours = if format == Format::Github { 13 } else { 0 };
        assert_eq!(commands.len(), ours, "{format:?} {commands:?}");
        assert_eq!(azure(&text), [], "{format:?}");
        let hidden =
            |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(text.chars().find(hidden), None, "{format:?}");
    }
}

#[test]
fn names_of_files_are_no_commands_either() {
    let name = "a;type=warning]x,line=9::y%3B%25.yaml";
    let config = format!(
        "version: 1\ndatasets: {{d: {{path: d.csv, contract: {}}}}}\n",
        quoted(name)
    );
    for (variable, code) in [("GITHUB_ACTIONS", 1), ("TF_BUILD", 1)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("d.csv"), "x,y\n1,\n,1\n").unwrap();
        std::fs::write(folder.path().join("tollgate.yaml"), &config).unwrap();
        let contract = "version: 1\nexpect:\n  - not_null: {column: x}\n";
        std::fs::write(folder.path().join(name), contract).unwrap();
        let gate = Gate::within(folder, &[], &[(variable, "true")]);
        assert_eq!(gate.code, code, "{}", gate.stderr);
        let (commands, [file, line]) = match variable {
            "TF_BUILD" => (azure(&gate.stdout), ["sourcepath", "linenumber"]),
            _ => (github_commands(&gate.stdout), ["file", "line"]),
        };
        assert_eq!(commands[0].properties[file], name);
        assert_eq!(commands[0].properties[line], "3");
        let kind = commands[0].properties.get("type");
        assert!(kind.is_none_or(|k| k == "error"), "{commands:?}");
    }
}

#[test]
fn a_path_of_several_lines_is_one_output() {
    let path = "a\nverdict=pass\nexit-code=0";
    let sarif = format!("sarif={path}");
    let gate = attacked(&["--output", &sarif], GITHUB);
    let found = outputs(&read(&gate, "outputs")).unwrap();
    assert_eq!(
        (found["verdict"].as_str(), found["exit-code"].as_str()),
        ("fail", "1")
    );
    assert_eq!(found["report-sarif"], path);
}

#[test]
fn what_is_there_already_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    hostile(folder.path());
    std::fs::write(folder.path().join("summary"), "before\n").unwrap();
    std::fs::write(folder.path().join("outputs"), "other=1\n").unwrap();
    let gate = Gate::within(folder, &[], GITHUB);
    assert!(read(&gate, "summary").starts_with("before\n## "));
    assert_eq!(outputs(&read(&gate, "outputs")).unwrap()["other"], "1");
}

#[test]
fn a_summary_stays_below_what_github_takes() {
    for (there, shown) in [(0, true), (1_000_000, true), (1_048_000, false)] {
        let folder = tempfile::tempdir().unwrap();
        hostile(folder.path());
        std::fs::write(folder.path().join("summary"), "x".repeat(there)).unwrap();
        let gate = Gate::within(folder, &[], GITHUB);
        let summary = read(&gate, "summary");
        assert!(summary.len() <= 1 << 20);
        assert_eq!(summary.contains("tollgate: fail"), shown, "{there}");
        assert_eq!(
            gate.stderr.contains("has no room left"),
            !shown,
            "{}",
            gate.stderr
        );
    }
}

#[test]
fn the_commit_under_test_is_that_of_the_system() {
    for (variable, commit) in [
        ("GITHUB_ACTIONS", "GITHUB_SHA"),
        ("TF_BUILD", "BUILD_SOURCEVERSION"),
        ("JENKINS_URL", "GIT_COMMIT"),
        ("CIRCLECI", "CIRCLE_SHA1"),
    ] {
        let gate = attacked(&[], &[(variable, "1"), (commit, "0123abc")]);
        assert_eq!(gate.record().provenance.commit.as_deref(), Some("0123abc"));
    }
}

#[test]
fn azure_reads_issues_a_summary_and_variables() {
    let gate = attacked(&[], &[("TF_BUILD", "True")]);
    let commands = azure(&gate.stdout);
    let count = |name: &str| commands.iter().filter(|c| c.name == name).count();
    let all = ["task.logissue", "task.uploadsummary", "task.setvariable"].map(count);
    assert_eq!(all, [13, 1, 10]);
    assert_eq!(commands.len(), 24, "{commands:?}");
    for command in &commands {
        let known = [
            "type",
            "sourcepath",
            "linenumber",
            "columnnumber",
            "code",
            "variable",
            "isOutput",
        ];
        assert!(
            command
                .properties
                .keys()
                .all(|k| known.contains(&k.as_str())),
            "{command:?}"
        );
    }
    let variables: BTreeMap<&str, &str> = commands
        .iter()
        .filter(|c| c.name == "task.setvariable")
        .map(|c| (c.properties["variable"].as_str(), c.data.as_str()))
        .collect();
    assert_eq!(variables["TOLLGATE_VERDICT"], "fail");
    assert_eq!(variables["TOLLGATE_EXIT_CODE"], "1");
    let summary = commands
        .iter()
        .find(|c| c.name == "task.uploadsummary")
        .unwrap();
    assert!(Path::new(&summary.data).is_absolute(), "{summary:?}");
    assert!(
        std::fs::read_to_string(&summary.data)
            .unwrap()
            .starts_with("## ❌")
    );
    assert!(azure(&gate.stderr).is_empty());
}

#[test]
fn gitlab_gets_a_section_variables_and_its_files() {
    let gate = attacked(&["--now", "2026-11-25T08:30:00Z"], &[("GITLAB_CI", "true")]);
    let escapes: Vec<&str> = gate.stdout.split('\u{1b}').skip(1).collect();
    assert_eq!(escapes.len(), 4, "{escapes:?}");
    assert!(escapes[0].starts_with("[0Ksection_start:1795595400:tollgate_"));
    assert!(escapes[1].starts_with("[0Ktollgate: fail\n"));
    assert!(escapes[2].starts_with("[0Ksection_end:1795595400:tollgate_"));
    assert_eq!(escapes[3], "[0K\nverdict: fail\n");
    let lines = read(&gate, "report/tollgate.env");
    let variables: BTreeMap<&str, &str> =
        lines.lines().map(|l| l.split_once('=').unwrap()).collect();
    assert!(variables.values().all(|v| !v.is_empty()), "{lines}");
    assert_eq!(variables["TOLLGATE_VERDICT"], "fail");
    assert_eq!(
        variables["TOLLGATE_REPORT_JUNIT"],
        "report/test-results/tollgate.xml"
    );
    for name in [
        "gl-code-quality.json",
        "metrics.txt",
        "test-results/tollgate.xml",
    ] {
        assert!(!read(&gate, &format!("report/{name}")).is_empty(), "{name}");
    }
}

#[test]
fn a_format_that_is_named_is_not_written_twice() {
    let args = ["--output", "junit=j.xml", "--output", "gitlab=q.json"];
    let gate = attacked(&args, &[("GITLAB_CI", "true")]);
    for (name, there) in [
        ("j.xml", true),
        ("q.json", true),
        ("report/metrics.txt", true),
        ("report/test-results/tollgate.xml", false),
        ("report/gl-code-quality.json", false),
    ] {
        assert_eq!(gate.folder.path().join(name).exists(), there, "{name}");
    }
}

#[test]
fn other_systems_find_their_files() {
    let junit = "report/test-results/tollgate.xml";
    for (variable, files) in [
        ("JENKINS_URL", &[junit, "report/tollgate.sarif"][..]),
        ("BITBUCKET_BUILD_NUMBER", &[junit]),
        ("CIRCLECI", &[junit]),
    ] {
        let gate = attacked(&[], &[(variable, "1")]);
        for file in files {
            assert!(gate.folder.path().join(file).exists(), "{variable} {file}");
        }
        assert!(!gate.stdout.contains("\n::") && !gate.stdout.contains("##"));
    }
}

#[cfg(unix)]
#[test]
fn buildkite_gets_an_annotation_through_its_agent() {
    use std::os::unix::fs::PermissionsExt as _;
    let tools = tempfile::tempdir().unwrap();
    let agent = tools.path().join("buildkite-agent");
    let script = "#!/bin/sh\necho \"$@\" > agent.args\ncat > agent.page\nexit ${AGENT_EXIT:-0}\n";
    std::fs::write(&agent, script).unwrap();
    std::fs::set_permissions(&agent, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let variables = [("BUILDKITE", "true"), ("PATH", &path)];
    let gate = attacked(&[], &variables);
    assert!(read(&gate, "agent.args").starts_with("annotate --style error --context tollgate-"));
    assert!(read(&gate, "agent.page").starts_with("## ❌ tollgate: fail\n"));
    assert!(gate.stdout.starts_with("+++ tollgate\n"));
    assert_eq!(gate.stderr, "");
    // An agent that fails, or none, is a note; the verdict is the run's.
    let refused = attacked(&[], &[variables[0], variables[1], ("AGENT_EXIT", "3")]);
    assert!(
        refused
            .stderr
            .contains("note: no annotation: `buildkite-agent` ends with")
    );
    let none = attacked(&[], &[variables[0], ("PATH", "/nowhere")]);
    assert!(
        none.stderr.contains("`buildkite-agent` does not start"),
        "{}",
        none.stderr
    );
}

#[test]
fn a_run_that_cannot_be_evaluated_is_told_as_an_error() {
    let config =
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect:\n      - not_nul: {column: x}\n";
    let run = |variables: &[(&str, &str)], data: bool| {
        let folder = tempfile::tempdir().unwrap();
        let text = if data {
            config.replace("not_nul:", "not_null:")
        } else {
            config.to_owned()
        };
        std::fs::write(folder.path().join("tollgate.yaml"), text).unwrap();
        if !data {
            std::fs::write(folder.path().join("d.csv"), "x\n1\n").unwrap();
        }
        Gate::within(folder, &[], variables)
    };
    for (data, code, said) in [(false, 2, "not_nul"), (true, 3, "d.csv")] {
        let gate = run(GITHUB, data);
        assert_eq!(gate.code, code, "{}", gate.stderr);
        let commands = github(&gate.stdout);
        assert_eq!((commands.len(), commands[0].name.as_str()), (1, "error"));
        assert!(commands[0].data.contains(said), "{commands:?}");
        let found = outputs(&read(&gate, "outputs")).unwrap();
        assert_eq!(found["verdict"], "error");
        assert_eq!(found["exit-code"], code.to_string());
        // What is wrong in the configuration leaves no report; what could not be evaluated does.
        let report = if data { "report/report.html" } else { "" };
        assert_eq!(found["report-html"], report);
        let summary = read(&gate, "summary");
        assert!(summary.starts_with("## 🚫 tollgate: error\n"), "{summary}");
        assert!(summary.replace('\\', "").contains(said), "{summary}");
        let azure = azure(&run(&[("TF_BUILD", "1")], data).stdout);
        assert!(azure[0].data.contains(said), "{azure:?}");
        let gitlab = run(&[("GITLAB_CI", "1")], data);
        assert!(read(&gitlab, "report/tollgate.env").starts_with("TOLLGATE_VERDICT=error\n"));
    }
    let gate = run(GITHUB, false);
    assert_eq!(github(&gate.stdout)[0].properties["line"], "6");
}

#[test]
fn places_are_those_of_the_checkout() {
    let checkout = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir_in(checkout.path()).unwrap();
    let name = folder
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    hostile(folder.path());
    let root = checkout.path().to_str().unwrap();
    let variables = [GITHUB, &[("GITHUB_WORKSPACE", root)]].concat();
    let args = ["--output", "sarif=s.json", "--output", "gitlab=q.json"];
    let gate = Gate::within(folder, &args, &variables);
    let file = format!("{name}/tollgate.yaml");
    assert_eq!(github(&gate.stdout)[0].properties["file"], file);
    for report in ["s.json", "q.json"] {
        assert!(
            read(&gate, report).contains(&format!("\"{file}\"")),
            "{report}"
        );
    }
    assert_eq!(
        gate.outcome("d.in_set(=cmd())").location.unwrap().file,
        "tollgate.yaml"
    );
    let whole = gate.folder.path().join("tollgate.yaml");
    let args = [whole.to_str().unwrap(), "--output", "gitlab=q.json"];
    let gate = Gate::within(gate.folder, &args, &variables);
    assert!(read(&gate, "q.json").contains(&format!("\"{file}\"")));
    assert_eq!(github_commands(&gate.stdout)[0].properties["file"], file);
}

#[test]
fn the_system_is_found_named_or_left_out() {
    let detect = |name: &str, value: &str| {
        System::detect(&[(name, value)].into_iter().collect::<Variables>())
    };
    for (system, name) in System::ALL {
        assert_eq!(detect(name, "true"), Some(*system));
        assert_eq!(detect(name, ""), None);
        assert_eq!(detect(name, "false"), None);
    }
    let github = [GITHUB, &[("TOLLGATE_CI", "none")]].concat();
    for gate in [attacked(&["--ci", "none"], GITHUB), attacked(&[], &github)] {
        assert!(!gate.folder.path().join("outputs").exists());
        assert!(github_commands(&gate.stdout).is_empty());
    }
    let named = attacked(&["--ci", "github"], &github);
    assert!(named.stdout.starts_with("::error "));
    let folder = tempfile::tempdir().unwrap();
    hostile(folder.path());
    let wrong = Gate::within(folder, &[], &[("TOLLGATE_CI", "gihtub")]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("did you mean `github`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_promotion_is_told_with_the_code_that_it_left() {
    let run = rich();
    let variables = Variables::default();
    let outputs = |promoted| {
        let telling = Telling {
            system: System::Github,
            variables: &variables,
            ending: Ending::Judged {
                after: None,
                run: &run,
                code: 5,
                promoted,
                digest: "00",
                written: &[],
            },
            comment: Comment::Off,
            config: "tollgate.yaml",
            folder: Path::new("report"),
            started: Path::new("/"),
            now: 0,
        };
        telling.outputs().into_iter().collect::<BTreeMap<_, _>>()
    };
    assert_eq!(outputs(Some(false))["promoted"], "false");
    assert_eq!(outputs(Some(true))["promoted"], "true");
    assert_eq!(outputs(None).get("promoted"), None);
    assert_eq!(outputs(None)["exit-code"], "5");
}

#[test]
fn a_file_that_cannot_be_written_is_a_note_and_the_verdict_stays() {
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_OUTPUT", "no/such/file"),
    ];
    let gate = attacked(&[], &variables);
    assert!(
        gate.stderr
            .contains("note: cannot write the outputs of the step")
    );
}
