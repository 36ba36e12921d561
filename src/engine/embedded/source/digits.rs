//! Numbers, dates and times in their plainest spelling, read eight bytes at a time. Pure.
//!
//! Each function answers only for that spelling and is silent otherwise; the general readers of `cell.rs` then answer,
//! and they agree wherever both do.
//!
//! Source: eight digits by three multiplications after Lemire, *Quickly parsing eight digits* (2018); a decimal of at
//! most 53 bits over a power of ten up to 10^22 after Clinger, *How to read floating point numbers accurately* (1990);
//! days after Hinnant, *chrono-compatible low-level date algorithms* (2013), `days_from_civil`.

/// A cell at the start of bytes that go on behind it, so that it can be loaded as a whole word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    bytes: &'a [u8],
    length: usize,
}

const ZEROS: u64 = 0x3030_3030_3030_3030;
const HIGHS: u64 = 0x8080_8080_8080_8080;

impl<'a> Piece<'a> {
    /// The first `length` bytes; those behind them do not matter.
    #[must_use]
    pub(super) fn new(bytes: &'a [u8], length: usize) -> Self {
        Self { bytes, length }
    }

    /// The cell itself.
    #[must_use]
    pub(super) fn bytes(self) -> &'a [u8] {
        self.bytes.get(..self.length).unwrap_or(self.bytes)
    }

    /// The cell behind its first `count` bytes.
    fn behind(self, count: usize) -> Self {
        Self {
            bytes: self.bytes.get(count..).unwrap_or_default(),
            length: self.length.saturating_sub(count),
        }
    }

    /// The first eight bytes, whatever they are; short cells near the end of the text are copied.
    #[inline]
    fn word(self) -> u64 {
        if let Some(eight) = self.bytes.first_chunk::<8>() {
            return u64::from_le_bytes(*eight);
        }
        let mut eight = [0; 8];
        eight[..self.bytes.len()].copy_from_slice(self.bytes);
        u64::from_le_bytes(eight)
    }

    /// The cell in one key that no other cell has, when it is at most 16 bytes long: its bytes and its length.
    #[inline]
    #[must_use]
    pub(super) fn key(self) -> Option<(u128, usize)> {
        if self.length > 16 {
            return None;
        }
        let word = if let Some(bytes) = self.bytes.first_chunk::<16>() {
            u128::from_le_bytes(*bytes)
        } else {
            let mut bytes = [0; 16];
            let own = self.bytes();
            bytes[..own.len()].copy_from_slice(own);
            u128::from_le_bytes(bytes)
        };
        let kept = match self.length {
            16 => word,
            length => word & ((1 << (8 * length)) - 1),
        };
        Some((kept, self.length))
    }
}

/// The value of up to eight digits in the low bytes of a word.
#[inline]
fn eight(word: u64, length: usize) -> Option<u64> {
    if length == 0 {
        return Some(0);
    }
    // the first digit goes to where the first of eight would be, with zeros in front of it
    let digits = (word ^ ZEROS) << (8 * (8 - length));
    let beyond = (digits & HIGHS) | (digits.wrapping_add(0x7676_7676_7676_7676) & HIGHS);
    (beyond == 0).then(|| value(digits))
}

/// The value of eight digits, one in each byte, the first one lowest.
#[inline]
fn value(digits: u64) -> u64 {
    const MASK: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let upper = (pairs & MASK).wrapping_mul(0x000f_4240_0000_0064);
    let lower = ((pairs >> 16) & MASK).wrapping_mul(0x0000_2710_0000_0001);
    upper.wrapping_add(lower) >> 32
}

/// Up to sixteen digits.
#[inline]
fn sixteen(piece: Piece<'_>) -> Option<u64> {
    let length = piece.length;
    if length <= 8 {
        return eight(piece.word(), length);
    }
    let first = eight(piece.word(), 8)?;
    let rest = eight(piece.behind(8).word(), length - 8)?;
    Some(first * TENS[length - 8] + rest)
}

const TENS: [u64; 17] = {
    let mut tens = [1; 17];
    let mut i = 1;
    while i < 17 {
        tens[i] = tens[i - 1] * 10;
        i += 1;
    }
    tens
};

/// A sign, and what is behind it.
#[inline]
fn signed(piece: Piece<'_>) -> (bool, Piece<'_>) {
    if piece.length > 0 && piece.bytes.first() == Some(&b'-') {
        (true, piece.behind(1))
    } else {
        (false, piece)
    }
}

/// A whole number of up to 18 digits without a leading zero, perhaps with a minus.
#[inline]
#[must_use]
pub(super) fn integer(piece: Piece<'_>) -> Option<i64> {
    let (negative, digits) = signed(piece);
    let length = digits.length;
    if length == 0 || length > 18 || (length > 1 && digits.bytes.first() == Some(&b'0')) {
        return None;
    }
    let size = if length <= 16 {
        sixteen(digits)?
    } else {
        let first = sixteen(Piece::new(digits.bytes, 16))?;
        let rest = eight(digits.behind(16).word(), length - 16)?;
        first * TENS[length - 16] + rest
    };
    let size = size.cast_signed();
    Some(if negative { -size } else { size })
}

/// Powers of ten that are floats exactly.
const FLOAT_TENS: [f64; 17] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
];

/// A decimal number of up to 16 digits, at least one before and one behind its point, without a leading zero other
/// than in front of the point; or a whole number. It is the float that is nearest to it.
#[inline]
#[must_use]
pub(super) fn decimal(piece: Piece<'_>) -> Option<f64> {
    let (negative, digits) = signed(piece);
    if digits.length > 17 {
        return None;
    }
    let point = match point(digits) {
        Some(point) => point,
        None if digits.length == 0 || digits.length > 15 => return None,
        None if digits.length > 1 && digits.bytes.first() == Some(&b'0') => return None,
        None => return sixteen(digits).map(|size| with_sign(size, 0, negative)),
    };
    let places = digits.length - point - 1;
    let leading = point > 1 && digits.bytes.first() == Some(&b'0');
    if point == 0 || places == 0 || leading {
        return None;
    }
    let size = if digits.length <= 8 {
        let word = digits.word();
        let before = word & ((1 << (8 * point)) - 1);
        let behind = (word >> (8 * point)) >> 8 << (8 * point);
        eight(before | behind, digits.length - 1)?
    } else {
        let whole = sixteen(Piece::new(digits.bytes, point))?;
        let rest = sixteen(Piece::new(digits.behind(point + 1).bytes, places))?;
        whole * TENS[places] + rest
    };
    (size < 1 << 53).then(|| with_sign(size, places, negative))
}

#[inline]
fn with_sign(size: u64, places: usize, negative: bool) -> f64 {
    let value = size as f64 / FLOAT_TENS[places];
    if negative { -value } else { value }
}

/// The place of the first point.
#[inline]
fn point(piece: Piece<'_>) -> Option<usize> {
    const POINTS: u64 = 0x2e2e_2e2e_2e2e_2e2e;
    let mut rest = piece;
    let mut before = 0;
    while rest.length > 0 {
        let other = rest.word() ^ POINTS;
        let found = other.wrapping_sub(0x0101_0101_0101_0101) & !other & HIGHS;
        let place = found.trailing_zeros() as usize / 8;
        if found != 0 && place < rest.length {
            return Some(before + place);
        }
        if found != 0 {
            return None;
        }
        rest = rest.behind(8);
        before += 8;
    }
    None
}

/// Two digits at a place of a word.
#[inline]
fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (
        bytes[at].wrapping_sub(b'0'),
        bytes[at + 1].wrapping_sub(b'0'),
    );
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Days since 1970-01-01 of `YYYY-MM-DD`, from year 0 on.
#[inline]
#[must_use]
pub(super) fn day(piece: Piece<'_>) -> Option<i32> {
    (piece.length == 10).then(|| day_of(piece.bytes.first_chunk()?))?
}

#[inline]
fn day_of(text: &[u8; 10]) -> Option<i32> {
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let (month, day) = (two(text, 5)?, two(text, 8)?);
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    // years begin in March, so that the leap day is the last of its year
    let shifted = (month + 9) % 12;
    let year = year + 399 + u32::from(month > 2);
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(days.cast_signed() - 719_468 - 146_097)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Months met before: what is in front of the day is looked into once.
#[derive(Debug, Clone, Default)]
pub(super) struct Months {
    slots: Vec<Month>,
}

/// A month as it is written, `YYYY-MM-`, the day before its first, and its number of days.
#[derive(Debug, Clone, Copy, Default)]
struct Month {
    written: u64,
    before: i32,
    days: u32,
}

impl Months {
    /// As [`day`].
    #[inline]
    pub(super) fn day(&mut self, piece: Piece<'_>) -> Option<i32> {
        const SLOTS: usize = 256;
        if piece.length != 10 {
            return None;
        }
        let text: &[u8; 10] = piece.bytes.first_chunk()?;
        let written = piece.word();
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, Month::default());
        }
        // the bytes that differ from month to month end up in the highest bits
        let place = (written ^ (written >> 21)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        let slot = self.slots.get_mut(usize::try_from(place).ok()?)?;
        if slot.written != written {
            let mut first = *text;
            first[8..].copy_from_slice(b"01");
            let before = day_of(&first)? - 1;
            let (year, month) = (two(text, 0)? * 100 + two(text, 2)?, two(text, 5)?);
            *slot = Month {
                written,
                before,
                days: days_in(year, month),
            };
        }
        let day = two(text, 8)?;
        (1..=slot.days)
            .contains(&day)
            .then(|| slot.before + day.cast_signed())
    }
}

/// Whether a moment is written with a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// `Z` at the end.
    Utc,
    /// Nothing at the end.
    None,
}

/// Microseconds since 1970-01-01T00:00:00 of `YYYY-MM-DDThh:mm:ss`, with up to six digits behind a point, and `Z` at
/// the end if in UTC; without a zone a space may stand for the `T`.
#[inline]
#[must_use]
pub(super) fn moment(piece: Piece<'_>, zone: Zone) -> Option<i64> {
    const TICKS: [u32; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let text = piece.bytes();
    let text = match zone {
        Zone::Utc => text.strip_suffix(b"Z")?,
        Zone::None => text,
    };
    let (date, rest) = text.split_first_chunk::<10>()?;
    let (time, fraction) = rest.split_first_chunk::<9>()?;
    let between = time[0] == b'T' || (time[0] == b' ' && zone == Zone::None);
    if !between || time[3] != b':' || time[6] != b':' {
        return None;
    }
    let (hour, minute, second) = (two(time, 1)?, two(time, 4)?, two(time, 7)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let ticks = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) => {
            let value = eight(Piece::new(digits, digits.len()).word(), digits.len())?;
            i64::try_from(value).ok()? * i64::from(TICKS[digits.len()])
        }
        _ => return None,
    };
    let seconds = i64::from(day_of(date)?) * 86_400;
    let seconds = seconds + i64::from(hour * 3600 + minute * 60 + second);
    Some(seconds * 1_000_000 + ticks)
}

#[cfg(test)]
mod tests {
    use super::{Months, Piece, Zone, day, decimal, integer, moment};
    use proptest::prelude::*;

    /// The piece with other bytes behind it, and without.
    fn both<T: PartialEq + std::fmt::Debug>(text: &str, read: impl Fn(Piece<'_>) -> T) -> T {
        let alone = read(Piece::new(text.as_bytes(), text.len()));
        let longer = format!("{text},9.9-0123456789abcdef");
        assert_eq!(
            read(Piece::new(longer.as_bytes(), text.len())),
            alone,
            "{text}"
        );
        alone
    }

    fn plain(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        !zero && digits.starts_with(|c: char| c.is_ascii_digit())
    }

    #[test]
    fn odd_spellings_are_left_to_others() {
        for text in [
            "",
            "-",
            "00",
            "+1",
            "1 ",
            "1_0",
            "1a",
            "٣",
            "1.0",
            "12345678/",
            ":2345678",
        ] {
            assert_eq!(both(text, integer), None, "{text}");
        }
        for text in [
            "", "-", ".", "--5", "1.", ".5", "1.2.3", "00.5", "1e5", "1.5e3", "inf", "1,5",
        ] {
            assert_eq!(both(text, decimal), None, "{text}");
        }
        for text in [
            "2013-2-28",
            "2013-02-30",
            "2013-13-01",
            "2013/02/28",
            "2013-00-10",
            "1900-02-29",
        ] {
            assert_eq!(both(text, day), None, "{text}");
        }
        for text in [
            "2013-02-28T23:59:60",
            "2013-02-28T24:00:00",
            "2013-02-28",
            "2013-02-28T10:00:00.",
        ] {
            assert_eq!(both(text, |p| moment(p, Zone::None)), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn integers_are_those_of_the_standard_library(text in "-?[0-9]{0,20}[0-9./:e-]?") {
            if let Some(value) = both(&text, integer) {
                prop_assert!(plain(&text));
                prop_assert_eq!(Ok(value), text.parse::<i64>());
            } else {
                let long = text.trim_start_matches('-').len() > 18;
                prop_assert!(long || !plain(&text) || text.parse::<i64>().is_err(), "{}", text);
            }
        }

        #[test]
        fn decimals_are_those_of_the_standard_library(text in "-?[0-9]{0,12}[.]?[0-9]{0,12}[.eE/:]?[0-9]{0,2}") {
            if let Some(value) = both(&text, decimal) {
                prop_assert!(plain(&text));
                let other = text.parse::<f64>().map(f64::to_bits);
                prop_assert_eq!(Ok(value.to_bits()), other, "{}", text);
            }
        }

        #[test]
        fn plain_decimals_are_read(whole in 0u32..1_000_000_000, rest in "[0-9]{1,6}") {
            let text = format!("{whole}.{rest}");
            let wanted = text.parse::<f64>().map(f64::to_bits);
            prop_assert_eq!(both(&text, decimal).map(f64::to_bits), wanted.ok(), "{}", text);
        }

        #[test]
        fn days_are_those_of_chrono(year in 0i32..9999, month in 0u32..14, day_of in 0u32..33) {
            let text = format!("{year:04}-{month:02}-{day_of:02}");
            let date = chrono::NaiveDate::from_ymd_opt(year, month, day_of);
            let days = date.map(|d| d.signed_duration_since(chrono::NaiveDate::default()).num_days());
            prop_assert_eq!(both(&text, day).map(i64::from), days, "{}", text);
            let mut months = Months::default();
            for _ in 0..2 {
                let piece = Piece::new(text.as_bytes(), text.len());
                prop_assert_eq!(months.day(piece).map(i64::from), days, "{}", text);
            }
            if days.is_some() {
                prop_assert_eq!(text.parse::<chrono::NaiveDate>().ok(), date);
            }
        }

        #[test]
        fn moments_are_those_of_chrono(
            date in (0i32..9999, 1u32..13, 1u32..32),
            time in (0u32..25, 0u32..61, 0u32..62),
            fraction in "([.][0-9]{1,8})?",
            between in "[T t]",
        ) {
            let text = format!(
                "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}{fraction}",
                date.0, date.1, date.2, time.0, time.1, time.2
            );
            if let Some(ticks) = both(&text, |p| moment(p, Zone::None)) {
                let other: chrono::NaiveDateTime = text.replacen(' ', "T", 1).parse().expect("it is one");
                prop_assert_eq!(ticks, other.and_utc().timestamp_micros());
            }
            let zoned = format!("{text}Z");
            if let Some(ticks) = both(&zoned, |p| moment(p, Zone::Utc)) {
                let other = chrono::DateTime::parse_from_rfc3339(&zoned).expect("it is one");
                prop_assert_eq!(ticks, other.timestamp_micros());
            }
        }
    }
}
