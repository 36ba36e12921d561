//! Row tests of text columns: published formats, and text that must read as another type.

use super::{Considered, KernelCounts, NullKey, column, query};
use crate::detect::Detector;
use crate::error::Result;
use crate::formats::{Form, JsonSchema, Kind};
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use chrono::format::{Item, Parsed, StrftimeItems};

/// What text must read as. Nothing is trimmed; the empty text reads as nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parse {
    /// `[+-]?[0-9]+`, of any length.
    Integer,
    /// `[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?`; neither `NaN` nor `inf`.
    Number,
    /// `true` or `false` in any case.
    Boolean,
    /// As the format `iso_date`.
    Date,
    /// As the format `iso_datetime`, or the same without offset.
    Timestamp,
    /// A chrono strptime pattern that the whole text must fit, with fields that do not contradict each other.
    Pattern(String),
}

/// Texts that JSON objects must have as keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonKeys {
    /// The keys.
    pub keys: Vec<String>,
    /// Whether all of them must be there, or any one.
    pub all: bool,
}

/// Non-null values of a text column that are not of a form fail. Nulls never fail unless they are told to.
#[derive(Debug)]
pub struct TextTest {
    pub(super) column: String,
    wanted: Wanted,
    nulls: NullKey,
    counts: KernelCounts,
}

/// The form that every text must have.
#[derive(Debug)]
enum Wanted {
    Format(Form),
    Reads(Parse),
    Free(Detector),
    Keys(JsonKeys),
    Schema(Box<JsonSchema>),
}

impl TextTest {
    /// A test of one column against a published format.
    pub fn format(column: impl Into<String>, form: impl Into<Form>) -> Self {
        Self::new(column.into(), Wanted::Format(form.into()))
    }

    /// A test of one column whose texts must be JSON objects with keys.
    pub fn json_keys(column: impl Into<String>, keys: JsonKeys) -> Self {
        Self::new(column.into(), Wanted::Keys(keys))
    }

    /// A test of one column whose texts must be JSON that fits a schema.
    pub fn json_schema(column: impl Into<String>, schema: JsonSchema) -> Self {
        Self::new(column.into(), Wanted::Schema(Box::new(schema)))
    }

    /// The same test, with what a null does.
    #[must_use]
    pub fn nulls(mut self, nulls: NullKey) -> Self {
        self.nulls = nulls;
        self
    }

    /// A test of one column against what its texts must read as.
    ///
    /// Errors: `Query` for a pattern that is empty or has an unknown field.
    pub fn parses_as(column: impl Into<String>, parse: Parse) -> Result<Self> {
        if let Parse::Pattern(p) = &parse
            && (p.is_empty() || StrftimeItems::new(p).any(|i| matches!(i, Item::Error)))
        {
            return Err(query(
                format!("pattern `{p}`"),
                "it is not a strptime pattern",
            ));
        }
        Ok(Self::new(column.into(), Wanted::Reads(parse)))
    }

    /// A test of one column against what its texts must not hold.
    pub fn free_of(column: impl Into<String>, detector: Detector) -> Self {
        Self::new(column.into(), Wanted::Free(detector))
    }

    fn new(column: String, wanted: Wanted) -> Self {
        Self {
            column,
            wanted,
            nulls: NullKey::Ignored,
            counts: KernelCounts::default(),
        }
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let array = text(batch, &self.column)?;
        let failing = self.wanted.failing(&array, self.nulls);
        for row in (0..array.len()).filter(|r| kept.row(*r)) {
            self.counts.rows += 1;
            self.counts.non_null += u64::from(array.is_valid(row));
            self.counts.failing += u64::from(failing(row));
        }
        Ok(())
    }

    pub(super) fn counts(&self) -> KernelCounts {
        self.counts.clone()
    }

    pub(super) fn second_pass(
        &self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let array = text(batch, &self.column)?;
        let failing = self.wanted.failing(&array, self.nulls);
        let flags = (0..array.len()).map(|r| Some(kept.row(r) && failing(r)));
        Ok(flags.collect())
    }
}

impl Wanted {
    /// Whether the text of a row is of another form; a pattern is taken apart once, not per row.
    fn failing<'a>(
        &'a self,
        array: &'a StringArray,
        nulls: NullKey,
    ) -> impl Fn(usize) -> bool + 'a {
        let items: Vec<Item<'a>> = match self {
            Self::Reads(Parse::Pattern(p)) => StrftimeItems::new(p).collect(),
            _ => Vec::new(),
        };
        move |row| {
            if array.is_null(row) {
                return nulls == NullKey::Fails;
            }
            let text = array.value(row);
            !match self {
                Self::Format(form) => form.accepts(text),
                Self::Reads(parse) => reads(parse, &items, text),
                Self::Keys(wanted) => has_keys(wanted, text),
                Self::Free(detector) => detector.find(text).is_none(),
                Self::Schema(schema) => schema.accepts_text(text),
            }
        }
    }
}

/// Whether a text is a JSON object with the keys; repeated keys count once.
fn has_keys(wanted: &JsonKeys, text: &str) -> bool {
    let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    let Ok(object) = object else {
        return false;
    };
    let mut keys = wanted.keys.iter();
    if wanted.all {
        keys.all(|key| object.contains_key(key))
    } else {
        keys.any(|key| object.contains_key(key))
    }
}

/// The text column by name; a column without any type (all null) is text that is all null.
pub(super) fn text(batch: &RecordBatch, name: &str) -> Result<StringArray> {
    let array = column(batch, name)?;
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().clone()),
        DataType::Null => Ok(StringArray::new_null(array.len())),
        other => Err(query(
            format!("column `{name}`"),
            format!(
                "it is {}, not text",
                crate::engine::embedded::schema::logical(other)
            ),
        )),
    }
}

fn reads(kind: &Parse, items: &[Item<'_>], v: &str) -> bool {
    let unsigned = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match kind {
        Parse::Integer => unsigned(v.strip_prefix(['+', '-']).unwrap_or(v)),
        Parse::Number => {
            let (mantissa, exponent) = v
                .split_once(['e', 'E'])
                .map_or((v, None), |(m, e)| (m, Some(e)));
            let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            (unsigned(whole) || (whole.is_empty() && unsigned(fraction)))
                && (fraction.is_empty() || unsigned(fraction))
                && exponent.is_none_or(|e| unsigned(e.strip_prefix(['+', '-']).unwrap_or(e)))
        }
        Parse::Boolean => v.eq_ignore_ascii_case("true") || v.eq_ignore_ascii_case("false"),
        Parse::Date => Kind::IsoDate.accepts(v),
        Parse::Timestamp => Kind::IsoDatetime.accepts(v) || crate::formats::is_local_datetime(v),
        Parse::Pattern(_) => pattern_fits(items, v),
    }
}

/// Parses, then resolves what the fields say, so that 31 February and a wrong weekday fail.
fn pattern_fits(items: &[Item<'_>], v: &str) -> bool {
    use chrono::format::ParseErrorKind::NotEnough;
    let mut parsed = Parsed::new();
    if chrono::format::parse(&mut parsed, v, items.iter()).is_err() {
        return false;
    }
    let date = parsed
        .to_naive_date()
        .err()
        .is_none_or(|e| e.kind() == NotEnough);
    let time = parsed
        .to_naive_time()
        .err()
        .is_none_or(|e| e.kind() == NotEnough);
    date && time
}
