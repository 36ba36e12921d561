//! The decoders beside those of the parquet crate, on the same pages: `cargo bench --bench decoders`.
//!
//! One page of 65,536 values of a required column, without compression. Prints nanoseconds per value, the least of many
//! rounds: of our decoder over the page's bytes, and of the parquet crate's column reader over the file in memory, which
//! also reads the page's header and makes values of dictionary codes. Counting codes makes none: that is its point.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::Page;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use tollgate::engine::embedded::encoded::decode::{Broken, delta, hybrid, plain, split};

const VALUES: usize = 1 << 16;
const ROUNDS: usize = 200;

fn main() {
    println!("{:44} {:>9} {:>9}", "ns per value", "ours", "parquet");
    codes();
    integers();
    others();
}

/// Dictionary codes of several widths, counted.
fn codes() {
    for distinct in [2, 4, 7, 16, 50, 200, 1_000, 10_000, 50_000] {
        let values: Vec<i64> = numbers().map(|v| v.rem_euclid(distinct)).collect();
        let file = File::new::<Int64Type>("int64", &values, None);
        let (width, runs) = hybrid::indices(&file.page).unwrap();
        let mut counts = vec![0; usize::try_from(distinct).unwrap()];
        let mut codes = Vec::with_capacity(VALUES);
        file.compare::<Int64Type>(&format!("codes of {width} bits, counted"), || {
            hybrid::count_codes(runs, width, VALUES, &mut counts).unwrap();
        });
        file.compare::<Int64Type>(&format!("codes of {width} bits, unpacked"), || {
            codes.clear();
            hybrid::decode_into(runs, width, VALUES, &mut codes).unwrap();
        });
    }
}

/// Integers and floats without a dictionary.
fn integers() {
    let mut longs = Vec::with_capacity(VALUES);
    let mut floats = Vec::with_capacity(VALUES);
    let plain = Some(Encoding::PLAIN);
    for bits in [4, 12, 24, 48] {
        let values: Vec<i64> = numbers().map(|v| v >> (64 - bits)).collect();
        let file = File::new::<Int64Type>("int64", &values, Some(Encoding::DELTA_BINARY_PACKED));
        file.compare::<Int64Type>(&format!("differences of {} bits", bits + 1), || {
            longs.clear();
            delta::i64s(&file.page, VALUES, &mut longs).unwrap();
        });
    }
    let values: Vec<i64> = numbers().collect();
    let file = File::new::<Int64Type>("int64", &values, plain);
    file.compare::<Int64Type>("plain integers of 64 bits", || {
        longs.clear();
        plain::i64s(&file.page, VALUES, &mut longs).unwrap();
    });
    let values: Vec<i32> = numbers().map(|v| i32::try_from(v >> 32).unwrap()).collect();
    let file = File::new::<Int32Type>("int32", &values, plain);
    file.compare::<Int32Type>("plain integers of 32 bits, widened", || {
        longs.clear();
        plain::i32s_wide(&file.page, VALUES, &mut longs).unwrap();
    });
    let values: Vec<f64> = numbers().map(|v| v as f64).collect();
    let file = File::new::<DoubleType>("double", &values, Some(Encoding::BYTE_STREAM_SPLIT));
    file.compare::<DoubleType>("split floats of 64 bits", || {
        floats.clear();
        split::f64s(&file.page, VALUES, &mut floats).unwrap();
    });
}

/// Byte arrays of about 20 bytes without a dictionary.
fn others() {
    let words = numbers()
        .enumerate()
        .map(|(i, v)| format!("customer {i:06} {:04}", v.rem_euclid(1_000)));
    let words: Vec<ByteArray> = words.map(|w| ByteArray::from(w.as_str())).collect();
    let file = File::new::<ByteArrayType>("binary", &words, Some(Encoding::PLAIN));
    file.compare::<ByteArrayType>("plain byte arrays", || {
        let lengths = plain::byte_arrays(&file.page, VALUES).map(|v| v.unwrap().len());
        black_box(lengths.sum::<usize>());
    });
    let file =
        File::new::<ByteArrayType>("binary", &words, Some(Encoding::DELTA_LENGTH_BYTE_ARRAY));
    let mut lengths = Vec::with_capacity(VALUES);
    file.compare::<ByteArrayType>("byte arrays behind their lengths", || {
        let values = delta::length_byte_arrays(&file.page, VALUES, &mut lengths).unwrap();
        black_box(values.map(<[u8]>::len).sum::<usize>());
    });
    let file = File::new::<ByteArrayType>("binary", &words, Some(Encoding::DELTA_BYTE_ARRAY));
    let mut buffers = delta::Prefixes::default();
    file.compare::<ByteArrayType>("byte arrays that begin alike", || {
        let mut all = 0;
        delta::byte_arrays::<Broken>(&file.page, VALUES, &mut buffers, |value| {
            all += value.len();
            Ok(())
        })
        .unwrap();
        black_box(all);
    });
}

/// Numbers of all 64 bits that look random (xorshift64, Marsaglia 2003).
fn numbers() -> impl Iterator<Item = i64> {
    let mut state = 88_172_645_463_325_252_u64;
    (0..VALUES).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.cast_signed()
    })
}

/// A file of one page, and the bytes of its values.
struct File {
    bytes: Bytes,
    page: Bytes,
}

impl File {
    fn new<T: DataType>(kind: &str, values: &[T::T], encoding: Option<Encoding>) -> Self {
        let schema = parse_message_type(&format!("message m {{ required {kind} v; }}")).unwrap();
        let large = 1 << 30;
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(encoding.is_none())
            .set_dictionary_page_size_limit(large)
            .set_data_page_size_limit(large)
            .set_data_page_row_count_limit(large)
            .set_write_batch_size(large);
        let properties = match encoding {
            Some(encoding) => properties.set_encoding(encoding),
            None => properties,
        };
        let mut bytes = Vec::new();
        let properties = Arc::new(properties.build());
        let mut writer =
            SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<T>().write_batch(values, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        let bytes = Bytes::from(bytes);
        let pages = reader(&bytes)
            .get_row_group(0)
            .unwrap()
            .get_column_page_reader(0)
            .unwrap();
        let mut data = pages.map(Result::unwrap).filter(Page::is_data_page);
        let page = data.next().unwrap().buffer().clone();
        assert!(data.next().is_none(), "one page");
        Self { bytes, page }
    }

    fn compare<T: DataType>(&self, what: &str, ours: impl FnMut()) {
        let mut values = Vec::with_capacity(VALUES);
        let theirs = || {
            values.clear();
            let group = reader(&self.bytes);
            let column = group
                .get_row_group(0)
                .unwrap()
                .get_column_reader(0)
                .unwrap();
            let mut column = get_typed_column_reader::<T>(column);
            column
                .read_records(VALUES, None, None, &mut values)
                .unwrap();
        };
        println!("{what:44} {:9.3} {:9.3}", least(ours), least(theirs));
    }
}

fn reader(bytes: &Bytes) -> SerializedFileReader<Bytes> {
    SerializedFileReader::new(bytes.clone()).unwrap()
}

/// Nanoseconds per value of the quickest of many rounds.
fn least(mut round: impl FnMut()) -> f64 {
    let mut time = || {
        let start = Instant::now();
        round();
        start.elapsed().as_secs_f64()
    };
    let rounds = (0..ROUNDS).map(|_| time());
    rounds.fold(f64::INFINITY, f64::min) * 1e9 / VALUES as f64
}
