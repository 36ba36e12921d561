//! Protocol buffers as bytes, written out as text proto, so that everything later has a place in a text.
//!
//! Source: the wire format, <https://protobuf.dev/programming-guides/encoding/>; field numbers of `schema.proto` and
//! `statistics.proto` of tensorflow/metadata.

use super::fields::{self, Field, Holds};
use std::fmt::Write as _;

/// Deepest nesting read.
const DEEPEST: usize = 64;

/// The text proto of a binary schema, or of binary statistics, also as the one record of a `TFRecord` file; `None` for any
/// other bytes.
///
/// A field whose number is not known is written as `field_N`, of which only its size is said. Statistics are told from a schema by
/// their fields: every one of the outer two levels must be known, and a feature must be there.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<String> {
    let bytes = record(bytes).unwrap_or(bytes);
    let statistics = || {
        let mut out = String::from("# Statistics of TFDV, from their binary form\n");
        message(
            bytes,
            fields::statistics(),
            0,
            Unknown::Refused(2),
            &mut out,
        )?;
        out.contains("\n  features {").then_some(out)
    };
    let schema = || {
        let mut out = String::from("# Schema of TFDV, from its binary form\n");
        message(bytes, fields::schema(), 0, Unknown::Refused(0), &mut out)?;
        out.contains("\nfeature {").then_some(out)
    };
    statistics().or_else(schema)
}

/// The one record of a `TFRecord` file whose checksums agree: length, its checksum, the bytes, their checksum.
fn record(bytes: &[u8]) -> Option<&[u8]> {
    let word = |at: usize, size: usize| bytes.get(at..at.checked_add(size)?);
    let length = u64::from_le_bytes(word(0, 8)?.try_into().ok()?);
    let length = usize::try_from(length).ok()?;
    let checked = |at: usize, data: &[u8]| {
        let written = u32::from_le_bytes(word(at, 4)?.try_into().ok()?);
        (written == masked(data)).then_some(())
    };
    if bytes.len().checked_sub(16)? != length {
        return None;
    }
    let data = word(12, length)?;
    checked(8, &bytes[..8])?;
    checked(12 + length, data)?;
    Some(data)
}

/// CRC-32C (Castagnoli), rotated and moved as `TFRecord` files keep it.
fn masked(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// What a field of an unknown number means.
#[derive(Debug, Clone, Copy)]
enum Unknown {
    /// The bytes are something else, down to so many levels.
    Refused(usize),
}

/// One value on the wire.
enum Value<'a> {
    Varint(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'a [u8]),
}

/// Takes a varint of at most ten bytes off the front.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        // The tenth byte holds one bit.
        if shift == 63 && part > 1 {
            return None;
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn value<'a>(bytes: &mut &'a [u8], wire: u64) -> Option<Value<'a>> {
    let mut take = |size: usize| {
        let (head, rest) = bytes.split_at_checked(size)?;
        *bytes = rest;
        Some(head)
    };
    Some(match wire {
        0 => Value::Varint(varint(bytes)?),
        1 => Value::Eight(take(8)?.try_into().ok()?),
        5 => Value::Four(take(4)?.try_into().ok()?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (head, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Value::Bytes(head)
        }
        // Groups are of an older time than these files.
        _ => return None,
    })
}

/// Writes a message field by field; `None` where the bytes are none.
fn message(
    mut bytes: &[u8],
    known: &[Field],
    depth: usize,
    unknown: Unknown,
    out: &mut String,
) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = u32::try_from(key >> 3).ok().filter(|n| *n > 0)?;
        let value = value(&mut bytes, key & 7)?;
        if let Some(field) = known.iter().find(|f| f.number == number) {
            one(field, value, depth, unknown, out)?;
            continue;
        }
        let Unknown::Refused(levels) = unknown;
        if depth < levels {
            return None;
        }
        let size = match value {
            Value::Varint(_) => 1,
            Value::Four(_) => 4,
            Value::Eight(_) => 8,
            Value::Bytes(b) => b.len(),
        };
        line(out, depth, &format!("field_{number}: \"{size} bytes\""));
    }
    Some(())
}

fn line(out: &mut String, depth: usize, text: &str) {
    writeln!(out, "{:1$}{text}", "", depth * 2).expect("writing to a String cannot fail");
}

fn one(
    field: &Field,
    value: Value,
    depth: usize,
    unknown: Unknown,
    out: &mut String,
) -> Option<()> {
    let name = field.name;
    let written = match (field.holds, value) {
        (Holds::Nothing, _) => return Some(()),
        (Holds::Message(known), Value::Bytes(inner)) => {
            line(out, depth, &format!("{name} {{"));
            message(inner, known(), depth + 1, unknown, out)?;
            line(out, depth, "}");
            return Some(());
        }
        (Holds::Text, Value::Bytes(inner)) => quoted(std::str::from_utf8(inner).ok()?),
        (Holds::Whole, Value::Varint(v)) => v.cast_signed().to_string(),
        (Holds::Truth, Value::Varint(v @ 0..=1)) => (v == 1).to_string(),
        (Holds::Word(words), Value::Varint(v)) => {
            let known = words.iter().find(|(n, _)| *n == v);
            known.map_or_else(|| v.to_string(), |(_, word)| (*word).to_owned())
        }
        (Holds::Number, Value::Eight(b)) => number(f64::from_le_bytes(b).to_string()),
        (Holds::Number, Value::Four(b)) => number(f32::from_le_bytes(b).to_string()),
        _ => return None,
    };
    line(out, depth, &format!("{name}: {written}"));
    Some(())
}

/// A number as text proto has it.
fn number(written: String) -> String {
    match written.as_str() {
        "NaN" => "nan".to_owned(),
        _ => written,
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    write!(out, "\\{byte:03o}").expect("writing to a String cannot fail");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{masked, text, varint};

    /// A field that is a length with bytes.
    fn long(number: u8, inner: &[u8]) -> Vec<u8> {
        let length = u8::try_from(inner.len()).unwrap();
        assert!(length < 128);
        [&[number << 3 | 2, length], inner].concat()
    }

    fn feature() -> Vec<u8> {
        let mut inner = long(1, b"fare\"\n");
        inner.extend([6 << 3, 3]);
        let bound = |number: u8, v: f32| [&[number << 3 | 5][..], &v.to_le_bytes()].concat();
        inner.extend(long(10, &[bound(3, -0.5), bound(4, 1e3)].concat()));
        inner.extend(long(
            14,
            &[&[1 << 3 | 1][..], &0.9_f64.to_le_bytes()].concat(),
        ));
        // Field 40 is not known: two bytes for its key.
        inner.extend([0xc2, 0x02, 1, 0]);
        long(1, &inner)
    }

    const WRITTEN: &str = "# Schema of TFDV, from its binary form
feature {
  name: \"fare\\\"\\n\"
  type: FLOAT
  float_domain {
    min: -0.5
    max: 1000
  }
  presence {
    min_fraction: 0.9
  }
  field_40: \"1 bytes\"
}
";

    #[test]
    fn a_binary_schema_is_written_out() {
        assert_eq!(text(&feature()).as_deref(), Some(WRITTEN));
        for end in 1..feature().len() {
            assert_eq!(text(&feature()[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn statistics_are_told_from_a_schema() {
        let common = long(1, &[1 << 3, 90, 2 << 3, 10, 4 << 3, 1]);
        let mut column = long(1, b"fare");
        column.extend(long(3, &common));
        let set = [long(1, b"train"), vec![2 << 3, 100], long(3, &column)].concat();
        let written = text(&long(1, &set)).unwrap();
        assert!(written.contains(
            "datasets {\n  name: \"train\"\n  num_examples: 100\n  features {\n    name: \"fare\"\n"
        ));
        assert!(written.contains("      num_missing: 10\n"), "{written}");
    }

    #[test]
    fn a_record_counts_where_its_checksums_agree() {
        let data = feature();
        let length = (data.len() as u64).to_le_bytes();
        let mut file = length.to_vec();
        file.extend(masked(&length).to_le_bytes());
        file.extend(&data);
        file.extend(masked(&data).to_le_bytes());
        assert_eq!(text(&file).as_deref(), Some(WRITTEN));
        let last = file.len() - 1;
        file[last] ^= 1;
        assert_eq!(text(&file), None);
    }

    #[test]
    fn the_checksum_is_that_of_its_standard() {
        // RFC 3720, appendix B.4: 32 bytes of zero are 8a9136aa, before the mask.
        let unmasked = masked(&[0; 32]).wrapping_sub(0xa282_ead8).rotate_left(15);
        assert_eq!(unmasked, 0x8a91_36aa);
    }

    #[test]
    fn varints_end() {
        assert_eq!(varint(&mut &[0x96, 0x01][..]), Some(150));
        assert_eq!(varint(&mut &[0xff; 9][..]), None);
        assert_eq!(varint(&mut &[0xff; 11][..]), None);
        let most = [&[0xff; 9][..], &[0x01]].concat();
        assert_eq!(varint(&mut &most[..]), Some(u64::MAX));
        assert_eq!(text(&[0x0a; 4000]), None);
        assert_eq!(text(b""), None);
        assert_eq!(text(b"\n"), None);
    }
}
