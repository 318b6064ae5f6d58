#![no_main]

#[path = "../../tests/every/mod.rs"]
mod every;

libfuzzer_sys::fuzz_target!(|data: &[u8]| every::targets::camt054(data));
