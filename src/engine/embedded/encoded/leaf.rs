//! Which leaf of a Parquet file tells a column's profile, and what the leaf's stored values are there.
//!
//! Source: Apache Parquet format, LogicalTypes.md, and the Arrow schema that the parquet crate reads a file with, which
//! knows the hints that Arrow writers leave in it.

use crate::engine::embedded::schema::canonical;
use crate::engine::embedded::source::Names;
use crate::engine::embedded::value::nanos_per;
use arrow::datatypes::{DataType, Fields, TimeUnit};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::{Repetition, Type as Physical};
use parquet::schema::types::{ColumnDescriptor, Type};

/// The leaf of one file that tells a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    /// Its position among the file's leaves.
    pub(super) index: usize,
    /// The definition level from which on the column is not null.
    pub(super) present: i16,
    /// The highest definition level.
    pub(super) definition: i16,
    /// The highest repetition level; above 0 the leaf is inside the list or map that is the column.
    pub(super) repetition: i16,
    /// How values are stored.
    pub(super) physical: Physical,
    /// Bytes of a value of fixed length.
    pub(super) width: usize,
    /// What a stored value is to the profile.
    pub(super) meaning: Meaning,
}

/// What a stored value is to the profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// Nothing: rows and nulls are counted.
    Nothing,
    /// A null.
    Null,
    /// A boolean.
    Truth,
    /// A whole number, cut to its bits and times a factor.
    Whole(Cut, i64),
    /// A whole number of 64 bits without a sign.
    Unsigned,
    /// Milliseconds of which whole days count.
    Days,
    /// Microseconds that have to fit 64 bits in nanoseconds.
    Micros,
    /// A float of 32 or 64 bits.
    Float,
    /// A float of 16 bits.
    Half,
    /// Big-endian digits of a decimal.
    Digits,
    /// UTF-8 text.
    Text,
    /// Bytes.
    Bytes,
}

/// The bits of a stored integer that count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cut {
    /// All of them.
    None,
    /// The lowest 8 with a sign.
    I8,
    /// The lowest 16 with a sign.
    I16,
    /// The lowest 8.
    U8,
    /// The lowest 16.
    U16,
    /// The lowest 32.
    U32,
}

/// What a profile looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Look {
    /// Rows and nulls only.
    Levels,
    /// Values too.
    Values,
}

impl Meaning {
    /// What a stored whole number is multiplied with.
    pub(super) fn factor(self) -> i64 {
        match self {
            Self::Whole(_, factor) => factor,
            Self::Micros => 1000,
            _ => 1,
        }
    }
}

impl Leaf {
    /// The leaf that tells the column called `name`; `None` where rows have to be made for it.
    pub(super) fn of(file: &ArrowReaderMetadata, name: &str, look: Look) -> Option<Self> {
        let way = Names::of(file.schema().fields()).way(name)?;
        let mut fields: &Fields = file.schema().fields();
        let mut group = file.parquet_schema().root_schema();
        let (mut index, mut present, mut dtype) = (0, 0, None);
        for (i, step) in way.iter().enumerate() {
            let children = group.get_fields();
            let (child, field) = (children.get(*step)?, fields.get(*step)?);
            if children.len() != fields.len() || child.name() != field.name() {
                return None;
            }
            index += children[..*step].iter().map(|c| leaves(c)).sum::<usize>();
            match child.get_basic_info().repetition() {
                Repetition::OPTIONAL => present += 1,
                Repetition::REPEATED if i + 1 < way.len() => return None,
                Repetition::REPEATED | Repetition::REQUIRED => {}
            }
            (group, dtype) = (child.as_ref(), Some(field.data_type()));
            if let DataType::Struct(inner) = field.data_type() {
                fields = inner;
            }
        }
        let column = file.parquet_schema().column(index);
        let meaning = meaning(&column, group, dtype?, look)?;
        let flat = column.max_rep_level() == 0;
        if flat && (!group.is_primitive() || present != column.max_def_level()) {
            return None;
        }
        Some(Self {
            index,
            present,
            definition: column.max_def_level(),
            repetition: column.max_rep_level(),
            physical: column.physical_type(),
            width: usize::try_from(column.type_length()).unwrap_or(0),
            meaning,
        })
    }
}

/// Leaves of a node of a Parquet schema.
fn leaves(node: &Type) -> usize {
    if node.is_group() {
        node.get_fields().iter().map(|f| leaves(f)).sum()
    } else {
        1
    }
}

/// What the leaf's values are to the profile of a column of this Arrow type; `None` where only arrow's reader knows.
fn meaning(leaf: &ColumnDescriptor, node: &Type, dtype: &DataType, look: Look) -> Option<Meaning> {
    let nested = leaf.max_rep_level() > 0 || node.is_group();
    match dtype {
        DataType::Null if leaf.physical_type() == Physical::INT32 => Some(Meaning::Null),
        DataType::Null => None,
        DataType::Struct(_) => None,
        _ if nested || look == Look::Levels => Some(Meaning::Nothing),
        DataType::Dictionary(_, value) => of_type(leaf, value),
        dtype => of_type(leaf, dtype),
    }
}

fn of_type(leaf: &ColumnDescriptor, dtype: &DataType) -> Option<Meaning> {
    let plain = canonical(dtype);
    let canonical = plain.as_ref().unwrap_or(dtype);
    match (leaf.physical_type(), canonical) {
        (Physical::BOOLEAN, DataType::Boolean) => Some(Meaning::Truth),
        (Physical::INT32 | Physical::INT64, _) => whole(leaf.physical_type(), dtype),
        (Physical::INT96, DataType::Timestamp(TimeUnit::Nanosecond, _)) => {
            Some(Meaning::Whole(Cut::None, 1))
        }
        (Physical::INT96, DataType::Timestamp(TimeUnit::Microsecond, _)) => {
            Some(Meaning::Whole(Cut::None, 1000))
        }
        (Physical::FLOAT, DataType::Float32) | (Physical::DOUBLE, DataType::Float64) => {
            Some(Meaning::Float)
        }
        (Physical::FIXED_LEN_BYTE_ARRAY, DataType::Float32) => {
            (leaf.type_length() == 2).then_some(Meaning::Half)
        }
        (Physical::FIXED_LEN_BYTE_ARRAY, DataType::Decimal128(..)) => (1..=16)
            .contains(&leaf.type_length())
            .then_some(Meaning::Digits),
        (Physical::FIXED_LEN_BYTE_ARRAY, DataType::Binary) => {
            (leaf.type_length() > 0).then_some(Meaning::Bytes)
        }
        (Physical::BYTE_ARRAY, DataType::Decimal128(..)) => Some(Meaning::Digits),
        (Physical::BYTE_ARRAY, DataType::Utf8) => Some(Meaning::Text),
        (Physical::BYTE_ARRAY, DataType::Binary) => Some(Meaning::Bytes),
        _ => None,
    }
}

/// What integers are, by the type that they are read as before it becomes canonical.
fn whole(physical: Physical, dtype: &DataType) -> Option<Meaning> {
    let short = physical == Physical::INT32;
    let times = |unit: &TimeUnit| i64::try_from(nanos_per(*unit)).ok();
    let (cut, factor) = match dtype {
        DataType::Int8 if short => (Cut::I8, 1),
        DataType::Int16 if short => (Cut::I16, 1),
        DataType::UInt8 if short => (Cut::U8, 1),
        DataType::UInt16 if short => (Cut::U16, 1),
        DataType::UInt32 if short => (Cut::U32, 1),
        DataType::Int32 | DataType::Date32 | DataType::Date64 if short => (Cut::None, 1),
        DataType::Time32(unit) if short => (Cut::None, times(unit)?),
        DataType::Decimal32(..) if short => (Cut::None, 1),
        DataType::Decimal64(..) | DataType::Decimal128(..) => (Cut::None, 1),
        DataType::Timestamp(unit, _) => (Cut::None, times(unit)?),
        DataType::Int64 if !short => (Cut::None, 1),
        DataType::UInt64 if !short => return Some(Meaning::Unsigned),
        DataType::Date64 => return Some(Meaning::Days),
        DataType::Time64(TimeUnit::Microsecond) if !short => return Some(Meaning::Micros),
        DataType::Time64(TimeUnit::Nanosecond) if !short => (Cut::None, 1),
        DataType::Duration(unit) if !short => (Cut::None, times(unit)?),
        _ => return None,
    };
    Some(Meaning::Whole(cut, factor))
}
