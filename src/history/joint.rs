//! How the columns of a batch go together, row by row, as counts: which values come with which.
//!
//! A stuck value, a wrong join, a recoding or a shift of one column breaks what its rows have in common with the other
//! columns long before its own distribution shows it. So a night keeps, of pairs of columns, how often a class of the
//! one comes with a class of the other. Classes of numbers lie between cuts, which later nights take over so that their
//! counts add up; classes of texts are their hashes' last digits, so that no text is kept.

use super::repeated::{Contents, Counted, repeated};
use super::sliced::{NIGHT_SLICES, Sliced};
pub use super::table::Table;
use serde::{Deserialize, Deserializer, Serialize};

/// Classes of values; one more is that of rows without a value.
pub const CLASSES: usize = 16;

/// Columns that are looked at together at most, the first ones: 120 pairs.
pub const TOGETHER: usize = 16;

/// Rows that are looked at together at most.
pub const JOINT_ROWS: u64 = 20_000;

/// Values from which on cuts are good for good.
const ENOUGH: u64 = 256;

/// Nights on which most rows were beyond the cuts, after which they are made anew.
const STALE: usize = 7;

/// Class of rows without a value, the last one.
const NONE: u8 = 16;

/// Classes of a column, that of rows without a value among them.
pub const WIDTH: usize = CLASSES + 1;

/// How the columns of a batch go together.
///
/// Shape: tables of all pairs of `columns`, the first with each after it, then the second with each after it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Joint {
    /// Rows that were looked at: all, or of many a random part.
    pub rows: u64,
    /// Of those, rows that are the same as one before in every column; of a part as many as the batch has by their share.
    pub repeated: u64,
    /// How these were counted.
    #[serde(default, skip_serializing_if = "Counted::is_by_row")]
    pub counted: Counted,
    /// The columns.
    pub columns: Vec<JointColumn>,
    /// By pair.
    pub tables: Vec<Table>,
    /// Rows by the values of columns that `slices` names, see [`Sliced`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<Sliced>,
}

/// A column whose values are counted together with those of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JointColumn {
    /// Name or path.
    pub name: String,
    /// What its classes are.
    pub classes: Classes,
    /// Values that cuts were made from; 0 of texts.
    pub made_of: u64,
}

/// Into what the values of a column are sorted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classes {
    /// Numbers from each cut to the next, ascending and finite; below [`CLASSES`] cuts.
    Cuts(#[serde(deserialize_with = "written")] Vec<f64>),
    /// Texts and truth values by their hash.
    Hashed,
}

/// The values of a column, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Numbers; NaN is a missing value.
    Numbers(Vec<f64>),
    /// Texts by a hash, of which the lowest eight bits do not count; 0 is a missing value.
    Texts(Vec<u64>),
}

/// Rows of a batch that are looked at together: all, or of many a random part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// A number per row, the same where all columns are.
    pub hashes: Vec<u64>,
    /// How often contents are there, where these are a part of the rows; absent where they are all.
    pub contents: Option<Contents>,
    /// Columns by name, each as long.
    pub columns: Vec<(String, Cells)>,
}

impl Joint {
    /// Counts the rows of a batch, by the cuts of an earlier one where it has the column.
    ///
    /// Shape: of the first [`TOGETHER`] columns. `before` are the nights before that have counts, ascending. Cuts are made
    /// anew of four times as many values where they were made of less than 256, and where on the latest seven nights
    /// that have the column more than half of the rows were beyond one end of them, and by new ones less than a quarter
    /// were. The order of rows does not matter.
    #[must_use]
    pub fn of(rows: &Rows, before: &[&Self]) -> Self {
        let columns = &rows.columns[..rows.columns.len().min(TOGETHER)];
        let of = |(name, cells): &(String, Cells)| match cells {
            Cells::Texts(_) => JointColumn {
                name: name.clone(),
                classes: Classes::Hashed,
                made_of: 0,
            },
            Cells::Numbers(values) => numbers(name, values, before),
        };
        let made: Vec<JointColumn> = columns.iter().map(of).collect();
        let codes: Vec<Vec<u8>> = made
            .iter()
            .zip(columns)
            .map(|(column, (_, cells))| column.classes.codes(cells))
            .collect();
        let mut tables = Vec::new();
        for (i, a) in codes.iter().enumerate() {
            tables.extend(codes[i + 1..].iter().map(|b| Table::of(a, b)));
        }
        Self {
            rows: rows.hashes.len() as u64,
            repeated: repeated(&rows.hashes, rows.contents.as_ref()),
            counted: Counted::ByContent,
            columns: made,
            tables,
            slices: Vec::new(),
        }
    }

    /// Whether the counts can be true, of a batch of so many rows.
    pub(super) fn fits(&self, rows: u64) -> bool {
        let n = self.columns.len();
        let ascending = |c: &JointColumn| match &c.classes {
            Classes::Cuts(cuts) => cuts.len() < CLASSES && cuts.windows(2).all(|p| p[0] < p[1]),
            Classes::Hashed => true,
        };
        let whole =
            |t: &Table| t.0.iter().map(|(_, rows)| u64::from(*rows)).sum::<u64>() == self.rows;
        n <= TOGETHER
            && self.rows <= rows
            && self.repeated <= self.rows
            && self.tables.len() == n * n.saturating_sub(1) / 2
            && self.columns.iter().all(ascending)
            && self.tables.iter().all(whole)
            && self.slices.iter().all(|s| {
                s.values.len() <= NIGHT_SLICES && s.tables.len() == n && s.tables.iter().all(whole)
            })
    }

    /// Shares of the rows in the first and in the last class of a column; absent where it is alone.
    fn ends(&self, at: usize) -> Option<[f64; 2]> {
        let other = usize::from(at == 0);
        let table = self.tables.get(self.pair(at.min(other), at.max(other)))?;
        let class = |cell: usize| {
            if at < other {
                cell / WIDTH
            } else {
                cell % WIDTH
            }
        };
        let rows = |end: usize| {
            let cells = table.0.iter().filter(|(cell, _)| class(*cell) == end);
            cells.map(|(_, rows)| f64::from(*rows)).sum::<f64>() / self.rows.max(1) as f64
        };
        let Classes::Cuts(cuts) = &self.columns[at].classes else {
            return None;
        };
        Some([rows(0), rows(cuts.len())])
    }

    /// Position of the table of two columns, the first before the second.
    #[must_use]
    pub fn pair(&self, first: usize, second: usize) -> usize {
        let n = self.columns.len();
        first * (2 * n - first - 1) / 2 + second - first - 1
    }
}

/// A column of numbers by the cuts of the nights before, or by new ones.
fn numbers(name: &str, values: &[f64], before: &[&Joint]) -> JointColumn {
    let has = |c: &JointColumn| c.name == name && matches!(c.classes, Classes::Cuts(_));
    let made_of = values.iter().filter(|v| !v.is_nan()).count() as u64;
    let new = JointColumn {
        name: name.to_owned(),
        classes: Classes::Cuts(cuts(values)),
        made_of,
    };
    // A night that lacks the column, or has it as something else, says nothing of its cuts.
    let nights = before.iter();
    let nights = nights.filter_map(|joint| Some((*joint, joint.columns.iter().position(has)?)));
    let nights: Vec<(&Joint, usize)> = nights.collect();
    let Some(known) = nights.last().map(|(joint, at)| &joint.columns[*at]) else {
        return new;
    };
    let few = known.made_of < ENOUGH && made_of >= 4 * known.made_of.max(1);
    let latest = &nights[nights.len().saturating_sub(STALE)..];
    let beyond = |end: usize| {
        let far = |(joint, at): &(&Joint, usize)| {
            let ends = joint.ends(*at).filter(|_| joint.columns[*at] == *known);
            ends.is_some_and(|ends| ends[end] > 0.5)
        };
        latest.len() == STALE && latest.iter().all(far) && end_of(&new, values, end) < 0.25
    };
    if few || beyond(0) || beyond(1) {
        return new;
    }
    known.clone()
}

/// Share of the values in the first or in the last class.
fn end_of(column: &JointColumn, values: &[f64], end: usize) -> f64 {
    let Classes::Cuts(cuts) = &column.classes else {
        return 1.0;
    };
    let class = if end == 0 { 0 } else { cuts.len() };
    let of = |v: &&f64| !v.is_nan() && cuts.partition_point(|cut| cut <= *v) == class;
    values.iter().filter(of).count() as f64 / values.len().max(1) as f64
}

/// Cuts that part numbers into equal shares; each value by itself where there are few. JSON has no infinite numbers:
/// they are with the greatest and the least finite ones.
fn cuts(values: &[f64]) -> Vec<f64> {
    let known = values.iter().filter(|v| !v.is_nan());
    let mut known: Vec<f64> = known.map(|v| v.clamp(f64::MIN, f64::MAX)).collect();
    known.sort_by(f64::total_cmp);
    let mut different = known.clone();
    different.dedup();
    if different.len() <= CLASSES {
        return different.into_iter().skip(1).collect();
    }
    let mut cuts: Vec<f64> = (1..CLASSES)
        .map(|i| known[i * known.len() / CLASSES])
        .filter(|cut| *cut > known[0])
        .collect();
    cuts.dedup();
    cuts
}

/// Cuts as they were written. Earlier versions wrote an infinite one, which could only be the last, as `null`.
fn written<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let cuts = Vec::<Option<f64>>::deserialize(from)?;
    let finite = cuts.iter().flatten().any(|cut| *cut >= f64::MAX);
    let last = if finite { f64::INFINITY } else { f64::MAX };
    Ok(cuts.into_iter().map(|cut| cut.unwrap_or(last)).collect())
}

impl Classes {
    pub(super) fn codes(&self, cells: &Cells) -> Vec<u8> {
        let number = |cuts: &[f64], v: &f64| match v {
            v if v.is_nan() => NONE,
            v => u8::try_from(cuts.partition_point(|cut| cut <= v))
                .map_or(NONE - 1, |c| c.min(NONE - 1)),
        };
        match (self, cells) {
            (Self::Cuts(cuts), Cells::Numbers(values)) => {
                values.iter().map(|v| number(cuts, v)).collect()
            }
            (_, Cells::Numbers(values)) => vec![NONE; values.len()],
            (_, Cells::Texts(texts)) => texts.iter().map(|t| text(*t)).collect(),
        }
    }
}

/// The class of a text; the lowest bits of its hash are its length.
fn text(hash: u64) -> u8 {
    match hash {
        0 => NONE,
        hash => u8::try_from((hash >> 8) % CLASSES as u64).unwrap_or(NONE),
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, Cells, Classes, Joint, NONE, Rows, WIDTH};

    fn joint(x: &[f64], t: &[u64], before: &[&Joint]) -> Joint {
        let hashes: Vec<u64> = x.iter().zip(t).map(|(x, t)| x.to_bits() ^ t).collect();
        let columns = vec![
            ("x".to_owned(), Cells::Numbers(x.to_vec())),
            ("t".to_owned(), Cells::Texts(t.to_vec())),
        ];
        let rows = Rows {
            hashes,
            columns,
            contents: None,
        };
        Joint::of(&rows, before)
    }

    #[test]
    fn rows_are_counted_by_the_cuts_of_the_night_before_in_any_order() {
        let x: Vec<f64> = (0..64).map(f64::from).collect();
        let t: Vec<u64> = (0..64).map(|i| 256 * (1 + i % 2)).collect();
        assert_eq!(usize::from(NONE), CLASSES);
        let first = joint(&x, &t, &[]);
        let Classes::Cuts(cuts) = &first.columns[0].classes else {
            panic!("{:?}", first.columns)
        };
        assert_eq!((cuts.len(), cuts[0], cuts[14]), (15, 4.0, 60.0));
        assert_eq!((first.rows, first.repeated, first.tables.len()), (64, 0, 1));
        let turned = |v: &[f64]| v.iter().rev().map(|v| v + 100.0).collect::<Vec<f64>>();
        let later = joint(&turned(&x), &t, &[&first]);
        assert_eq!(later.columns, first.columns);
        assert_eq!(
            later.tables[0].0,
            [(15 * WIDTH + 1, 32), (15 * WIDTH + 2, 32)]
        );
        let back: Vec<f64> = x.iter().rev().copied().collect();
        let texts: Vec<u64> = t.iter().rev().copied().collect();
        assert_eq!(joint(&back, &texts, &[]), first);
    }

    #[test]
    fn missing_values_are_a_class_and_rows_that_are_the_same_are_counted() {
        let found = joint(&[1.0, f64::NAN, 1.0, 1.0], &[0, 0, 0, 512], &[]);
        assert_eq!((found.rows, found.repeated), (4, 1));
        let cell = |a: usize, b: usize| a * WIDTH + b;
        let cells = [(cell(0, 2), 1), (cell(0, 16), 2), (cell(16, 16), 1)];
        assert_eq!(found.tables[0].0, cells);
        assert_eq!(joint(&[], &[], &[]).tables[0].0, []);
    }

    #[test]
    fn cuts_are_made_anew_of_more_values_and_after_a_week_beyond_them() {
        let x = |n: u32, from: f64| (0..n).map(|i| from + f64::from(i)).collect::<Vec<f64>>();
        let night = |n: u32, from: f64, before: &[&Joint]| {
            let texts = vec![256; n as usize];
            joint(&x(n, from), &texts, before)
        };
        let made_of = |j: &Joint| j.columns[0].made_of;
        let small = night(30, 0.0, &[]);
        assert_eq!(made_of(&night(119, 0.0, &[&small])), 30);
        let larger = night(120, 0.0, &[&small]);
        assert_eq!(made_of(&larger), 120);
        assert_eq!(night(120, 500.0, &[&larger]).columns, larger.columns);
        let far = night(120, 500.0, &[&larger]);
        assert_eq!(night(120, 500.0, &[&far; 6]).columns, larger.columns);
        let anew = night(120, 500.0, &[&far; 7]);
        assert_eq!(anew.columns, night(120, 500.0, &[]).columns);
        // One night of the old kind among them, and nothing is made anew.
        let mixed = [&far, &far, &far, &larger, &far, &far, &far];
        assert_eq!(night(120, 500.0, &mixed).columns, larger.columns);
        // A column without any value on the first night has cuts from the next on.
        let empty = joint(&[f64::NAN; 9], &[256; 9], &[]);
        assert_eq!(made_of(&night(9, 0.0, &[&empty])), 9);
    }

    #[test]
    fn a_night_without_a_column_does_not_part_it_anew() {
        let x: Vec<f64> = (0..300).map(f64::from).collect();
        let texts = vec![256; 300];
        let first = joint(&x, &texts, &[]);
        let mut without = joint(&x, &texts, &[&first]);
        without.columns.remove(0);
        without.tables.clear();
        let mut text = first.clone();
        text.columns[0].classes = Classes::Hashed;
        let moved: Vec<f64> = x.iter().map(|v| v + 40.0).collect();
        for between in [&without, &text] {
            let later = joint(&moved, &texts, &[&first, between]);
            assert_eq!(later.columns[0], first.columns[0]);
        }
        // A week beyond the cuts is a week of nights that have the column.
        let far: Vec<f64> = x.iter().map(|v| v + 500.0).collect();
        let night = joint(&far, &texts, &[&first]);
        let week = [
            &night, &night, &night, &without, &night, &night, &night, &night,
        ];
        assert_ne!(joint(&far, &texts, &week).columns[0], first.columns[0]);
        let week = &week[1..];
        assert_eq!(joint(&far, &texts, week).columns[0], first.columns[0]);
    }

    #[test]
    fn infinite_numbers_are_read_back() {
        let few = [1.0, f64::INFINITY, 2.0, f64::NEG_INFINITY, 2.0];
        let mut many: Vec<f64> = (0..99).map(f64::from).collect();
        many.extend([f64::INFINITY; 40]);
        for x in [&few[..], &many] {
            let found = joint(x, &vec![256; x.len()], &[]);
            let text = serde_json::to_string(&found).unwrap();
            let read: Joint = serde_json::from_str(&text).unwrap();
            assert_eq!(read, found, "{text}");
            assert!(read.fits(x.len() as u64));
            let later = joint(x, &vec![256; x.len()], &[&read]);
            assert_eq!(later, found);
        }
        // As it was written before.
        for (cuts, last) in [
            ("2.0,null", f64::MAX),
            ("1.7976931348623157e308,null", f64::INFINITY),
        ] {
            let read: Classes = serde_json::from_str(&format!("{{\"cuts\":[{cuts}]}}")).unwrap();
            let Classes::Cuts(read) = read else {
                panic!("{read:?}")
            };
            assert_eq!((read.len(), read[1]), (2, last));
        }
    }

    #[test]
    fn pairs_have_their_places() {
        let column = |name: &str| (name.to_owned(), Cells::Numbers(vec![1.0, 2.0]));
        let rows = Rows {
            hashes: vec![1, 2],
            contents: None,
            columns: ["a", "b", "c", "d"].map(column).to_vec(),
        };
        let joint = Joint::of(&rows, &[]);
        let places: Vec<usize> = (0..4)
            .flat_map(|i| (i + 1..4).map(move |j| (i, j)))
            .map(|(i, j)| joint.pair(i, j))
            .collect();
        assert_eq!(places, [0, 1, 2, 3, 4, 5]);
        assert_eq!(joint.tables.len(), 6);
    }
}
