//! Metrics of a CSV file, one row each.

use super::super::gather::{Found, Gathered, Written};
use super::super::slice_of;
use crate::diagnostic::listing;

/// Columns that are read.
const COLUMNS: [&str; 6] = [
    "name",
    "value",
    "standard_error",
    "rows",
    "slice",
    "definition",
];

/// Adds the metric of every row. Empty cells are not known; an empty value is no number.
///
/// Errors: why the file is no such table: a column that is needed is missing, one is not known, or a row is broken.
pub(super) fn gather(text: &str, to: &mut Gathered) -> Result<(), String> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    for (i, name) in header.iter().enumerate() {
        if !COLUMNS.contains(&name) {
            let names = listing("columns", name, COLUMNS);
            return Err(format!("line 1: no column `{name}` is known; {names}"));
        }
        if header.iter().take(i).any(|n| n == name) {
            return Err(format!("line 1: the column `{name}` is there twice"));
        }
    }
    let at = |name: &str| header.iter().position(|n| n == name);
    let (Some(name), Some(value)) = (at("name"), at("value")) else {
        return Err("line 1: the columns `name` and `value` are needed".to_owned());
    };
    for row in reader.records() {
        let row = row.map_err(|e| e.to_string())?;
        let place = format!("line {}", row.position().map_or(0, csv::Position::line));
        let cell = |column: &str| at(column).map(|i| &row[i]).filter(|c| !c.is_empty());
        if row[name].is_empty() {
            to.problem(format!("{place}: a metric has no name"));
            continue;
        }
        to.add(Written {
            key: &row[name],
            slice: cell("slice").map(slice_of),
            value: found(&row[value]),
            standard_error: cell("standard_error").map(found),
            rows: cell("rows").map(found),
            definition: cell("definition").map(str::to_owned),
            place,
        });
    }
    Ok(())
}

fn found(cell: &str) -> Found {
    match cell.parse::<f64>() {
        Ok(value) => Found::Number(value),
        Err(_) if cell.is_empty() => Found::Other("empty"),
        Err(_) => Found::Other("text"),
    }
}
