//! A first contract, inferred from what a profile saw. Pure: the engine looks, this writes YAML for a person to edit.
//!
//! Every line that one batch cannot prove carries the word `guess`; what is only a suggestion is a comment. The written
//! contract holds on the data it was inferred from: bounds are widened outward, never inward.

mod batches;
mod column;
pub mod composite;
mod guess;
mod personal;
mod relation;
mod round;
mod support;
mod tail;
mod texts;
pub mod yaml;

pub use batches::together;
pub use relation::{Relation, is_named_after};
pub use texts::Texts;

use crate::diagnostic::plural;
use crate::measure::ColumnProfile;
use crate::types::Field;
use std::fmt::Write as _;

/// Where editors find the JSON Schema of a contract, from the folder of `tollgate.yaml`; `tollgate init` puts it there.
pub const CONTRACT_SCHEMA: &str = ".tollgate/contract.schema.json";
/// Where editors find the JSON Schema of `tollgate.yaml`, from its folder.
pub const CONFIG_SCHEMA: &str = ".tollgate/tollgate.schema.json";

/// What was seen of one dataset.
pub struct Seen {
    /// Name in `tollgate.yaml`.
    pub name: String,
    /// Where the data is, as the user wrote it.
    pub path: String,
    /// Rows of all batches.
    pub rows: u64,
    /// The batches in the order given, each with its rows; one where there is one only.
    pub batches: Vec<SeenBatch>,
    /// Columns in file order: top-level ones, and struct leaves by path.
    pub columns: Vec<SeenColumn>,
    /// Whether the file itself says how wide numbers are.
    pub widths: Widths,
    /// Sets of columns that never repeat together in any batch, and that hold no smaller one.
    pub keys: Vec<Vec<String>>,
}

/// One batch of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenBatch {
    /// What it is called: the path as the user wrote it.
    pub name: String,
    /// Rows.
    pub rows: u64,
}

/// What was seen of one column.
pub struct SeenColumn {
    /// Name and type.
    pub field: Field,
    /// Counters and bounds of all batches.
    pub profile: ColumnProfile,
    /// Those of each batch, where there are several.
    pub batches: Vec<ColumnProfile>,
    /// The key of another dataset that all its values are among.
    pub relation: Option<Relation>,
    /// What its texts look like; absent for other types.
    pub texts: Option<Texts>,
    /// Whether every row has a value of its own.
    pub repeats: Repeats,
}

/// Whether every row has a value of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Two rows or more, no null, no value twice.
    Never,
    /// A null or a value twice, or too few rows to tell.
    Perhaps,
}

/// Who says how wide numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widths {
    /// The file (Parquet, Arrow).
    Declared,
    /// The reader of a text format.
    Guessed,
}

/// What a run checks of every contract with columns: rows, missing columns, extra columns.
const OF_DATASET: usize = 3;

/// An inferred contract.
pub struct Draft {
    /// The YAML.
    pub text: String,
    /// What a run will check.
    pub promises: usize,
    /// Columns marked as personal data.
    pub personal: Vec<String>,
}

/// Writes the contract of what was seen.
#[must_use]
pub fn contract(seen: &Seen) -> Draft {
    let mut text = head(seen);
    let mut draft = Draft {
        text: String::new(),
        promises: OF_DATASET,
        personal: Vec::new(),
    };
    text.push_str(&key(seen, &mut draft.promises));
    text.push_str("extra_columns: warn # or allow, or fail\n");
    let (named, nameless): (Vec<&SeenColumn>, Vec<_>) =
        seen.columns.iter().partition(|c| !c.field.name.is_empty());
    if !nameless.is_empty() {
        text.push_str(
            "# A column of the data has no name, so that nothing can be promised of it.\n",
        );
    }
    if !named.is_empty() {
        text.push_str("columns:\n");
    }
    for (index, column) in named.into_iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let guesses = column::infer(column, seen.rows, seen.widths, &seen.batches);
        draft.promises += guesses.promises();
        if guesses.is_personal() {
            draft.personal.push(column.field.name.clone());
        }
        text.push_str(&guesses.write(column));
    }
    text.push_str(&row_count(seen, &mut draft.promises));
    draft.text = text;
    draft
}

fn head(seen: &Seen) -> String {
    let mut text = format!("# yaml-language-server: $schema=../{CONTRACT_SCHEMA}\n");
    let columns = plural(seen.columns.len() as u64, "column");
    let rows = match seen.batches.len() {
        0 | 1 => plural(seen.rows, "row"),
        n => format!(
            "the last of {n} batches, {} in all",
            plural(seen.rows, "row")
        ),
    };
    writeln!(
        text,
        "# Inferred by `tollgate init` from {}: {}, {columns}.\n\
         # Lines marked `guess` hold for that data, and may be too strict for the next batch: edit them.\n\
         version: 1\n\
         dataset: {}\n\
         # description: what a row is, and how often a batch comes\n\
         # owner: who answers for it",
        yaml::comment(&seen.path),
        rows,
        yaml::scalar(&seen.name),
    )
    .expect("writing to a String cannot fail");
    text
}

/// One column that never repeats is the key; several are candidates for a person to choose from.
fn key(seen: &Seen, promises: &mut usize) -> String {
    let unique: Vec<&str> = seen
        .columns
        .iter()
        .filter(|c| c.repeats == Repeats::Never && !c.field.name.is_empty())
        .map(|c| c.field.name.as_str())
        .collect();
    match unique[..] {
        [] => composite_key(seen),
        [one] => {
            *promises += 1;
            format!(
                "key: [{}] # guess: the only column without nulls and repeats\n",
                yaml::scalar(one)
            )
        }
        [first, ..] => {
            let names: Vec<String> = unique.iter().map(|n| yaml::comment(n)).collect();
            format!(
                "# key: [{}] # guess: without nulls and repeats are {}\n",
                yaml::comment(&yaml::scalar(first)),
                names.join(", ")
            )
        }
    }
}

/// Two or three columns that never repeat together, where no single one does: for a person to choose from, never promised,
/// since a later batch may well repeat them.
fn composite_key(seen: &Seen) -> String {
    let written = |set: &Vec<String>, word: fn(&str) -> String| {
        let names: Vec<String> = set.iter().map(|name| word(name)).collect();
        names.join(", ")
    };
    let Some(first) = seen.keys.first() else {
        return String::new();
    };
    let all: Vec<String> = (seen.keys.iter())
        .map(|set| format!("({})", written(set, yaml::comment)))
        .collect();
    format!(
        "# key: [{}] # guess: together never repeat {}, in {}\n",
        yaml::comment(&written(first, yaml::scalar)),
        all.join(", "),
        plural(seen.rows, "row"),
    )
}

/// Rows of a batch: half to one and a half times what one had; of three or more, promised.
fn row_count(seen: &Seen, promises: &mut usize) -> String {
    if seen.rows == 0 {
        return "# no row was seen, so nothing could be inferred about values\n".to_owned();
    }
    let of_batches = || seen.batches.iter().map(|b| b.rows);
    let (least, greatest) = match seen.batches.len() {
        0 | 1 => (seen.rows, seen.rows),
        _ => (
            of_batches().min().unwrap_or(0),
            of_batches().max().unwrap_or(0),
        ),
    };
    let ((low, _), (_, high)) = (round::around(least), round::around(greatest));
    if seen.batches.len() >= 3 && least > 0 {
        *promises += 1;
        let number = seen.batches.len();
        return format!(
            "expect:\n  - row_count: {{min: {low}, max: {high}}} # guess: {number} batches had {least} to {greatest} rows\n"
        );
    }
    format!(
        "# expect:\n#   - row_count: {{min: {low}, max: {high}}} # guess: {} were seen\n",
        plural(seen.rows, "row")
    )
}
