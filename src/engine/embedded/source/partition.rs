//! Hive partitions: folders called `key=value` are columns of the files below them.
//!
//! Values are percent-decoded and typed like the cells of a CSV column over all files; `__HIVE_DEFAULT_PARTITION__`
//! is null. The columns come after the files' own.
//!
//! Source: the folders that Apache Hive writes, and Spark after it; percent-decoding as in RFC 3986, section 2.1.

use super::cell::{Cells, Guess};
use super::{DataFile, SourceOptions};
use crate::engine::embedded::value::scalar_at;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use std::path::Path;
use std::sync::Arc;

const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The partition columns of a dataset, one value per file.
#[derive(Default)]
pub(super) struct Partitions(Vec<(FieldRef, ArrayRef)>);

/// Keys and values on the way to one file, as text.
pub(super) type Keys = Vec<(String, Option<String>)>;

/// Keys and values of the folders in `way`.
///
/// Errors: the reason, when a value is not UTF-8 or a key comes twice.
pub(super) fn keys(way: &Path) -> std::result::Result<Keys, String> {
    let mut keys: Keys = Vec::new();
    for folder in way.components() {
        let name = folder.as_os_str().to_string_lossy();
        let Some((key, value)) = name.split_once('=').filter(|(k, _)| !k.is_empty()) else {
            continue;
        };
        let key = decoded(key)?;
        if keys.iter().any(|(k, _)| *k == key) {
            return Err(format!("two folders on its path set the partition `{key}`"));
        }
        let value = (value != NULL).then(|| decoded(value)).transpose()?;
        keys.push((key, value));
    }
    Ok(keys)
}

fn decoded(text: &str) -> std::result::Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |i: usize| tail.get(i).and_then(|b| char::from(*b).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, hex(0), hex(1)) {
            bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits"));
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_err(|_| format!("the folder name `{text}` is not UTF-8"))
}

impl Partitions {
    /// The columns that the files' keys make.
    ///
    /// Errors: [`Error::Data`] when files have different keys.
    pub(super) fn new(files: &[DataFile], keys: &[Keys], options: &SourceOptions) -> Result<Self> {
        let names = |keys: &Keys| keys.iter().map(|(k, _)| k.clone()).collect::<Vec<_>>();
        let Some(first) = keys.first().map(names) else {
            return Ok(Self::default());
        };
        for (file, keys) in files.iter().zip(keys) {
            if names(keys) != first {
                let say = |names: &[String]| match names {
                    [] => "no partitions".to_owned(),
                    names => format!("partitions {}", names.join(", ")),
                };
                let reason = format!(
                    "its path has {}, that of {} has {}",
                    say(&names(keys)),
                    files[0].path,
                    say(&first)
                );
                return Err(Error::data("read", &file.path, reason));
            }
        }
        let column = |(i, name): (usize, &String)| {
            let values: Vec<Option<&str>> = keys.iter().map(|k| k[i].1.as_deref()).collect();
            let array = typed(name, &values, options);
            let field = Field::new(name, array.data_type().clone(), true);
            (Arc::new(field), array)
        };
        Ok(Self(first.iter().enumerate().map(column).collect()))
    }

    /// The files' schema followed by the partition columns.
    ///
    /// Errors: [`Error::Data`] when a key is also a column of the files.
    pub(super) fn added_to(&self, schema: &SchemaRef, file: &DataFile) -> Result<SchemaRef> {
        let mut fields: Vec<FieldRef> = schema.fields().iter().cloned().collect();
        for (field, _) in &self.0 {
            if schema.column_with_name(field.name()).is_some() {
                let reason = format!(
                    "`{0}` is a column of the file and a partition (`{0}=…` on its path); rename one of them",
                    field.name()
                );
                return Err(Error::data("read", &file.path, reason));
            }
            fields.push(field.clone());
        }
        Ok(Arc::new(Schema::new(fields)))
    }

    /// The batch of one file with the partition columns that are asked for.
    ///
    /// Errors: [`Error::Data`] when Arrow refuses.
    pub(super) fn extend(
        &self,
        batch: &RecordBatch,
        file: usize,
        asked: &[String],
    ) -> Result<RecordBatch> {
        let mut fields: Vec<FieldRef> = batch.schema().fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        let rows = batch.num_rows();
        let fail = |e| Error::data("read", "a batch", e);
        for (field, values) in self.0.iter().filter(|(f, _)| asked.contains(f.name())) {
            let repeated = UInt64Array::from(vec![file as u64; rows]);
            arrays.push(arrow::compute::take(values, &repeated, None).map_err(fail)?);
            fields.push(field.clone());
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .map_err(fail)
    }

    /// Those of one file.
    pub(super) fn of_file(&self, file: usize) -> Self {
        let one = |(field, values): &(FieldRef, ArrayRef)| (field.clone(), values.slice(file, 1));
        Self(self.0.iter().map(one).collect())
    }

    /// Every column with its type and its value per file; equal partitions have equal texts.
    pub(super) fn text(&self) -> String {
        let column = |(field, _): &(FieldRef, ArrayRef)| {
            let values = self.values(field.name());
            format!("{} {} {values:?}", field.name(), field.data_type())
        };
        self.0.iter().map(column).collect::<Vec<_>>().join("\n")
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One value per file; `None` when `name` is no partition.
    pub(super) fn values(&self, name: &str) -> Option<Vec<Option<Scalar>>> {
        let (_, values) = self.0.iter().find(|(f, _)| f.name() == name)?;
        let value = |file| scalar_at(values.as_ref(), file);
        Some((0..values.len()).map(value).collect())
    }
}

/// The values in the type they have in common; only whole numbers, dates and text unless the contract says more.
fn typed(name: &str, values: &[Option<&str>], options: &SourceOptions) -> ArrayRef {
    let declared = options.declared(name);
    let mut guess = Guess::new(declared);
    values.iter().flatten().for_each(|text| guess.update(text));
    let found = guess.dtype();
    let simple = matches!(found, DataType::Int64 | DataType::Date32 | DataType::Null);
    let dtype = if simple || declared.is_some() {
        found
    } else {
        DataType::Utf8
    };
    let mut cells = Cells::new(&dtype);
    for value in values {
        cells.push(*value).expect("every value was looked at");
    }
    cells.finish().expect("every value was looked at")
}
