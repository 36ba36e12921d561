//! Names of files and stable ids.

use super::subject::Kind;
use crate::report::text::hex;
use sha2::{Digest, Sha256};

/// Characters of a file's name that are the name's own, at most.
const LONGEST: usize = 80;

/// The page of a dataset or model: `dataset-flights.html`.
///
/// Small letters, digits, `-` and `_` stay, any other byte is `~` and two hexadecimal digits, so that the name needs no
/// escape in an address and systems that do not tell case apart keep pages apart. A long name ends with its digest.
pub(super) fn page(kind: Kind, name: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            write!(safe, "~{byte:02x}").expect("writing to a String cannot fail");
        }
    }
    if safe.len() > LONGEST {
        let digest = hex(&Sha256::digest(name));
        safe.truncate(LONGEST - 20);
        safe = format!("{safe}~~{}", &digest[..18]);
    }
    format!("{}-{safe}.html", kind.word())
}

/// An id that the same parts give wherever and whenever it is made: a UUID of version 8 from their SHA-256.
///
/// Source: RFC 9562, section 5.8 (from memory).
pub(super) fn urn(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    let mut bytes = digest.finalize();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex(&bytes[..16]);
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::{page, urn};
    use crate::report::site::subject::Kind;

    #[test]
    fn names_of_pages_are_safe_and_different() {
        let of = |name: &str| page(Kind::Dataset, name);
        assert_eq!(of("flights_2"), "dataset-flights_2.html");
        assert_eq!(of("../a b"), "dataset-~2e~2e~2fa~20b.html");
        let long = "x".repeat(300);
        assert!(of(&long).len() < 120);
        let all = ["A", "a", "~41", "a-b", "a_b", &long, &format!("{long}y")];
        let names: std::collections::BTreeSet<String> = all.iter().map(|n| of(n)).collect();
        assert_eq!(names.len(), all.len());
        assert_ne!(page(Kind::Model, "a"), of("a"));
    }

    #[test]
    fn ids_are_uuids_that_depend_on_every_part() {
        let id = urn(&["a", "b"]);
        assert_eq!(id.len(), "urn:uuid:".len() + 36);
        assert_eq!(&id[23..24], "8");
        assert!("89ab".contains(&id[28..29]), "{id}");
        assert_ne!(id, urn(&["ab", ""]));
        assert_eq!(id, urn(&["a", "b"]));
    }
}
