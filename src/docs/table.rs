//! Examples of checks as small tables.

use super::snippet::flow;
use crate::catalogue::Example;
use crate::config::tree::{Node, Value};

/// Names of the columns, and the rows as text.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// From `{column: [values]}`.
    pub(super) fn of(data: &Node) -> Self {
        let Value::Map(entries) = &data.value else {
            return Self {
                columns: Vec::new(),
                rows: Vec::new(),
            };
        };
        let columns: Vec<String> = entries.iter().map(|(k, _)| k.name.clone()).collect();
        let values: Vec<&[Node]> = entries
            .iter()
            .map(|(_, v)| match &v.value {
                Value::List(items) => items.as_slice(),
                _ => &[],
            })
            .collect();
        let count = values.iter().map(|v| v.len()).max().unwrap_or(0);
        let cell = |items: &&[Node], row: usize| items.get(row).map_or_else(String::new, flow);
        let rows = (0..count)
            .map(|row| values.iter().map(|items| cell(items, row)).collect())
            .collect();
        Self { columns, rows }
    }

    /// Aligned columns, `indent` spaces deep.
    pub(super) fn text(&self, indent: usize) -> String {
        let width = |i: usize| {
            let cells = self.rows.iter().map(|r| r[i].chars().count());
            cells
                .chain([self.columns[i].chars().count()])
                .max()
                .unwrap_or(0)
        };
        let line = |cells: &[String]| {
            let padded: Vec<String> = cells
                .iter()
                .enumerate()
                .map(|(i, cell)| format!("{cell:<width$}", width = width(i)))
                .collect();
            format!("{}{}\n", " ".repeat(indent), padded.join("  ").trim_end())
        };
        let mut text = line(&self.columns);
        text.extend(self.rows.iter().map(|row| line(row)));
        if self.rows.is_empty() {
            text += &" ".repeat(indent);
            text += "(no rows)\n";
        }
        text
    }
}

/// How an example ends: `fail, 2 failing`.
pub(super) fn ending(example: &Example) -> String {
    let status = example.status.word();
    match example.failing {
        Some(failing) => format!("{status}, {failing} failing"),
        None => status.to_owned(),
    }
}

/// Markdown text as one cell of a table: a pipe or a line break would end it.
pub(super) fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|").replace('\n', " ")
}
