//! One check in words: for a terminal, as Markdown, as JSON.

use super::snippet::{expectation, flow, to_paste};
use super::table::{Table, cell, ending};
use super::{default_words, kind_words, passes};
use crate::catalogue::known_as::{NOWHERE, Said};
use crate::catalogue::{Check, Example, Param, ParamKind};
use crate::plan::common::COMMON;
use serde_json::{Value, json};
use std::fmt::Write as _;

const WRITING: &str = "writing to a String cannot fail";

/// For a terminal.
#[must_use]
pub fn explain_text(check: &Check) -> String {
    let mut text = format!("{}: {}\n", check.id, check.summary);
    writeln!(
        text,
        "\nLooks at {} (since {}).",
        looks_at(check),
        check.since
    )
    .expect(WRITING);
    if !check.doc.trim().is_empty() {
        writeln!(text, "{}", check.doc.trim_end()).expect(WRITING);
    }
    text += "\nWhat it measures\n";
    for (title, sentence) in check.semantics.said() {
        writeln!(text, "  {title:<11} {sentence}").expect(WRITING);
    }
    text += "\nPasses when\n";
    for sentence in passes(check) {
        writeln!(text, "  {sentence}").expect(WRITING);
    }
    text += &known_as_text(check);
    text += "\nParameters\n";
    let width = |of: fn(&Param) -> String| {
        let lengths = check.params.iter().map(|p| of(p).chars().count());
        lengths.max().unwrap_or(0).min(28)
    };
    let (names, kinds) = (width(|p| p.name.clone()), width(kind_words));
    for param in &check.params {
        let (kind, default) = (kind_words(param), default_words(param));
        let line = format!(
            "  {:<names$}  {kind:<kinds$}  {} ({default})",
            param.name, param.doc
        );
        writeln!(text, "{line}").expect(WRITING);
    }
    if let Some(choice) = &check.choice {
        writeln!(text, "  {}", choice.words()).expect(WRITING);
    }
    writeln!(text, "  also: {}", common(check).join(", ")).expect(WRITING);
    writeln!(
        text,
        "\nTo paste\n  {}",
        to_paste(check).trim_end().replace('\n', "\n  ")
    )
    .expect(WRITING);
    text += "\nExamples\n";
    text += &check
        .examples
        .iter()
        .map(|e| example_text(check, e))
        .collect::<String>();
    text
}

/// One example: what it shows, its expectation, and the data it is about.
fn example_text(check: &Check, example: &Example) -> String {
    let mut text = format!("  {}: {}\n", example.name, ending(example));
    writeln!(text, "      {}", expectation(check, example)).expect(WRITING);
    text += &Table::of(&example.data).text(8);
    for (name, content) in &example.texts {
        writeln!(text, "      {name} holds {content:?}").expect(WRITING);
    }
    if !example.files.is_empty() {
        writeln!(text, "      files holding {}", example.files.join(", ")).expect(WRITING);
    }
    if !example.past.is_empty() {
        writeln!(text, "      runs before: {}", past(example)).expect(WRITING);
    }
    for (name, data) in &example.datasets {
        writeln!(text, "      dataset {name}").expect(WRITING);
        text += &Table::of(data).text(8);
    }
    text
}

/// What other tools call it, a line each; nothing where none is known.
fn known_as_text(check: &Check) -> String {
    let names = |(tool, names): (&str, &[String])| format!("  {tool}: {}\n", names.join(", "));
    let lines: String = check.known_as.said().map(names).collect();
    if check.known_as.said == Said::Nowhere {
        return format!("\nKnown as\n  {NOWHERE}\n");
    }
    if lines.is_empty() {
        return lines;
    }
    format!("\nKnown as\n{lines}")
}

/// A section of Markdown; its heading has `level` hashes.
#[must_use]
pub fn explain_markdown(check: &Check, level: usize) -> String {
    let mut text = format!(
        "{} `{}`\n\n{}\n\n",
        "#".repeat(level),
        check.id,
        check.summary
    );
    writeln!(
        text,
        "Looks at {}. Since {}.\n",
        looks_at(check),
        check.since
    )
    .expect(WRITING);
    if !check.doc.trim().is_empty() {
        writeln!(text, "{}\n", check.doc.trim_end()).expect(WRITING);
    }
    for (title, sentence) in check.semantics.said() {
        writeln!(text, "- **{title}**: {sentence}").expect(WRITING);
    }
    writeln!(text, "- **passes when**: {}.", passes(check).join("; and ")).expect(WRITING);
    if check.known_as.said == Said::Nowhere {
        writeln!(text, "- **known as**: {NOWHERE}.").expect(WRITING);
    }
    if !check.known_as.names.is_empty() {
        let names = |(tool, names): (&str, &[String])| {
            let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
            format!("{tool} {}", names.join(", "))
        };
        let all: Vec<String> = check.known_as.said().map(names).collect();
        writeln!(text, "- **known as**: {}.", all.join("; ")).expect(WRITING);
    }
    text += "\n| parameter | type | default | meaning |\n|---|---|---|---|\n";
    for param in &check.params {
        writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            param.name,
            cell(&kind_markdown(param)),
            cell(&default_markdown(param)),
            cell(&param.doc)
        )
        .expect(WRITING);
    }
    if let Some(choice) = &check.choice {
        writeln!(text, "\nOf these, {}.", choice.words()).expect(WRITING);
    }
    writeln!(text, "\n```yaml\n{}```\n", to_paste(check)).expect(WRITING);
    text += "| example | expectation | data | outcome |\n|---|---|---|---|\n";
    for example in &check.examples {
        writeln!(
            text,
            "| {} | {} | {} | {} |",
            cell(&example.name),
            code_cell(expectation(check, example).trim_start_matches("- ")),
            data_cell(example),
            ending(example)
        )
        .expect(WRITING);
    }
    text
}

fn default_markdown(param: &Param) -> String {
    match &param.default {
        Some(default) => format!("`{}`", flow(default)),
        None => default_words(param),
    }
}

/// Words of an enum as code, since brackets would be links.
fn kind_markdown(param: &Param) -> String {
    let code = |words: &[String]| {
        let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
        words.join(", ")
    };
    match &param.kind {
        ParamKind::Word(words) => code(words),
        ParamKind::Words(words) => format!("list of {}", code(words)),
        _ => kind_words(param),
    }
}

fn data_cell(example: &Example) -> String {
    let mut text = code_cell(&flow(&example.data));
    if !example.past.is_empty() {
        write!(text, "; runs before: {}", past(example)).expect(WRITING);
    }
    for content in &example.files {
        write!(text, "; a file {}", code_cell(content)).expect(WRITING);
    }
    for (name, data) in &example.datasets {
        write!(text, "; {name}: {}", code_cell(&flow(data))).expect(WRITING);
    }
    text
}

fn past(example: &Example) -> String {
    let numbers: Vec<String> = example.past.iter().map(ToString::to_string).collect();
    numbers.join(", ")
}

fn code_cell(text: &str) -> String {
    cell(&format!("`{text}`"))
}

/// For programs.
#[must_use]
pub fn explain_json(check: &Check) -> Value {
    let params: Vec<Value> = check
        .params
        .iter()
        .map(|p| {
            json!({
                "name": p.name,
                "type": p.kind.word(),
                "accepts": kind_words(p),
                "default": p.default.as_ref().map(crate::schema::plain),
                "required": default_words(p) == "required",
                "doc": p.doc,
            })
        })
        .collect();
    let examples: Vec<Value> = check
        .examples
        .iter()
        .map(|e| {
            json!({
                "name": e.name,
                "data": crate::schema::plain(&e.data),
                "files": e.files,
                "past": e.past,
                "with": e.with.as_ref().map(crate::schema::plain),
                "status": e.status,
                "failing": e.failing,
            })
        })
        .collect();
    let semantics: serde_json::Map<String, Value> = crate::catalogue::Semantics::KEYS
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), json!(check.semantics.get(key)?))))
        .collect();
    json!({
        "id": check.id,
        "summary": check.summary,
        "since": check.since,
        "scope": check.scope.word(),
        "doc": check.doc,
        "semantics": semantics,
        "passes_when": passes(check),
        "known_as": super::list::known_as(check),
        "parameters": params,
        "choice": check.choice.as_ref().map(crate::catalogue::Choice::words),
        "arguments": common(check),
        "example": to_paste(check),
        "examples": examples,
    })
}

fn looks_at(check: &Check) -> &'static str {
    use crate::catalogue::Scope;
    match check.scope {
        Scope::Column => "one column",
        Scope::Columns => "several columns together",
        Scope::Dataset => "the whole dataset",
        Scope::Relation => "two datasets",
        Scope::Model => "a model",
    }
}

/// The arguments that expectations share, without those that have no effect here.
fn common(check: &Check) -> Vec<&'static str> {
    let fits = |name: &&&str| check.takes(name);
    COMMON.iter().filter(fits).copied().collect()
}
