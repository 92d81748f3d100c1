//! The fuzzer of a component's sections: `cargo xtask fuzz --reader component`.

#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::COMPONENT.write_seeds(),
    |bytes: &[u8]| (fuzz::COMPONENT.read)(bytes)
);
