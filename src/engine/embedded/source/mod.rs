//! Datasets: where the rows come from. Parquet, CSV, NDJSON and Arrow IPC; a file, a glob, a folder with hive
//! partitions, an `https://` or `s3://` address, or standard input.
//!
//! Opening a dataset finds its columns and their types. Parquet and Arrow IPC state them; CSV and NDJSON are read once
//! for them, so that typing never depends on a sample. Every scan reads the files again, in bounded memory, and fails
//! when one of them is no longer what was opened.

mod cell;
mod compressed;
mod csv;
mod digits;
mod example;
mod file;
mod find;
mod footer;
mod format;
mod guard;
mod int96;
mod ipc;
mod ndjson;
mod options;
mod parquet;
mod partition;
mod remote;
mod select;
mod shape;
mod spool;
mod stdin;
mod text;
mod unify;
mod zero_width;

pub use csv::{Quotes, Survey};
pub use file::DataFile;
pub(in crate::engine::embedded) use footer::rows as footer_rows;
pub use footer::{Footer, FooterColumn};
pub(in crate::engine::embedded) use guard::guarded;
pub use options::{ProfileAt, SourceOptions};
pub(in crate::engine::embedded) use select::Names;
pub use stdin::KeptInput;
pub(in crate::engine::embedded) use stdin::begin as begin_input;

use self::find::{Found, find};
use self::format::Format;
use self::partition::Partitions;
use self::remote::Parts;
use self::select::Selection;
use self::unify::unified;
use super::schema::{canonical, logical, logical_schema};
use crate::error::{Error, Result};
use crate::measure::Profile;
use crate::record::FileDigest;
use crate::scalar::Scalar;
use crate::types::{Field, Schema};
use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Schema as ArrowSchema, SchemaRef};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempPath;

/// Rows per batch at most; fewer where a dataset is very wide.
pub const BATCH_ROWS: usize = 65_536;

/// Cells per batch at most, so that a very wide dataset fits into memory.
const BATCH_CELLS: usize = 1 << 22;

/// A dataset whose schema is known and whose rows can be read again and again.
pub struct Dataset {
    files: Vec<DataFile>,
    content: Content,
    partitions: Partitions,
    options: SourceOptions,
    arrow: SchemaRef,
    schema: Schema,
    columns: Vec<Field>,
    /// Copies of standard input or of what was fetched, for as long as the dataset is read.
    spool: Vec<Arc<TempPath>>,
    /// Contents of the files that an example stands for.
    contents: Vec<String>,
}

enum Content {
    Parquet(Vec<ArrowReaderMetadata>),
    Arrow(Vec<SchemaRef>),
    Csv(csv::Table),
    Ndjson(ndjson::Lines),
    Memory(Vec<RecordBatch>),
}

impl Dataset {
    /// Opens what `path` names: a file, glob or folder relative to `base`, an `https://` or `s3://` address, or `-` for
    /// standard input.
    ///
    /// Errors: [`Error::Data`] when nothing is there, a file cannot be understood, or files differ in their columns.
    pub fn open(path: &str, base: &Path, options: &SourceOptions) -> Result<Self> {
        let Found { files, keys, spool } = find(path, base, options)?;
        let (content, arrow) = Content::open(&files, options)?;
        let partitions = Partitions::new(&files, &keys, options)?;
        let arrow = partitions.added_to(&arrow, &files[0])?;
        Ok(Self {
            files,
            partitions,
            options: options.clone(),
            spool,
            ..Self::of(content, arrow)
        })
    }

    /// A dataset held in memory, for examples of checks.
    ///
    /// Errors: [`Error::Data`] when there is no batch.
    pub fn from_batches(name: &str, batches: Vec<RecordBatch>) -> Result<Self> {
        let schema = batches.first().map(RecordBatch::schema);
        let schema = schema.ok_or_else(|| Error::data("read", name, "no batch"))?;
        Ok(Self::of(Content::Memory(batches), schema))
    }

    fn of(content: Content, arrow: SchemaRef) -> Self {
        let schema = logical_schema(&arrow);
        Self {
            files: Vec::new(),
            content,
            partitions: Partitions::default(),
            options: SourceOptions::default(),
            arrow,
            columns: select::columns(&schema),
            schema,
            spool: Vec::new(),
            contents: Vec::new(),
        }
    }

    /// Top-level columns in file order, then hive partitions.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Columns that a scan can give: top-level ones that are not structs, and struct leaves by path.
    #[must_use]
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Top-level columns with the types they are stored in, before they become canonical.
    #[must_use]
    pub fn arrow_schema(&self) -> &SchemaRef {
        &self.arrow
    }

    /// The type of a column of [`Self::columns`] in batches; `None` where there is no such column.
    #[must_use]
    pub fn canonical_type(&self, column: &str) -> Option<DataType> {
        let mut fields = self.arrow.fields();
        let mut way = Names::of(fields).way(column)?.into_iter().peekable();
        while let Some(step) = way.next() {
            match (way.peek(), fields[step].data_type()) {
                (None, leaf) => return Some(canonical(leaf).unwrap_or_else(|| leaf.clone())),
                (Some(_), DataType::Struct(inner)) => fields = inner,
                (Some(_), _) => return None,
            }
        }
        None
    }

    /// Rows, where the files say so before they are read.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        match &self.content {
            Content::Parquet(footers) => Some(footers.iter().map(footer::rows).sum()),
            _ => None,
        }
    }

    /// Whether its profile is cheapest by itself, without making rows of it.
    #[must_use]
    pub fn is_profiled_alone(&self) -> bool {
        matches!(self.content, Content::Parquet(_)) || self.profiled().is_some()
    }

    /// Whether a column's distinct values stand in dictionaries, so that counting them is cheaper than reading its rows.
    #[must_use]
    pub fn lists_values(&self, column: &str) -> bool {
        match &self.content {
            Content::Parquet(footers) => footers.iter().all(|f| footer::is_dictionary(f, column)),
            _ => false,
        }
    }

    /// Files in reading order.
    #[must_use]
    pub fn files(&self) -> &[DataFile] {
        &self.files
    }

    /// Bytes fetched from servers so far; `None` when no file is on one.
    #[must_use]
    pub fn fetched(&self) -> Option<u64> {
        let fetched = self.files.iter().map(DataFile::fetched);
        fetched.flatten().reduce(|a, b| a + b)
    }

    /// Bytes that [`Dataset::fetch`] would fetch for a scan of `columns`; 0 for local files.
    #[must_use]
    pub fn missing(&self, columns: &[String]) -> u64 {
        remote::missing(&self.wanted(&self.roots(columns)))
    }

    /// Fetches what a scan of `columns` reads of files on servers, all of them together, and calls `done` with the bytes
    /// of each piece. A scan does so by itself; whoever reads Parquet files in another way calls it before.
    ///
    /// Errors: [`Error::Data`] when a file changed on its server, or the server fails; [`Error::Io`] when it cannot be
    /// kept; [`Error::Interrupted`].
    pub fn fetch(&self, columns: &[String], done: &(dyn Fn(u64) + Sync)) -> Result<()> {
        remote::fetch(&self.wanted(&self.roots(columns)), done)
    }

    /// What the columns called `roots` need of files that are fetched in parts.
    fn wanted(&self, roots: &[String]) -> Vec<(&Parts, Vec<Range<u64>>)> {
        let Content::Parquet(footers) = &self.content else {
            return Vec::new();
        };
        let files = self
            .files
            .iter()
            .zip(footers)
            .filter(|(file, _)| file.parts.is_some());
        let wanted = files.map(|(file, footer)| file.wanted(&parquet::chunks(footer, roots)));
        wanted.flatten().collect()
    }

    /// Whether it is held in memory, whatever files it stands for.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        matches!(self.content, Content::Memory(_))
    }

    /// Whether its files are temporary ones: standard input, or what was fetched.
    #[must_use]
    pub fn is_spooled(&self) -> bool {
        !self.spool.is_empty()
    }

    /// One dataset per file, with the columns of the whole; `None` where a file is not read by itself.
    #[must_use]
    pub fn parts(&self) -> Option<Vec<Self>> {
        let part = |(index, file): (usize, &DataFile)| {
            let content = match &self.content {
                Content::Parquet(footers) => Content::Parquet(vec![footers[index].clone()]),
                Content::Arrow(schemas) => Content::Arrow(vec![schemas[index].clone()]),
                Content::Ndjson(lines) => Content::Ndjson(lines.of_file(index)),
                // CSV is profiled as it is opened.
                Content::Csv(_) | Content::Memory(_) => return None,
            };
            Some(Self {
                files: vec![file.clone()],
                partitions: self.partitions.of_file(index),
                options: self.options.clone(),
                ..Self::of(content, self.arrow.clone())
            })
        };
        self.files.iter().enumerate().map(part).collect()
    }

    /// How its files are read, besides what they hold: equal files read in equal ways give equal rows.
    #[must_use]
    pub fn reading(&self) -> String {
        let options = &self.options;
        let partitions = self.partitions.text();
        format!(
            "{:?} {:?} {:?} {partitions}",
            options.format, options.csv, options.types
        )
    }

    /// The profile of all columns of the files, partitions left out, where opening made it.
    #[must_use]
    pub fn profiled(&self) -> Option<&Profile> {
        match &self.content {
            Content::Csv(table) => table.profile(),
            _ => None,
        }
    }

    /// SHA-256 of every file, or the version that the server names of a file that is fetched in parts.
    ///
    /// Errors: [`Error::Data`] when a file cannot be read or changed.
    pub fn digests(&self) -> Result<Vec<FileDigest>> {
        self.files.iter().map(DataFile::digest).collect()
    }

    /// As [`Self::digests`], but SHA-256 of the footer alone of every Parquet file, for when nothing else was read.
    ///
    /// Errors: [`Error::Data`] when a file cannot be read or changed.
    pub fn footer_digests(&self) -> Result<Vec<FileDigest>> {
        match self.content {
            Content::Parquet(_) => self.files.iter().map(parquet::footer_digest).collect(),
            _ => self.digests(),
        }
    }

    /// What Parquet footers say of the dataset without a data page; `None` for other formats.
    #[must_use]
    pub fn footer(&self) -> Option<Footer> {
        let Content::Parquet(footers) = &self.content else {
            return None;
        };
        Some(footer::read(footers, &self.columns, &self.partitions))
    }

    /// Files with their footers; `None` for other formats than Parquet.
    pub(in crate::engine::embedded) fn parquet(
        &self,
    ) -> Option<Vec<(&DataFile, &ArrowReaderMetadata)>> {
        match &self.content {
            Content::Parquet(footers) => Some(self.files.iter().zip(footers).collect()),
            _ => None,
        }
    }

    /// The values of a hive partition, one per file; `None` when `column` is none.
    pub(in crate::engine::embedded) fn partition(
        &self,
        column: &str,
    ) -> Option<Vec<Option<Scalar>>> {
        self.partitions.values(column)
    }

    /// Nulls of a column, where every footer states them.
    pub(in crate::engine::embedded) fn nulls_stated(&self, column: &str) -> Option<u64> {
        let Content::Parquet(footers) = &self.content else {
            return None;
        };
        let field = self.columns.iter().find(|f| f.name == column)?;
        let stated = footer::read(footers, std::slice::from_ref(field), &self.partitions);
        stated.columns.first()?.nulls
    }

    /// Fails when a file changed since the dataset was opened.
    ///
    /// Errors: [`Error::Data`].
    pub(in crate::engine::embedded) fn unchanged(&self) -> Result<()> {
        self.files.iter().try_for_each(DataFile::unchanged)
    }

    /// Bytes that a scan of `columns` has to read: the compressed chunks of a Parquet file, all of any other file.
    ///
    /// A scan of no column reads none: row counts are known. A column inside a struct counts the whole struct.
    #[must_use]
    pub fn bytes(&self, columns: &[String]) -> u64 {
        let roots = self.roots(columns);
        match &self.content {
            Content::Parquet(footers) => footers.iter().map(|f| parquet::bytes(f, &roots)).sum(),
            Content::Csv(_) | Content::Ndjson(_) if roots.is_empty() => 0,
            _ => self.files.iter().map(|f| f.bytes).sum(),
        }
    }

    /// Calls `each` with every batch: the asked columns in the asked order, canonical types, rows in file order.
    ///
    /// Errors: [`Error::Data`] when rows cannot be decoded or a file changed, those of `each`, [`Error::Interrupted`].
    pub fn scan(
        &self,
        columns: &[String],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let mut selection = Selection::new(columns);
        let mut visit = |batch: &RecordBatch| {
            crate::context::check_interrupt()?;
            each(&selection.select(batch)?)
        };
        if let Content::Memory(batches) = &self.content {
            let rows = batch_rows(columns.len());
            return batches.iter().try_for_each(|b| sliced(b, rows, &mut visit));
        }
        let roots = self.roots(columns);
        remote::fetch(&self.wanted(&roots), &|_| {})?;
        for (index, file) in self.files.iter().enumerate() {
            self.scan_file((index, file), &roots, &mut |batch| {
                if self.partitions.is_empty() {
                    visit(batch)
                } else {
                    visit(&self.partitions.extend(batch, index, columns)?)
                }
            })?;
            file.unchanged()?;
        }
        Ok(())
    }

    fn scan_file(
        &self,
        (index, file): (usize, &DataFile),
        roots: &[String],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        match &self.content {
            Content::Parquet(footers) if roots.is_empty() => {
                no_columns(footer::rows(&footers[index]), each)
            }
            Content::Parquet(footers) => parquet::scan(file, &footers[index], roots, each),
            Content::Arrow(schemas) => ipc::scan(file, &schemas[index], roots, each),
            Content::Csv(table) => table.scan((index, file), &self.options, roots, each),
            Content::Ndjson(lines) => lines.scan((index, file), roots, each),
            Content::Memory(_) => Ok(()),
        }
    }

    /// Names of the files' top-level columns that hold `columns`, each once.
    fn roots(&self, columns: &[String]) -> Vec<String> {
        let names = Names::of(self.arrow.fields());
        let root = |column: &String| {
            let position = *names.way(column)?.first()?;
            Some(self.arrow.field(position).name().clone())
        };
        let roots: BTreeSet<String> = columns.iter().filter_map(root).collect();
        let own = |name: &String| self.partitions.values(name).is_none();
        roots.into_iter().filter(own).collect()
    }
}

impl Content {
    fn open(files: &[DataFile], options: &SourceOptions) -> Result<(Self, SchemaRef)> {
        match Format::of_all(files, options)? {
            Format::Parquet => {
                let footers: Result<_> = files.iter().map(parquet::open).collect();
                let footers = int96::in_one_unit(files, footers?)?;
                let schemas: Vec<_> = footers.iter().map(|f| f.schema().clone()).collect();
                Ok((Self::Parquet(footers), unified(files, &schemas)?))
            }
            Format::Arrow => {
                let schemas = files.iter().map(ipc::schema).collect::<Result<Vec<_>>>()?;
                let unified = unified(files, &schemas)?;
                Ok((Self::Arrow(schemas), unified))
            }
            Format::Csv => {
                let table = match &options.store {
                    Some(store) => csv::Table::open_kept(files, options, store)?,
                    None => csv::Table::open(files, options)?,
                };
                let schema = table.schema();
                Ok((Self::Csv(table), schema))
            }
            Format::Ndjson => {
                let lines = match &options.store {
                    Some(store) => ndjson::Lines::open_kept(files, options, store)?,
                    None => ndjson::Lines::open(files, options)?,
                };
                let schema = lines.schema();
                Ok((Self::Ndjson(lines), schema))
            }
        }
    }
}

/// Rows per batch of so many columns.
fn batch_rows(columns: usize) -> usize {
    (BATCH_CELLS / columns.max(1)).clamp(1, BATCH_ROWS)
}

/// Calls `each` with parts of a batch of at most `rows` rows.
fn sliced(
    batch: &RecordBatch,
    rows: usize,
    each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let mut offset = 0;
    while offset < batch.num_rows() {
        let length = rows.min(batch.num_rows() - offset);
        each(&batch.slice(offset, length))?;
        offset += length;
    }
    Ok(())
}

/// Calls `each` with batches of `rows` rows in all and no column.
fn no_columns(rows: u64, each: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
    let mut left = rows;
    while left > 0 {
        let length = left.min(BATCH_ROWS as u64);
        let count = usize::try_from(length).expect("at most a batch");
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let schema = Arc::new(ArrowSchema::empty());
        let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options);
        each(&batch.map_err(|e| Error::data("read", "a batch", e))?)?;
        left -= length;
    }
    Ok(())
}

/// The logical type of an Arrow type, for messages of readers.
#[must_use]
pub fn type_name(dtype: &DataType) -> String {
    logical(dtype).to_string()
}
