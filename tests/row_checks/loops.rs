//! What each row check means, as a plain condition over one row: written from its semantics, not from its SQL.

use super::{FIRST, LAST, Row};

/// An expectation, and whether a row fails it.
pub(super) type Case = (&'static str, fn(&Row) -> bool);

/// Whether a value that is there fails; nulls never do.
fn some<T>(value: &Option<T>, fails: impl Fn(&T) -> bool) -> bool {
    value.as_ref().is_some_and(fails)
}

/// Both values, where both are there.
fn both<T: Copy>(a: Option<T>, b: Option<T>, fails: impl Fn(T, T) -> bool) -> bool {
    a.zip(b).is_some_and(|(a, b)| fails(a, b))
}

fn only<T>(a: &Option<T>, b: &Option<T>) -> bool {
    a.is_some() != b.is_some()
}

fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

/// Digits before and after the point, as `Display` prints a float.
fn digits(v: f64) -> Option<(usize, usize)> {
    if !v.is_finite() {
        return None;
    }
    let text = v.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    Some((whole.trim_start_matches('0').len(), fraction.len()))
}

fn has(text: &str, keys: &[&str]) -> usize {
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(map)) => keys.iter().filter(|k| map.contains_key(**k)).count(),
        _ => 0,
    }
}

pub(super) const COMPLETE: &[Case] = &[
    ("not_null: i", |r| r.i.is_none()),
    ("not_null: f", |r| r.f.is_none()),
    ("is_null: s", |r| r.s.is_some()),
    ("not_empty: s", |r| some(&r.s, String::is_empty)),
    ("not_empty: {column: s, nulls: fail}", |r| {
        r.s.as_ref().is_none_or(String::is_empty)
    }),
    ("not_blank: s", |r| some(&r.s, |s| s.trim().is_empty())),
    ("null_or_empty: s", |r| some(&r.s, |s| !s.is_empty())),
    ("null_or_empty: {column: s, trim: true}", |r| {
        some(&r.s, |s| !s.trim().is_empty())
    }),
    ("missing: {column: s, tokens: [N/A, '']}", |r| {
        r.s.as_ref().is_none_or(|s| s == "N/A" || s.is_empty())
    }),
    ("rows_complete: [i, f, s]", |r| {
        r.i.is_none() || r.f.is_none() || r.s.is_none()
    }),
    ("rows_complete: {columns: [i, f, s], mode: any}", |r| {
        r.i.is_none() && r.f.is_none() && r.s.is_none()
    }),
    ("conditional_required: {column: s, when: b}", |r| {
        r.b == Some(true) && r.s.is_none()
    }),
    ("all_or_none: [i, s]", |r| r.i.is_some() != r.s.is_some()),
    ("missing_consistent: [i, j]", |r| only(&r.i, &r.j)),
    (
        "missing_consistent: {columns: [s, u], codes: [a, ab]}",
        |r| {
            let coded = |s: &Option<String>| some(s, |s| s == "a" || s == "ab");
            coded(&r.s) != coded(&r.u)
        },
    ),
    ("missing_coded: {column: i, codes: [-1, -2]}", |r| {
        r.i.is_none()
    }),
    (
        "missing_coded: {column: i, codes: [-1, -2], valid: i >= 0}",
        |r| r.i.is_none_or(|i| i < 0 && i != -1 && i != -2),
    ),
    ("mutually_exclusive: [i, f, s]", |r| {
        [r.i.is_some(), r.f.is_some(), r.s.is_some()]
            .iter()
            .filter(|v| **v)
            .count()
            > 1
    }),
    (
        "mutually_exclusive: {columns: [i, f], required: true}",
        |r| r.i.is_some() == r.f.is_some(),
    ),
    ("finite: f", |r| some(&r.f, |f| !f.is_finite())),
    ("finite: {column: f, nan: ignore}", |r| {
        some(&r.f, |f| f.is_infinite())
    }),
    ("not_nan: f", |r| some(&r.f, |f| f.is_nan())),
];

pub(super) const VALUES: &[Case] = &[
    ("positive: f", |r| some(&r.f, |f| f.is_nan() || *f <= 0.0)),
    ("positive: {column: i, nulls: fail}", |r| {
        r.i.is_none_or(|i| i <= 0)
    }),
    ("negative: f", |r| some(&r.f, |f| f.is_nan() || *f >= 0.0)),
    ("non_negative: f", |r| {
        some(&r.f, |f| f.is_nan() || *f < 0.0)
    }),
    ("non_zero: f", |r| some(&r.f, |f| *f == 0.0)),
    ("non_zero: {column: i, nulls: fail}", |r| {
        r.i.is_none_or(|i| i == 0)
    }),
    ("between: {column: f, min: 0, max: 2.5}", |r| {
        some(&r.f, |f| !(0.0..=2.5).contains(f))
    }),
    ("between: {column: i, min: 0, max: 5, bounds: '()'}", |r| {
        some(&r.i, |i| *i <= 0 || *i >= 5)
    }),
    ("outside: {column: f, min: 0, max: 2.5}", |r| {
        some(&r.f, |f| f.is_nan() || (0.0..=2.5).contains(f))
    }),
    (
        "outside: {column: f, min: 0, max: 2.5, bounds: '[)'}",
        |r| some(&r.f, |f| f.is_nan() || (0.0..2.5).contains(f)),
    ),
    ("outside: {column: i, max: 0, nulls: fail}", |r| {
        r.i.is_none_or(|i| i <= 0)
    }),
    ("in_set: {column: f, values: [0, 1.5]}", |r| {
        some(&r.f, |f| *f != 0.0 && *f != 1.5)
    }),
    ("in_set: {column: s, values: [a, ä]}", |r| {
        some(&r.s, |s| s != "a" && s != "ä")
    }),
    ("in_set: {column: s, values: [A, Ä], case: ignore}", |r| {
        some(&r.s, |s| !["a", "ä"].contains(&&*s.to_lowercase()))
    }),
    (
        "not_in_set: {column: i, values: [1, 2], nulls: fail}",
        |r| r.i.is_none_or(|i| i == 1 || i == 2),
    ),
    ("decimal_places: {column: f, max: 1}", |r| {
        some(&r.f, |f| digits(*f).is_none_or(|d| d.1 > 1))
    }),
    ("decimal_places: {column: f, min: 2, max: 3}", |r| {
        some(&r.f, |f| digits(*f).is_none_or(|d| d.1 < 2 || d.1 > 3))
    }),
    ("precision: {column: f, digits: 5, places: 2}", |r| {
        some(&r.f, |f| digits(*f).is_none_or(|d| d.0 > 3 || d.1 > 2))
    }),
    ("precision: {column: f, digits: 3}", |r| {
        some(&r.f, |f| digits(*f).is_none_or(|d| d.0 + d.1 > 3))
    }),
    ("multiple_of: {column: f, of: 0.5}", |r| {
        some(&r.f, |f| !(f % 0.5 == 0.0))
    }),
    ("multiple_of: {column: i, of: 3, nulls: fail}", |r| {
        r.i.is_none_or(|i| i % 3 != 0)
    }),
    ("compare: {column: f, op: '<', other: g}", |r| {
        both(r.f, r.g, |a, b| !(a < b))
    }),
    (
        "compare: {column: i, op: '<=', other: j, nulls: ignore_all}",
        |r| only(&r.i, &r.j) || both(r.i, r.j, |a, b| a > b),
    ),
    (
        "compare: {column: i, op: '==', other: j, nulls: fail}",
        |r| r.i.is_none() || r.i != r.j,
    ),
    ("columns_equal: [f, g]", |r| {
        both(r.f, r.g, |a, b| a != b || a.is_nan() || b.is_nan())
    }),
    ("columns_equal: {columns: [i, j], nulls: ignore_all}", |r| {
        r.i != r.j
    }),
    ("columns_ordered: {columns: [i, j], op: '<'}", |r| {
        both(r.i, r.j, |a, b| a >= b)
    }),
    (
        "columns_ordered: {columns: [f, g], op: '>=', nulls: fail}",
        |r| {
            r.f.zip(r.g)
                .is_none_or(|(a, b)| a.is_nan() || b.is_nan() || a < b)
        },
    ),
    ("row_total: {columns: [i, j], value: 3}", |r| {
        both(r.i, r.j, |a, b| i128::from(a) + i128::from(b) != 3)
    }),
    (
        "row_total: {columns: [i, j], by: product, value: 4, nulls: ignore_all}",
        |r| only(&r.i, &r.j) || both(r.i, r.j, |a, b| i128::from(a) * i128::from(b) != 4),
    ),
    (
        "row_total: {columns: [f, g], by: difference, value: 1, tolerance: 0.5, nulls: fail}",
        |r| {
            r.f.zip(r.g)
                .is_none_or(|(a, b)| !((a - b - 1.0).abs() <= 0.5))
        },
    ),
    ("unique_within_row: [i, j]", |r| {
        both(r.i, r.j, |a, b| a == b)
    }),
    ("unique_within_row: {columns: [i, j], nulls: equal}", |r| {
        r.i == r.j
    }),
    ("unique_within_row: [f, g]", |r| {
        both(r.f, r.g, |a, b| a == b || (a.is_nan() && b.is_nan()))
    }),
    (
        "record_in_set: {columns: [i, b], values: [[1, true], [2, false]]}",
        |r| {
            r.i.zip(r.b)
                .is_some_and(|p| p != (1, true) && p != (2, false))
        },
    ),
    (
        "record_in_set: {columns: [i, b], values: [[1, true], [2, null]], nulls: fail}",
        |r| (r.i, r.b) != (Some(1), Some(true)) && (r.i, r.b) != (Some(2), None),
    ),
    ("implies: {when: b, then: i > 0}", |r| {
        r.b == Some(true) && some(&r.i, |i| *i <= 0)
    }),
    ("implies: {when: b, then: i > 0, nulls: fail}", |r| {
        r.b == Some(true) && r.i.is_none_or(|i| i <= 0)
    }),
    ("conditions: {any_of: [i > 0, b]}", |r| {
        r.i.is_some_and(|i| i <= 0) && r.b == Some(false)
    }),
    ("conditions: {all_of: [i > 0, b], nulls: fail}", |r| {
        !(r.i.is_some_and(|i| i > 0) && r.b == Some(true))
    }),
    ("conditions: {none_of: [i > 0, b]}", |r| {
        r.i.is_some_and(|i| i > 0) || r.b == Some(true)
    }),
];

pub(super) const TEXTS: &[Case] = &[
    ("like: {column: s, pattern: 'a%'}", |r| {
        some(&r.s, |s| !s.starts_with('a'))
    }),
    ("like: {column: s, pattern: '_'}", |r| {
        some(&r.s, |s| s.chars().count() != 1)
    }),
    (
        "like: {column: s, pattern: '10|%', escape: '|', nulls: fail}",
        |r| r.s.as_deref() != Some("10%"),
    ),
    ("like: {column: s, any_of: ['a%', '%c']}", |r| {
        some(&r.s, |s| !s.starts_with('a') && !s.ends_with('c'))
    }),
    ("not_like: {column: s, pattern: '%b%'}", |r| {
        some(&r.s, |s| s.contains('b'))
    }),
    ("not_like: {column: s, none_of: ['a%', '%c']}", |r| {
        some(&r.s, |s| s.starts_with('a') || s.ends_with('c'))
    }),
    ("matches: {column: s, any_of: [a, b]}", |r| {
        some(&r.s, |s| !s.contains(['a', 'b']))
    }),
    ("matches: {column: s, all_of: [a, b]}", |r| {
        some(&r.s, |s| !(s.contains('a') && s.contains('b')))
    }),
    ("matches: {column: s, pattern: ab, match: prefix}", |r| {
        some(&r.s, |s| !s.starts_with("ab"))
    }),
    (
        "matches: {column: s, pattern: ab, match: full, nulls: fail}",
        |r| r.s.as_deref() != Some("ab"),
    ),
    ("not_matches: {column: s, none_of: [a, b]}", |r| {
        some(&r.s, |s| s.contains(['a', 'b']))
    }),
    ("contains: {column: s, text: '.'}", |r| {
        some(&r.s, |s| !s.contains('.'))
    }),
    ("contains: {column: s, text: a, at: end}", |r| {
        some(&r.s, |s| !s.ends_with('a'))
    }),
    ("starts_with: {column: s, any_of: [a, A]}", |r| {
        some(&r.s, |s| !s.starts_with(['a', 'A']))
    }),
    ("ends_with: {column: s, text: c, nulls: fail}", |r| {
        r.s.as_ref().is_none_or(|s| !s.ends_with('c'))
    }),
    ("not_contains: {column: s, none_of: ['_', '%']}", |r| {
        some(&r.s, |s| s.contains(['_', '%']))
    }),
    ("characters: {column: s, class: ascii}", |r| {
        some(&r.s, |s| !s.is_ascii())
    }),
    ("characters: {column: s, class: alphabetic}", |r| {
        some(&r.s, |s| !s.chars().all(char::is_alphabetic))
    }),
    ("characters: {column: s, class: digits}", |r| {
        some(&r.s, |s| !s.chars().all(|c| c.is_ascii_digit()))
    }),
    ("characters: {column: s, class: hex}", |r| {
        some(&r.s, |s| !s.chars().all(|c| c.is_ascii_hexdigit()))
    }),
    ("characters: {column: s, class: no_control}", |r| {
        some(&r.s, |s| s.chars().any(char::is_control))
    }),
    ("characters: {column: s, class: no_white_space}", |r| {
        some(&r.s, |s| s.chars().any(char::is_whitespace))
    }),
    ("letter_case: {column: s, case: upper}", |r| {
        some(&r.s, |s| s.chars().any(|c| c.is_lowercase() || titled(c)))
    }),
    ("letter_case: {column: s, case: lower}", |r| {
        some(&r.s, |s| s.chars().any(|c| c.is_uppercase() || titled(c)))
    }),
    ("not_truncated: {column: s, lengths: [2, 3]}", |r| {
        some(&r.s, |s| {
            [2, 3].contains(&s.chars().count()) || [2, 3].contains(&s.len())
        })
    }),
    ("length: {column: s, min: 1, max: 2}", |r| {
        some(&r.s, |s| !(1..=2).contains(&s.chars().count()))
    }),
    (
        "length: {column: s, max: 2, unit: bytes, nulls: fail}",
        |r| r.s.as_ref().is_none_or(|s| s.len() > 2),
    ),
    ("parses_as: {column: s, kind: integer}", |r| {
        some(&r.s, |s| {
            let digits = s.strip_prefix(['+', '-']).unwrap_or(s);
            digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit())
        })
    }),
    ("format: {column: s, kind: json}", |r| {
        some(&r.s, |s| {
            serde_json::from_str::<serde_json::Value>(s).is_err()
        })
    }),
    ("json_keys: {column: s, keys: [a, b], nulls: fail}", |r| {
        r.s.as_ref().is_none_or(|s| has(s, &["a", "b"]) < 2)
    }),
    ("json_keys: {column: s, keys: [a, b], mode: any}", |r| {
        some(&r.s, |s| has(s, &["a", "b"]) == 0)
    }),
    ("json_schema: {column: s, schema: {type: object}}", |r| {
        some(&r.s, |s| {
            !serde_json::from_str::<serde_json::Value>(s).is_ok_and(|v| v.is_object())
        })
    }),
];

/// The four letters of Latin that are written in title case, and their like in Greek.
fn titled(c: char) -> bool {
    matches!(c, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}' | '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}')
        || matches!(
            c,
            '\u{1fa8}'..='\u{1faf}' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}'
        )
}

pub(super) const DAYS: &[Case] = &[
    (
        "date_between: {column: d, min: '2024-01-01', max: '2024-12-31'}",
        |r| some(&r.d, |d| !(FIRST..=LAST).contains(d)),
    ),
    (
        "date_between: {column: d, max: '2024-01-01', bounds: '[)', nulls: fail}",
        |r| r.d.is_none_or(|d| d >= FIRST),
    ),
    ("not_in_future: {column: d, until: '2024-12-31'}", |r| {
        some(&r.d, |d| *d > LAST)
    }),
    (
        "not_in_near_future: {column: d, days: 7, now: '2024-01-01'}",
        |r| some(&r.d, |d| (FIRST + 1..=FIRST + 7).contains(d)),
    ),
    ("older_than: {column: d, days: 3, now: '2024-12-31'}", |r| {
        some(&r.d, |d| *d > LAST - 3)
    }),
    ("older_than: {column: d, days: 3, than: e}", |r| {
        both(r.d, r.e, |d, e| e - d < 3)
    }),
    (
        "older_than: {column: d, days: 3, than: e, nulls: ignore_all}",
        |r| only(&r.d, &r.e) || both(r.d, r.e, |d, e| e - d < 3),
    ),
    ("on_days: {column: d}", |r| some(&r.d, |d| weekday(*d) > 4)),
    (
        "on_days: {column: d, days: [sunday, tuesday], nulls: fail}",
        |r| r.d.is_none_or(|d| weekday(d) != 6 && weekday(d) != 1),
    ),
    ("compare: {column: d, op: '<', other: e}", |r| {
        both(r.d, r.e, |d, e| d >= e)
    }),
];
