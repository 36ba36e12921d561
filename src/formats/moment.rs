//! Dates and times as text.

/// Reads exactly `len` digits at `at`.
fn digits(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    bytes.get(at..at + len)?.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

/// `YYYY-MM-DD` at the start of the bytes; leap years by the Gregorian rule.
fn date_bytes(b: &[u8]) -> Option<()> {
    let (year, month, day) = (digits(b, 0, 4)?, digits(b, 5, 2)?, digits(b, 8, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (b[4] == b'-' && b[7] == b'-' && (1..=last).contains(&day)).then_some(())
}

/// ISO 8601 calendar date, `full-date` of RFC 3339, section 5.6; it exists in the proleptic Gregorian calendar.
pub(super) fn date(text: &str) -> bool {
    text.len() == 10 && date_bytes(text.as_bytes()).is_some()
}

/// `date-time` of RFC 3339, section 5.6, its space in place of `T` included.
pub(super) fn datetime(text: &str) -> bool {
    datetime_bytes(text.as_bytes()).is_some()
}

/// The same without offset; second 60 only at 23:59.
pub(super) fn local_datetime(text: &str) -> bool {
    clock(text.as_bytes())
        .is_some_and(|(minute, second, rest)| rest.is_empty() && second_fits(minute, second))
}

fn datetime_bytes(b: &[u8]) -> Option<()> {
    let (minute, second, rest) = clock(b)?;
    let offset = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), ..] if rest.len() == 6 && rest[3] == b':' => {
            let (h, m) = (digits(rest, 1, 2)?, digits(rest, 4, 2)?);
            if h > 23 || m > 59 {
                return None;
            }
            let minutes = i64::from(h * 60 + m);
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    second_fits(minute - offset, second).then_some(())
}

/// Whether the second exists in a minute of the day, counted from midnight UTC.
fn second_fits(minute: i64, second: u32) -> bool {
    second < 60 || (second == 60 && minute.rem_euclid(24 * 60) == 23 * 60 + 59)
}

/// Date and time of day: minutes since midnight, the second, and what follows the fraction.
fn clock(b: &[u8]) -> Option<(i64, u32, &[u8])> {
    date_bytes(b.get(..10)?)?;
    let (hour, minute, second) = (digits(b, 11, 2)?, digits(b, 14, 2)?, digits(b, 17, 2)?);
    let marks = matches!(b[10], b'T' | b't' | b' ') && b[13] == b':' && b[16] == b':';
    if !marks || hour > 23 || minute > 59 {
        return None;
    }
    let mut rest = &b[19..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let len = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
        rest = &fraction[len..];
        if len == 0 {
            return None;
        }
    }
    Some((i64::from(hour * 60 + minute), second, rest))
}
