//! Any file, whose form its content tells.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_fuzz_importers::bytes;

fuzz_target!(|data: &[u8]| bytes(data, None));
