//! What reading a file takes at least, step by step: `ladder STEP FILE`, one process per step, two threads.
//!
//! `read`: the bytes of any file. `decompress`: every page of a Parquet file. `decode`: every column of a Parquet file into
//! Arrow arrays by arrow-rs. `split`: the places of all separators of a CSV file. No step computes a statistic; each prints
//! what it saw, so that none of its work can be left out by the compiler. `benches/run.sh` measures these processes.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::column::page::PageReader;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const THREADS: usize = 2;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Rows of a decoded batch; arrow-rs is as fast with more.
const BATCH: usize = 8_192;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [step, path] = words.as_slice() else {
        // `cargo bench` calls every benchmark without a file
        eprintln!("usage: ladder read|decompress|decode|split FILE");
        return;
    };
    match step.as_str() {
        "read" => println!("{} bytes", read(path)),
        "decompress" => println!("{} bytes in pages", decompress(path)),
        "decode" => println!("{} cells", decode(path)),
        "split" => println!("{} separators", split(path)),
        other => panic!("no step is called {other}"),
    }
}

fn read(path: &str) -> usize {
    let mut file = File::open(path).unwrap();
    let mut buffer = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => return bytes,
            read => bytes += read,
        }
    }
}

/// Adds up what `work` gives for 0 to `units - 1`, each done once by one of the threads.
fn shared(units: usize, work: impl Fn(usize) -> usize + Sync) -> usize {
    let next = AtomicUsize::new(0);
    let each = || {
        let mut sum = 0;
        loop {
            let unit = next.fetch_add(1, Ordering::Relaxed);
            if unit >= units {
                return sum;
            }
            sum += work(unit);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(each)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    })
}

/// The bytes of one column chunk, at the place that they have in the file.
struct Span {
    start: u64,
    bytes: Bytes,
}

impl Length for Span {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Span {
    type T = std::io::Cursor<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let from = usize::try_from(start - self.start).unwrap();
        Ok(std::io::Cursor::new(self.bytes.slice(from..)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let from = usize::try_from(start - self.start).unwrap();
        Ok(self.bytes.slice(from..from + length))
    }
}

fn decompress(path: &str) -> usize {
    let file = File::open(path).unwrap();
    let metadata = ParquetMetaDataReader::new()
        .parse_and_finish(&file)
        .unwrap();
    shared(metadata.num_row_groups(), |group| {
        let group = metadata.row_group(group);
        let mut bytes = 0;
        for column in group.columns() {
            let (start, length) = column.byte_range();
            let mut chunk = vec![0; usize::try_from(length).unwrap()];
            file.read_exact_at(&mut chunk, start).unwrap();
            let span = Arc::new(Span {
                start,
                bytes: Bytes::from(chunk),
            });
            let rows = usize::try_from(group.num_rows()).unwrap();
            let mut pages = SerializedPageReader::new(span, column, rows, None).unwrap();
            while let Some(page) = pages.get_next_page().unwrap() {
                bytes += page.buffer().len();
            }
        }
        bytes
    })
}

fn decode(path: &str) -> usize {
    let file = File::open(path).unwrap();
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).unwrap();
    shared(metadata.metadata().num_row_groups(), |group| {
        // a file of its own: clones of one would share their place in it
        let file = File::open(path).unwrap();
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(BATCH);
        let batches = builder.build().unwrap().map(|batch| batch.unwrap());
        batches.map(|b| b.num_rows() * b.num_columns()).sum()
    })
}

/// Separators outside quotes, by an index of their places as a reader of fields needs it: of a chunk they are counted for both answers to whether it starts inside quotes, and the
/// quotes before it decide afterwards.
fn split(path: &str) -> usize {
    let file = File::open(path).unwrap();
    let size = usize::try_from(file.metadata().unwrap().len()).unwrap();
    let chunks = std::sync::Mutex::new(vec![Chunk::default(); size.div_ceil(CHUNK)]);
    let count = chunks.lock().unwrap().len();
    shared(count, |at| {
        let mut buffer = vec![0; CHUNK.min(size - at * CHUNK)];
        file.read_exact_at(&mut buffer, (at * CHUNK) as u64)
            .unwrap();
        let chunk = Chunk::of(&buffer);
        chunks.lock().unwrap()[at] = chunk;
        0
    });
    let mut quotes = 0;
    let chunks = chunks.into_inner().unwrap();
    let outside = |chunk: &Chunk| {
        let separators = chunk.separators[quotes % 2];
        quotes += chunk.quotes;
        separators
    };
    chunks.iter().map(outside).sum()
}

#[derive(Clone, Copy, Default)]
struct Chunk {
    quotes: usize,
    /// Separators after an even and after an odd number of quotes of this chunk.
    separators: [usize; 2],
}

impl Chunk {
    fn of(bytes: &[u8]) -> Self {
        let mut chunk = Self::default();
        let mut places: Vec<u32> = Vec::with_capacity(bytes.len() / 4);
        let mut masks = [0; BLOCK / 8];
        let mut start = 0;
        let blocks = bytes.chunks_exact(BLOCK);
        let rest = blocks.remainder();
        for block in blocks {
            for (mask, eight) in masks.iter_mut().zip(block.chunks_exact(8)) {
                *mask = wanted(u64::from_le_bytes(eight.try_into().unwrap()));
            }
            for (at, mask) in (start..).step_by(8).zip(masks) {
                chunk.take(bytes, at, mask, &mut places);
            }
            start += BLOCK;
        }
        for (at, byte) in (start..).zip(rest) {
            chunk.take(bytes, at, wanted(u64::from(*byte)) & 0x80, &mut places);
        }
        std::hint::black_box(&places);
        chunk
    }

    /// Takes the separators and quotes among the eight bytes at `start`.
    #[inline]
    fn take(&mut self, bytes: &[u8], start: usize, mut mask: u64, places: &mut Vec<u32>) {
        while mask != 0 {
            let place = start + mask.trailing_zeros() as usize / 8;
            if bytes[place] == b'"' {
                self.quotes += 1;
            } else {
                self.separators[self.quotes % 2] += 1;
                places.push(u32::try_from(place).unwrap());
            }
            mask &= mask - 1;
        }
    }
}

/// Bytes whose masks are made together, by vector instructions.
const BLOCK: usize = 64;

/// The high bit of each byte that is a comma, a line's end or a quote.
fn wanted(eight: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let equal = |byte: u8| {
        let odd = eight ^ u64::from_ne_bytes([byte; 8]);
        !(((odd & LOW) + LOW) | odd | LOW)
    };
    equal(b',') | equal(b'\n') | equal(b'"')
}
