//! The page about metrics of models, from what each says of itself.

use crate::model::metric::{Direction, Metric, Options, Task};
use serde_json::{Value, json};
use std::fmt::Write as _;

const HEAD: &str = "# Metrics of models

<!-- Written by `tollgate docs` from the metrics themselves; edits here are lost. -->

Each metric has one definition, one direction, and a value only where that is defined: what other tools warn about and call 0 or
NaN has no value here, and a gate that needs it cannot pass. `tests/independent/metrics.py` holds every one of them against
scikit-learn 1.9.1, or against a second program where that has no such metric, to 1e-9 on random tables with ties and weights
and on flights.

Two metrics are comparable exactly when their definitions with all parameters are equal: `f1` and `f_beta` with a `beta` of 1 are,
`recall` over `macro` and over `micro` are not.

";

const COMMON: &str = "## What holds for all

- **Rows.** Rows with a null in a column that the metric reads never reach it: they are refused or dropped before, as the
  configuration says. NaN and infinities are refused, with the row.
- **Weights** are at least 0 and not all 0; only their ratios matter, so a weight of 2 counts as two rows. Rows of weight 0 are not
  there, but what they hold must be valid.
- **Classes.** Of two classes, class 1 is the positive one. Metrics of one class take it (`average: binary`); for more classes say
  `average: macro`, `micro` or `weighted`.
- **Order of rows** changes nothing but the rounding of sums; only `mase` reads it, as time.
- **Direction** `neither` is for numbers that are compared between slices, or bounded by what you say.

";

/// Headings of the page, with the task whose metrics come below: each metric under the first that it suits.
const PARTS: [(Task, &str); 4] = [
    (Task::Binary, "Classes"),
    (Task::Multiclass, "More than two classes only"),
    (Task::Regression, "Numbers"),
    (Task::Ranking, "Rankings"),
];

/// The page.
pub(super) fn metrics_page() -> String {
    let mut text = HEAD.to_owned();
    let all = Metric::all();
    for (task, heading) in PARTS {
        writeln!(text, "**{heading}:** {}\n", names(&all, task)).expect(WRITES);
    }
    text.push_str(COMMON);
    for (task, heading) in PARTS {
        writeln!(text, "## {heading}\n").expect(WRITES);
        for metric in all.iter().filter(|m| first_task(m) == Some(task)) {
            section(&mut text, metric, 3);
        }
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

const WRITES: &str = "writing to a String cannot fail";

fn first_task(metric: &Metric) -> Option<Task> {
    Task::ALL.into_iter().find(|task| metric.suits(*task))
}

fn names(all: &[Metric], task: Task) -> String {
    let of_task = all.iter().filter(|m| first_task(m) == Some(task));
    let link = |m: &Metric| format!("[`{0}`](#{0})", m.name());
    of_task.map(link).collect::<Vec<_>>().join(", ")
}

/// A metric in words: labels and sentences.
fn said(metric: &Metric) -> Vec<(&'static str, String)> {
    let label = |word: &str| match word {
        "Is" => Some("Definition"),
        "Ties" => Some("Ties"),
        "Edge" => Some("Edge cases"),
        "Source" => Some("Source"),
        // What holds for all is said once.
        _ => None,
    };
    let parts = metric.doc().lines().filter_map(|l| l.split_once(": "));
    let mut said: Vec<(&str, String)> = parts
        .filter_map(|(word, rest)| Some((label(word)?, capital(rest))))
        .collect();
    let needs = |task: Task| {
        let words = metric
            .needs_of(task)
            .iter()
            .map(|n| format!("`{}`", n.word()));
        format!("{} ({})", words.collect::<Vec<_>>().join(", "), task.word())
    };
    let tasks = Task::ALL.into_iter().filter(|t| serves(metric, *t));
    said.push((
        "Reads",
        tasks.map(needs).collect::<Vec<_>>().join("; ") + ".",
    ));
    said.push(("Better", better(metric)));
    let listed = |names: &[&str]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>();
    if !metric.options().is_empty() {
        let option = |key: &&str| format!("`{key}`: {}", Options::doc(key).unwrap_or_default());
        let options: Vec<String> = metric.options().iter().map(option).collect();
        said.push(("Options", options.join("; ") + "."));
    }
    if !metric.known_as().is_empty() {
        said.push(("Other names", listed(metric.known_as()).join(", ") + "."));
    }
    said.push(("With its defaults", format!("`{}`", metric.definition())));
    said
}

fn section(text: &mut String, metric: &Metric, level: usize) {
    let marks = "#".repeat(level);
    let (name, title) = (metric.name(), capital(metric.title()));
    writeln!(text, "{marks} {name}\n\n{title}.\n").expect(WRITES);
    for (label, sentence) in said(metric) {
        writeln!(text, "- **{label}.** {sentence}").expect(WRITES);
    }
    text.push('\n');
}

/// A metric as a page of Markdown.
#[must_use]
pub fn metric_markdown(metric: &Metric) -> String {
    let mut text = String::new();
    section(&mut text, metric, 1);
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// A metric for a terminal.
#[must_use]
pub fn metric_text(metric: &Metric) -> String {
    let mut text = format!("{}: {}\n", metric.name(), metric.title());
    for (label, sentence) in said(metric) {
        write!(text, "\n{label}\n").expect(WRITES);
        for line in wrapped(&sentence.replace('`', ""), 100) {
            writeln!(text, "  {line}").expect(WRITES);
        }
    }
    text
}

/// A metric for programs.
#[must_use]
pub fn metric_json(metric: &Metric) -> Value {
    let bound = |v: f64| if v.is_finite() { json!(v) } else { Value::Null };
    let (low, high) = metric.range();
    json!({
        "metric": metric.name(),
        "title": metric.title(),
        "definition": metric.definition(),
        "direction": match metric.direction() {
            Direction::HigherIsBetter => "higher",
            Direction::LowerIsBetter => "lower",
            Direction::Neutral => "neither",
        },
        "least": bound(low),
        "greatest": bound(high),
        "perfect": bound(metric.perfect()),
        "unit": metric.unit().words(),
        "tasks": Task::ALL.into_iter().filter(|t| serves(metric, *t)).map(Task::word).collect::<Vec<_>>(),
        "options": metric.options(),
        "known_as": metric.known_as(),
        "doc": metric.doc(),
    })
}

/// Lines of at most so many characters, words kept whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Whether it suits a task with some `average`.
fn serves(metric: &Metric, task: Task) -> bool {
    let averaged = Options {
        average: Some("macro".to_owned()),
        ..Options::default()
    };
    let other = Metric::parse(&metric.name(), &averaged).is_ok_and(|m| m.suits(task));
    metric.suits(task) || other
}

/// Direction, range, perfect value and unit, in a sentence.
fn better(metric: &Metric) -> String {
    let number = |v: f64| match v {
        v if v == f64::INFINITY => "no limit".to_owned(),
        v if v == f64::NEG_INFINITY => "no limit below".to_owned(),
        v => crate::scalar::number_text(v),
    };
    let (low, high) = metric.range();
    let mut text = match metric.direction() {
        Direction::HigherIsBetter => "Higher".to_owned(),
        Direction::LowerIsBetter => "Lower".to_owned(),
        Direction::Neutral => "Neither".to_owned(),
    };
    write!(text, "; from {} to {}", number(low), number(high)).expect(WRITES);
    if metric.perfect().is_finite() {
        write!(text, "; perfect is {}", number(metric.perfect())).expect(WRITES);
    }
    write!(text, "; unit: {}.", metric.unit().words()).expect(WRITES);
    text
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}
