//! An endpoint's predictions beside those made offline.

use crate::model::table::Column;

/// How two columns of predictions for the same rows differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Parity {
    /// Rows compared.
    pub rows: usize,
    /// Rows that differ: numbers by more than the tolerance, texts at all, a value beside null or NaN.
    pub differing: usize,
    /// Largest absolute difference of two finite numbers; absent for texts.
    pub largest: Option<f64>,
    /// The first row that differs, from 0.
    pub first: Option<usize>,
}

/// Compares predictions row by row. Two nulls are equal, and two NaN; infinities are equal to themselves.
///
/// `tolerance`: absolute, in the predictions' unit, 0 or more.
/// Errors: in words, when the columns have different lengths, no rows, or one holds numbers and the other texts.
pub fn parity(endpoint: &Column, offline: &Column, tolerance: f64) -> Result<Parity, String> {
    let rows = endpoint.len();
    if rows != offline.len() {
        return Err(format!(
            "the endpoint scored {rows} rows, and there are {} offline predictions",
            offline.len()
        ));
    }
    if rows == 0 {
        return Err("there are no rows to compare".to_owned());
    }
    let texts = |c: &Column| matches!(c, Column::Texts { .. });
    if texts(endpoint) != texts(offline) {
        return Err("one side predicts texts, the other numbers".to_owned());
    }
    if tolerance.is_nan() || tolerance < 0.0 {
        return Err(format!("the tolerance is {tolerance}; it is 0 or more"));
    }
    let mut found = Parity {
        rows,
        differing: 0,
        largest: None,
        first: None,
    };
    for row in 0..rows {
        let same = if texts(endpoint) {
            endpoint.text(row) == offline.text(row)
        } else {
            let (a, b) = (endpoint.number(row), offline.number(row));
            if let (Some(a), Some(b)) = (a, b)
                && a.is_finite()
                && b.is_finite()
            {
                let difference = (a - b).abs();
                found.largest = Some(found.largest.map_or(difference, |l| l.max(difference)));
                difference <= tolerance
            } else {
                let nan = |v: Option<f64>| v.is_some_and(f64::is_nan);
                a == b || (nan(a) && nan(b))
            }
        };
        if !same {
            found.differing += 1;
            found.first.get_or_insert(row);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Column {
        Column::Numbers(values.iter().map(|v| Some(*v)).collect())
    }

    #[test]
    fn numbers_differ_beyond_the_tolerance() {
        let a = numbers(&[0.1, 0.2, f64::NAN, f64::INFINITY, 1.0]);
        let b = numbers(&[0.1, 0.25, f64::NAN, f64::INFINITY, 3.0]);
        let found = parity(&a, &b, 0.1).unwrap();
        assert_eq!((found.rows, found.differing, found.first), (5, 1, Some(4)));
        assert_eq!(found.largest, Some(2.0));
        assert_eq!(parity(&a, &b, 0.0).unwrap().differing, 2);
        let null = Column::Numbers(vec![None, Some(0.2), Some(1.0), None, None]);
        assert_eq!(
            parity(&null, &numbers(&[0.1, 0.2, f64::NAN, 1.0, 2.0]), 9.0)
                .unwrap()
                .differing,
            4
        );
    }

    #[test]
    fn classes_are_equal_or_not() {
        let texts = |of: &[&str]| Column::Texts {
            codes: (0..).take(of.len()).map(Some).collect(),
            words: of.iter().map(|t| (*t).to_owned()).collect(),
        };
        let found = parity(&texts(&["a", "b"]), &texts(&["a", "c"]), 0.0).unwrap();
        assert_eq!(
            (found.differing, found.first, found.largest),
            (1, Some(1), None)
        );
        assert!(parity(&texts(&["1"]), &numbers(&[1.0]), 0.0).is_err());
        assert!(parity(&numbers(&[1.0]), &numbers(&[]), 0.0).is_err());
        assert!(parity(&numbers(&[]), &numbers(&[]), 0.0).is_err());
        assert!(parity(&numbers(&[1.0]), &numbers(&[1.0]), f64::NAN).is_err());
        let flags = Column::Booleans(vec![Some(true)]);
        assert_eq!(
            parity(&flags, &Column::Integers(vec![Some(1)]), 0.0)
                .unwrap()
                .differing,
            0
        );
    }
}
