//! Expressions made exact: where polars would wrap around, cut digits off or turn a value into null, types are widened first.

use super::moment;
use polars::prelude as pl;
use polars::prelude::{DataType, Expr, Operator, PolarsResult, TimeUnit};
use std::collections::BTreeSet;

/// Bits by which a sum over all rows may be longer than its values.
const ROW_BITS: u32 = 40;

/// An expression with every integer sum, difference and product computed without wrapping, temporal values compared
/// to the nanosecond, and unsigned 64-bit integers compared with signed ones by value.
///
/// Errors: a timestamp with a zone held against one without; types that do not fit.
pub(super) fn fit(expr: Expr, schema: &pl::Schema, zoned: &BTreeSet<String>) -> PolarsResult<Expr> {
    expr.try_map_expr(|e| step(e, schema, zoned))
}

fn step(expr: Expr, schema: &pl::Schema, zoned: &BTreeSet<String>) -> PolarsResult<Expr> {
    match expr {
        Expr::BinaryExpr { left, op, right } => {
            let (left, right) = (unwrap(left), unwrap(right));
            one_zone(&left, &right, schema, zoned)?;
            let (left, right) = operands(left, op, right, schema);
            Ok(Expr::BinaryExpr {
                left: left.into(),
                op,
                right: right.into(),
            })
        }
        Expr::Function { input, function } => Ok(call(input, function, schema)),
        Expr::Cast {
            expr,
            dtype,
            options,
        } => {
            let day = match (&*expr, dtype.as_literal()) {
                (Expr::Literal(text), Some(DataType::Date)) => {
                    text.extract_str().and_then(moment::day)
                }
                _ => None,
            };
            Ok(match day {
                Some(day) => pl::lit(day).cast(DataType::Date),
                None => Expr::Cast {
                    expr,
                    dtype,
                    options,
                },
            })
        }
        Expr::Agg(pl::AggExpr::Sum(input)) => {
            let input = unwrap(input);
            let wide = match bits(&input, schema) {
                Some(bits) => input.cast(wide(bits + ROW_BITS)),
                None => input,
            };
            Ok(Expr::Agg(pl::AggExpr::Sum(wide.into())))
        }
        other => Ok(other),
    }
}

fn unwrap(expr: std::sync::Arc<Expr>) -> Expr {
    std::sync::Arc::unwrap_or_clone(expr)
}

fn operands(left: Expr, op: Operator, right: Expr, schema: &pl::Schema) -> (Expr, Expr) {
    let integers = (bits(&left, schema), bits(&right, schema));
    match op {
        Operator::Plus | Operator::Minus | Operator::Multiply => {
            let (Some(a), Some(b)) = integers else {
                return (left, right);
            };
            let needed = if op == Operator::Multiply {
                a + b
            } else {
                a.max(b) + 1
            };
            let wide = wide(needed);
            (left.cast(wide.clone()), right.cast(wide))
        }
        Operator::FloorDivide | Operator::Modulus => match integers {
            (Some(a), Some(b)) if a.max(b) > 64 => {
                (left.cast(DataType::Int128), right.cast(DataType::Int128))
            }
            _ => (left, right),
        },
        Operator::Eq
        | Operator::NotEq
        | Operator::Lt
        | Operator::LtEq
        | Operator::Gt
        | Operator::GtEq
        | Operator::EqValidity
        | Operator::NotEqValidity => {
            if let (Some(a), Some(b)) = integers {
                if a != b && a.max(b) > 64 {
                    return (left.cast(DataType::Int128), right.cast(DataType::Int128));
                }
                return (left, right);
            }
            match (dtype(&left, schema), dtype(&right, schema)) {
                (Some(a), Some(b)) if a != b && is_moment(&a) && is_moment(&b) => {
                    (in_nanos(left, &a), in_nanos(right, &b))
                }
                _ => (left, right),
            }
        }
        _ => (left, right),
    }
}

fn call(mut input: Vec<Expr>, function: pl::FunctionExpr, schema: &pl::Schema) -> Expr {
    match (&function, input.as_mut_slice()) {
        (pl::FunctionExpr::Boolean(pl::BooleanFunction::IsIn { .. }), [value, list]) => {
            same_type(value, list, schema);
        }
        (pl::FunctionExpr::FillNull, [found, _]) => {
            // STRPOS and POSITION give 0 for "not found", and must not for "no text".
            if let Some(text) = searched(found) {
                let filled = Expr::Function { input, function };
                return pl::when(text.is_null())
                    .then(pl::lit(pl::NULL))
                    .otherwise(filled);
            }
        }
        (pl::FunctionExpr::Pow(pl::PowFunction::Generic), [base, _])
            if bits(base, schema).is_some() =>
        {
            *base = std::mem::take(base).cast(DataType::Float64);
        }
        (pl::FunctionExpr::CumSum { .. }, [value]) if bits(value, schema).is_some() => {
            let wide = wide(bits(value, schema).unwrap_or(64) + ROW_BITS);
            *value = std::mem::take(value).cast(wide);
        }
        (
            pl::FunctionExpr::StringExpr(pl::StringFunction::Strptime(into, options)),
            [Expr::Literal(text), ..],
        ) if options.format.is_none()
            && matches!(into.as_literal(), Some(DataType::Datetime(..))) =>
        {
            if let Some(exact) = text.extract_str().and_then(timestamp) {
                return exact;
            }
        }
        _ => {}
    }
    Expr::Function { input, function }
}

/// The text in which a search looks, when the expression is one.
fn searched(expr: &Expr) -> Option<Expr> {
    expr.into_iter().find_map(|e| match e {
        Expr::Function {
            input,
            function: pl::FunctionExpr::StringExpr(pl::StringFunction::Find { .. }),
        } => input.first().cloned(),
        _ => None,
    })
}

/// A timestamp literal in nanoseconds where they can hold it and are needed, in microseconds otherwise.
fn timestamp(text: &str) -> Option<Expr> {
    let nanos = moment::nanos(text)?;
    let (ticks, unit) = if nanos % 1000 != 0 {
        (nanos, TimeUnit::Nanoseconds)
    } else {
        (nanos / 1000, TimeUnit::Microseconds)
    };
    Some(pl::lit(i64::try_from(ticks).ok()?).cast(DataType::Datetime(unit, None)))
}

/// Brings a value and the literals it is looked up in to one type that holds both exactly.
fn same_type(value: &mut Expr, list: &mut Expr, schema: &pl::Schema) {
    let Some(literals) = series(list) else { return };
    let Some(of_value) = dtype(value, schema) else {
        return;
    };
    let of_list = literals.dtype().clone();
    if of_value == of_list || literals.null_count() == literals.len() {
        return;
    }
    let cast = |e: &mut Expr, t: &DataType| *e = std::mem::take(e).strict_cast(t.clone());
    let target = match (&of_value, &of_list) {
        (a, b) if a.is_integer() && b.is_integer() => DataType::Int128,
        (DataType::Decimal(_, s), DataType::Decimal(_, t)) => DataType::Decimal(38, *s.max(t)),
        (DataType::Decimal(_, s), b) if b.is_integer() => DataType::Decimal(38, *s),
        (DataType::Decimal(..), DataType::Float64) => DataType::Float64,
        (DataType::Float32, DataType::Float64) => DataType::Float32,
        (a, b) if is_moment(a) && is_moment(b) => {
            *value = in_nanos(std::mem::take(value), a);
            *list = in_nanos(pl::lit(literals), b).implode(false);
            return;
        }
        _ => return,
    };
    let Ok(literals) = literals.strict_cast(&target) else {
        return;
    };
    if of_value != target {
        cast(value, &target);
    }
    *list = pl::lit(literals).implode(false);
}

fn series(list: &Expr) -> Option<pl::Series> {
    let Expr::Agg(pl::AggExpr::Implode { input, .. }) = list else {
        return None;
    };
    match &**input {
        Expr::Literal(pl::LiteralValue::Series(series)) => Some((**series).clone()),
        _ => None,
    }
}

fn is_moment(dtype: &DataType) -> bool {
    matches!(dtype, DataType::Date | DataType::Datetime(..))
}

/// Nanoseconds since the epoch in 128 bits: no unit is cut off and no far date wraps around.
fn in_nanos(expr: Expr, dtype: &DataType) -> Expr {
    let factor: i64 = match dtype {
        DataType::Date => 86_400_000_000_000,
        DataType::Datetime(TimeUnit::Milliseconds, _) => 1_000_000,
        DataType::Datetime(TimeUnit::Microseconds, _) => 1_000,
        _ => 1,
    };
    let ticks = match dtype {
        DataType::Date => expr.cast(DataType::Int32),
        _ => expr.cast(DataType::Int64),
    };
    ticks.cast(DataType::Int128) * pl::lit(factor).cast(DataType::Int128)
}

fn dtype(expr: &Expr, schema: &pl::Schema) -> Option<DataType> {
    match expr {
        Expr::Column(name) => schema.get(name).cloned(),
        Expr::Literal(value) => Some(value.get_datatype()),
        other => other.to_field(schema).ok().map(|f| f.dtype),
    }
}

/// The type in which numbers of so many bits are computed.
fn wide(bits: u32) -> DataType {
    match bits {
        0..=64 => DataType::Int64,
        65..=128 => DataType::Int128,
        // A rounded number is nearer to the truth than one that wrapped around.
        _ => DataType::Float64,
    }
}

/// Bits that hold every value of an integer expression, sign included; `None` when it is no integer.
fn bits(expr: &Expr, schema: &pl::Schema) -> Option<u32> {
    match expr {
        Expr::BinaryExpr { left, op, right }
            if matches!(op, Operator::Plus | Operator::Minus | Operator::Multiply) =>
        {
            let (a, b) = (bits(left, schema)?, bits(right, schema)?);
            Some(if *op == Operator::Multiply {
                a + b
            } else {
                a.max(b) + 1
            })
        }
        Expr::Cast { expr, dtype, .. } => {
            let cast = width(dtype.as_literal()?)?;
            Some(bits(expr, schema).map_or(cast, |inner| inner.min(cast)))
        }
        Expr::Ternary { truthy, falsy, .. } => {
            let branch = |e: &Expr| match dtype(e, schema) {
                Some(DataType::Null) => Some(0),
                _ => bits(e, schema),
            };
            Some(branch(truthy)?.max(branch(falsy)?)).filter(|b| *b > 0)
        }
        // The sum was widened by `step` already.
        Expr::Agg(pl::AggExpr::Sum(input)) => match &**input {
            Expr::Cast { expr, .. } => bits(expr, schema).map(|b| b + ROW_BITS),
            other => bits(other, schema),
        }
        .filter(|b| *b <= 128),
        other => width(&dtype(other, schema)?),
    }
}

fn width(dtype: &DataType) -> Option<u32> {
    Some(match dtype {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            32
        }
        DataType::UInt32 => 33,
        DataType::Int64 => 64,
        DataType::UInt64 => 65,
        DataType::Int128 => 128,
        DataType::Unknown(pl::UnknownKind::Int(v)) => match v {
            v if i32::try_from(*v).is_ok() => 32,
            v if i64::try_from(*v).is_ok() => 64,
            _ => 65,
        },
        _ => return None,
    })
}

fn one_zone(
    left: &Expr,
    right: &Expr,
    schema: &pl::Schema,
    zoned: &BTreeSet<String>,
) -> PolarsResult<()> {
    let timestamps = |expr: &Expr| -> Vec<String> {
        if !matches!(dtype(expr, schema), Some(DataType::Datetime(..))) {
            return Vec::new();
        }
        expr.into_iter()
            .filter_map(|e| match e {
                Expr::Column(name) if matches!(schema.get(name), Some(DataType::Datetime(..))) => {
                    Some(name.to_string())
                }
                _ => None,
            })
            .collect()
    };
    let (left, right) = (timestamps(left), timestamps(right));
    for a in &left {
        if let Some(b) = right
            .iter()
            .find(|b| zoned.contains(a) != zoned.contains(*b))
        {
            let (with, without) = if zoned.contains(a) { (a, b) } else { (b, a) };
            return Err(pl::PolarsError::SQLInterface(
                format!("`{with}` is timestamp(utc) and `{without}` is timestamp(local): which instant a local time stands for is not known").into(),
            ));
        }
    }
    Ok(())
}
