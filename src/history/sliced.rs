//! Which values come in the rows of each slice of a batch: which carrier has which delays.

use super::joint::{CLASSES, Cells, Joint, Rows, WIDTH};
use super::keep::is_hash;
use super::night::{NightColumn, NightValues, Numbers};
use super::table::Table;
use crate::drift::sample::hash;
use crate::measure::bins;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Slices by one column that are counted by themselves at most: those of the values with the most rows.
pub const NIGHT_SLICES: usize = CLASSES - 1;

/// Class of rows with any other value.
const OTHERS: u8 = 15;

/// Class of rows without a value.
const NONE: u8 = 16;

/// The rows of a batch by the values of one column.
///
/// Shape: a table per column of the joint counts, its first class that of the slice: that of a value by its place in
/// `values`, one of all other values, one of rows without a value. The second class is the joint counts' own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sliced {
    /// The column.
    pub column: String,
    /// Values with rows counted by themselves, at most [`NIGHT_SLICES`]: most rows first.
    pub values: Vec<String>,
    /// By column of the joint counts.
    pub tables: Vec<Table>,
}

impl Sliced {
    /// The class of the rows of a value in the tables; `None` where they cannot be told from those of others.
    #[must_use]
    pub fn class(&self, value: &str) -> Option<usize> {
        let others = usize::from(OTHERS);
        let is_there = |class: usize| {
            let mut cells = self.tables.iter().flat_map(|table| &table.0);
            cells.any(|(cell, _)| cell / WIDTH == class)
        };
        let at = self.values.iter().position(|v| v == value);
        match at {
            Some(at) if is_there(at) => Some(at),
            // Older versions counted texts that are not kept whole among the others.
            _ if is_there(others) => None,
            _ => Some(at.unwrap_or(others)),
        }
    }
}

impl Joint {
    /// The counts with those of slices by each of some columns of the batch.
    ///
    /// A column is left out whose values are not known one by one, as numbers with very many are not. `long` tells of a
    /// column the codes of texts that are not kept whole, by what is kept of them.
    #[must_use]
    pub fn sliced<'a>(
        mut self,
        rows: &Rows,
        columns: &[NightColumn],
        asked: impl Iterator<Item = &'a str>,
        long: &dyn Fn(&str) -> HashMap<String, u64>,
    ) -> Self {
        let classes = self.columns.iter().zip(&rows.columns);
        let classes: Vec<Vec<u8>> = classes
            .map(|(column, (_, cells))| column.classes.codes(cells))
            .collect();
        let one = |name: &str| {
            let named = columns.iter().find(|c| c.name == name)?;
            let (_, cells) = rows.columns.iter().find(|(n, _)| n == name)?;
            let values = values(named, &long(name))?;
            let codes = codes(cells, &values);
            Some(Sliced {
                column: name.to_owned(),
                tables: classes.iter().map(|c| Table::of(&codes, c)).collect(),
                values: values.into_iter().map(|(text, _)| text).collect(),
            })
        };
        self.slices = asked.filter_map(one).collect();
        self
    }
}

/// The values with the most rows, and their codes; of equally many in the order of the texts. Texts of which a hash alone is
/// kept are among the others. `None` where the values are not known one by one.
fn values(column: &NightColumn, long: &HashMap<String, u64>) -> Option<Vec<(String, u64)>> {
    let mut counts: Vec<(String, u64, u64)> = match &column.values {
        NightValues::Texts { counts, .. } => {
            let code = |text: &String| {
                long.get(text)
                    .map_or_else(|| hash::text(text), |code| *code)
            };
            let one = |(text, n): &(String, u64)| (text.clone(), code(text), *n);
            counts
                .iter()
                .filter(|(text, _)| !is_hash(text))
                .map(one)
                .collect()
        }
        NightValues::Numbers(Numbers { shift: 0, bins, .. }) => {
            let one = |(bin, n): &(u64, u64)| {
                let number = bins::number(*bin);
                (number.to_string(), number.to_bits(), *n)
            };
            bins.iter().map(one).collect()
        }
        _ => return None,
    };
    if counts.is_empty() {
        return None;
    }
    counts.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(NIGHT_SLICES);
    Some(
        counts
            .into_iter()
            .map(|(text, code, _)| (text, code))
            .collect(),
    )
}

/// The slice of each row.
fn codes(cells: &Cells, values: &[(String, u64)]) -> Vec<u8> {
    let places: HashMap<u64, u8> = values.iter().map(|(_, code)| *code).zip(0u8..).collect();
    let class = |code: u64| places.get(&code).copied().unwrap_or(OTHERS);
    match cells {
        Cells::Texts(texts) => {
            let one = |text: &u64| if *text == 0 { NONE } else { class(*text) };
            texts.iter().map(one).collect()
        }
        Cells::Numbers(numbers) => {
            // Zero has two signs and is one value.
            let one = |v: &f64| {
                if v.is_nan() {
                    NONE
                } else {
                    class((v + 0.0).to_bits())
                }
            };
            numbers.iter().map(one).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cells, Joint, NightColumn, NightValues, OTHERS, Rows, Sliced};
    use crate::drift::sample::hash;
    use crate::history::joint::WIDTH;
    use std::collections::HashMap;

    fn texts(counts: &[(String, u64)]) -> NightColumn {
        NightColumn {
            name: "c".to_owned(),
            dtype: "string".to_owned(),
            missing: 0,
            distinct: None,
            values: NightValues::Texts {
                counts: counts.to_vec(),
                others: 0,
            },
        }
    }

    fn sliced(x: &[f64], c: &[&str]) -> Sliced {
        let code = |t: &&str| if t.is_empty() { 0 } else { hash::text(t) };
        let mut counts: Vec<(String, u64)> = Vec::new();
        for text in c.iter().filter(|t| !t.is_empty()) {
            match counts.iter_mut().find(|(t, _)| t == text) {
                Some((_, n)) => *n += 1,
                None => counts.push(((*text).to_owned(), 1)),
            }
        }
        let rows = Rows {
            hashes: (0..x.len() as u64).collect(),
            contents: None,
            columns: vec![
                ("x".to_owned(), Cells::Numbers(x.to_vec())),
                ("c".to_owned(), Cells::Texts(c.iter().map(code).collect())),
            ],
        };
        let long = |_: &str| HashMap::new();
        let joint =
            Joint::of(&rows, &[]).sliced(&rows, &[texts(&counts)], ["c", "d"].into_iter(), &long);
        assert!(joint.fits(x.len() as u64));
        let text = serde_json::to_string(&joint).unwrap();
        assert_eq!(serde_json::from_str::<Joint>(&text).unwrap(), joint);
        let [sliced] = &joint.slices[..] else {
            panic!("{:?}", joint.slices)
        };
        sliced.clone()
    }

    #[test]
    fn rows_are_counted_by_slice_and_by_class() {
        let found = sliced(&[1.0, 2.0, f64::NAN, 2.0, 1.0], &["b", "a", "a", "a", ""]);
        assert_eq!(found.values, ["a", "b"]);
        let cell = |slice: usize, class: usize| slice * WIDTH + class;
        let cells = [
            (cell(0, 1), 2),
            (cell(0, 16), 1),
            (cell(1, 0), 1),
            (cell(16, 0), 1),
        ];
        assert_eq!(found.tables[0].0, cells);
        assert_eq!(found.tables.len(), 2);
    }

    #[test]
    fn rows_of_a_value_are_known_unless_they_may_be_among_the_others() {
        let few = sliced(&[1.0, 1.0, 1.0], &["b", "a", "a"]);
        // What is nowhere has no row.
        let classes = ["a", "b", "z"].map(|v| few.class(v));
        assert_eq!(classes, [Some(0), Some(1), Some(15)]);
        let names: Vec<String> = (0..16).map(|i| format!("v{i:02}")).collect();
        let c: Vec<&str> = names.iter().map(String::as_str).collect();
        let many = sliced(&[1.0; 16], &c);
        assert_eq!(
            [many.class("v00"), many.class("v15"), many.class("z")],
            [Some(0), None, None]
        );
        let exactly = sliced(&[1.0; 15], &c[..15]);
        assert_eq!(exactly.class("z"), Some(15));
    }

    #[test]
    fn texts_that_are_not_kept_whole_are_found_in_the_rows_by_what_is_kept() {
        let column = texts(&[
            ("a…#0123456789ab".to_owned(), 3),
            ("#0123456789ab".to_owned(), 2),
        ]);
        let whole = hash::text("a long text");
        let long = HashMap::from([("a…#0123456789ab".to_owned(), whole)]);
        let found = super::values(&column, &long).unwrap();
        assert_eq!(found, [("a…#0123456789ab".to_owned(), whole)]);
    }

    #[test]
    fn seldom_values_are_counted_together() {
        let names: Vec<String> = (0..20).map(|i| format!("v{i:02}")).collect();
        let mut c: Vec<&str> = names.iter().map(String::as_str).collect();
        c.push("v19");
        let found = sliced(&[1.0; 21], &c);
        assert_eq!((found.values.len(), found.values[0].as_str()), (15, "v19"));
        let others = (usize::from(OTHERS) * WIDTH, 5);
        assert!(found.tables[0].0.contains(&others), "{found:?}");
    }

    #[test]
    fn numbers_are_slices_where_they_are_known_one_by_one() {
        let mut bins = crate::measure::bins::Bins::default();
        for value in [3.0, 3.0, -0.0] {
            bins.add(value, 1);
        }
        let numbers = |shift| {
            NightValues::Numbers(crate::history::Numbers {
                shift,
                bins: bins.entries(),
                least: None,
                greatest: None,
                mean: None,
                deviation: None,
            })
        };
        let column = |shift| NightColumn {
            values: numbers(shift),
            ..texts(&[])
        };
        assert_eq!(bins.shift(), 0);
        let values = super::values(&column(0), &HashMap::new()).unwrap();
        let names: Vec<&str> = values.iter().map(|(t, _)| t.as_str()).collect();
        assert_eq!(names, ["3", "0"]);
        let cells = Cells::Numbers(vec![0.0, -0.0, 3.0, f64::NAN, 7.0]);
        assert_eq!(super::codes(&cells, &values), [1, 1, 0, 16, 15]);
        assert_eq!(super::values(&column(3), &HashMap::new()), None);
    }
}
