//! Random files of every type, encoding, compression, page version and null pattern: the profile by pages has the bytes
//! of the profile by rows, and says what a loop over the values finds; broken files end alike on both ways.

mod columns;
mod naive;
mod old;

use crate::encoded::looked_into;
use crate::sources::open;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use columns::{Dice, Nulls, column, types};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::ColumnPath;
use std::collections::BTreeSet;
use std::sync::Arc;
use tollgate::engine::embedded::encoded;
use tollgate::engine::embedded::profile::{Wanted, profile_by_batches};
use tollgate::engine::embedded::source::{Dataset, SourceOptions};
use tollgate::measure::{Profile, Wants, saved};

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// By a dictionary.
    Dictionary,
    /// By a dictionary until it is too large, then otherwise.
    Fallback(Encoding),
    /// Without a dictionary.
    Without(Encoding),
}

/// Ways that a type can be stored in.
fn ways(dtype: &DataType) -> Vec<Way> {
    use DataType as D;
    let encodings = match dtype {
        D::Null => vec![Encoding::DELTA_BINARY_PACKED],
        D::Boolean => {
            return [Encoding::PLAIN, Encoding::RLE].map(Way::Without).to_vec();
        }
        D::Float32 | D::Float64 => vec![Encoding::BYTE_STREAM_SPLIT],
        D::Utf8 | D::LargeUtf8 | D::Utf8View | D::Binary | D::LargeBinary | D::BinaryView => {
            vec![
                Encoding::DELTA_LENGTH_BYTE_ARRAY,
                Encoding::DELTA_BYTE_ARRAY,
            ]
        }
        D::Dictionary(_, inner) if **inner == D::Utf8 => vec![Encoding::DELTA_BYTE_ARRAY],
        D::Decimal128(19.., _)
        | D::Decimal256(19.., _)
        | D::FixedSizeBinary(_)
        | D::Interval(_)
        | D::Float16 => {
            vec![Encoding::DELTA_BYTE_ARRAY, Encoding::BYTE_STREAM_SPLIT]
        }
        D::List(_) | D::LargeList(_) | D::FixedSizeList(..) | D::Map(..) | D::Struct(_) => vec![],
        _ => vec![Encoding::DELTA_BINARY_PACKED, Encoding::BYTE_STREAM_SPLIT],
    };
    let without = encodings.iter().map(|e| Way::Without(*e));
    let fallback = encodings.iter().map(|e| Way::Fallback(*e)).take(1);
    let always = [
        Way::Dictionary,
        Way::Without(Encoding::PLAIN),
        Way::Fallback(Encoding::PLAIN),
    ];
    always.into_iter().chain(without).chain(fallback).collect()
}

/// What is the same for all columns of a file.
#[derive(Debug, Clone, Copy)]
struct Kind {
    codec: Compression,
    version: WriterVersion,
    nulls: Nulls,
    seed: u64,
}

/// A file with a column for each type and way of storing it.
struct File {
    names: Vec<String>,
    arrays: Vec<ArrayRef>,
    bytes: Vec<u8>,
}

fn file(kind: Kind, types: &[DataType]) -> File {
    let mut dice = Dice::new(kind.seed);
    let rows = 70 + dice.below(100);
    let (mut fields, mut arrays) = (vec![], vec![]);
    let mut properties = WriterProperties::builder()
        .set_compression(kind.codec)
        .set_writer_version(kind.version)
        .set_statistics_enabled([EnabledStatistics::None, EnabledStatistics::Page][dice.below(2)])
        .set_data_page_row_count_limit([7, 33, 64, 1000][dice.below(4)])
        .set_write_batch_size(1 + dice.below(9))
        .set_max_row_group_row_count(Some([41, 60, 1000][dice.below(3)]));
    for (i, dtype) in types.iter().enumerate() {
        for way in ways(dtype) {
            let name = format!("{i} {dtype} {way:?}").replace('.', "_");
            let nullable = kind.nulls != Nulls::Required || *dtype == DataType::Null;
            let field = Field::new(&name, dtype.clone(), nullable);
            for leaf in leaves(&field) {
                properties = stored(properties, ColumnPath::new(leaf), way);
            }
            fields.push(field);
            arrays.push(column(dtype, kind.nulls, &mut dice, rows));
        }
    }
    let names = fields.iter().map(|f| f.name().clone()).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.clone()).unwrap();
    let mut bytes = vec![];
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    File {
        names,
        arrays,
        bytes,
    }
}

fn stored(
    properties: WriterPropertiesBuilder,
    leaf: ColumnPath,
    way: Way,
) -> WriterPropertiesBuilder {
    match way {
        Way::Dictionary => properties.set_column_dictionary_enabled(leaf, true),
        Way::Fallback(encoding) => properties
            .set_column_dictionary_enabled(leaf.clone(), true)
            .set_column_dictionary_page_size_limit(leaf.clone(), 40)
            .set_column_encoding(leaf, encoding),
        Way::Without(encoding) => properties
            .set_column_dictionary_enabled(leaf.clone(), false)
            .set_column_encoding(leaf, encoding),
    }
}

/// Paths of the leaves of a field as the writer names them.
fn leaves(field: &Field) -> Vec<Vec<String>> {
    let below = |middle: &[&str], children: Vec<&Field>| {
        let paths = children.into_iter().flat_map(leaves);
        let start: Vec<String> = [field.name().as_str()]
            .iter()
            .chain(middle)
            .map(ToString::to_string)
            .collect();
        paths.map(|path| [start.clone(), path].concat()).collect()
    };
    match field.data_type() {
        DataType::Struct(fields) => below(&[], fields.iter().map(AsRef::as_ref).collect()),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            below(&["list"], vec![item])
        }
        DataType::Map(entries, _) => below(&[], vec![entries]),
        _ => vec![vec![field.name().clone()]],
    }
}

fn dataset(bytes: &[u8]) -> (Result<Dataset, String>, tempfile::TempDir) {
    open(
        &[("d.parquet", bytes)],
        "d.parquet",
        &SourceOptions::default(),
    )
}

fn wanted(dataset: &Dataset, wants: Wants) -> Vec<Wanted> {
    let columns = dataset.columns().iter();
    columns.map(|f| (f.clone(), wants)).collect()
}

/// The profile by pages with the columns that rows were made for, and that by rows.
type Both = (
    Result<(Profile, Vec<String>), String>,
    Result<Profile, String>,
);

fn both(dataset: &Dataset, wants: Wants) -> Both {
    let wanted = wanted(dataset, wants);
    let pages = encoded::profile(dataset, &wanted, &|_| ()).map_err(|e| e.to_string());
    let rows = profile_by_batches(dataset, &wanted, &|_| ()).map_err(|e| e.to_string());
    (pages.map(|p| p.unwrap()), rows)
}

/// Profiles by pages and by rows, which are the same; and the columns that rows were made for.
fn same(bytes: &[u8], what: &str) -> (Profile, Vec<String>) {
    let (dataset, _folder) = dataset(bytes);
    let dataset = dataset.unwrap();
    let (pages, rows) = both(&dataset, Wants::ALL);
    let ((pages, others), rows) = (pages.unwrap(), rows.unwrap());
    let others = looked_into(&dataset, others);
    let (left, right) = (
        saved::to_json(&pages).unwrap(),
        saved::to_json(&rows).unwrap(),
    );
    let different = left.lines().zip(right.lines()).find(|(a, b)| a != b);
    assert!(left == right, "{what}: {different:?}");
    (pages, others)
}

/// All types, ways, versions and null patterns with one compression.
fn every_file(codec: Compression, seed: u64) {
    let mut made = BTreeSet::new();
    for (i, nulls) in Nulls::EVERY.into_iter().enumerate() {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let seed = seed + 2 * i as u64 + u64::from(version == WriterVersion::PARQUET_2_0);
            let kind = Kind {
                codec,
                version,
                nulls,
                seed,
            };
            // Without compression all types, with each codec a third of them by turns: pages are decompressed alike.
            let turn = if codec == Compression::UNCOMPRESSED {
                1
            } else {
                3
            };
            let types = types().into_iter().skip(i % turn).step_by(turn);
            let file = file(kind, &types.collect::<Vec<_>>());
            let (profile, others) = same(&file.bytes, &format!("{kind:?}"));
            made.extend(others);
            for (name, array) in file.names.iter().zip(&file.arrays) {
                if let Some(column) = profile.column(name) {
                    naive::check(array, column, &format!("`{name}` of {kind:?}"));
                }
            }
        }
    }
    // Decimals of 256 bits are not profiled beyond their counts, whichever way they are read.
    made.retain(|name| !name.contains("Decimal256"));
    assert_eq!(made, BTreeSet::new(), "columns that rows were made for");
}

#[test]
fn files_without_compression() {
    every_file(Compression::UNCOMPRESSED, 100);
}

#[test]
fn files_by_snappy() {
    every_file(Compression::SNAPPY, 200);
}

#[test]
fn files_by_gzip() {
    every_file(Compression::GZIP(GzipLevel::default()), 300);
}

#[test]
fn files_by_brotli() {
    every_file(Compression::BROTLI(BrotliLevel::default()), 400);
}

#[test]
fn files_by_zstd() {
    every_file(Compression::ZSTD(ZstdLevel::default()), 500);
}

#[test]
fn files_by_lz4() {
    every_file(Compression::LZ4_RAW, 600);
}

/// What a profile or its refusal is, in words that both ways share.
fn outcome(profile: Result<Profile, String>) -> Result<String, String> {
    profile.and_then(|p| saved::to_json(&p))
}

#[test]
fn broken_files_end_alike() {
    let mut types = types();
    // Of nested columns and intervals only the levels are read by pages, so broken values go unseen there.
    types.retain(|dtype| !dtype.is_nested() && !matches!(dtype, DataType::Interval(_)));
    let (mut refused, mut read, mut wrong) = (0, 0, Vec::<String>::new());
    for round in 0..80 {
        let mut dice = Dice::new(round + 1);
        let some: Vec<DataType> = (0..2)
            .map(|_| types[dice.below(types.len())].clone())
            .collect();
        let version = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0][dice.below(2)];
        let kind = Kind {
            codec: [
                Compression::UNCOMPRESSED,
                Compression::UNCOMPRESSED,
                Compression::SNAPPY,
            ][dice.below(3)],
            version,
            nulls: Nulls::EVERY[dice.below(8)],
            seed: round,
        };
        let file = file(kind, &some);
        // Pages come first, the footer last: most of its changes only end in a file that cannot be opened.
        let pages = file.bytes.len() / 2;
        for place in 0..12 {
            let mut bytes = file.bytes.clone();
            for _ in 0..=dice.below(3) {
                let at = dice.below(pages);
                bytes[at] = [
                    bytes[at] ^ 1 << dice.below(8),
                    0,
                    0xff,
                    dice.below(256) as u8,
                ][dice.below(4)];
            }
            let (dataset, _folder) = dataset(&bytes);
            let Ok(dataset) = dataset else { continue };
            let (pages, rows) = both(&dataset, Wants::ALL);
            let (pages, rows) = (outcome(pages.map(|(p, _)| p)), outcome(rows));
            // Which of several broken columns is named, and in which words, depends on what is read together.
            if pages != rows && !(pages.is_err() && rows.is_err()) {
                let line = |r: &Result<String, String>| {
                    r.as_ref().map(|t| t.lines().count()).map_err(Clone::clone)
                };
                let different = (line(&pages), line(&rows));
                wrong.push(format!(
                    "change {place} of round {round}, {kind:?}, {some:?}: {different:?}"
                ));
            }
            *(if rows.is_ok() {
                &mut read
            } else {
                &mut refused
            }) += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        refused > 100 && read > 100,
        "{refused} refused, {read} read"
    );
}

#[test]
fn parts_of_a_profile_are_those_of_the_whole() {
    const MEASURES: [&str; 16] = [
        "rows",
        "nulls",
        "nan",
        "infinite",
        "zeros",
        "negative",
        "empty",
        "blank",
        "true",
        "min",
        "max",
        "sum",
        "variance",
        "length_min",
        "length_max",
        "distinct",
    ];
    for nulls in Nulls::EVERY {
        let kind = Kind {
            codec: Compression::SNAPPY,
            version: WriterVersion::PARQUET_2_0,
            nulls,
            seed: 9,
        };
        let every = types();
        let types: Vec<DataType> = every
            .into_iter()
            .skip(nulls as usize % 4)
            .step_by(4)
            .collect();
        let (dataset, _folder) = dataset(&file(kind, &types).bytes);
        let dataset = dataset.unwrap();
        let (whole, _) = both(&dataset, Wants::ALL).0.unwrap();
        for measure in MEASURES {
            let (pages, rows) = both(&dataset, Wants::of(measure));
            let ((pages, _), rows) = (pages.unwrap(), rows.unwrap());
            for (column, part) in whole.columns.iter().zip(&pages.columns) {
                let what = format!("{measure} of `{}`, {kind:?}", column.name);
                let same = |a, b| format!("{a:?}") == format!("{b:?}");
                assert!(
                    same(part.measure(measure), column.measure(measure)),
                    "{what}"
                );
            }
            assert_eq!(pages.rows, rows.rows);
            let names = |p: &Profile| p.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
            assert_eq!(names(&pages), names(&rows));
        }
    }
}
