//! Fields of a signature against columns.

use super::{Field, Wants};
use crate::types::{LogicalType, TypePattern};
use serde::Serialize;
use std::fmt;

/// A column as a contract or a dataset's schema has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: OfferedType,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// Whether it may be absent: `required: false` of a contract.
    pub may_lack: bool,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferedType {
    /// As the schema of a dataset says.
    Exact(LogicalType),
    /// As a contract says; `None` where it says nothing.
    Promised(Option<TypePattern>),
}

/// Where a model and its data do not fit. Names are those of columns: hostile text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "mismatch", rename_all = "snake_case")]
pub enum Mismatch {
    /// A field that must be there is no column.
    Missing {
        /// The field.
        name: String,
    },
    /// A field must be there, and the contract allows that its column is absent.
    MayLack {
        /// The field.
        name: String,
    },
    /// A column is no field: the model does not see it.
    Extra {
        /// The column.
        name: String,
    },
    /// Values of the column do not all fit the field.
    Narrowing {
        /// The field.
        name: String,
        /// Its type.
        wanted: String,
        /// The column's type.
        offered: String,
    },
    /// The column is of another type.
    Type {
        /// The field.
        name: String,
        /// Its type.
        wanted: String,
        /// The column's type.
        offered: String,
    },
    /// The column may hold nulls, and the field is of a type that has none.
    Nullable {
        /// The field.
        name: String,
        /// Its type.
        wanted: String,
    },
    /// The contract does not say the type of the column, or the signature's is not known here.
    Untold {
        /// The field.
        name: String,
        /// What is not known.
        what: String,
    },
    /// So many columns are wanted, and so many are there.
    Count {
        /// Wanted.
        wanted: u64,
        /// There.
        offered: u64,
    },
    /// A block of more than one dimension per row, which no column is.
    Shape {
        /// The field.
        name: String,
        /// Its sizes.
        shape: Vec<i64>,
    },
    /// Columns are in another order than the model was trained with; it is told by the first that differs.
    Order {
        /// Place, from 1.
        place: u64,
        /// Column of the training.
        wanted: String,
        /// Column there.
        offered: String,
    },
}

impl Mismatch {
    /// Whether the model cannot be given the data: true for all but columns that it does not see, and what is not told.
    #[must_use]
    pub fn breaks(&self) -> bool {
        !matches!(self, Self::Extra { .. } | Self::Untold { .. })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name } => write!(
                f,
                "the model must be given `{name}`, and there is no such column"
            ),
            Self::MayLack { name } => write!(
                f,
                "the model must be given `{name}`, and its column may be absent"
            ),
            Self::Extra { name } => write!(
                f,
                "column `{name}` is not in the signature: the model does not see it"
            ),
            Self::Narrowing {
                name,
                wanted,
                offered,
            } => write!(
                f,
                "`{name}` is {wanted} in the signature and {offered} in the data: not every value fits"
            ),
            Self::Type {
                name,
                wanted,
                offered,
            } => {
                write!(
                    f,
                    "`{name}` is {wanted} in the signature and {offered} in the data"
                )
            }
            Self::Nullable { name, wanted } => {
                write!(
                    f,
                    "`{name}` is {wanted} in the signature, which has no null, and the column may hold nulls"
                )
            }
            Self::Untold { name, what } => write!(f, "`{name}` is not compared: {what}"),
            Self::Count { wanted, offered } => {
                write!(
                    f,
                    "the model is given {wanted} values a row, and {offered} columns are there"
                )
            }
            Self::Shape { name, shape } => {
                write!(
                    f,
                    "`{name}` is a block of sizes {shape:?}, which a column is not"
                )
            }
            Self::Order {
                place,
                wanted,
                offered,
            } => write!(
                f,
                "value {place} of a row is `{offered}`, and the model was trained with `{wanted}` there"
            ),
        }
    }
}

/// Where fields and columns do not fit, in the order of the fields, then of the columns.
///
/// Named fields are found by name, in any order; fields without names by their place. One tensor without a name takes
/// all columns as one row of numbers: `order` is then the order of the training, where it is known. Types widen as
/// `MLflow` widens them when a model is served (its `_enforce_mlflow_datatype`, from memory): narrower to wider of one
/// kind, unsigned to wider signed, whole numbers of up to 32 bits to double; never fractions to whole numbers, never
/// double to float. Tensors take their own type and no other.
#[must_use]
pub fn compare(fields: &[Field], columns: &[Offered], order: Option<&[String]>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    match fields {
        [
            Field {
                name: None,
                wants: Wants::Tensor { element, shape },
                ..
            },
        ] => {
            block(element, shape, columns, order, &mut found);
        }
        [Field { name: None, .. }, ..] => by_place(fields, columns, &mut found),
        _ => by_name(fields, columns, &mut found),
    }
    found
}

fn by_name(fields: &[Field], columns: &[Offered], found: &mut Vec<Mismatch>) {
    for (place, field) in fields.iter().enumerate() {
        let name = field
            .name
            .clone()
            .unwrap_or_else(|| format!("field {}", place + 1));
        match columns.iter().find(|c| c.name == name) {
            Some(column) => one(&name, field, column, found),
            None if field.required => found.push(Mismatch::Missing { name }),
            None => {}
        }
    }
    let seen = |c: &Offered| fields.iter().any(|f| f.name.as_deref() == Some(&c.name));
    let extra = columns.iter().filter(|c| !seen(c));
    found.extend(extra.map(|c| Mismatch::Extra {
        name: c.name.clone(),
    }));
}

fn by_place(fields: &[Field], columns: &[Offered], found: &mut Vec<Mismatch>) {
    if fields.len() != columns.len() {
        found.push(Mismatch::Count {
            wanted: fields.len() as u64,
            offered: columns.len() as u64,
        });
    }
    for (field, column) in fields.iter().zip(columns) {
        one(&column.name, field, column, found);
    }
}

/// All columns as one row of numbers.
fn block(
    element: &LogicalType,
    shape: &[i64],
    columns: &[Offered],
    order: Option<&[String]>,
    found: &mut Vec<Mismatch>,
) {
    let width = match shape {
        [_] => Some(1),
        [_, width] => Some(*width),
        _ => None,
    };
    let Some(width) = width else {
        found.push(Mismatch::Shape {
            name: "the input".to_owned(),
            shape: shape.to_vec(),
        });
        return;
    };
    let wanted = u64::try_from(width).unwrap_or(columns.len() as u64);
    if wanted != columns.len() as u64 {
        let offered = columns.len() as u64;
        found.push(Mismatch::Count { wanted, offered });
    }
    for column in columns {
        exactly(&column.name, element, column, found);
    }
    let differs = order.and_then(|order| {
        order
            .iter()
            .zip(columns)
            .enumerate()
            .find(|(_, (a, b))| **a != b.name)
    });
    if let Some((place, (wanted, column))) = differs {
        found.push(Mismatch::Order {
            place: place as u64 + 1,
            wanted: wanted.clone(),
            offered: column.name.clone(),
        });
    }
}

fn one(name: &str, field: &Field, column: &Offered, found: &mut Vec<Mismatch>) {
    let name = name.to_owned();
    if field.required && column.may_lack {
        found.push(Mismatch::MayLack { name: name.clone() });
    }
    match &field.wants {
        Wants::Any => {}
        Wants::Unknown(word) => found.push(Mismatch::Untold {
            name,
            what: format!("type `{word}` of the signature is not known here"),
        }),
        Wants::Nested(kind) => nested(name, kind, column, found),
        Wants::Tensor { element, shape } => match shape[..] {
            [_] | [_, 1] => exactly(&name, element, column, found),
            _ => found.push(Mismatch::Shape {
                name,
                shape: shape.clone(),
            }),
        },
        Wants::Plain(wanted) => {
            let Some(offered) = widest(&column.kind) else {
                found.push(untold(name));
                return;
            };
            let words = (wanted.to_string(), shown(&column.kind));
            match fit(wanted, &offered) {
                Fit::All => {}
                Fit::Some => found.push(Mismatch::Narrowing {
                    name: name.clone(),
                    wanted: words.0,
                    offered: words.1,
                }),
                Fit::None => found.push(Mismatch::Type {
                    name: name.clone(),
                    wanted: words.0,
                    offered: words.1,
                }),
            }
            nulls(name, wanted, column, found);
        }
    }
}

fn nested(name: String, kind: &str, column: &Offered, found: &mut Vec<Mismatch>) {
    let Some(offered) = widest(&column.kind) else {
        found.push(untold(name));
        return;
    };
    let is = match offered {
        LogicalType::List(_) => kind == "list",
        LogicalType::Map(..) => kind == "map",
        LogicalType::Struct(_) => kind == "struct",
        _ => false,
    };
    if !is {
        found.push(Mismatch::Type {
            name,
            wanted: kind.to_owned(),
            offered: shown(&column.kind),
        });
    }
}

/// A column of a tensor: no conversion at all.
fn exactly(name: &str, element: &LogicalType, column: &Offered, found: &mut Vec<Mismatch>) {
    let name = name.to_owned();
    match widest(&column.kind) {
        None => found.push(untold(name)),
        Some(offered) if offered == *element => nulls(name, element, column, found),
        Some(_) => found.push(Mismatch::Type {
            name,
            wanted: element.to_string(),
            offered: shown(&column.kind),
        }),
    }
}

fn untold(name: String) -> Mismatch {
    let what = "the contract does not say its type".to_owned();
    Mismatch::Untold { name, what }
}

/// Whole numbers and booleans with nulls are something else where models are served: floats, or objects.
fn nulls(name: String, wanted: &LogicalType, column: &Offered, found: &mut Vec<Mismatch>) {
    let has_none = matches!(
        wanted,
        LogicalType::Int(_) | LogicalType::UInt(_) | LogicalType::Boolean
    );
    if has_none && column.nullable {
        let wanted = wanted.to_string();
        found.push(Mismatch::Nullable { name, wanted });
    }
}

fn shown(kind: &OfferedType) -> String {
    match kind {
        OfferedType::Exact(kind) => kind.to_string(),
        OfferedType::Promised(Some(pattern)) => pattern.to_string(),
        OfferedType::Promised(None) => "any".to_owned(),
    }
}

/// The widest type that a promise allows; `None` where it allows types of several kinds.
fn widest(kind: &OfferedType) -> Option<LogicalType> {
    match kind {
        OfferedType::Exact(kind) => Some(kind.clone()),
        OfferedType::Promised(pattern) => widest_of(pattern.as_ref()?),
    }
}

fn widest_of(pattern: &TypePattern) -> Option<LogicalType> {
    use LogicalType as T;
    let inner = |p: &TypePattern| widest_of(p).unwrap_or(T::Null);
    Some(match pattern {
        TypePattern::Exact(kind) => kind.clone(),
        TypePattern::Integer => T::Int(64),
        TypePattern::Float => T::Float(64),
        TypePattern::Timestamp => T::Timestamp { utc: true },
        TypePattern::Decimal => T::Decimal(38, 0),
        TypePattern::List => T::List(Box::new(T::Null)),
        TypePattern::Struct => T::Struct(Vec::new()),
        TypePattern::Map => T::Map(Box::new(T::Null), Box::new(T::Null)),
        TypePattern::ListOf(item) => T::List(Box::new(inner(item))),
        TypePattern::MapOf(key, value) => T::Map(Box::new(inner(key)), Box::new(inner(value))),
        TypePattern::StructOf(fields) => {
            T::Struct(fields.iter().map(|(n, p)| (n.clone(), inner(p))).collect())
        }
        TypePattern::Any | TypePattern::Number | TypePattern::Temporal => return None,
    })
}

/// How many values of a type another can hold.
#[derive(Debug, PartialEq)]
enum Fit {
    All,
    Some,
    None,
}

fn fit(wanted: &LogicalType, offered: &LogicalType) -> Fit {
    use LogicalType as T;
    let all = |yes: bool| if yes { Fit::All } else { Fit::Some };
    match (wanted, offered) {
        (a, b) if a == b => Fit::All,
        (_, T::Null) => Fit::All,
        (T::Int(w), T::Int(o)) | (T::UInt(w), T::UInt(o)) | (T::Float(w), T::Float(o)) => {
            all(o <= w)
        }
        (T::Int(w), T::UInt(o)) => all(o < w),
        (T::UInt(_), T::Int(_)) => Fit::Some,
        // Double holds whole numbers of up to 53 bits; to float nothing is converted.
        (T::Float(w), T::Int(o) | T::UInt(o)) => all(*w == 64 && *o <= 32),
        (T::Int(_) | T::UInt(_), T::Float(_) | T::Decimal(..)) => Fit::Some,
        (T::Timestamp { .. }, T::Timestamp { .. } | T::Date) => Fit::All,
        _ => Fit::None,
    }
}
