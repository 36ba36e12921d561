//! Differences: both widths of the same bytes agree in their lower halves, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_fuzz::{decode::delta, decode::split, values};

fuzz_target!(|input: (bool, u8, [u8; 2], &[u8])| {
    let (with_header, first, number, rest) = input;
    let number = values(number);
    // Most bytes are no header; a sound one lets the fuzzer reach the blocks.
    let mut bytes = vec![];
    if with_header {
        bytes.extend([0x80, 1, 4]);
        bytes.extend([number & 127 | 128, number >> 7 & 127 | 128, number >> 14].map(|b| b as u8));
        bytes.push(first & 127);
    }
    bytes.extend(rest);
    let (mut narrow, mut wide, mut longs) = (vec![], vec![], vec![]);
    let short = delta::i32s(&bytes, number, &mut narrow);
    let same = delta::i32s_wide(&bytes, number, &mut wide);
    assert_eq!(short, same);
    assert!(narrow.iter().map(|v| i64::from(*v)).eq(wide.iter().copied()));
    let long = delta::i64s(&bytes, number, &mut longs);
    if let Ok(behind) = short {
        assert_eq!(narrow.len(), number);
        assert_eq!(long, Ok(behind));
        assert!(longs.iter().map(|v| *v as i32).eq(narrow.iter().copied()));
    }
    let mut ints = vec![];
    if split::i64s(rest, rest.len() / 8, &mut ints).is_ok() {
        let mut bytes = vec![];
        assert_eq!(split::fixed_arrays(rest, 8, rest.len() / 8, &mut bytes), Ok(()));
        assert!(bytes.chunks(8).eq(ints.iter().map(|v| v.to_le_bytes())));
    }
    let mut ints = vec![];
    if split::i32s(rest, rest.len() / 4, &mut ints).is_ok() {
        let mut bytes = vec![];
        assert_eq!(split::fixed_arrays(rest, 4, rest.len() / 4, &mut bytes), Ok(()));
        assert!(bytes.chunks(4).eq(ints.iter().map(|v| v.to_le_bytes())));
    }
});
