//! Binary pieces that no encoder would write.

use wasm_encoder::{ComponentSection as _, CustomSection, Encode as _};

/// What every component begins with.
pub const COMPONENT_HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// The smallest core module.
pub const EMPTY_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Ids of a component's sections.
pub mod section {
    pub const CUSTOM: u8 = 0;
    pub const CORE_MODULE: u8 = 1;
    pub const CORE_INSTANCE: u8 = 2;
    pub const COMPONENT: u8 = 4;
    pub const INSTANCE: u8 = 5;
    pub const ALIAS: u8 = 6;
    pub const TYPE: u8 = 7;
    pub const CANON: u8 = 8;
    pub const IMPORT: u8 = 10;
    pub const EXPORT: u8 = 11;
}

/// An unsigned number as LEB128.
pub fn leb(number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    u32::try_from(number)
        .expect("a number of 32 bits")
        .encode(&mut bytes);
    bytes
}

/// The index of a type, where the type of a value stands: a signed number, since primitive types are
/// the negative ones.
pub fn type_index(index: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    i64::try_from(index)
        .expect("a number of 33 bits")
        .encode(&mut bytes);
    bytes
}

/// A section with its head.
pub fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len()), content].concat()
}

/// A section that is a list of `count` items.
pub fn list(id: u8, count: usize, items: &[u8]) -> Vec<u8> {
    section(id, &[&leb(count)[..], items].concat())
}

/// A component of these sections.
pub fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = COMPONENT_HEADER.to_vec();
    bytes.extend(sections.iter().flatten());
    bytes
}

/// The same component with one more custom section at its end.
#[must_use]
pub fn with_custom_section(mut component: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    let section = CustomSection {
        name: name.into(),
        data: data.into(),
    };
    section.append_to_component(&mut component);
    component
}
