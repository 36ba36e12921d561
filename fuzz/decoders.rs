//! The decoders alone; `cargo +nightly miri test` in this folder runs their unit tests under Miri.

#[path = "../src/engine/embedded/encoded/decode/mod.rs"]
pub mod decode;

/// How many values a page is said to have: any number that a page in a fuzzer's memory can be asked for.
pub fn values(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(bytes))
}
