//! Rows of a night as the program holds them together.

use super::{Batch, Column, Table, len};
use tollgate::drift::sample::hash;
use tollgate::history::Rows;
use tollgate::history::joint::{Cells, Joint};

/// Counts of pairs of columns, by the cuts that the first night of the table makes.
pub(crate) fn joint(table: &Table, batch: &Batch) -> Joint {
    let first = table.nights.first();
    let first = first.map(|first| Joint::of(&rows(&table.columns, first), &[]));
    let before: Vec<&Joint> = first.iter().collect();
    Joint::of(&rows(&table.columns, batch), &before)
}

/// The same by the cuts of the nights before.
pub(crate) fn joint_after(names: &[String], batch: &Batch, before: &[&Joint]) -> Joint {
    Joint::of(&rows(names, batch), before)
}

fn rows(names: &[String], batch: &Batch) -> Rows {
    let mut hashes = vec![0; len(&batch.columns[0])];
    let mut columns = Vec::new();
    for (name, column) in names.iter().zip(&batch.columns) {
        let (codes, cells): (Vec<u64>, Option<Cells>) = match column {
            Column::Numbers(v) => (bits(v), Some(Cells::Numbers(v.clone()))),
            Column::Times(v) => (bits(v), None),
            Column::Texts(v) => {
                let code = |t: &Option<String>| t.as_ref().map_or(0, |t| hash::text(t));
                let codes: Vec<u64> = v.iter().map(code).collect();
                (codes.clone(), Some(Cells::Texts(codes)))
            }
        };
        for (hash, code) in hashes.iter_mut().zip(codes) {
            *hash = hash::with(*hash, code);
        }
        columns.extend(cells.map(|cells| (name.clone(), cells)));
    }
    // All rows are looked at here, so their contents are counted with them.
    Rows {
        hashes,
        columns,
        contents: None,
    }
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|v| v.to_bits()).collect()
}
