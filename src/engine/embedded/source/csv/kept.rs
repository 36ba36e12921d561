//! What opening a CSV file found, kept by the file's content: an unchanged file is not read again for its types.

use super::index::Dialect;
use super::typed::Nulls;
use super::{DataFile, Layout, Pace, SourceOptions, Table};
use crate::engine::embedded::schema::logical;
use crate::engine::embedded::source::ProfileAt;
use crate::engine::embedded::store::Store;
use crate::error::Result;
use crate::measure::{Profile, saved};
use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

const KIND: &str = "csv";

/// What is kept of one file.
#[derive(Serialize, Deserialize)]
struct Kept {
    names: Vec<String>,
    types: Vec<String>,
    delimiter: u8,
    quote: u8,
    start: u64,
    rows: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    profile: Option<String>,
}

impl Table {
    /// As [`Table::open`]; files that were opened before are not read, unless their types and those of other files do
    /// not agree, so that all have to be read together.
    ///
    /// Errors: as for [`Table::open`], and of keeping what was found.
    pub(in super::super) fn open_kept(
        files: &[DataFile],
        options: &SourceOptions,
        store: &Store,
    ) -> Result<Self> {
        let mut tables = Vec::with_capacity(files.len());
        for file in files {
            tables.push(one(file, options, store)?);
        }
        match joined(tables) {
            Some(table) => Ok(table),
            None => Self::open(files, options),
        }
    }
}

/// The table of one file, kept or read.
fn one(file: &DataFile, options: &SourceOptions, store: &Store) -> Result<Table> {
    let reading = format!(
        "{:?} {:?} {:?}",
        options.csv, options.types, options.profile
    );
    let key = store.opened_key(file, &reading)?;
    let kept = store.get(KIND, &key);
    let kept = kept.and_then(|text| serde_json::from_str(&text).ok());
    if let Some(table) = kept.and_then(|kept| restored(kept, options)) {
        return Ok(table);
    }
    let table = Table::open(std::slice::from_ref(file), options)?;
    let text = serde_json::to_string(&kept_of(&table)).expect("texts and numbers");
    store.put(KIND, &key, &text)?;
    Ok(table)
}

fn kept_of(table: &Table) -> Kept {
    let layout = &table.layouts[0];
    let profile = table.profile.as_ref();
    Kept {
        names: table.names.clone(),
        types: table.types.iter().map(DataType::to_string).collect(),
        delimiter: layout.dialect.delimiter,
        quote: layout.dialect.quote,
        start: layout.start,
        rows: layout.rows,
        profile: profile.map(|p| saved::to_json(p).expect("every part is profiled")),
    }
}

/// `None` when what was kept does not hold together.
fn restored(kept: Kept, options: &SourceOptions) -> Option<Table> {
    let types: Option<Vec<DataType>> = kept.types.iter().map(|t| t.parse().ok()).collect();
    let profile = match &kept.profile {
        Some(text) => Some(saved::from_json(text).ok()?),
        None => None,
    };
    let layout = Layout {
        dialect: Dialect {
            delimiter: kept.delimiter,
            quote: kept.quote,
        },
        order: (0..kept.names.len()).collect(),
        start: kept.start,
        rows: kept.rows,
    };
    let wanted = options.profile == ProfileAt::Open;
    let types = types.filter(|t| t.len() == kept.names.len() && profile.is_some() == wanted)?;
    Some(Table {
        names: kept.names,
        types,
        nulls: Nulls::new(options.csv.nulls.as_ref()),
        layouts: vec![layout],
        pace: Pace::of_this_machine(),
        profile,
    })
}

/// One table of several; `None` when they have other names, or a column has several types.
fn joined(tables: Vec<Table>) -> Option<Table> {
    let mut tables = tables.into_iter();
    let mut whole = tables.next()?;
    for table in tables {
        let place = |name: &String| whole.names.iter().position(|n| n == name);
        let order: Option<Vec<usize>> = table.names.iter().map(place).collect();
        let order = order.filter(|o| o.len() == whole.names.len())?;
        for (dtype, place) in table.types.iter().zip(&order) {
            let mine = &mut whole.types[*place];
            match (&*mine, dtype) {
                (a, b) if a == b => {}
                (_, DataType::Null) => {}
                (DataType::Null, _) => mine.clone_from(dtype),
                _ => return None,
            }
        }
        if let (Some(mine), Some(theirs)) = (&mut whole.profile, &table.profile) {
            mine.merge(theirs).ok()?;
        }
        let layouts = table.layouts.into_iter();
        whole.layouts.extend(layouts.map(|layout| Layout {
            order: order.clone(),
            ..layout
        }));
    }
    agree(whole.profile.as_ref(), &whole.types).then_some(whole)
}

/// Whether every column of the profile has the type of the table.
fn agree(profile: Option<&Profile>, types: &[DataType]) -> bool {
    let columns = profile.iter().flat_map(|p| &p.columns);
    let mut both = columns.zip(types);
    both.all(|(column, dtype)| column.dtype == logical(dtype).to_string())
}
