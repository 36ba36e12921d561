//! The first look at data that no contract describes yet: its profile, what its texts look like, what never repeats.

use super::kernel::{Apart, Count, Equal, ForeignKey, Kernel, KeyNulls, KeySet, Unique};
use super::profile::ProfileBuilder;
use super::source::Dataset;
use crate::contract::infer::{
    Relation, Repeats, Seen, SeenColumn, Texts, composite, is_named_after,
};
use crate::error::{Error, Result};
use crate::measure::values::Key;
use crate::measure::{ColumnProfile, DistinctCount, Profile};
use crate::types::{Field, LogicalType};
use arrow::array::{AsArray, RecordBatch};

/// Columns that can be tested for repeats at once; each costs memory per distinct value.
const CANDIDATES: usize = 8;

/// Looks at every row once, and a second time at columns with too many distinct values to have been counted.
///
/// Returns the number of rows and the columns in file order.
/// Errors: `Error::Data` when rows cannot be decoded, `Error::Query` for a column that cannot be hashed,
/// `Error::Interrupted`.
pub fn look(dataset: &Dataset) -> Result<(u64, Vec<SeenColumn>)> {
    let names: Vec<String> = dataset.columns().iter().map(|f| f.name.clone()).collect();
    let mut builder = ProfileBuilder::new(dataset.columns());
    let mut texts: Vec<Option<Texts>> = dataset
        .columns()
        .iter()
        .map(|f| (f.dtype == LogicalType::String).then(Texts::default))
        .collect();
    dataset.scan(&names, &mut |batch| {
        builder.update(batch);
        count_texts(batch, &mut texts);
        Ok(())
    })?;
    let profile = builder.finish();
    let unique = never_repeat(dataset, &profile.columns)?;
    let columns = dataset.columns().iter().zip(profile.columns).zip(texts);
    let seen = columns
        .map(|((field, profile), texts)| SeenColumn {
            repeats: if unique.contains(&field.name) {
                Repeats::Never
            } else {
                Repeats::Perhaps
            },
            field: field.clone(),
            profile,
            texts,
            batches: Vec::new(),
            relation: None,
        })
        .collect();
    Ok((profile.rows, seen))
}

/// The same of a saved profile, without a row: texts are known where all of them are listed, keys likewise.
#[must_use]
pub fn remembered(profile: Profile) -> (u64, Vec<SeenColumn>) {
    let rows = profile.rows;
    let seen = |column: ColumnProfile| {
        let dtype = crate::measure::evidence::type_of(&column.dtype);
        let listed = column.values.listed();
        let texts = (dtype == LogicalType::String).then(|| {
            let mut texts = Texts::default();
            for (key, count) in listed.iter().flatten() {
                if let Key::Text(text) = key {
                    (0..*count).for_each(|_| texts.add(text));
                }
            }
            texts
        });
        let apart = listed.as_ref().is_some_and(|l| l.len() as u64 == rows);
        SeenColumn {
            field: Field {
                name: column.name.clone(),
                dtype,
                nullable: true,
            },
            repeats: if apart && rows > 1 {
                Repeats::Never
            } else {
                Repeats::Perhaps
            },
            texts: texts.filter(|_| listed.is_some()),
            profile: column,
            batches: Vec::new(),
            relation: None,
        }
    };
    (rows, profile.columns.into_iter().map(seen).collect())
}

/// Sets of columns that are tested at once at most; each costs memory per row.
const SETS: usize = 16;

/// Rows of a batch that all sets are tested on before [`SETS`] of them go on.
const FIRST: usize = 2_000;

/// Looks for two or three columns that together never repeat in any batch with rows, where no column does alone, and
/// notes those that hold no smaller set.
///
/// Errors: those of reading rows.
pub fn keys(seen: &mut Seen, batches: &[Dataset]) -> Result<()> {
    if seen.columns.iter().any(|c| c.repeats == Repeats::Never) || batches.is_empty() {
        return Ok(());
    }
    let rows: Vec<u64> = seen.batches.iter().map(|b| b.rows).collect();
    let name = |place: &usize| seen.columns[*place].field.name.clone();
    let sets = composite::candidates(&rows, &seen.columns).into_iter();
    let mut live: Vec<Vec<String>> = sets.map(|set| set.iter().map(name).collect()).collect();
    for dataset in batches {
        live = never_together(dataset, live)?;
    }
    let evident = evident(live, &seen.columns, batches)?;
    seen.keys = composite::least(evident);
    Ok(())
}

/// The sets of which no column is there for nothing: without it so many rows are equal in the others that chance alone would
/// not part them.
fn evident(
    sets: Vec<Vec<String>>,
    columns: &[SeenColumn],
    batches: &[Dataset],
) -> Result<Vec<Vec<String>>> {
    let without = |set: &[String], name: &String| -> Vec<String> {
        set.iter().filter(|n| *n != name).cloned().collect()
    };
    // Of two columns the plan of what is looked for has counted each already.
    let three = sets.iter().filter(|set| set.len() > 2);
    let mut parts: Vec<Vec<String>> = three
        .flat_map(|set| set.iter().map(|name| without(set, name)))
        .collect();
    parts.sort();
    parts.dedup();
    let mut pairs = vec![0u64; parts.len()];
    for dataset in batches.iter().filter(|_| !parts.is_empty()) {
        let mut names: Vec<String> = parts.iter().flatten().cloned().collect();
        names.sort();
        names.dedup();
        let mut counts: Vec<Equal> = parts.iter().cloned().map(Equal::new).collect();
        dataset.scan(&names, &mut |batch| {
            counts.iter_mut().try_for_each(|c| c.add(batch))
        })?;
        for (sum, counted) in pairs.iter_mut().zip(&counts) {
            *sum = sum.saturating_add(counted.pairs());
        }
    }
    let is_evident = |set: &Vec<String>| {
        set.len() == 2
            || set.iter().all(|name| {
                let place = parts.binary_search(&without(set, name));
                let column = columns.iter().find(|c| c.field.name == *name);
                place
                    .is_ok_and(|at| column.is_some_and(|c| composite::parts(&c.profile, pairs[at])))
            })
    };
    Ok(sets.into_iter().filter(|set| is_evident(set)).collect())
}

/// The sets that never repeat in a dataset.
fn never_together(dataset: &Dataset, sets: Vec<Vec<String>>) -> Result<Vec<Vec<String>>> {
    let mut names: Vec<String> = sets.iter().flatten().cloned().collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Ok(sets);
    }
    let mut live: Vec<(Vec<String>, Apart)> = sets
        .into_iter()
        .map(|set| (set.clone(), Apart::new(set)))
        .collect();
    let scanned = dataset.scan(&names, &mut |batch| {
        let first = batch.num_rows().min(FIRST);
        for (from, length) in [(0, first), (first, batch.num_rows() - first)] {
            let part = batch.slice(from, length);
            let mut kept = Vec::with_capacity(live.len());
            for (set, mut apart) in live.drain(..) {
                if apart.holds(&part)? {
                    kept.push((set, apart));
                }
            }
            live = kept;
            live.truncate(SETS);
        }
        // Readers stop on an error only; this one is taken back below.
        if live.is_empty() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    });
    match scanned {
        Err(Error::Interrupted) if live.is_empty() => crate::context::check_interrupt()?,
        other => other?,
    }
    Ok(live.into_iter().map(|(set, _)| set).collect())
}

/// Looks for columns whose values are all among the keys of another dataset, exactly, and notes them.
///
/// A key is a column without nulls and repeats. A column is asked where its name says so ([`is_named_after`]), or where it
/// has three different texts or more; what both list is compared, else the rows of both are read, at most eight times.
/// Errors: those of reading rows.
pub fn relate(all: &mut [(Seen, Vec<Dataset>)]) -> Result<()> {
    let mut reads = 0;
    for mine in 0..all.len() {
        for place in 0..all[mine].0.columns.len() {
            let mut found = None;
            for theirs in (0..all.len()).filter(|t| *t != mine) {
                let other = &all[theirs];
                for key in other
                    .0
                    .columns
                    .iter()
                    .filter(|c| c.repeats == Repeats::Never)
                {
                    let column = &all[mine].0.columns[place];
                    if found.is_some() || !may_relate(column, key, &other.0.name) {
                        continue;
                    }
                    let among = match among_listed(column, key) {
                        Some(among) => among,
                        None if reads < 8 && !other.1.is_empty() && !all[mine].1.is_empty() => {
                            reads += 1;
                            among_rows(column, key, &all[mine].1, &other.1)?
                        }
                        None => false,
                    };
                    found = among.then(|| Relation {
                        dataset: other.0.name.clone(),
                        column: key.field.name.clone(),
                        rows: column.profile.valued(),
                    });
                }
            }
            all[mine].0.columns[place].relation = found;
        }
    }
    Ok(())
}

/// Whether it is worth asking: one kind of value, between the ends of the keys, and more than chance says so.
fn may_relate(column: &SeenColumn, key: &SeenColumn, dataset: &str) -> bool {
    use LogicalType as T;
    let whole = |c: &SeenColumn| matches!(c.field.dtype, T::Int(_) | T::UInt(_));
    let text = |c: &SeenColumn| c.field.dtype == T::String;
    let named = is_named_after(&column.field.name, &key.field.name, dataset);
    let (mine, theirs) = (&column.profile, &key.profile);
    let ends = mine.least.as_ref().zip(theirs.least.as_ref());
    let low = ends.is_some_and(|(m, t)| m.order(t).is_ge());
    let ends = mine.greatest.as_ref().zip(theirs.greatest.as_ref());
    let high = ends.is_some_and(|(m, t)| m.order(t).is_le());
    let several = match mine.distinct() {
        DistinctCount::Exact(n) => n >= 3,
        DistinctCount::About(_) => true,
    };
    let kind =
        (whole(column) && whole(key) && named) || (text(column) && text(key) && (named || several));
    // Two keys of the same things are no relation that says anything, unless their names say so.
    kind && low && high && (named || column.repeats == Repeats::Perhaps)
}

/// By the values that both list; absent where one does not.
fn among_listed(column: &SeenColumn, key: &SeenColumn) -> Option<bool> {
    // The configuration names the last batch.
    let last = key.batches.last().unwrap_or(&key.profile);
    let keys: std::collections::BTreeSet<String> =
        last.values_seen()?.into_iter().map(|(v, _)| v).collect();
    let values = column.profile.values_seen()?;
    Some(values.iter().all(|(v, _)| keys.contains(v)))
}

fn among_rows(
    column: &SeenColumn,
    key: &SeenColumn,
    mine: &[Dataset],
    theirs: &[Dataset],
) -> Result<bool> {
    let (mine_name, their_name) = (
        vec![column.field.name.clone()],
        vec![key.field.name.clone()],
    );
    let mut keys = KeySet::of(&their_name)?;
    // The configuration names the last batch.
    if let Some(dataset) = theirs.last() {
        dataset.scan(&their_name, &mut |batch| keys.add(batch))?;
    }
    let mut test = Kernel::ForeignKey(ForeignKey::new(mine_name.clone(), keys)?);
    for dataset in mine {
        dataset.scan(&mine_name, &mut |batch| test.first_pass(batch, None))?;
    }
    Ok(test.finish().failing == 0)
}

fn count_texts(batch: &RecordBatch, texts: &mut [Option<Texts>]) {
    for (texts, array) in texts.iter_mut().zip(batch.columns()) {
        if let (Some(texts), Some(array)) = (texts, array.as_string_opt::<i32>()) {
            array.iter().flatten().for_each(|text| texts.add(text));
        }
    }
}

/// Columns without nulls and repeats, exactly: by the counted values, or by a scan where they were too many.
fn never_repeat(dataset: &Dataset, profiles: &[ColumnProfile]) -> Result<Vec<String>> {
    let mut unique = Vec::new();
    let mut uncounted = Vec::new();
    for profile in profiles {
        let number = |name: &str| profile.measure(name).and_then(|v| v.number());
        let rows = number("rows").unwrap_or(0.0);
        if rows < 2.0 || number("nulls") != Some(0.0) || !can_identify(dataset, &profile.name) {
            continue;
        }
        match profile.values_seen() {
            Some(values) if values.len() as f64 >= rows => unique.push(profile.name.clone()),
            None if uncounted.len() < CANDIDATES => uncounted.push(profile.name.clone()),
            _ => {}
        }
    }
    if uncounted.is_empty() {
        return Ok(unique);
    }
    let test = |name: &String| Unique::new(vec![name.clone()], KeyNulls::Fail, Count::ExtraRows);
    let mut tests: Vec<Kernel> = uncounted.iter().map(|n| Kernel::Unique(test(n))).collect();
    dataset.scan(&uncounted, &mut |batch| {
        tests.iter_mut().try_for_each(|t| t.first_pass(batch, None))
    })?;
    for (name, mut test) in uncounted.into_iter().zip(tests) {
        if test.finish().failing == 0 {
            unique.push(name);
        }
    }
    Ok(unique)
}

/// Types that people identify rows by.
fn can_identify(dataset: &Dataset, name: &str) -> bool {
    use LogicalType as T;
    let field = dataset.columns().iter().find(|f| f.name == name);
    field.is_some_and(|f| {
        matches!(
            f.dtype,
            T::Int(_) | T::UInt(_) | T::Decimal(..) | T::String | T::Date | T::Timestamp { .. }
        )
    })
}
