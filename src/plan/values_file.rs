//! Values that stand in a file of their own: one on each line, or one column of CSV.
//!
//! The file is read once, when the plan is made, and its digest is part of the run's provenance. Every value is read in the
//! type of the column that it is compared with.

use super::bind::{LikeColumn, scalar};
use crate::catalogue::Param;
use crate::catalogue::argument::{Arg, FileOfValues};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile, listing};
use crate::report::text::hex;
use crate::types::LogicalType;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Values of one file at most: each becomes a part of a query.
const MOST: usize = 100_000;

/// Problems of one file that are told.
const TOLD: usize = 5;

/// A value and the line it stands on, counted from 1.
type Listed = (usize, String);

/// Reads the file called `path`, relative to `tollgate.yaml`; `None` when a problem was added.
///
/// A file whose name ends in `.csv`, or of which a column is named, is CSV with a header; of any other each line that is not
/// blank is a value, without its line end.
pub(super) fn read(
    param: &Param,
    path: &str,
    node: &Node,
    like: &LikeColumn,
    problems: &mut Problems,
) -> Option<Arg> {
    let refuse = |problems: &mut Problems, what: String| {
        let place = &node.place;
        problems.add(Diagnostic::new("unreadable-file", what).at(place, "named here"));
    };
    let bytes = match std::fs::read(like.scope.base.join(path)) {
        Ok(bytes) => bytes,
        Err(error) => {
            refuse(
                problems,
                format!("cannot read {path}: {error}; paths are relative to tollgate.yaml"),
            );
            return None;
        }
    };
    let sha256 = hex(&Sha256::digest(&bytes));
    let Ok(text) = std::str::from_utf8(&bytes) else {
        refuse(problems, format!("{path} is not UTF-8"));
        return None;
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let column = like.args.text("values_column");
    let is_csv = column.is_some() || path.to_ascii_lowercase().ends_with(".csv");
    let listed = if is_csv {
        of_csv(text, column)
    } else {
        Ok(of_lines(text))
    };
    let listed = listed.and_then(|list| match list.len() {
        0 => Err("it holds no value".to_owned()),
        n if n > MOST => Err(format!(
            "it holds {n} values, at most {MOST} are compared; a long list is a dataset: see `foreign_key`"
        )),
        _ => Ok(list),
    });
    let listed = match listed {
        Ok(listed) => listed,
        Err(reason) => {
            refuse(problems, format!("{path}: {reason}"));
            return None;
        }
    };
    let values = typed(param, path, &listed, like, problems)?;
    Some(Arg::File(FileOfValues {
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        sha256,
        values,
    }))
}

fn of_lines(text: &str) -> Vec<Listed> {
    let lines = text.lines().enumerate();
    let values = lines.filter(|(_, line)| !line.trim().is_empty());
    values.map(|(at, line)| (at + 1, line.to_owned())).collect()
}

/// The values of a column, or of the only one.
fn of_csv(text: &str, column: Option<&str>) -> Result<Vec<Listed>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().map_err(|e| e.to_string())?.clone();
    let place = match column {
        Some(column) => names.iter().position(|n| n == column).ok_or_else(|| {
            let known = listing("columns", column, names.iter());
            format!("it has no column `{column}`; {known}")
        })?,
        None if names.len() == 1 => 0,
        None => {
            return Err(format!(
                "it has {} columns; say which one with `values_column`",
                names.len()
            ));
        }
    };
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let value = record.get(place).unwrap_or_default();
        if !value.is_empty() {
            found.push((usize::try_from(line).unwrap_or(0), value.to_owned()));
        }
    }
    Ok(found)
}

/// The values in the type of the column; problems name the lines.
fn typed(
    param: &Param,
    path: &str,
    listed: &[Listed],
    like: &LikeColumn,
    problems: &mut Problems,
) -> Option<Vec<crate::scalar::Scalar>> {
    let dtype = like.dtype();
    let mut lines = vec![""; listed.iter().map(|(line, _)| *line).max().unwrap_or(0)];
    for (line, value) in listed {
        if let Some(slot) = line.checked_sub(1).and_then(|at| lines.get_mut(at)) {
            *slot = value;
        }
    }
    // Numbers are read from the text they are written in, as those of contracts are.
    let file = Arc::new(SourceFile {
        path: path.to_owned(),
        text: lines.join("\n"),
    });
    let before = problems.0.len();
    let mut values = Vec::with_capacity(listed.len());
    for (line, value) in listed {
        let node = Node {
            value: as_written(value, dtype),
            place: Place {
                file: Arc::clone(&file),
                line: *line,
                column: 1,
                length: value.chars().count().max(1),
            },
        };
        values.extend(scalar(&node, dtype, &param.name, problems));
        if problems.0.len() - before >= TOLD {
            return None;
        }
    }
    (problems.0.len() == before).then_some(values)
}

/// A text as YAML would read it where the column is not one of texts.
fn as_written(text: &str, dtype: Option<&LogicalType>) -> Value {
    let trimmed = text.trim();
    match dtype {
        Some(t) if t.is_numeric() => {
            let whole = trimmed.parse().map(Value::Int);
            let number = || trimmed.parse().map(Value::Float);
            whole
                .or_else(|_| number())
                .unwrap_or_else(|_| Value::Text(text.to_owned()))
        }
        Some(LogicalType::Boolean) if trimmed == "true" => Value::Bool(true),
        Some(LogicalType::Boolean) if trimmed == "false" => Value::Bool(false),
        Some(LogicalType::String) | None => Value::Text(text.to_owned()),
        Some(_) => Value::Text(trimmed.to_owned()),
    }
}
