//! What other writers store and arrow-rs reads only: timestamps of 96 bits, decimals in byte arrays of any length.

use super::columns::Dice;
use super::{naive, same};
use arrow::array::{ArrayRef, Decimal128Array, TimestampNanosecondArray};
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int96, Int96Type,
};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

const SCHEMA: &str = "message m {
    optional int96 moment;
    optional binary digits (DECIMAL(30, 3));
    optional fixed_len_byte_array(7) fixed (DECIMAL(15, 2));
}";

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

fn int96(nanos: i64) -> Int96 {
    let day = u32::try_from(nanos.div_euclid(DAY) + 2_440_588).unwrap();
    let inside = nanos.rem_euclid(DAY).cast_unsigned();
    let mut value = Int96::new();
    value.set_data(inside as u32, (inside >> 32) as u32, day);
    value
}

/// The fewest big-endian bytes that hold a number.
fn shortest(value: i128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let sign = if value < 0 { 0xff } else { 0 };
    let spare = |i: &usize| bytes[*i] == sign && (bytes[*i + 1] ^ sign) & 0x80 == 0;
    bytes[(0..15).take_while(spare).count()..].to_vec()
}

fn put<T: DataType>(group: &mut SerializedRowGroupWriter<&mut Vec<u8>>, values: &[Option<T::T>]) {
    let mut column = group.next_column().unwrap().unwrap();
    let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
    let values: Vec<T::T> = values.iter().flatten().cloned().collect();
    column
        .typed::<T>()
        .write_batch(&values, Some(&levels), None)
        .unwrap();
    column.close().unwrap();
}

#[test]
fn timestamps_of_96_bits_and_decimals_in_bytes() {
    for seed in 0..24 {
        let mut dice = Dice::new(seed + 77);
        let rows = 20 + dice.below(200);
        let (few, some) = (dice.below(2) == 0, dice.below(3));
        let mut number = || {
            let null = dice.below(3) < some;
            let value = dice.next().cast_signed() >> if few { 60 } else { dice.below(64) };
            (!null).then_some(value)
        };
        let moments: Vec<Option<i64>> = (0..rows).map(|_| number()).collect();
        let wide = |v: i64| i128::from(v) * 1_000_003 % 10_i128.pow(30);
        let digits: Vec<Option<i128>> = (0..rows).map(|_| number().map(wide)).collect();
        let short = |v: i64| i128::from(v) % 10_i128.pow(15);
        let fixed: Vec<Option<i128>> = (0..rows).map(|_| number().map(short)).collect();

        let dictionary = seed % 2 == 0;
        let version =
            [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0][seed as usize / 2 % 2];
        let encoding = [Encoding::PLAIN, Encoding::DELTA_BYTE_ARRAY][seed as usize / 4 % 2];
        let properties = WriterProperties::builder()
            .set_compression(
                [Compression::UNCOMPRESSED, Compression::SNAPPY][seed as usize / 8 % 2],
            )
            .set_writer_version(version)
            .set_dictionary_enabled(dictionary)
            .set_data_page_row_count_limit(33)
            .set_write_batch_size(11)
            .set_column_encoding("digits".into(), encoding)
            .set_column_encoding("fixed".into(), encoding);
        let mut bytes = vec![];
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties.build())).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let stored: Vec<_> = moments.iter().map(|v| v.map(int96)).collect();
        put::<Int96Type>(&mut group, &stored);
        let stored: Vec<_> = digits
            .iter()
            .map(|v| v.map(|v| ByteArray::from(shortest(v))))
            .collect();
        put::<ByteArrayType>(&mut group, &stored);
        let seven = |v: i128| FixedLenByteArray::from(v.to_be_bytes()[9..].to_vec());
        let stored: Vec<_> = fixed.iter().map(|v| v.map(seven)).collect();
        put::<FixedLenByteArrayType>(&mut group, &stored);
        group.close().unwrap();
        writer.close().unwrap();

        let (profile, made) = same(&bytes, &format!("seed {seed}"));
        assert!(made.is_empty(), "{made:?}");
        let decimals = |values: Vec<Option<i128>>, precision, scale| {
            let array = Decimal128Array::from(values).with_precision_and_scale(precision, scale);
            Arc::new(array.unwrap()) as ArrayRef
        };
        let arrays: [(&str, ArrayRef); 3] = [
            ("moment", Arc::new(TimestampNanosecondArray::from(moments))),
            ("digits", decimals(digits, 30, 3)),
            ("fixed", decimals(fixed, 15, 2)),
        ];
        for (name, array) in arrays {
            let what = format!("`{name}` of seed {seed}");
            naive::check(&array, profile.column(name).unwrap(), &what);
        }
    }
}
