//! Good and bad rows of a dataset as two Parquet files, each seen only when it is whole.

use super::super::schema::canonical;
use super::super::source::Dataset;
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Column of the bad rows that holds the ids of the expectations they break.
const REASONS: &str = "tollgate_reasons";

/// Rows per row group at most: what a writer holds in memory.
const GROUP_ROWS: usize = 131_072;

/// Parts the rows of one dataset into `good.parquet` and `bad.parquet`.
///
/// Both hold all top-level columns as they were read (types as in [`super::super::schema::canonical`]), personal ones
/// too; the bad rows also [`REASONS`]. Compression: zstd. Memory: two row groups of at most 131,072 rows.
pub(super) struct Splitter {
    good: Part,
    bad: Part,
    columns: usize,
    folder: Folder,
}

struct Part {
    writer: ArrowWriter<NamedTempFile>,
    schema: SchemaRef,
    path: PathBuf,
    rows: u64,
}

/// The two files of one dataset, whole but not yet under their names.
pub struct Parted {
    files: Vec<(NamedTempFile, PathBuf)>,
    folder: Folder,
}

/// A folder that is taken away again when it was made for nothing.
struct Folder {
    made: Vec<PathBuf>,
}

impl Folder {
    fn make(path: &Path) -> Result<Self> {
        let mut made: Vec<PathBuf> = path
            .ancestors()
            .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
            .map(Path::to_owned)
            .collect();
        let folder = std::fs::create_dir_all(path);
        if folder.is_err() {
            made.clear();
        }
        folder.map_err(|e| Error::io("create", path, e))?;
        Ok(Self { made })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for path in &self.made {
            // A folder with a file in it stays.
            drop(std::fs::remove_dir(path));
        }
    }
}

impl Splitter {
    /// Starts two files in `folder`.
    ///
    /// Errors: `Io` when the folder cannot be written, `Data` for a column that Parquet cannot hold.
    pub(super) fn new(folder: &Path, dataset: &Dataset) -> Result<Self> {
        let made = Folder::make(folder)?;
        let good = schema(dataset);
        let mut fields = good.fields().to_vec();
        fields.push(Arc::new(Field::new(
            reasons_name(&good),
            DataType::Utf8,
            false,
        )));
        Ok(Self {
            columns: good.fields().len(),
            bad: Part::new(folder, "bad.parquet", Arc::new(Schema::new(fields)))?,
            good: Part::new(folder, "good.parquet", good)?,
            folder: made,
        })
    }

    /// Parts one batch, whose first columns are the dataset's own; a reason makes a row bad.
    ///
    /// Errors: `Io` when a file cannot be written.
    pub(super) fn write(&mut self, batch: &RecordBatch, reasons: &[Option<String>]) -> Result<()> {
        let own = batch
            .project(&(0..self.columns).collect::<Vec<_>>())
            .map_err(|e| self.good.fail(e.into()))?;
        let bad: BooleanArray = reasons.iter().map(|r| Some(r.is_some())).collect();
        let good: BooleanArray = reasons.iter().map(|r| Some(r.is_none())).collect();
        let rows = filter_record_batch(&own, &good).map_err(|e| self.good.fail(e.into()))?;
        self.good.write(rows.columns().to_vec(), rows.num_rows())?;
        let rows = filter_record_batch(&own, &bad).map_err(|e| self.bad.fail(e.into()))?;
        let mut columns = rows.columns().to_vec();
        let texts: StringArray = reasons.iter().flatten().map(Some).collect();
        columns.push(Arc::new(texts));
        self.bad.write(columns, rows.num_rows())
    }

    /// Ends both files; `rows` are all the rows that were measured.
    ///
    /// Errors: `Io` when a file cannot be written, `Data` when rows were lost or came by.
    pub(super) fn finish(self, rows: u64, dataset: &Dataset) -> Result<Parted> {
        let parted = self.good.rows + self.bad.rows;
        if parted != rows {
            let path = dataset.files().first().map_or("the data", |f| &f.path);
            let reason =
                format!("it changed during the run: {rows} rows were measured, {parted} parted");
            return Err(Error::data("read", path, reason));
        }
        Ok(Parted {
            files: vec![self.good.finish()?, self.bad.finish()?],
            folder: self.folder,
        })
    }
}

impl Part {
    fn new(folder: &Path, name: &str, schema: SchemaRef) -> Result<Self> {
        let path = folder.join(name);
        let file = tempfile::Builder::new()
            .prefix(".tollgate-")
            .tempfile_in(folder)
            .map_err(|e| Error::io("write", &path, e))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by(format!("tollgate {}", env!("CARGO_PKG_VERSION")))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
            .map_err(|e| Error::data("write", path.display().to_string(), e))?;
        Ok(Self {
            writer,
            schema,
            path,
            rows: 0,
        })
    }

    fn write(&mut self, columns: Vec<ArrayRef>, rows: usize) -> Result<()> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|e| self.fail(e.into()))
            .and_then(|batch| self.writer.write(&batch).map_err(|e| self.fail(e)))?;
        self.rows += rows as u64;
        Ok(())
    }

    fn finish(self) -> Result<(NamedTempFile, PathBuf)> {
        let file = self
            .writer
            .into_inner()
            .map_err(|e| failed(&self.path, e))?;
        Ok((file, self.path))
    }

    fn fail(&self, error: parquet::errors::ParquetError) -> Error {
        failed(&self.path, error)
    }
}

fn failed(path: &Path, error: parquet::errors::ParquetError) -> Error {
    Error::io("write", path, std::io::Error::other(error))
}

impl Parted {
    /// Gives both files their names; called when the whole run is measured.
    ///
    /// Errors: `Io` naming the file.
    pub fn keep(self) -> Result<()> {
        for (file, path) in self.files {
            file.persist(&path)
                .map_err(|e| Error::io("write", &path, e.error))?;
        }
        drop(self.folder);
        Ok(())
    }
}

/// The folder of one dataset.
///
/// Errors: `Usage` when its name cannot be a folder's.
pub fn folder(quarantine: &Path, dataset: &str) -> Result<PathBuf> {
    let plain = !dataset.starts_with('.') && !dataset.contains(['/', '\\', '\0', ':']);
    if plain && !dataset.is_empty() {
        Ok(quarantine.join(dataset))
    } else {
        Err(Error::Usage(format!(
            "dataset `{dataset}` cannot have a folder of its name under {}; rename it, or run without --quarantine",
            quarantine.display()
        )))
    }
}

/// The dataset's columns with the types that batches have.
fn schema(dataset: &Dataset) -> SchemaRef {
    let fields = dataset.arrow_schema().fields().iter().map(|f| {
        let dtype = canonical(f.data_type()).unwrap_or_else(|| f.data_type().clone());
        Field::new(f.name(), dtype, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A name that no column has.
fn reasons_name(schema: &Schema) -> String {
    let taken = |name: &str| schema.fields().iter().any(|f| f.name() == name);
    let mut name = REASONS.to_owned();
    let mut number = 2;
    while taken(&name) {
        name = format!("{REASONS}_{number}");
        number += 1;
    }
    name
}
