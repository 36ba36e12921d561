//! Dates and times as text.

/// Reads exactly `len` digits at `at`.
fn digits(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    bytes.get(at..at + len)?.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

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

pub(super) fn date(text: &str) -> bool {
    text.len() == 10 && date_bytes(text.as_bytes()).is_some()
}

pub(super) fn datetime(text: &str) -> bool {
    datetime_bytes(text.as_bytes()).is_some()
}

fn datetime_bytes(b: &[u8]) -> Option<()> {
    date_bytes(b.get(..10)?)?;
    let (hour, minute, second) = (digits(b, 11, 2)?, digits(b, 14, 2)?, digits(b, 17, 2)?);
    if !matches!(b[10], b'T' | b't' | b' ')
        || b[13] != b':'
        || b[16] != b':'
        || hour > 23
        || minute > 59
    {
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
    let utc = (i64::from(hour * 60 + minute) - offset).rem_euclid(24 * 60);
    (second < 60 || (second == 60 && utc == 23 * 60 + 59)).then_some(())
}

/// The same without offset; a leap second only at 23:59.
pub(super) fn local_datetime(text: &str) -> bool {
    let b = text.as_bytes();
    b.last().is_some_and(u8::is_ascii_digit)
        && !b
            .get(19..)
            .unwrap_or_default()
            .iter()
            .any(|c| matches!(c, b'+' | b'-'))
        && datetime(&format!("{text}Z"))
}
