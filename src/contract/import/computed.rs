//! Conditions on one number that no range of a check says: computed in SQL, as 0 where they hold and 1 where they do not.

use super::build;
use super::promise::Promise;
use crate::diagnostic::Place;

/// What is said of a rule that is held like this.
pub(super) const NOTE: &str =
    "computed in SQL: the value is 0 where the rule is kept, 1 where it is broken";

/// How many rows meet a condition, as an SQL aggregate: `0` of no rows, where a sum would be null.
pub(super) fn count_of(condition: &str) -> String {
    format!("COUNT(CASE WHEN {condition} THEN 1 END)")
}

/// Percent of all rows that meet a condition; `empty` of no rows.
pub(super) fn percent_of(condition: &str, empty: &str) -> String {
    let count = count_of(condition);
    format!("CASE WHEN COUNT(*) = 0 THEN {empty} ELSE 100.0 * {count} / COUNT(*) END")
}

/// A number, and null in the place of NaN: SQL takes NaN for greater than every number, and a promise about a number is
/// not kept by one that is none.
/// A count, and a share of counts as [`percent_of`] has it, is always one.
pub(super) fn number(expr: &str) -> String {
    if is_share(expr) || is_count(expr) {
        return expr.to_owned();
    }
    format!("NULLIF({expr}, {NAN})")
}

/// Whether it is what [`percent_of`] makes and no more.
fn is_share(expr: &str) -> bool {
    let parts = expr
        .strip_prefix("CASE WHEN COUNT(*) = 0 THEN ")
        .and_then(|e| e.strip_suffix(" / COUNT(*) END"))
        .and_then(|e| e.split_once(" ELSE 100.0 * "));
    parts.is_some_and(|(empty, count)| {
        let is_number = empty == "NULL" || empty.parse::<f64>().is_ok_and(f64::is_finite);
        is_number && is_count(count)
    })
}

/// Whether it is one `COUNT(...)` and no more.
fn is_count(expr: &str) -> bool {
    let Some(inner) = expr
        .strip_prefix("COUNT(")
        .and_then(|e| e.strip_suffix(')'))
    else {
        return false;
    };
    // Parentheses in names and texts close nothing; a doubled quote closes and opens again.
    let (mut depth, mut quote) = (0_usize, None);
    inner.chars().all(|c| {
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' | '`' => quote = Some(c),
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            _ => {}
        }
        true
    })
}

/// The condition that the value of a column is not NaN, or is null.
pub(super) fn no_nan(column: &str) -> String {
    format!("({column} IS NULL OR {column} <> {NAN})")
}

const NAN: &str = "CAST('NaN' AS DOUBLE)";

/// `0` where a condition on aggregates is true, `1` where it is false or null.
pub(super) fn verdict(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 0 ELSE 1 END")
}

/// The promise that a condition on aggregates is true.
pub(super) fn promise(place: &Place, condition: &str) -> Promise {
    Promise::new("value_between", place)
        .with("expr", build::text(place, verdict(condition)))
        .whole("max", 0)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn counts_are_numbers_and_the_rest_may_be_none() {
        for count in [
            "COUNT(*)",
            "COUNT(CASE WHEN (\"x\" > 1) THEN 1 END)",
            "COUNT(\"a)\"\"(\")",
        ] {
            assert_eq!(number(count), count);
        }
        let share = super::percent_of("\"x\" > 1", "0.0");
        assert_eq!(number(&share), share);
        for other in [
            "AVG(\"x\")",
            "COUNT(*) + AVG(\"x\")",
            "COUNT(*) / SUM(\"x\")",
            "(COUNT(*))",
            "COUNT(\"a(\") + AVG(\"b)\")",
            "COUNT('(') + AVG(')')",
            // A user's own text, not a share of counts.
            "CASE WHEN COUNT(*) = 0 THEN 0 ELSE AVG(\"x\") END",
            "CASE WHEN COUNT(*) = 0 THEN 0 ELSE 100.0 * SUM(x) / COUNT(*) END",
        ] {
            assert_eq!(
                number(other),
                format!("NULLIF({other}, CAST('NaN' AS DOUBLE))")
            );
        }
    }
}
