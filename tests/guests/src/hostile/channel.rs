//! Channels from WebAssembly text: in order but for what is put into them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use super::raw::{self, section, with_custom_section};

/// The id of every upload.
pub const ID: &str = "attack";

/// The section that holds `channel.toml`.
pub const MANIFEST_SECTION: &str = "baepo:channel.toml";

/// A manifest that asks for nothing.
pub fn manifest(id: &str) -> String {
    format!("id = \"{id}\"\n\n[names]\nko = \"공격\"\nen = \"Attack\"\n")
}

/// A component with the manifest of an upload.
pub fn declared(component: Vec<u8>) -> Vec<u8> {
    declared_as(component, &manifest(ID))
}

/// A component with this text for a manifest, whatever it is.
pub fn declared_as(component: Vec<u8>, manifest: &str) -> Vec<u8> {
    with_custom_section(component, MANIFEST_SECTION, manifest.as_bytes())
}

/// A channel in order, and behind it this core module, instantiated: whoever compiles and starts the
/// channel does so with it, too. Nothing validates it here.
///
/// # Panics
/// When the text is wrong: it is a fault of this generator.
pub fn with_module(text: &str) -> Vec<u8> {
    let channel = ChannelText::default().component();
    let index = top_level_sections(&channel)
        .into_iter()
        .filter(|id| *id == section::CORE_MODULE)
        .count();
    let module = wat::parse_str(text).expect("a module");
    let instantiated = [&[0][..], &raw::leb(index), &[0]].concat();
    [
        channel,
        raw::section(section::CORE_MODULE, &module),
        raw::list(section::CORE_INSTANCE, 1, &instantiated),
    ]
    .concat()
}

/// The ids of a component's outermost sections.
fn top_level_sections(component: &[u8]) -> Vec<u8> {
    let mut ids = Vec::new();
    let mut rest = &component[raw::COMPONENT_HEADER.len()..];
    while let Some((id, behind)) = rest.split_first() {
        let digits = behind.iter().take_while(|byte| **byte >= 0x80).count() + 1;
        let length = (0..digits).rev().fold(0, |length, digit| {
            length << 7 | usize::from(behind[digit] & 0x7f)
        });
        ids.push(*id);
        rest = &behind[digits + length..];
    }
    ids
}

/// A channel that does nothing and is live.
#[must_use]
pub fn quiet() -> Vec<u8> {
    declared(ChannelText::default().component())
}

/// The same, with this text for a manifest. Made once: a fuzzer asks for it often.
#[must_use]
pub fn quiet_as(manifest: &str) -> Vec<u8> {
    static COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(|| ChannelText::default().component());
    declared_as(COMPONENT.clone(), manifest)
}

/// The text of a channel's only module, in pieces.
pub struct ChannelText {
    pub imports: String,
    pub memory: String,
    pub declares: String,
    /// The body of `distribute`; without an end of its own it is live.
    pub distribute: String,
    /// The body of `check`; without an end of its own it has no findings.
    pub check: String,
    /// The body of `preview`; where it is empty there is none.
    pub preview: String,
}

impl Default for ChannelText {
    fn default() -> Self {
        Self {
            imports: String::new(),
            memory: "1".to_owned(),
            declares: String::new(),
            distribute: String::new(),
            check: String::new(),
            preview: String::new(),
        }
    }
}

impl ChannelText {
    /// The component, without a manifest.
    ///
    /// # Panics
    /// When the text is wrong: it is a fault of this generator.
    pub fn component(&self) -> Vec<u8> {
        let world = if self.preview.is_empty() {
            "channel-plugin"
        } else {
            "attack-with-preview"
        };
        let mut module = wat::parse_str(self.text()).expect("a module");
        let mut resolve = Resolve::default();
        let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
        let (contract, _) = resolve.push_dir(wit).expect("the contract");
        let own = resolve
            .push_str("attack.wit", PREVIEW_WORLD)
            .expect("a world");
        let world = resolve
            .select_world(&[contract, own], Some(&self.qualified(world)))
            .expect("a world of the contract");
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("metadata");
        let encoder = ComponentEncoder::default().validate(false);
        let mut encoder = encoder.module(&module).expect("a module of the world");
        encoder.encode().expect("a component")
    }

    fn qualified(&self, world: &str) -> String {
        if self.preview.is_empty() {
            format!("baepo:channel/{world}")
        } else {
            format!("baepo:attack/{world}")
        }
    }

    fn text(&self) -> String {
        let Self {
            imports,
            memory,
            declares,
            distribute,
            check,
            preview,
        } = self;
        let mut text = format!(
            r#"(module
                {imports}
                (memory (export "memory") {memory})
                {declares}
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                    (i32.const 4096))
                (func (export "baepo:channel/channel@1.0.0#check") {CONTENT_PARAMETERS}
                    (result i32) (local $at i32) (local $left i32)
                    {check}
                    (i32.const 0))
                (func (export "baepo:channel/channel@1.0.0#distribute") (param i32) (result i32)
                    (local $at i32) (local $left i32)
                    {distribute}
                    (i32.const 0))"#
        );
        if !preview.is_empty() {
            write!(
                text,
                r#"(func (export "baepo:channel/preview@1.0.0#render") {CONTENT_PARAMETERS}
                    (result i32) (local $at i32) (local $left i32)
                    {preview}
                    (i32.const 0))"#
            )
            .expect("a string");
        }
        text + ")"
    }
}

/// `content` and `options`, flattened.
const CONTENT_PARAMETERS: &str =
    "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 i32 i32)";

const PREVIEW_WORLD: &str = "package baepo:attack;
world attack-with-preview {
  include baepo:channel/channel-plugin@1.0.0;
  export baepo:channel/preview@1.0.0;
}";
