//! Examples of checks as Arrow batches.

use crate::config::tree::{Node, Value};
use arrow::array::RecordBatchOptions;
use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, NullArray, RecordBatch,
    StringArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use std::sync::Arc;

/// A batch from `{column: [values]}`; types follow the values, or `types` by name.
///
/// Errors: the reason in one line.
pub fn batch(node: &Node, types: &[(String, String)]) -> Result<RecordBatch, String> {
    let Value::Map(columns) = &node.value else {
        return Err("data must be a mapping of columns to lists".to_owned());
    };
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (key, values) in columns {
        let Value::List(items) = &values.value else {
            return Err(format!("column `{}` must be a list", key.name));
        };
        let mut array =
            natural(items).ok_or_else(|| format!("column `{}` mixes types", key.name))?;
        if let Some((_, name)) = types.iter().find(|(n, _)| *n == key.name) {
            let to = arrow_type(name).ok_or_else(|| format!("no type `{name}` for examples"))?;
            array = arrow::compute::cast(&array, &to).map_err(|e| e.to_string())?;
        }
        fields.push(Field::new(&key.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let rows = arrays.first().map_or(0, |a| a.len());
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|e| e.to_string())
}

#[expect(clippy::cast_precision_loss, reason = "examples hold small numbers")]
fn natural(items: &[Node]) -> Option<ArrayRef> {
    let all = |is: fn(&Value) -> bool| items.iter().all(|i| i.value == Value::Null || is(&i.value));
    if all(|_| false) {
        return Some(Arc::new(NullArray::new(items.len())));
    }
    if all(|v| matches!(v, Value::Int(_))) {
        let read = |i: &Node| match i.value {
            Value::Int(v) => i64::try_from(v).ok(),
            _ => None,
        };
        return Some(Arc::new(items.iter().map(read).collect::<Int64Array>()));
    }
    if all(|v| matches!(v, Value::Int(_) | Value::Float(_))) {
        let read = |i: &Node| match i.value {
            Value::Int(v) => Some(v as f64),
            Value::Float(v) => Some(v),
            _ => None,
        };
        return Some(Arc::new(items.iter().map(read).collect::<Float64Array>()));
    }
    if all(|v| matches!(v, Value::Bool(_))) {
        let read = |i: &Node| match i.value {
            Value::Bool(v) => Some(v),
            _ => None,
        };
        return Some(Arc::new(items.iter().map(read).collect::<BooleanArray>()));
    }
    if all(|v| matches!(v, Value::List(_))) {
        return lists(items);
    }
    all(|v| matches!(v, Value::Text(_))).then(|| {
        let read = |i: &Node| match &i.value {
            Value::Text(v) => Some(v.clone()),
            _ => None,
        };
        Arc::new(items.iter().map(read).collect::<StringArray>()) as ArrayRef
    })
}

/// Lists, whose items all together have one type.
fn lists(items: &[Node]) -> Option<ArrayRef> {
    let of = |item: &Node| match &item.value {
        Value::List(inner) => inner.clone(),
        _ => Vec::new(),
    };
    let inner: Vec<Node> = items.iter().flat_map(of).collect();
    let values = natural(&inner)?;
    let lengths = items.iter().map(|item| of(item).len());
    let offsets = OffsetBuffer::from_lengths(lengths);
    let nulls: NullBuffer = items.iter().map(|i| i.value != Value::Null).collect();
    let field = Arc::new(Field::new("item", values.data_type().clone(), true));
    let list = ListArray::try_new(field, offsets, values, Some(nulls)).ok()?;
    Some(Arc::new(list))
}

fn arrow_type(name: &str) -> Option<DataType> {
    Some(match name {
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "string" => DataType::Utf8,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "timestamp(local)" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamp(utc)" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        _ => return None,
    })
}
