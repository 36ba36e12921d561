//! Datasets: where the rows come from. Parquet, CSV and NDJSON files, globs and folders of them.

mod compressed;
mod csv;
mod footer;
mod ndjson;
mod parquet;

use super::schema::{canonical, logical, logical_schema};
use crate::error::{Error, Result};
use crate::record::FileDigest;
use crate::types::{Field, LogicalType, Schema, TypePattern};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Schema as ArrowSchema, SchemaRef};
use chrono::{DateTime, Utc};
pub use footer::{Footer, FooterColumn};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows per batch at most.
pub const BATCH_ROWS: usize = 65_536;

/// How text formats are read.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {
    /// Format by name; told by the file's name when absent.
    pub format: Option<String>,
    /// CSV dialect.
    pub csv: crate::config::CsvConfig,
    /// Types that the contract declares.
    pub types: Vec<(String, TypePattern)>,
}

/// One file of a dataset.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Path as found from the configuration.
    pub path: String,
    /// Where it is opened.
    pub location: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// Last change, where the file system tells.
    pub modified: Option<DateTime<Utc>>,
}

/// A dataset whose schema is known and whose rows can be read again and again.
pub struct Dataset {
    files: Vec<DataFile>,
    content: Content,
    arrow: SchemaRef,
    schema: Schema,
    columns: Vec<Field>,
}

enum Content {
    Parquet,
    Memory(Vec<RecordBatch>),
}

impl Dataset {
    /// Opens what `path` names, relative to `base`.
    ///
    /// Errors: [`Error::Data`] when nothing is there, a file cannot be understood, or files differ in their columns.
    pub fn open(path: &str, base: &Path, options: &SourceOptions) -> Result<Self> {
        let files = find(path, base)?;
        let mut arrow: Option<SchemaRef> = None;
        let mut batches = Vec::new();
        let mut parquet = false;
        for file in &files {
            if file.bytes == 0 {
                return Err(Error::data(
                    "read",
                    &file.path,
                    "the file is empty (0 bytes)",
                ));
            }
            let schema = match format_of(file, options)? {
                Kind::Parquet => {
                    parquet = true;
                    parquet::schema(file)?
                }
                Kind::Csv => {
                    let batch = csv::read(file, options)?;
                    let schema = batch.schema();
                    batches.push(batch);
                    schema
                }
                Kind::Ndjson => {
                    let read = ndjson::read(file)?;
                    let schema = read[0].schema();
                    batches.extend(read);
                    schema
                }
            };
            match &arrow {
                None => arrow = Some(schema),
                Some(first) if first.fields() == schema.fields() => {}
                Some(_) => {
                    let reason = format!("its columns differ from those of {}", files[0].path);
                    return Err(Error::data("read", &file.path, reason));
                }
            }
        }
        let arrow = arrow.ok_or_else(|| Error::data("find", path, "no file matches"))?;
        if parquet && !batches.is_empty() {
            return Err(Error::data(
                "read",
                path,
                "Parquet and text files are mixed",
            ));
        }
        let content = if parquet {
            Content::Parquet
        } else {
            Content::Memory(batches)
        };
        Ok(Self::new(files, content, arrow))
    }

    /// A dataset held in memory, for examples of checks.
    ///
    /// Errors: [`Error::Data`] when there is no batch.
    pub fn from_batches(name: &str, batches: Vec<RecordBatch>) -> Result<Self> {
        let schema = batches.first().map(RecordBatch::schema);
        let schema = schema.ok_or_else(|| Error::data("read", name, "no batch"))?;
        Ok(Self::new(Vec::new(), Content::Memory(batches), schema))
    }

    fn new(files: Vec<DataFile>, content: Content, arrow: SchemaRef) -> Self {
        let schema = logical_schema(&arrow);
        let mut columns = Vec::new();
        for field in &schema.fields {
            leaves(&field.name, field, &schema, &mut columns);
        }
        Self {
            files,
            content,
            arrow,
            schema,
            columns,
        }
    }

    /// Top-level columns in file order.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Columns that a scan can give: top-level ones that are not structs, and struct leaves by path.
    #[must_use]
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Top-level columns with the types they are read with, before they become canonical.
    #[must_use]
    pub fn arrow_schema(&self) -> &SchemaRef {
        &self.arrow
    }

    /// Files in reading order.
    #[must_use]
    pub fn files(&self) -> &[DataFile] {
        &self.files
    }

    /// SHA-256 of every file.
    ///
    /// Errors: [`Error::Data`] when a file cannot be read.
    pub fn digests(&self) -> Result<Vec<FileDigest>> {
        self.files.iter().map(digest).collect()
    }

    /// Calls `each` with every batch: the asked columns in the asked order, canonical types, rows in file order.
    ///
    /// Errors: [`Error::Data`] when rows cannot be decoded, those of `each`, [`Error::Interrupted`].
    pub fn scan(
        &self,
        columns: &[String],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let roots = self.roots(columns);
        let mut visit = |batch: &RecordBatch| {
            crate::context::check_interrupt()?;
            each(&select(batch, columns)?)
        };
        match &self.content {
            Content::Parquet => self
                .files
                .iter()
                .try_for_each(|file| parquet::scan(file, &roots, &mut visit)),
            Content::Memory(batches) => batches.iter().try_for_each(|batch| {
                let mut offset = 0;
                while offset < batch.num_rows() {
                    let length = BATCH_ROWS.min(batch.num_rows() - offset);
                    visit(&batch.slice(offset, length))?;
                    offset += length;
                }
                Ok(())
            }),
        }
    }

    fn roots(&self, columns: &[String]) -> Vec<String> {
        let root = |name: &str| {
            self.arrow
                .fields()
                .iter()
                .map(|f| f.name())
                .find(|n| {
                    *n == name
                        || name
                            .strip_prefix(n.as_str())
                            .is_some_and(|r| r.starts_with('.'))
                })
                .cloned()
        };
        let mut roots: Vec<String> = columns.iter().filter_map(|c| root(c)).collect();
        roots.sort();
        roots.dedup();
        roots
    }
}

fn leaves(path: &str, field: &Field, schema: &Schema, found: &mut Vec<Field>) {
    if let LogicalType::Struct(inner) = &field.dtype {
        for (name, dtype) in inner {
            let path = format!("{path}.{name}");
            if schema.field(&path).is_none() {
                let field = Field {
                    name: path.clone(),
                    dtype: dtype.clone(),
                    nullable: true,
                };
                leaves(&path, &field, schema, found);
            }
        }
    } else {
        found.push(Field {
            name: path.to_owned(),
            ..field.clone()
        });
    }
}

fn select(batch: &RecordBatch, columns: &[String]) -> Result<RecordBatch> {
    let mut arrays = Vec::with_capacity(columns.len());
    let mut fields = Vec::with_capacity(columns.len());
    for name in columns {
        let array = column(batch, name)
            .ok_or_else(|| Error::data("read", name, "the column is missing in a batch"))?;
        let array = match canonical(array.data_type()) {
            Some(to) => {
                arrow::compute::cast(&array, &to).map_err(|e| Error::data("read", name, e))?
            }
            None => array,
        };
        fields.push(arrow::datatypes::Field::new(
            name,
            array.data_type().clone(),
            true,
        ));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(ArrowSchema::new(fields)), arrays, &options)
        .map_err(|e| Error::data("read", "a batch", e))
}

/// A column by name, or a struct's leaf by path with the nulls of its parents.
fn column(batch: &RecordBatch, name: &str) -> Option<ArrayRef> {
    if let Some(array) = batch.column_by_name(name) {
        return Some(array.clone());
    }
    let schema = batch.schema();
    let root = schema.fields().iter().map(|f| f.name()).find(|n| {
        name.strip_prefix(n.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    })?;
    let mut array = batch.column_by_name(root)?.clone();
    let mut rest = &name[root.len() + 1..];
    loop {
        let DataType::Struct(inner) = array.data_type().clone() else {
            return None;
        };
        let parent = array.as_struct().clone();
        let next = inner.iter().map(|f| f.name().clone()).find(|n| {
            rest == n
                || rest
                    .strip_prefix(n.as_str())
                    .is_some_and(|r| r.starts_with('.'))
        })?;
        let child = parent.column_by_name(&next)?.clone();
        array = match parent.nulls() {
            Some(nulls) => {
                let is_null = arrow::array::BooleanArray::new(!nulls.inner(), None);
                arrow::compute::nullif(&child, &is_null).ok()?
            }
            None => child,
        };
        if rest == next {
            return Some(array);
        }
        rest = &rest[next.len() + 1..];
    }
}

enum Kind {
    Parquet,
    Csv,
    Ndjson,
}

fn format_of(file: &DataFile, options: &SourceOptions) -> Result<Kind> {
    let name = file
        .location
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    let plain = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name);
    let extension = plain.rsplit_once('.').map_or("", |(_, e)| e);
    match options.format.as_deref().unwrap_or(extension) {
        "parquet" | "pq" => Ok(Kind::Parquet),
        "csv" | "tsv" | "txt" => Ok(Kind::Csv),
        "ndjson" | "jsonl" | "json" => Ok(Kind::Ndjson),
        other => Err(Error::data(
            "read",
            &file.path,
            format!(
                "format `{other}` is not read by this version; Parquet, CSV and NDJSON are (set `format:` if the \
                 name misleads)"
            ),
        )),
    }
}

fn find(path: &str, base: &Path) -> Result<Vec<DataFile>> {
    let full = base.join(path);
    let mut found = Vec::new();
    if full.is_dir() {
        let pattern = format!(
            "{}/**/*",
            glob::Pattern::escape(&full.display().to_string())
        );
        found = matching(&pattern, path)?;
        found.retain(|p| {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            !name.starts_with(['.', '_'])
        });
    } else if full.exists() || !path.contains(['*', '?', '[']) {
        found.push(full);
    } else {
        found.extend(matching(&full.display().to_string(), path)?);
    }
    if found.is_empty() {
        return Err(Error::data("find", path, "no file matches"));
    }
    found
        .into_iter()
        .map(|location| data_file(location, base))
        .collect()
}

fn matching(pattern: &str, written: &str) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = glob::glob(pattern)
        .map_err(|e| Error::data("find", written, e))?
        .filter_map(std::result::Result::ok)
        .filter(|p| p.is_file())
        .collect();
    found.sort();
    Ok(found)
}

fn data_file(location: PathBuf, base: &Path) -> Result<DataFile> {
    let shown = location
        .strip_prefix(base)
        .unwrap_or(&location)
        .display()
        .to_string();
    let metadata = std::fs::metadata(&location).map_err(|e| Error::data("read", &shown, e))?;
    Ok(DataFile {
        path: shown,
        location,
        bytes: metadata.len(),
        modified: metadata.modified().ok().map(DateTime::<Utc>::from),
    })
}

fn digest(file: &DataFile) -> Result<FileDigest> {
    let fail = |e: std::io::Error| Error::data("read", &file.path, e);
    let mut reader = std::fs::File::open(&file.location).map_err(fail)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer).map_err(fail)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    Ok(FileDigest {
        path: file.path.clone(),
        bytes: file.bytes,
        sha256: crate::report::text::hex(&hasher.finalize()),
    })
}

/// The logical type of an Arrow type, for messages of readers.
#[must_use]
pub fn type_name(dtype: &DataType) -> String {
    logical(dtype).to_string()
}
