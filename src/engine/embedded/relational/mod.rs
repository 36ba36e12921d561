//! Row predicates, aggregate values and group queries in SQL, run by polars over Arrow batches. Nothing else names polars.
//!
//! A [`Predicate`] is one condition on one row, a [`Query`] one aggregate expression or one `SELECT` over whole
//! datasets. A text is taken apart (`scan`), held against the words it may use (`words`), parsed alone, and run on no
//! rows and on a row of nulls before any data is read; `fit` then widens types where polars would wrap, round or cut.
//!
//! What conditions mean:
//! - Null: unknown is never true, `AND`, `OR` and `IN` have three values as in the standard. `IS TRUE`, `IS FALSE` and
//!   their negations are refused, because polars answers null where the standard says false. `CONCAT`, `GREATEST` and
//!   `LEAST` leave nulls out; all other functions of null are null.
//! - NaN equals itself and is greater than every number, so `x > 5` is true of NaN and `x <> x` of no row; name it as
//!   `x = CAST('NaN' AS DOUBLE)`. `MIN` and `MAX` leave NaN out, `MEDIAN` takes it for the greatest value.
//! - Integers: sums, differences and products never wrap (64, then 128 bits, then floating point). `/` gives a float
//!   (`7 / 2` is 3.5, `1 / 0` infinity); `//` and `DIV` round down, `%` has the sign of the divisor, and dividing by zero
//!   with these gives null. An integer and a float are compared as floats of 64 bits.
//! - Numbers with a point are floats of 64 bits, rounded to 32 where the column has 32; an exponent needs a point
//!   (`1.0e3`). Decimals are exact against `CAST('9.99' AS DECIMAL(38,2))`; their overflow is an error.
//! - The values of `IN (..)` are literals of one type, as [`crate::sql::literals`] writes them.
//! - Text is compared by code point. `LENGTH` and `CHAR_LENGTH` count characters, `OCTET_LENGTH` bytes. `LIKE` knows `%`
//!   and `_` and no escape. Patterns of `regexp_like`, `~`, `RLIKE` are those of the `regex` crate and search anywhere.
//! - Moments: `DATE '2013-02-28'`, `TIME '13:45:00'`, `TIMESTAMP '2013-02-28 13:45:00.25'`, compared to the nanosecond in
//!   every unit and year. Columns with a zone are instants: literals, `EXTRACT` and casts are in UTC, and comparing them
//!   with a column without a zone is refused. A text is no moment, except in a `SELECT`.
//! - Names are exact, quoted or not; quote (`"a b"`) whatever is not letters, digits and `_`. A column called `*` or
//!   `^..$` cannot be named. A column of nulls only fits every type.
//! - `CAST` of a value that does not fit is an error of the run; `TRY_CAST` gives null.
//!
//! Functions: [`ROW_FUNCTIONS`], in queries also [`AGGREGATES`], in a `SELECT` also [`WINDOW_FUNCTIONS`] with `OVER`. A
//! `SELECT` may join, group, filter, use `WITH`, `UNION`, `DISTINCT` and `IN (SELECT ..)`; not `EXISTS`, nor `LIMIT` and
//! `ORDER BY`, since all its rows are counted and come sorted. `NOT IN (SELECT ..)` finds nothing when the inner rows
//! hold a null, as in the standard; orphans are found with `LEFT JOIN .. WHERE .. IS NULL`.

mod convert;
mod fit;
mod moment;
mod plan;
mod predicate;
mod query;
mod ready;
mod row_value;
mod scan;
mod words;

pub use convert::{Frame, frame, frame_of};
pub use predicate::{Masks, Predicate, counts, masks};
pub use query::{Answer, DATA, Groups, Query};
pub use ready::{Predicates, check_predicate, predicate_columns};
pub use row_value::RowValue;
pub use words::{AGGREGATES, ROW_FUNCTIONS, WINDOW_FUNCTIONS};

use crate::error::Error;
use crate::report::text::safe_block;
use polars::prelude::PolarsResult;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// Longest reason that is passed on, in characters.
const REASON_LENGTH: usize = 300;

fn query_error(what: &str, reason: String) -> Error {
    Error::Query {
        what: what.to_owned(),
        reason,
    }
}

/// Runs polars; its errors and its panics become one line of text.
fn guarded<T>(run: impl FnOnce() -> PolarsResult<T>) -> Result<T, String> {
    static QUIET: Once = Once::new();
    // Polars writes its deprecation notes to stderr, where they would stand among the user's own messages.
    QUIET.call_once(|| polars::error::set_warning_function(|_, _| {}));
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(one_line(&error.to_string())),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            Err(one_line(&format!("the query engine gave up: {text}")))
        }
    }
}

fn one_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let mut line = lines.next().unwrap_or_default();
    if line.starts_with("regex error: regex parse error") {
        line = lines
            .find_map(|l| l.strip_prefix("error: "))
            .map_or("the pattern does not parse", |l| l);
        return safe_block(&format!("the pattern does not parse: {line}"));
    }
    // A failing cast or product lists the values it met, which may be private.
    for (kind, values) in [("conversion from", ": ["), ("overflow in", " for ")] {
        if line.starts_with(kind) {
            line = line.split(values).next().unwrap_or(line);
        }
    }
    let safe = safe_block(&plain(line));
    if safe.chars().count() > REASON_LENGTH {
        let cut: String = safe.chars().take(REASON_LENGTH).collect();
        format!("{cut}…")
    } else {
        safe
    }
}

/// Reasons of the parser and the engine in words of the person who wrote the SQL.
fn plain(reason: &str) -> String {
    if reason.starts_with("unexpected value while building Series") {
        return "the values in IN (..) are of several types; write them alike, as in (1.5, 2.0)"
            .into();
    }
    if reason.starts_with("unable to parse '") {
        return "it does not parse as one SQL expression".into();
    }
    if reason.contains("to a string value") {
        return "a date or time is compared with a text; write DATE '..', TIME '..' or TIMESTAMP '..'".into();
    }
    if let Some(rest) = reason.strip_prefix("not found: unable to find column ") {
        let name = rest.split(';').next().unwrap_or(rest);
        return format!("there is no column {name}");
    }
    if let Some(number) = reason.strip_prefix("cannot parse literal: ") {
        return format!("{number} is beyond 64 bits; write CAST('..' AS DECIMAL(38,0))");
    }
    // The parser's own dump of a syntax tree is of no use to the reader.
    let dump = [
        " Value(",
        "ValueWithSpan",
        " BinaryOp {",
        "(Value",
        "Identifier(Ident",
        " {",
    ];
    match dump.iter().filter_map(|d| reason.find(d)).min() {
        Some(at) => {
            let said = reason[..at].trim_end_matches([' ', ':', '(']);
            format!("this form is not supported ({said})")
        }
        None => reason.to_owned(),
    }
}
