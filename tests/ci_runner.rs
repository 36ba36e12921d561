//! What the runners of CI systems read in a log and in their files, as their own code does it.

use std::collections::BTreeMap;

/// A command that a runner found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) name: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: String,
}

/// Commands that the runner of GitHub Actions acts on.
const GITHUB: &[&str] = &[
    "internal-set-repo-path",
    "set-env",
    "set-output",
    "save-state",
    "add-mask",
    "add-path",
    "add-matcher",
    "remove-matcher",
    "warning",
    "error",
    "notice",
    "debug",
    "group",
    "endgroup",
    "echo",
    "stop-commands",
];

/// The commands of GitHub Actions in a log: `::` at the start of a line, else the older form anywhere in it.
///
/// Source: `ActionCommand.TryParseV2` and `TryParse` of actions/runner, read in November 2026.
pub(crate) fn github(log: &str) -> Vec<Command> {
    log.split('\n')
        .filter_map(|line| newer(line).or_else(|| older(line)))
        .collect()
}

fn newer(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    GITHUB.contains(&name).then(|| Command {
        name: name.to_owned(),
        properties: pairs(properties.trim(), ',', &["%0D", "%0A", "%3A", "%2C", "%25"]),
        data: decoded(data, &["%0D", "%0A", "%25"]),
    })
}

fn older(line: &str) -> Option<Command> {
    let (_, rest) = line.split_once("##[")?;
    let (info, data) = rest.split_once(']')?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let escapes = ["%3B", "%0D", "%0A", "%5D", "%25"];
    GITHUB.contains(&name).then(|| Command {
        name: name.to_owned(),
        properties: pairs(properties, ';', &escapes),
        data: decoded(data, &escapes),
    })
}

/// The commands of Azure Pipelines in a log: `##vso[` anywhere in a line, and the marks that colour or fold it.
///
/// Source: `Command.TryParse` of the agent and the documentation of its logging commands (the former from memory).
pub(crate) fn azure(log: &str) -> Vec<Command> {
    let escapes = ["%3B", "%0D", "%0A", "%5D", "%AZP25"];
    let command = |line: &str| {
        if let Some((_, rest)) = line.split_once("##vso[") {
            let (info, data) = rest.split_once(']')?;
            let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
            return name.contains('.').then(|| Command {
                name: name.to_owned(),
                properties: pairs(properties, ';', &escapes),
                data: decoded(data, &escapes),
            });
        }
        let (_, rest) = line.split_once("##[")?;
        let (name, data) = rest.split_once(']')?;
        Some(Command {
            name: name.to_owned(),
            properties: BTreeMap::new(),
            data: data.to_owned(),
        })
    };
    log.split('\n').filter_map(command).collect()
}

fn pairs(text: &str, separator: char, escapes: &[&str]) -> BTreeMap<String, String> {
    let each = text.split(separator).filter_map(|p| p.split_once('='));
    each.map(|(name, value)| (name.to_owned(), decoded(value, escapes)))
        .collect()
}

fn decoded(text: &str, escapes: &[&str]) -> String {
    escapes.iter().fold(text.to_owned(), |text, escape| {
        let meant = match *escape {
            "%0D" => "\r",
            "%0A" => "\n",
            "%3A" => ":",
            "%2C" => ",",
            "%3B" => ";",
            "%5D" => "]",
            _ => "%",
        };
        text.replace(escape, meant)
    })
}

/// The file of a step's outputs: `name=value`, or `name<<delimiter` and lines up to it; the error where it is neither.
///
/// Source: `SetEnvFileCommand` of actions/runner, read in November 2026; outputs are read alike.
pub(crate) fn outputs(file: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut lines = file.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        match (equals, heredoc) {
            (Some(at), heredoc) if heredoc.is_none_or(|h| at < h) => {
                found.insert(line[..at].to_owned(), line[at + 1..].to_owned());
            }
            (_, Some(at)) => {
                let delimiter = &line[at + 2..];
                let value: Vec<&str> = lines.by_ref().take_while(|l| *l != delimiter).collect();
                found.insert(line[..at].to_owned(), value.join("\n"));
            }
            _ => return Err(format!("invalid format '{line}'")),
        }
    }
    Ok(found)
}

#[test]
fn the_runner_of_github_is_attacked_by_what_must_not_be_printed() {
    for (line, name) in [
        ("  ::error file=a,line=1::text", "error"),
        ("::set-env name=PATH::/evil", "set-env"),
        ("value ##[add-path]/evil", "add-path"),
    ] {
        assert_eq!(github(line)[0].name, name);
    }
    assert!(github("a ::error::b\n:\u{200b}:error::x\n#\u{200b}#[error]x").is_empty());
    let all = azure("x ##vso[task.setvariable variable=a;isOutput=true]b%3B\ny ##[error]z");
    assert_eq!(all[0].properties["variable"], "a");
    assert_eq!(
        (all[0].data.as_str(), all[1].name.as_str()),
        ("b;", "error")
    );
}
