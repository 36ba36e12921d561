//! Binary and text proto of TFDV: schemas and statistics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate::contract::import::{Form, tfdv};
use tollgate_fuzz_importers::{bytes, text_of};

fuzz_target!(|data: &[u8]| {
    if let Some(text) = tfdv::from_binary(data) {
        text_of(&text, None);
    }
    bytes(data, Some(Form::Tfdv));
    bytes(data, Some(Form::TfdvStatistics));
});
