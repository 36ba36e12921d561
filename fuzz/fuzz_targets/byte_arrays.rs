//! Byte arrays: no panic, and never more bytes than the page and its own repetitions can hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_fuzz::decode::{Broken, delta, plain};

fuzz_target!(|input: (bool, [u8; 2], &[u8])| {
    let (with_header, [number, length], rest) = input;
    let number = usize::from(number);
    let mut bytes = vec![];
    if with_header {
        // Lengths (or common beginnings) of no more than four bits, from the fuzzer's bytes.
        bytes.extend([0x80, 1, 4, number as u8 & 127 | 128, (number >> 7) as u8, 0]);
    }
    bytes.extend(rest);
    let values: Vec<_> = plain::byte_arrays(&bytes, number).collect();
    let (sound, broken): (Vec<_>, Vec<_>) = values.into_iter().partition(Result::is_ok);
    assert!(broken.len() <= 1);
    assert_eq!(sound.len() == number, broken.is_empty());
    let held: usize = sound.iter().map(|v| v.unwrap().len() + 4).sum();
    assert!(held <= bytes.len());

    let mut lengths = vec![];
    if let Ok(values) = delta::length_byte_arrays(&bytes, number, &mut lengths) {
        let values: Vec<&[u8]> = values.collect();
        assert_eq!(values.len(), number);
        assert!(values.iter().map(|v| v.len()).sum::<usize>() <= bytes.len());
    }
    let mut taken = 0;
    let read = delta::byte_arrays(&bytes, number, &mut delta::Prefixes::default(), |value| {
        assert!(value.len() <= bytes.len());
        taken += 1;
        Ok::<(), Broken>(())
    });
    assert!(taken == number || read.is_err());
    if let Ok(values) = plain::fixed_arrays(&bytes, usize::from(length), number) {
        assert_eq!(values.len(), number);
        for value in values {
            assert_eq!(plain::big_endian(value).is_ok(), value.len() <= 16);
        }
    }
});
