//! Contracts of the Open Data Contract Standard.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate::contract::import::Form;
use tollgate_fuzz_importers::bytes;

fuzz_target!(|data: &[u8]| bytes(data, Some(Form::Odcs)));
