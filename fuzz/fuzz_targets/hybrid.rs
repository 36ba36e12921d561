//! Runs: all ways to read them agree, and none panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_fuzz::{decode::hybrid, decode::plain, values};

fuzz_target!(|input: (u8, [u8; 2], &[u8])| {
    let (width, number, bytes) = input;
    let (width, number) = (width % 34, values(number));
    let mut numbers = vec![];
    let decoded = hybrid::decode_into(bytes, width, number, &mut numbers);
    assert_eq!(numbers.len() == number && width <= 32, decoded.is_ok());

    let mut pieces = vec![];
    let mut buffer = [0; hybrid::BUFFER];
    let read = hybrid::Runs::new(bytes, width).and_then(|mut runs| {
        while let Some(run) = runs.next_run(number - pieces.len(), &mut buffer)? {
            match run {
                hybrid::Run::Repeated { value, count } => pieces.extend(vec![value; count]),
                hybrid::Run::Packed(packed) => pieces.extend(packed),
            }
        }
        Ok(())
    });
    assert_eq!(read, decoded);
    assert_eq!(pieces, numbers);

    let most = 1 << 12;
    let mut counts = vec![0_u64; most];
    let counted = hybrid::count_codes(bytes, width, number, &mut counts);
    let within = numbers.iter().all(|v| (*v as usize) < most);
    assert_eq!(counted.is_ok(), decoded.is_ok() && within);
    for level in [0, 1, 2, 3, 300] {
        let equal = hybrid::count_equal(bytes, width, number, level);
        let expected = numbers.iter().filter(|v| **v == level).count();
        assert_eq!(equal, decoded.map(|()| expected));
        if counted.is_ok() {
            assert_eq!(counts[level as usize], expected as u64);
        }
    }
    let mut levels = vec![];
    let old = hybrid::bit_packed_levels(bytes, width, number, &mut levels);
    assert!(old.is_err() || levels.len() == number);
    let mut booleans = vec![];
    if plain::booleans(bytes, number, &mut booleans).is_ok() {
        let set = booleans.iter().filter(|b| **b).count();
        assert_eq!(plain::count_true(bytes, number), Ok(set));
    }
    if let Ok((inside, _)) = hybrid::prefixed(bytes) {
        let _ = hybrid::count_ones(inside, number);
    }
    if let Ok((width, runs)) = hybrid::indices(bytes) {
        let _ = hybrid::count_codes(runs, width, number, &mut counts);
    }
});
