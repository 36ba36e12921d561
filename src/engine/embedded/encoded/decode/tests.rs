//! The format's own examples, and what simple encoders wrote comes back.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

mod encoders;
use encoders::{Block, bit_packed, delta32, delta64, pack, put_varint};

/// Values of a page at most; fewer where each instruction is interpreted.
const MANY: usize = if cfg!(miri) { 150 } else { 700 };

/// Fewer cases where each instruction is interpreted.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 3 } else { 200 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn numbers_in_base_128() {
    assert_eq!(varint(&[0x7f, 9]), Ok((127, &[9][..])));
    assert_eq!(varint(&[0xac, 0x02]), Ok((300, &[][..])));
    let most = [0xff; 9].into_iter().chain([1]).collect::<Vec<u8>>();
    assert_eq!(varint(&most), Ok((u64::MAX, &[][..])));
    assert!(varint(&[]).is_err());
    assert!(varint(&[0x80]).is_err());
    assert!(varint(&[0xff; 10]).is_err());
    assert!(varint(&[[0xff; 9].as_slice(), &[2]].concat()).is_err());
}

#[test]
fn runs_of_the_format() {
    let packed = [3, 0b1000_1000, 0b1100_0110, 0b1111_1010, 10, 6];
    let mut out = vec![99];
    hybrid::decode_into(&packed, 3, 13, &mut out).unwrap();
    assert_eq!(out, [99, 0, 1, 2, 3, 4, 5, 6, 7, 6, 6, 6, 6, 6]);
    let mut counts = [0; 8];
    hybrid::count_codes(&packed, 3, 13, &mut counts).unwrap();
    assert_eq!(counts, [1, 1, 1, 1, 1, 1, 6, 1]);
    assert_eq!(hybrid::count_equal(&packed, 3, 13, 6), Ok(6));
    assert_eq!(hybrid::count_equal(&packed, 3, 9, 6), Ok(2));
    assert!(hybrid::count_equal(&packed, 3, 14, 6).is_err());
    assert!(hybrid::count_codes(&packed, 3, 13, &mut [0; 7]).is_err());

    let mut levels = Vec::new();
    let bytes = [0b0000_0101, 0b0011_1001, 0b0111_0111, 42];
    let behind = hybrid::bit_packed_levels(&bytes, 3, 8, &mut levels);
    assert_eq!(behind, Ok(&[42][..]));
    assert_eq!(levels, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn runs_that_the_format_does_not_allow() {
    let count = |bytes, width, values| hybrid::count_equal(bytes, width, values, 0);
    assert_eq!(count(&[], 1, 0), Ok(0));
    assert!(count(&[], 1, 1).is_err(), "no run");
    assert!(count(&[0, 0], 1, 1).is_err(), "an empty run");
    assert!(
        count(&[0, 0, 2, 0], 1, 1).is_err(),
        "a run behind an empty one"
    );
    assert!(count(&[2], 1, 1).is_err(), "no number");
    assert!(count(&[2, 2], 1, 1).is_err(), "a number of two bits");
    assert!(count(&[3, 0], 9, 8).is_err(), "too few bytes");
    assert_eq!(count(&[3, 0], 2, 4), Ok(4), "only what fills up is missing");
    assert!(count(&[2, 0], 33, 1).is_err(), "too wide");
    // 63 groups of eight zeros of no bits are what a writer can mean, 64 are not.
    assert_eq!(count(&[127], 0, 504), Ok(504));
    assert!(count(&[0x81, 0x01], 0, 505).is_err());
    assert_eq!(count(&[0x81, 0x01], 0, 504), Ok(504));
    assert_eq!(count(&[0x80, 0x10], 0, 1024), Ok(1024), "a run-length run");
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert!(count(&huge, 32, usize::MAX).is_err());
}

#[test]
fn pages_that_say_their_width_or_length() {
    assert!(hybrid::indices(&[]).is_err());
    assert_eq!(hybrid::indices(&[32, 1]), Ok((32, &[1][..])));
    assert!(hybrid::indices(&[33]).is_err());
    assert_eq!(
        hybrid::prefixed(&[1, 0, 0, 0, 7, 8]),
        Ok((&[7][..], &[8][..]))
    );
    assert!(hybrid::prefixed(&[3, 0, 0, 0, 7, 8]).is_err());
    assert!(hybrid::prefixed(&[3, 0, 0]).is_err());
}

#[test]
fn plain_values() {
    let bytes: Vec<u8> = (1..=24).collect();
    let (mut ints, mut longs, mut floats) = (vec![], vec![], vec![]);
    plain::i32s(&bytes, 2, &mut ints).unwrap();
    assert_eq!(ints, [0x0403_0201, 0x0807_0605]);
    plain::i32s_wide(&[255; 4], 1, &mut longs).unwrap();
    plain::i64s(&bytes, 1, &mut longs).unwrap();
    assert_eq!(longs, [-1, 0x0807_0605_0403_0201]);
    plain::f32s(&1.5_f32.to_le_bytes(), 1, &mut floats).unwrap();
    plain::f64s(&(-2.25_f64).to_le_bytes(), 1, &mut floats).unwrap();
    assert_eq!(floats, [1.5, -2.25]);
    assert!(plain::i64s(&bytes, 4, &mut longs).is_err());
    let mut booleans = vec![];
    plain::booleans(&[0b1010_0101, 0b0000_0010], 10, &mut booleans).unwrap();
    assert_eq!(booleans.iter().filter(|b| **b).count(), 5);
    assert_eq!(plain::count_true(&[0b1010_0101, 0b1111_1110], 10), Ok(5));
    assert!(plain::count_true(&[0xff], 9).is_err());
    assert!(plain::fixed_arrays(&bytes, 0, 1).is_err());
    assert!(plain::fixed_arrays(&bytes, usize::MAX, 2).is_err());
    assert_eq!(plain::fixed_arrays(&bytes, 5, 4).unwrap().len(), 4);
}

#[test]
fn timestamps_of_96_bits() {
    const DAY: i64 = 86_400_000_000_000;
    let stored = |nanos: i64, day: i32| {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&nanos.to_le_bytes());
        bytes[8..].copy_from_slice(&day.to_le_bytes());
        bytes
    };
    let value = |nanos, day| plain::int96(&stored(nanos, day));
    let spark = |nanos, day| plain::int96_of_spark(&stored(nanos, day));
    assert_eq!(value(0, 2_440_588), Some(0));
    assert_eq!(value(5, 2_440_587), Some(5 - DAY));
    assert_eq!(spark(5_999, 2_440_589), Some(DAY / 1000 + 5));
    // 2262-04-11 23:47:16.854775807 is the last one in nanoseconds.
    let (last, rest) = (i64::MAX / DAY, i64::MAX % DAY);
    let last = i32::try_from(last).unwrap() + 2_440_588;
    assert_eq!(value(rest, last), Some(i64::MAX));
    assert_eq!(value(rest + 1, last), None);
    assert_eq!(value(0, last + 1), None);
    assert_eq!(value(0, i32::MIN), None);
    let next = (i64::MAX / DAY + 1) * (DAY / 1000);
    assert_eq!(spark(0, last + 1), Some(next));
    // What Spark makes of the year 290,000: it wraps around there, and here once more.
    let (far, julian) = (9_089_380_393_200_000_000_i64, 2_440_588 * (DAY / 1000));
    let wrapped = far.wrapping_add(julian);
    let (day, rest) = (wrapped / (DAY / 1000), wrapped % (DAY / 1000));
    assert_eq!(spark(rest * 1000, i32::try_from(day).unwrap()), Some(far));
    // Three times 64 bits of microseconds are no moment of 1970.
    assert_eq!(spark(0, 640_511_947 + 2_440_588), None);
    assert_eq!(spark(0, i32::MIN), None);
    let mut out = vec![];
    let two = [stored(0, last), stored(0, last + 1)].concat();
    assert!(plain::int96s(&two, 2, &mut out).is_err());
    plain::int96s_of_spark(&two, 2, &mut out).unwrap();
    assert_eq!(out[1..], [next - DAY / 1000, next]);
}

#[test]
fn floats_of_16_bits() {
    let value = |bits: u16| plain::float16(bits.to_le_bytes());
    let exact = [
        (0x3c00, 1.0),
        (0xc000, -2.0),
        (0x7bff, 65504.0),
        (0x0001, 1.0 / 16_777_216.0),
        (0x03ff, 1023.0 / 16_777_216.0),
        (0x0400, 1.0 / 16_384.0),
        (0x3555, 0.333_251_953_125),
        (0x7c00, f64::INFINITY),
        (0xfc00, f64::NEG_INFINITY),
    ];
    for (bits, expected) in exact {
        assert_eq!(value(bits).to_bits(), f64::to_bits(expected), "{bits:x}");
    }
    assert_eq!(value(0x8000).to_bits(), (-0.0_f64).to_bits());
    assert!(value(0x7e00).is_nan() && value(0xfc01).is_nan());
}

#[test]
fn differences_of_the_format() {
    // The examples have blocks of 8; these have the least that is allowed.
    let mut first = vec![0x80, 1, 1, 5, 2, 2, 0];
    let mut out = vec![];
    assert_eq!(delta::i32s(&first, 5, &mut out), Ok(&[][..]));
    assert_eq!(out, [1, 2, 3, 4, 5]);
    first[0] = 8;
    first.remove(1);
    assert!(delta::i32s(&first, 5, &mut out).is_err(), "a block of 8");
    first[0] = 96;
    assert!(delta::i32s(&first, 5, &mut out).is_err(), "a block of 96");
    let second = [0x80, 1, 1, 8, 14, 3, 2, 0b1100_0000, 0b0011_1111];
    let mut out = vec![];
    delta::i64s(&second, 8, &mut out).unwrap();
    assert_eq!(out, [7, 5, 3, 1, 2, 3, 4, 5]);
    assert!(
        delta::i64s(&second, 7, &mut out).is_err(),
        "another number of values"
    );
    assert!(
        delta::i64s(&second[..8], 8, &mut out).is_err(),
        "bytes are missing"
    );
    assert!(delta::i64s(&[], 0, &mut out).is_err(), "no header");
    assert_eq!(delta::i64s(&[0x80, 1, 1, 0, 0], 0, &mut out), Ok(&[][..]));
}

#[test]
fn byte_arrays_of_the_format() {
    let (mut lengths, mut buffers) = (vec![], delta::Prefixes::default());
    let mut bytes = delta32(&[5, 5, 6, 6], Block::USUAL);
    bytes.extend(b"HelloWorldFoobarABCDEF");
    let values = delta::length_byte_arrays(&bytes, 4, &mut lengths).unwrap();
    let values: Vec<&[u8]> = values.collect();
    assert_eq!(values, [&b"Hello"[..], b"World", b"Foobar", b"ABCDEF"]);
    bytes.pop();
    assert!(delta::length_byte_arrays(&bytes, 4, &mut lengths).is_err());
    let negative = delta32(&[5, -1], Block::USUAL);
    assert!(delta::length_byte_arrays(&negative, 2, &mut lengths).is_err());

    let mut bytes = delta32(&[0, 2, 0, 3], Block::USUAL);
    bytes.extend(delta32(&[4, 2, 6, 5], Block::USUAL));
    bytes.extend(b"axislebabbleyhood");
    let mut values = vec![];
    let mut take = |value: &[u8]| {
        values.push(value.to_vec());
        Ok::<(), Broken>(())
    };
    delta::byte_arrays(&bytes, 4, &mut buffers, &mut take).unwrap();
    assert_eq!(values, [&b"axis"[..], b"axle", b"babble", b"babyhood"]);
    let mut beyond = delta32(&[1], Block::USUAL);
    beyond.extend(delta32(&[0], Block::USUAL));
    let refused = delta::byte_arrays(&beyond, 1, &mut buffers, |_| Ok::<(), Broken>(()));
    assert!(refused.is_err(), "the first value shares nothing");
}

#[test]
fn streams_of_the_format() {
    let bytes = [
        0xaa, 0x00, 0xa3, 0xbb, 0x11, 0xb4, 0xcc, 0x22, 0xc5, 0xdd, 0x33, 0xd6,
    ];
    let mut values = vec![];
    split::i32s(&bytes, 3, &mut values).unwrap();
    let expected = [0xddcc_bbaa_u32, 0x3322_1100, 0xd6c5_b4a3];
    assert_eq!(values, expected.map(u32::cast_signed));
    assert!(split::i32s(&bytes, 2, &mut values).is_err());
    assert!(split::fixed_arrays(&bytes, 0, 3, &mut vec![]).is_err());
}

#[derive(Debug, Clone)]
enum Part {
    Repeated(u32, usize),
    Packed(Vec<u32>),
}

fn parts(width: u8) -> impl Strategy<Value = (u8, Vec<Part>)> {
    let most = u32::MAX.checked_shr(32 - u32::from(width)).unwrap_or(0);
    let repeated = (0..=most, 1..MANY).prop_map(|(v, n)| Part::Repeated(v, n));
    // Longer than what is handed out together, and of no bits as long as is allowed.
    let groups = if width == 0 { 63 } else { MANY / 4 };
    let values = (1..=groups).prop_flat_map(move |n| vec(0..=most, 8 * n));
    let packed = values.prop_map(Part::Packed);
    (Just(width), vec(prop_oneof![repeated, packed], 1..7))
}

fn encode(width: u8, parts: &[Part]) -> (Vec<u8>, Vec<u32>) {
    let (mut bytes, mut values) = (vec![], vec![]);
    for part in parts {
        match part {
            Part::Repeated(value, count) => {
                put_varint((*count as u64) << 1, &mut bytes);
                bytes.extend(&value.to_le_bytes()[..usize::from(width).div_ceil(8)]);
                values.extend(vec![*value; *count]);
            }
            Part::Packed(packed) => {
                put_varint((packed.len() as u64 / 8) << 1 | 1, &mut bytes);
                let wide: Vec<u64> = packed.iter().map(|v| u64::from(*v)).collect();
                pack(&wide, width, &mut bytes);
                values.extend(packed);
            }
        }
    }
    (bytes, values)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn runs_come_back((width, parts) in (0..=32_u8).prop_flat_map(parts), short in 0..9_usize) {
        let (bytes, mut expected) = encode(width, &parts);
        expected.truncate(expected.len() - short.min(expected.len()));
        let mut values = vec![];
        hybrid::decode_into(&bytes, width, expected.len(), &mut values).unwrap();
        prop_assert_eq!(&values, &expected);

        let (mut runs, mut buffer) = (hybrid::Runs::new(&bytes, width).unwrap(), [0; hybrid::BUFFER]);
        values.clear();
        while let Some(run) = runs.next_run(expected.len() - values.len(), &mut buffer).unwrap() {
            match run {
                hybrid::Run::Repeated { value, count } => values.extend(vec![value; count]),
                hybrid::Run::Packed(packed) => values.extend(packed),
            }
        }
        prop_assert_eq!(&values, &expected);
        for level in expected.iter().copied().take(3).chain([0, 1]) {
            let equal = expected.iter().filter(|v| **v == level).count();
            prop_assert_eq!(hybrid::count_equal(&bytes, width, expected.len(), level), Ok(equal));
        }
        if width == 1 {
            let ones = expected.iter().filter(|v| **v == 1).count();
            prop_assert_eq!(hybrid::count_ones(&bytes, expected.len()), Ok(ones));
        }
        let longer = hybrid::count_equal(&bytes, width, expected.len() + short + 1, 0);
        prop_assert!(longer.is_err());
    }

    #[test]
    fn codes_are_counted((width, parts) in (0..=17_u8).prop_flat_map(parts), short in 0..9_usize) {
        let (bytes, mut codes) = encode(width, &parts);
        codes.truncate(codes.len() - short.min(codes.len()));
        let most = codes.iter().max().map_or(0, |m| *m as usize);
        let mut expected = vec![5_u64; most + 1];
        for code in &codes {
            expected[*code as usize] += 1;
        }
        let mut counts = vec![5; most + 1];
        hybrid::count_codes(&bytes, width, codes.len(), &mut counts).unwrap();
        prop_assert_eq!(counts, expected);
        let beyond = hybrid::count_codes(&bytes, width, codes.len(), &mut vec![0; most]);
        prop_assert!(beyond.is_err() || codes.is_empty());
    }

    #[test]
    fn deprecated_levels_come_back(width in 0..=32_u8, values in vec(any::<u32>(), 0..70)) {
        let most = u32::MAX.checked_shr(32 - u32::from(width)).unwrap_or(0);
        let expected: Vec<u32> = values.iter().map(|v| v & most).collect();
        let mut bytes = bit_packed(&expected, width);
        bytes.push(77);
        let mut levels = vec![];
        let behind = hybrid::bit_packed_levels(&bytes, width, expected.len(), &mut levels);
        prop_assert_eq!(behind, Ok(&[77][..]));
        prop_assert_eq!(levels, expected);
    }

    #[test]
    fn differences_come_back(
        start in any::<i64>(),
        steps in vec(prop_oneof![Just(1), Just(1), -40..40_i64, any::<i32>().prop_map(i64::from), any::<i64>()], 0..MANY),
        keep in 0..64_u32,
        block in encoders::blocks(),
    ) {
        // Steps of all widths, since those of full width alone never make a narrow miniblock.
        let mut value = start;
        let values: Vec<i64> = steps.iter().map(|step| {
            value = value.wrapping_add(step >> keep);
            value
        }).collect();
        let mut bytes = delta64(&values, block);
        bytes.extend([9, 8, 7]);
        let mut out = vec![];
        prop_assert_eq!(delta::i64s(&bytes, values.len(), &mut out), Ok(&[9, 8, 7][..]));
        prop_assert_eq!(&out, &values);

        let narrow: Vec<i32> = values.iter().map(|v| i32::try_from(v >> 32).unwrap()).collect();
        let mut bytes = delta32(&narrow, block);
        bytes.push(6);
        let (mut out, mut wide) = (vec![], vec![]);
        prop_assert_eq!(delta::i32s(&bytes, values.len(), &mut out), Ok(&[6][..]));
        prop_assert_eq!(&out, &narrow);
        delta::i32s_wide(&bytes, values.len(), &mut wide).unwrap();
        prop_assert_eq!(wide, narrow.iter().map(|v| i64::from(*v)).collect::<Vec<_>>());
    }

    #[test]
    fn byte_arrays_come_back(values in vec(vec(0..3_u8, 0..9), 0..200), block in encoders::blocks()) {
        let plain: Vec<u8> = values.iter().flat_map(|v| {
            let length = u32::try_from(v.len()).unwrap().to_le_bytes();
            length.into_iter().chain(v.iter().copied())
        }).collect();
        let out: Result<Vec<&[u8]>> = plain::byte_arrays(&plain, values.len()).collect();
        prop_assert_eq!(out.unwrap(), &values[..]);
        let longer: Result<Vec<&[u8]>> = plain::byte_arrays(&plain, values.len() + 1).collect();
        prop_assert!(longer.is_err());

        let lengths: Vec<i32> = values.iter().map(|v| i32::try_from(v.len()).unwrap()).collect();
        let mut bytes = delta32(&lengths, block);
        bytes.extend(values.concat());
        let mut buffer = vec![];
        let out = delta::length_byte_arrays(&bytes, values.len(), &mut buffer).unwrap();
        prop_assert_eq!(out.collect::<Vec<_>>(), &values[..]);

        let bytes = encoders::prefixed(&values, block);
        let (mut buffers, mut out) = (delta::Prefixes::default(), vec![]);
        delta::byte_arrays(&bytes, values.len(), &mut buffers, |v| {
            out.push(v.to_vec());
            Ok::<(), Broken>(())
        }).unwrap();
        prop_assert_eq!(out, values);
    }

    #[test]
    fn streams_come_back(values in vec(any::<[u8; 16]>(), 0..MANY), width in 1..=16_usize) {
        let streams = |width: usize| -> Vec<u8> {
            (0..width).flat_map(|i| values.iter().map(move |v| v[i])).collect()
        };
        let first4 = values.iter().map(|v| i32::from_le_bytes(*v.first_chunk().unwrap()));
        let first8 = values.iter().map(|v| i64::from_le_bytes(*v.first_chunk().unwrap()));
        let (n, mut ints, mut longs, mut floats) = (values.len(), vec![], vec![], vec![]);
        split::i32s(&streams(4), n, &mut ints).unwrap();
        prop_assert!(first4.clone().eq(ints));
        split::i32s_wide(&streams(4), n, &mut longs).unwrap();
        prop_assert!(first4.clone().map(i64::from).eq(longs.drain(..)));
        split::i64s(&streams(8), n, &mut longs).unwrap();
        prop_assert!(first8.clone().eq(longs));
        split::f64s(&streams(8), n, &mut floats).unwrap();
        prop_assert!(first8.eq(floats.drain(..).map(|f| f.to_bits().cast_signed())));
        split::f32s(&streams(4), n, &mut floats).unwrap();
        // NaN stays NaN; Rust does not say with which bits.
        let expected = first4.map(|v| f64::from(f32::from_bits(v.cast_unsigned())));
        let same = |(a, b): (f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        prop_assert!(floats.len() == n && expected.zip(&floats).all(same));
        let mut bytes = vec![];
        split::fixed_arrays(&streams(width), width, n, &mut bytes).unwrap();
        prop_assert_eq!(bytes, values.iter().map(|v| &v[..width]).collect::<Vec<_>>().concat());
    }

    #[test]
    fn decimals_come_back(value in any::<i128>(), length in 1..=16_usize) {
        let value = value >> (8 * (16 - length));
        let bytes = &value.to_be_bytes()[16 - length..];
        prop_assert_eq!(plain::big_endian(bytes), Ok(value));
    }

    #[test]
    fn set_bits_are_counted(bytes in vec(any::<u8>(), 0..40), short in 0..8_usize) {
        let values = (bytes.len() * 8).saturating_sub(short);
        let mut booleans = vec![];
        plain::booleans(&bytes, values, &mut booleans).unwrap();
        let expected: Vec<bool> = (0..values).map(|i| bytes[i / 8] & 1 << (i % 8) != 0).collect();
        prop_assert_eq!(&booleans, &expected);
        let set = expected.iter().filter(|b| **b).count();
        prop_assert_eq!(plain::count_true(&bytes, values), Ok(set));
    }

    #[test]
    fn any_bytes_end_in_an_answer(bytes in vec(any::<u8>(), 0..120), width in 0..=33_u8, values in 0..3000_usize) {
        let (mut numbers, mut ints, mut longs) = (vec![], vec![], vec![]);
        let mut counts = vec![0; 300];
        let _ = hybrid::count_codes(&bytes, width, values, &mut counts);
        let _ = hybrid::count_equal(&bytes, width, values, 1);
        let _ = hybrid::decode_into(&bytes, width, values, &mut numbers);
        let _ = hybrid::bit_packed_levels(&bytes, width, values, &mut numbers);
        let _ = delta::i32s(&bytes, values, &mut ints);
        // A header that could be one gets further than any bytes do.
        let mut block = vec![0x80, 1, 4];
        put_varint(values as u64, &mut block);
        block.extend(&bytes);
        let _ = delta::i64s(&block, values, &mut longs);
        let _ = delta::length_byte_arrays(&block, values, &mut ints);
        let _ = delta::byte_arrays(&block, values, &mut delta::Prefixes::default(), |_| Ok::<(), Broken>(()));
        let _ = plain::byte_arrays(&bytes, values).count();
        let _ = split::i64s(&bytes, values, &mut longs);
    }
}
