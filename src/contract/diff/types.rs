//! Which type holds the values of which.

use crate::types::{LogicalType as T, TypePattern as P};

/// Whether every value of `narrow` is one of `wide`.
#[must_use]
pub(super) fn holds(wide: &P, narrow: &P) -> bool {
    if wide == narrow || *wide == P::Any {
        return true;
    }
    match (wide, narrow) {
        (P::Exact(wide), P::Exact(narrow)) => exact(wide, narrow),
        (_, P::Exact(narrow)) => wide.accepts(narrow),
        (P::Number, P::Integer | P::Float | P::Decimal)
        | (P::Temporal, P::Timestamp)
        | (P::List, P::ListOf(_))
        | (P::Map, P::MapOf(..))
        | (P::Struct, P::StructOf(_)) => true,
        (P::ListOf(wide), P::ListOf(narrow)) => holds(wide, narrow),
        (P::MapOf(wk, wv), P::MapOf(nk, nv)) => holds(wk, nk) && holds(wv, nv),
        (P::StructOf(wide), P::StructOf(narrow)) => {
            let held = |(name, narrow): &(String, P)| {
                wide.iter()
                    .any(|(n, wide)| n == name && holds(wide, narrow))
            };
            wide.len() == narrow.len() && narrow.iter().all(held)
        }
        _ => false,
    }
}

fn exact(wide: &T, narrow: &T) -> bool {
    match (wide, narrow) {
        (T::Int(w), T::Int(n)) | (T::UInt(w), T::UInt(n)) | (T::Float(w), T::Float(n)) => w >= n,
        (T::Int(w), T::UInt(n)) => w > n,
        (T::Decimal(wp, ws), T::Decimal(np, ns)) => {
            let whole = |p: &u8, s: &i8| i16::from(*p) - i16::from(*s);
            ws >= ns && whole(wp, ws) >= whole(np, ns)
        }
        _ => wide == narrow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_types_hold_narrower_ones_and_not_the_reverse() {
        for (wide, narrow) in [
            ("any", "string"),
            ("number", "integer"),
            ("integer", "int32"),
            ("int64", "int32"),
            ("int16", "uint8"),
            ("float64", "float32"),
            ("decimal(12,4)", "decimal(10,2)"),
            ("temporal", "date"),
            ("timestamp", "timestamp(utc)"),
            ("temporal", "timestamp"),
            ("list", "list<string>"),
            ("list<integer>", "list<int32>"),
            ("map", "map<string, int64>"),
            ("map<string, number>", "map<string, integer>"),
            ("struct<a: number, b: any>", "struct<b: date, a: float64>"),
        ] {
            let (w, n) = (P::parse(wide).unwrap(), P::parse(narrow).unwrap());
            assert!(holds(&w, &n) && !holds(&n, &w), "{wide} {narrow}");
        }
        for (a, b) in [
            ("integer", "string"),
            ("uint8", "int8"),
            ("decimal(10,2)", "decimal(10,4)"),
            ("date", "timestamp"),
            ("int64", "uint64"),
            ("list<integer>", "list<string>"),
            ("struct<a: number>", "struct<a: number, b: date>"),
        ] {
            let (a, b) = (P::parse(a).unwrap(), P::parse(b).unwrap());
            assert!(!holds(&a, &b) && !holds(&b, &a), "{a} {b}");
        }
    }
}
