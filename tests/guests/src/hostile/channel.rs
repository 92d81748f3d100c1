//! Channels from WebAssembly text: in order but for what is put into them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use super::raw::with_custom_section;

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
    /// With these declarations besides what a channel must have.
    pub fn declaring(declares: impl Into<String>) -> Self {
        Self {
            declares: declares.into(),
            ..Self::default()
        }
    }

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
