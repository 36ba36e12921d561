//! VAT identification numbers of the European Union and some neighbours, with the check digits that are documented.
//!
//! Forms: VIES (European Commission), "VAT identification number structure". Check digits: the member states' own
//! publications and "Algorithms used by the Commission to check VAT numbers" (Taxation and Customs Union). France is
//! judged where its two check characters are digits, Cyprus, Ireland, Spain and Malta in full.

use super::digits::{all_digits, digits, luhn, mod_11_10, remainder_97, weighted};

/// Countries whose numbers are judged, by their prefix in VIES; Greece is `EL`, Northern Ireland `XI`.
pub(super) const COUNTRIES: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GB", "HR", "HU", "IE",
    "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// Whether a text is a VAT number: its country's prefix and the number, without blanks.
pub(super) fn vat(text: &str) -> bool {
    text.is_char_boundary(2) && text.len() > 2 && of_country(&text[..2], &text[2..])
}

/// Whether the number, without its prefix, is one of the country.
pub(super) fn of_country(country: &str, number: &str) -> bool {
    if !number.is_ascii() {
        return false;
    }
    match country {
        "AT" => austria(number),
        "BE" => belgium(number),
        "BG" => bulgaria(number),
        "CY" => cyprus(number),
        "CZ" => czechia(number),
        "DE" => number.len() == 9 && !number.starts_with('0') && hybrid(number),
        "DK" => denmark(number),
        "EE" => estonia(number),
        "EL" | "GR" => greece(number),
        "ES" => spain(number),
        "FI" => finland(number),
        "FR" => france(number),
        "GB" | "XI" => britain(number),
        "HR" => number.len() == 11 && hybrid(number),
        "HU" => hungary(number),
        "IE" => ireland(number),
        "IT" => italy(number),
        "LT" => lithuania(number),
        "LU" => luxembourg(number),
        "LV" => latvia(number),
        "MT" => malta(number),
        "NL" => netherlands(number),
        "PL" => poland(number),
        "PT" => portugal(number),
        "RO" => romania(number),
        "SE" => {
            number.len() == 12
                && luhn(&number[..10])
                && all_digits(number)
                && !number.ends_with("00")
        }
        "SI" => slovenia(number),
        "SK" => slovakia(number),
        _ => false,
    }
}

/// MOD 11-10 of ISO/IEC 7064, as Germany and Croatia have it.
fn hybrid(number: &str) -> bool {
    let digits: Vec<u32> = number
        .bytes()
        .map(|b| u32::from(b.wrapping_sub(b'0')))
        .collect();
    all_digits(number) && mod_11_10(&digits)
}

fn austria(number: &str) -> bool {
    number
        .strip_prefix('U')
        .and_then(digits::<8>)
        .is_some_and(|d| {
            let doubled = |v: u32| v * 2 / 10 + v * 2 % 10;
            let sum = d[0] + doubled(d[1]) + d[2] + doubled(d[3]) + d[4] + doubled(d[5]) + d[6];
            (10 - (sum + 4) % 10) % 10 == d[7]
        })
}

fn belgium(number: &str) -> bool {
    let value = number.parse::<u32>().ok();
    number.len() == 10
        && all_digits(number)
        && matches!(number.as_bytes()[0], b'0' | b'1')
        && value.is_some_and(|v| v > 0 && 97 - v / 100 % 97 == v % 100)
}

/// Nine digits of a legal entity; numbers of ten digits are personal ones, with their own check digits.
fn bulgaria(number: &str) -> bool {
    if let Some(d) = digits::<9>(number) {
        let first = weighted(&d, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
        let check = if first == 10 {
            weighted(&d, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10
        } else {
            first
        };
        return check == d[8];
    }
    digits::<10>(number).is_some_and(|d| {
        let month = (d[2] * 10 + d[3]) % 20;
        let dated = (1..=12).contains(&month) && d[2] < 6 && (1..=31).contains(&(d[4] * 10 + d[5]));
        let person = dated && weighted(&d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == d[9];
        let foreigner = weighted(&d, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == d[9];
        let other = match 11 - weighted(&d, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
            10 => false,
            11 => d[9] == 0,
            check => d[9] == check,
        };
        person || foreigner || other
    })
}

fn cyprus(number: &str) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let Some((body, check)) = number.split_at_checked(8) else {
        return false;
    };
    digits::<8>(body).is_some_and(|d| {
        let sum = |i: usize| {
            if i.is_multiple_of(2) {
                ODD[d[i] as usize]
            } else {
                d[i]
            }
        };
        let remainder = (0..8).map(sum).sum::<u32>() % 26;
        !body.starts_with("12")
            && check.len() == 1
            && u32::from(check.as_bytes()[0]) == u32::from(b'A') + remainder
    })
}

/// Eight digits of a legal entity; nine that start with 6 of a person without a birth number; nine or ten of a birth
/// number.
fn czechia(number: &str) -> bool {
    if let Some(d) = digits::<8>(number) {
        let check = (11 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10;
        // 11 minus 0 is 1 by 10, 11 minus 1 is 0.
        return d[0] != 9 && check == d[7];
    }
    if let Some(d) = digits::<9>(number)
        && d[0] == 6
    {
        let sum = weighted(&d[1..], &[8, 7, 6, 5, 4, 3, 2]) % 11;
        return (18 - (21 - sum) % 11) % 10 == d[8];
    }
    let Some(day) = number.get(..6).filter(|t| all_digits(t)) else {
        return false;
    };
    let (month, day) = (
        day[2..4].parse::<u32>().unwrap_or(0),
        day[4..].parse::<u32>().unwrap_or(0),
    );
    let month = month % 50;
    let dated = (1..=12).contains(&(if month > 20 { month - 20 } else { month }))
        && (1..=31).contains(&day);
    match number.len() {
        // Before 1954 they had no check digit.
        9 => dated && all_digits(number) && number[..2].parse::<u32>().is_ok_and(|y| y < 54),
        10 => {
            let body = number[..9].parse::<u64>().unwrap_or(0) % 11 % 10;
            dated && all_digits(number) && body.to_string().as_bytes()[0] == number.as_bytes()[9]
        }
        _ => false,
    }
}

fn denmark(number: &str) -> bool {
    digits::<8>(number)
        .is_some_and(|d| d[0] > 0 && weighted(&d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

fn estonia(number: &str) -> bool {
    digits::<9>(number)
        .is_some_and(|d| weighted(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10))
}

fn greece(number: &str) -> bool {
    digits::<9>(number)
        .is_some_and(|d| weighted(&d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == d[8])
}

/// A person's DNI (eight digits and a letter), a foreigner's NIE (X, Y or Z first), K, L or M numbers, or a legal
/// entity's CIF, whose last place is a digit or a letter by the kind of entity.
fn spain(number: &str) -> bool {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let b = number.as_bytes();
    if b.len() != 9 || !all_digits(&number[1..8]) {
        return false;
    }
    let letter = |digits: &str| {
        digits
            .parse::<usize>()
            .is_ok_and(|n| LETTERS[n % 23] == b[8])
    };
    match b[0] {
        b'0'..=b'9' => letter(&number[..8]),
        b'X' => letter(&number[1..8]),
        b'Y' => letter(&format!("1{}", &number[1..8])),
        b'Z' => letter(&format!("2{}", &number[1..8])),
        b'K' | b'L' | b'M' => letter(&number[1..8]),
        kind if b"ABCDEFGHJNPQRSUVW".contains(&kind) => {
            let check = (0..10u8)
                .find(|c| luhn(&format!("{}{c}", &number[1..8])))
                .unwrap_or(0);
            let as_letter = b"JABCDEFGHI"[usize::from(check)];
            match kind {
                b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => b[8] == as_letter,
                b'A' | b'B' | b'E' | b'H' => b[8] == b'0' + check,
                _ => b[8] == as_letter || b[8] == b'0' + check,
            }
        }
        _ => false,
    }
}

fn finland(number: &str) -> bool {
    digits::<8>(number).is_some_and(|d| weighted(&d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11))
}

/// Two characters and the nine digits of a SIREN. Characters that are digits are checked; those with a letter are not
/// documented, and their form alone is looked at. The SIREN has its own Luhn digit, except in Monaco (000).
fn france(number: &str) -> bool {
    let Some((key, siren)) = number.split_at_checked(2) else {
        return false;
    };
    let known = |c: u8| c.is_ascii_digit() || (c.is_ascii_uppercase() && !b"IO".contains(&c));
    if siren.len() != 9 || !all_digits(siren) || !key.bytes().all(known) {
        return false;
    }
    let entity = siren.starts_with("000") || luhn(siren);
    let value = siren.parse::<u64>().unwrap_or(0);
    entity
        && (!all_digits(key)
            || key
                .parse::<u64>()
                .is_ok_and(|k| k == (value * 100 + 12) % 97))
}

/// Nine or twelve digits by weights 8 to 2 and 97, or 97 less 55 for numbers since 2010; GD and HA with three digits.
fn britain(number: &str) -> bool {
    if let Some(rest) = number.strip_prefix("GD") {
        return digits::<3>(rest).is_some_and(|d| d[0] < 5);
    }
    if let Some(rest) = number.strip_prefix("HA") {
        return digits::<3>(rest).is_some_and(|d| d[0] >= 5);
    }
    if !matches!(number.len(), 9 | 12) || !all_digits(number) {
        return false;
    }
    digits::<9>(&number[..9]).is_some_and(|d| {
        let sum = weighted(&d, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
        let new = sum == 42 && number[..3].parse::<u32>().is_ok_and(|n| n >= 100);
        d.iter().sum::<u32>() > 0 && (sum == 0 || new)
    })
}

fn hungary(number: &str) -> bool {
    digits::<8>(number).is_some_and(|d| weighted(&d, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10))
}

/// Seven digits and a check letter, since 2013 with a second letter; before, a letter or sign could stand second.
fn ireland(number: &str) -> bool {
    let b = number.as_bytes();
    if !matches!(b.len(), 8 | 9)
        || !b[0].is_ascii_digit()
        || !b[2..7].iter().all(u8::is_ascii_digit)
    {
        return false;
    }
    let letter = |sum: u32| b"WABCDEFGHIJKLMNOPQRSTUV"[(sum % 23) as usize];
    let value = |c: u8| u32::from(c - b'0');
    let tail: u32 = (2..7)
        .zip([6, 5, 4, 3, 2])
        .map(|(i, w)| value(b[i]) * w)
        .sum();
    if b[1].is_ascii_digit() {
        let extra = match b.get(8) {
            None | Some(b'W') => 0,
            Some(c @ b'A'..=b'I') => 9 * u32::from(c - b'A' + 1),
            Some(_) => return false,
        };
        return b[7] == letter(value(b[0]) * 8 + value(b[1]) * 7 + tail + extra);
    }
    // The old form puts 0 before, and the first digit last.
    (b[1].is_ascii_uppercase() || b"+*".contains(&b[1])) && b.len() == 8 && {
        let old: u32 = (2..7)
            .zip([7, 6, 5, 4, 3])
            .map(|(i, w)| value(b[i]) * w)
            .sum();
        b[7] == letter(old + value(b[0]) * 2)
    }
}

fn italy(number: &str) -> bool {
    let province = number.get(7..10).and_then(|p| p.parse::<u32>().ok());
    number.len() == 11
        && luhn(number)
        && !number.starts_with("0000000")
        && province.is_some_and(|p| matches!(p, 1..=100 | 120 | 121 | 888 | 999))
}

/// Nine digits of a legal entity, twelve of a person; the place before the check digit, or the one before that, is 1.
fn lithuania(number: &str) -> bool {
    if !matches!(number.len(), 9 | 12) || !all_digits(number) {
        return false;
    }
    let d: Vec<u32> = number.bytes().map(|b| u32::from(b - b'0')).collect();
    let last = d.len() - 1;
    let sum = |shift: usize| -> u32 {
        let weight = |i: usize| u32::try_from((i + shift) % 9 + 1).unwrap_or(1);
        (0..last).map(|i| d[i] * weight(i)).sum::<u32>() % 11
    };
    let check = match sum(0) {
        10 => sum(2) % 10,
        check => check,
    };
    let mark = if last == 8 { d[7] } else { d[10] };
    mark == 1 && check == d[last]
}

fn luxembourg(number: &str) -> bool {
    number.len() == 8
        && all_digits(number)
        && number[..6].parse::<u32>().ok().map(|n| n % 89) == number[6..].parse().ok()
}

/// Eleven digits: a legal entity where the first is over 3, else a person, whose check digit counts where a birth
/// date stands first; numbers that start with 32 carry no date.
fn latvia(number: &str) -> bool {
    digits::<11>(number).is_some_and(|d| {
        if d[0] > 3 {
            return weighted(&d, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3;
        }
        if d[0] == 3 && d[1] == 2 {
            return true;
        }
        let (day, month) = (d[0] * 10 + d[1], d[2] * 10 + d[3]);
        let sum = 1 + weighted(&d, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
        (1..=31).contains(&day) && (1..=12).contains(&month) && d[6] <= 2 && sum % 11 % 10 == d[10]
    })
}

fn malta(number: &str) -> bool {
    digits::<8>(number)
        .is_some_and(|d| d[0] > 0 && weighted(&d, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37))
}

/// Nine digits, `B`, two digits: the old kind by weights 9 to 2 and minus 1, since 2020 also by MOD 97-10 over the
/// whole number with its prefix.
fn netherlands(number: &str) -> bool {
    let b = number.as_bytes();
    if b.len() != 12 || b[9] != b'B' || !all_digits(&number[10..]) || &number[10..] == "00" {
        return false;
    }
    let Some(d) = digits::<9>(&number[..9]) else {
        return false;
    };
    let old = weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == d[8] && d.iter().sum::<u32>() > 0;
    old || remainder_97(b"NL".iter().chain(b)) == Some(1)
}

fn poland(number: &str) -> bool {
    digits::<10>(number).is_some_and(|d| weighted(&d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == d[9])
}

fn portugal(number: &str) -> bool {
    digits::<9>(number).is_some_and(|d| {
        let check = (11 - weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
        d[0] > 0 && check == d[8]
    })
}

/// Two to ten digits, the last by weights from the right.
fn romania(number: &str) -> bool {
    if !(2..=10).contains(&number.len()) || !all_digits(number) || number.starts_with('0') {
        return false;
    }
    digits::<10>(&format!("{number:0>10}"))
        .is_some_and(|d| weighted(&d, &[7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10 == d[9])
}

fn slovenia(number: &str) -> bool {
    digits::<8>(number).is_some_and(|d| {
        let check = 11 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
        d[0] > 0 && check != 11 && check % 10 == d[7]
    })
}

fn slovakia(number: &str) -> bool {
    number.len() == 10
        && all_digits(number)
        && !number.starts_with('0')
        && matches!(
            number.as_bytes()[2],
            b'2' | b'3' | b'4' | b'7' | b'8' | b'9'
        )
        && number.parse::<u64>().is_ok_and(|n| n.is_multiple_of(11))
}
