//! Places: coordinates, geohashes, points in two notations, postal codes.

use serde_json::Value;

/// A decimal number in plain spelling, at most so far from zero.
fn degrees(text: &str, most: f64) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(fraction) && text.parse::<f64>().is_ok_and(|v| v.abs() <= most)
}

/// ISO 6709, annex: latitude in decimal degrees, -90 to 90, without an exponent.
pub(super) fn latitude(text: &str) -> bool {
    degrees(text, 90.0)
}

/// ISO 6709: longitude in decimal degrees, -180 to 180, without an exponent.
pub(super) fn longitude(text: &str) -> bool {
    degrees(text, 180.0)
}

/// Geohash (G. Niemeyer, 2008): one to twelve characters of its base 32, which lacks a, i, l and o.
pub(super) fn geohash(text: &str) -> bool {
    (1..=12).contains(&text.len())
        && text
            .bytes()
            .all(|b| b"0123456789bcdefghjkmnpqrstuvwxyz".contains(&b))
}

/// `POINT` of OGC Simple Features 06-103r4, section 7: two to four numbers, as `Z`, `M` or `ZM` says, or `EMPTY`.
/// Keywords in any case.
pub(super) fn wkt_point(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let Some(rest) = upper.strip_prefix("POINT") else {
        return false;
    };
    let spaced = rest.starts_with([' ', '(']);
    let rest = rest.trim_start();
    let (mark, rest) = ["ZM", "Z", "M"]
        .into_iter()
        .find_map(|m| rest.strip_prefix(m).map(|r| (Some(m), r.trim_start())))
        .unwrap_or((None, rest));
    if !spaced {
        return false;
    }
    if rest == "EMPTY" {
        return true;
    }
    let inside = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')'));
    let number = |t: &str| {
        t.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
            && !t.contains(['N', 'I'])
            && t.parse::<f64>().is_ok_and(f64::is_finite)
    };
    inside.is_some_and(|inside| {
        let parts: Vec<&str> = inside.split_ascii_whitespace().collect();
        let wanted = match mark {
            None => parts.len() == 2 || parts.len() == 3,
            Some("ZM") => parts.len() == 4,
            Some(_) => parts.len() == 3,
        };
        wanted && parts.into_iter().all(number)
    })
}

/// `Point` of RFC 7946, section 3.1.2: an object whose `coordinates` are two or three numbers, longitude and latitude
/// first and in their ranges. Other members may stand beside.
pub(super) fn geojson_point(text: &str) -> bool {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else {
        return false;
    };
    let Some(Value::Array(place)) = object.get("coordinates") else {
        return false;
    };
    let numbers: Option<Vec<f64>> = place.iter().map(Value::as_f64).collect();
    object.get("type").and_then(Value::as_str) == Some("Point")
        && numbers
            .is_some_and(|n| matches!(n.len(), 2 | 3) && n[0].abs() <= 180.0 && n[1].abs() <= 90.0)
}

/// Countries and the forms of their postal codes: `9` a digit, `A` a letter, `?` a letter or digit; anything else
/// stands for itself; `|` between forms.
///
/// Source: Universal Postal Union, "Postal addressing systems in member countries". Whether a code is in use is not
/// known here.
const POSTAL: &[(&str, &str)] = &[
    ("AD", "AD999"),
    ("AR", "9999|A9999AAA"),
    ("AT", "9999"),
    ("AU", "9999"),
    ("BE", "9999"),
    ("BG", "9999"),
    ("BR", "99999-999|99999999"),
    ("CA", "A9A 9A9|A9A9A9"),
    ("CH", "9999"),
    ("CN", "999999"),
    ("CY", "9999"),
    ("CZ", "999 99|99999"),
    ("DE", "99999"),
    ("DK", "9999"),
    ("EE", "99999"),
    ("ES", "99999"),
    ("FI", "99999"),
    ("FR", "99999"),
    ("GB", "A9 9AA|A99 9AA|AA9 9AA|AA99 9AA|A9A 9AA|AA9A 9AA"),
    ("GR", "999 99|99999"),
    ("HR", "99999"),
    ("HU", "9999"),
    ("IE", "A?? ????|A??????"),
    ("IL", "9999999"),
    ("IN", "999999|999 999"),
    ("IS", "999"),
    ("IT", "99999"),
    ("JP", "999-9999|9999999"),
    ("KR", "99999"),
    ("LI", "9999"),
    ("LT", "LT-99999|99999"),
    ("LU", "9999"),
    ("LV", "LV-9999"),
    ("MC", "99999"),
    ("MT", "AAA 9999|AAA9999"),
    ("MX", "99999"),
    ("MY", "99999"),
    ("NL", "9999 AA|9999AA"),
    ("NO", "9999"),
    ("NZ", "9999"),
    ("PL", "99-999"),
    ("PT", "9999-999"),
    ("RO", "999999"),
    ("RS", "99999"),
    ("RU", "999999"),
    ("SE", "999 99|99999"),
    ("SG", "999999"),
    ("SI", "9999"),
    ("SK", "999 99|99999"),
    ("TR", "99999"),
    ("UA", "99999"),
    ("US", "99999|99999-9999"),
    ("ZA", "9999"),
];

/// Countries whose postal codes are known here, ISO 3166-1 alpha-2.
pub(super) fn postal_countries() -> impl Iterator<Item = &'static str> {
    POSTAL.iter().map(|(country, _)| *country)
}

/// Whether the text has a form that the country's postal codes have; letters in upper case.
pub(super) fn postal_code(country: &str, text: &str) -> bool {
    let fits = |form: &str| {
        form.len() == text.len()
            && form.bytes().zip(text.bytes()).all(|(f, t)| match f {
                b'9' => t.is_ascii_digit(),
                b'A' => t.is_ascii_uppercase(),
                b'?' => t.is_ascii_uppercase() || t.is_ascii_digit(),
                f => f == t,
            })
    };
    let excluded = country == "CA" && text.starts_with(['D', 'F', 'I', 'O', 'Q', 'U', 'W', 'Z']);
    !excluded
        && POSTAL
            .iter()
            .find(|(c, _)| *c == country)
            .is_some_and(|(_, forms)| forms.split('|').any(fits))
}
