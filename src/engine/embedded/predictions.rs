//! Predictions of a model, read as plain columns.

use super::source::{Dataset, ProfileAt, SourceOptions};
use super::table;
use crate::config::WrittenPath;
use crate::config::models::PredictionsConfig;
use crate::error::Result;
use crate::model::rows;
use crate::model::table::Table;
use crate::record::FileDigest;
use std::path::Path;

/// Rows of predictions with the digests of their files: the columns that are named, then `besides`.
///
/// Errors: [`crate::error::Error::Data`] as for any dataset and [`table::load`]; [`crate::error::Error::Interrupted`].
pub fn read(
    predictions: &PredictionsConfig,
    besides: &[String],
    base: &Path,
) -> Result<(Table, Vec<FileDigest>)> {
    let options = SourceOptions {
        format: predictions.format.clone(),
        profile: ProfileAt::Scan,
        ..SourceOptions::default()
    };
    let dataset = Dataset::open(&predictions.path.path, base, &options)?;
    let mut columns = rows::names(&predictions.columns);
    for column in besides {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let table = table::load(&dataset, &columns, &predictions.path.shown())?;
    Ok((table, dataset.digests()?))
}

/// Columns of training data.
///
/// Errors: as for [`read`].
pub fn columns(
    path: &WrittenPath,
    format: Option<&str>,
    columns: &[String],
    base: &Path,
) -> Result<Table> {
    let options = SourceOptions {
        format: format.map(str::to_owned),
        ..SourceOptions::default()
    };
    let dataset = Dataset::open(&path.path, base, &options)?;
    table::load(&dataset, columns, &path.shown())
}

/// Rows of predictions where their metadata tell them: local Parquet files that are there; `None` of everything else.
///
/// Errors: [`crate::error::Error::Data`] for a file that is no Parquet file.
pub fn rows(predictions: &PredictionsConfig, base: &Path) -> Result<Option<u64>> {
    let path = &predictions.path.path;
    let local = !path.contains("://") && path != "-" && base.join(path).is_file();
    let is_parquet = match predictions.format.as_deref() {
        Some(format) => format == "parquet",
        None => Path::new(path)
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("parquet")),
    };
    if !local || !is_parquet {
        return Ok(None);
    }
    let options = SourceOptions {
        format: predictions.format.clone(),
        ..SourceOptions::default()
    };
    Ok(Dataset::open(path, base, &options)?.rows())
}

/// Whether anything is there to be read; what cannot be looked for counts as there.
#[must_use]
pub fn is_there(predictions: &PredictionsConfig, base: &Path) -> bool {
    let path = &predictions.path.path;
    path.contains("://")
        || path == "-"
        || path.contains(['*', '?', '['])
        || base.join(path).exists()
}
