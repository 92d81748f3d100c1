//! The fuzzer of `channel.toml`: `cargo xtask fuzz --reader manifest`.

#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::MANIFEST.write_seeds(),
    |bytes: &[u8]| (fuzz::MANIFEST.read)(bytes)
);
