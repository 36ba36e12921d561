//! CSV: strict UTF-8, one width, a type per column that every value has.

use super::{DataFile, SourceOptions};
use crate::error::{Error, Result};
use crate::types::{LogicalType, TypePattern};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::array::{NullArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// Reads the whole file.
///
/// Typing: a column gets the first of boolean, int64, float64, date, timestamp, string that all its non-null cells
/// are; digits with a leading zero are text. A type that the contract declares wins where every cell can be read so.
pub(super) fn read(file: &DataFile, options: &SourceOptions) -> Result<RecordBatch> {
    let text = text(file, options)?;
    let delimiter = options.csv.delimiter.unwrap_or_else(|| sniff(&text));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(options.csv.quote.unwrap_or(b'"'))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut names: Option<Vec<String>> = None;
    let mut cells: Vec<Vec<Option<String>>> = Vec::new();
    let nulls = options
        .csv
        .nulls
        .clone()
        .unwrap_or_else(|| vec![String::new()]);
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|e| Error::data("decode", &file.path, e))?;
        if !more {
            break;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match &names {
            None if options.csv.header == Some(false) => {
                names = Some((1..=record.len()).map(|i| format!("column_{i}")).collect());
                cells = vec![Vec::new(); record.len()];
            }
            None => {
                names = Some(header(file, &record)?);
                cells = vec![Vec::new(); record.len()];
                continue;
            }
            Some(_) => {}
        }
        if record.len() != cells.len() {
            let reason = format!(
                "line {line} has {} cells, the first row has {}",
                record.len(),
                cells.len()
            );
            return Err(Error::data("decode", &file.path, reason));
        }
        for (column, cell) in cells.iter_mut().zip(record.iter()) {
            column.push((!nulls.iter().any(|n| n == cell)).then(|| cell.to_owned()));
        }
    }
    let names = names.ok_or_else(|| Error::data("decode", &file.path, "there is no header row"))?;
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (name, cells) in names.iter().zip(&cells) {
        let declared = options
            .types
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, t)| t);
        let array = typed(cells, declared);
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|e| Error::data("decode", &file.path, e))
}

fn text(file: &DataFile, options: &SourceOptions) -> Result<String> {
    let bytes = super::compressed::bytes(file)?;
    let encoding = match options.csv.encoding.as_deref() {
        Some(label) => encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            Error::data(
                "decode",
                &file.path,
                format!("there is no encoding called `{label}`"),
            )
        })?,
        None => encoding_rs::Encoding::for_bom(&bytes).map_or(encoding_rs::UTF_8, |(e, _)| e),
    };
    let text = if encoding == encoding_rs::UTF_8 {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        String::from_utf8(bytes.to_vec()).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let reason = format!(
                "line {line}, byte {} is not UTF-8; say `csv: {{encoding: windows-1252}}` (or what it is)",
                at + 1
            );
            Error::data("decode", &file.path, reason)
        })?
    } else {
        let (text, _, broken) = encoding.decode(&bytes);
        if broken {
            let reason = format!("bytes that are not {}", encoding.name());
            return Err(Error::data("decode", &file.path, reason));
        }
        text.into_owned()
    };
    if let Some(at) = text.find('\0') {
        let line = text[..at].matches('\n').count() + 1;
        return Err(Error::data(
            "decode",
            &file.path,
            format!("line {line} holds a NUL character"),
        ));
    }
    Ok(text)
}

fn sniff(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |d: u8| first.bytes().filter(|b| *b == d).count();
    let mut best = b',';
    for candidate in [b';', b'\t', b'|'] {
        if count(candidate) > count(best) {
            best = candidate;
        }
    }
    best
}

fn header(file: &DataFile, record: &csv::StringRecord) -> Result<Vec<String>> {
    let names: Vec<String> = record.iter().map(|n| n.trim().to_owned()).collect();
    let mut seen = std::collections::HashSet::new();
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(Error::data(
                "decode",
                &file.path,
                format!("column {} has no name", i + 1),
            ));
        }
        if !seen.insert(name) {
            return Err(Error::data(
                "decode",
                &file.path,
                format!("two columns are called `{name}`"),
            ));
        }
    }
    Ok(names)
}

fn typed(cells: &[Option<String>], declared: Option<&TypePattern>) -> ArrayRef {
    let texts = || cells.iter().map(Option::as_deref);
    if texts().all(|c| c.is_none()) && declared.is_none() {
        return Arc::new(NullArray::new(cells.len()));
    }
    let wants_text = matches!(declared, Some(TypePattern::Exact(LogicalType::String)));
    let array = if wants_text {
        None
    } else {
        narrowest(cells, declared)
    };
    let array = array.unwrap_or_else(|| Arc::new(texts().collect::<StringArray>()));
    match declared.and_then(arrow_type) {
        Some(to) => {
            let options = arrow::compute::CastOptions {
                safe: false,
                ..Default::default()
            };
            arrow::compute::cast_with_options(&array, &to, &options).unwrap_or(array)
        }
        None => array,
    }
}

fn narrowest(cells: &[Option<String>], declared: Option<&TypePattern>) -> Option<ArrayRef> {
    let wants_float = matches!(declared, Some(TypePattern::Float));
    let array: ArrayRef = if let Some(v) = all(cells, |c| match c {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }) {
        Arc::new(BooleanArray::from(v))
    } else if let Some(v) = all(cells, integer).filter(|_| !wants_float) {
        Arc::new(Int64Array::from(v))
    } else if let Some(v) = all(cells, float) {
        Arc::new(Float64Array::from(v))
    } else if let Some(v) = all(cells, day) {
        Arc::new(Date32Array::from(v))
    } else {
        return timestamp(cells);
    };
    Some(array)
}

fn all<T>(cells: &[Option<String>], read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    cells
        .iter()
        .map(|cell| match cell {
            None => Some(None),
            Some(text) => read(text).map(Some),
        })
        .collect()
}

fn plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    !digits.is_empty() && !leading_zero && digits.starts_with(|c: char| c.is_ascii_digit())
}

fn integer(text: &str) -> Option<i64> {
    plain_number(text).then(|| text.parse().ok())?
}

fn float(text: &str) -> Option<f64> {
    if ["NaN", "nan", "inf", "-inf", "Infinity", "-Infinity"].contains(&text) {
        return text.parse().ok();
    }
    plain_number(text).then(|| text.parse().ok())?
}

fn day(text: &str) -> Option<i32> {
    let day: chrono::NaiveDate = (text.len() == 10).then(|| text.parse().ok())??;
    i32::try_from(
        day.signed_duration_since(chrono::NaiveDate::default())
            .num_days(),
    )
    .ok()
}

fn timestamp(cells: &[Option<String>]) -> Option<ArrayRef> {
    let zoned = |t: &str| {
        chrono::DateTime::parse_from_rfc3339(t)
            .ok()
            .map(|t| t.timestamp_micros())
    };
    let local = |t: &str| {
        let t = t.replacen(' ', "T", 1);
        t.parse::<chrono::NaiveDateTime>()
            .ok()
            .map(|t| t.and_utc().timestamp_micros())
    };
    if let Some(v) = all(cells, zoned) {
        return Some(Arc::new(
            TimestampMicrosecondArray::from(v).with_timezone("UTC"),
        ));
    }
    all(cells, local).map(|v| Arc::new(TimestampMicrosecondArray::from(v)) as ArrayRef)
}

fn arrow_type(pattern: &TypePattern) -> Option<DataType> {
    let TypePattern::Exact(dtype) = pattern else {
        return None;
    };
    Some(match dtype {
        LogicalType::Int(8) => DataType::Int8,
        LogicalType::Int(16) => DataType::Int16,
        LogicalType::Int(32) => DataType::Int32,
        LogicalType::Int(64) => DataType::Int64,
        LogicalType::UInt(8) => DataType::UInt8,
        LogicalType::UInt(16) => DataType::UInt16,
        LogicalType::UInt(32) => DataType::UInt32,
        LogicalType::UInt(64) => DataType::UInt64,
        LogicalType::Float(32) => DataType::Float32,
        LogicalType::Float(64) => DataType::Float64,
        LogicalType::Decimal(p, s) => DataType::Decimal128(*p, *s),
        _ => return None,
    })
}
