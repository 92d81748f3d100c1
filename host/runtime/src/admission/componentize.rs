//! From a core module to a component that carries its `channel.toml`.

use std::ops::Range;

use baepo_domain::model::manifest::{Manifest, ManifestError};
use wasm_encoder::ComponentSection as _;
use wasmparser::BinaryReader;

/// The custom section that holds the text of `channel.toml`.
const SECTION: &str = "baepo:channel.toml";

/// Why bytes are no channel and cannot be made one. Every text is for the author.
#[derive(Debug, thiserror::Error)]
pub enum ComponentizeError {
    #[error("this is neither a WebAssembly module nor a component")]
    NotWasm,
    #[error("this is a core module, not a component: `baepo plugin build` makes one of it")]
    CoreModule,
    #[error("the component is cut off or damaged at byte {0}")]
    Damaged(usize),
    #[error("the module cannot become a component: {0}")]
    Module(String),
    #[error("the component carries no {SECTION:?} section: `baepo plugin build` adds it")]
    NoManifest,
    #[error("the component carries more than one {SECTION:?} section")]
    ManyManifests,
    #[error("the {SECTION:?} section is not UTF-8")]
    NotText,
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Makes a component of a core module and puts `channel.toml` into it. A component stays what it
/// is and gets this `channel.toml` in place of the one it may carry.
///
/// # Errors
/// [`ComponentizeError`]: the manifest breaks a rule, or the module does not fit the contract.
pub fn componentize(module: &[u8], manifest_toml: &str) -> Result<Vec<u8>, ComponentizeError> {
    Manifest::parse(manifest_toml)?;
    let mut component = if wasmparser::Parser::is_component(module) {
        without_manifest(module)?
    } else if wasmparser::Parser::is_core_wasm(module) {
        encode(module)?
    } else {
        return Err(ComponentizeError::NotWasm);
    };
    let section = wasm_encoder::CustomSection {
        name: SECTION.into(),
        data: manifest_toml.as_bytes().into(),
    };
    section.append_to_component(&mut component);
    Ok(component)
}

/// Reads the `channel.toml` that a component carries.
///
/// # Errors
/// [`ComponentizeError`]: it is no component, or carries no valid manifest.
pub fn manifest_of(component: &[u8]) -> Result<Manifest, ComponentizeError> {
    Ok(Manifest::parse(manifest_text(component)?)?)
}

/// The text of the `channel.toml` that a component carries.
///
/// # Errors
/// [`ComponentizeError`]: it is no component, or carries no manifest.
pub(crate) fn manifest_text(component: &[u8]) -> Result<&str, ComponentizeError> {
    if wasmparser::Parser::is_core_wasm(component) {
        return Err(ComponentizeError::CoreModule);
    }
    if !wasmparser::Parser::is_component(component) {
        return Err(ComponentizeError::NotWasm);
    }
    let mut manifests = manifests_in(component)?.into_iter();
    let manifest = manifests.next().ok_or(ComponentizeError::NoManifest)?;
    if manifests.next().is_some() {
        return Err(ComponentizeError::ManyManifests);
    }
    std::str::from_utf8(manifest.text).map_err(|_| ComponentizeError::NotText)
}

fn encode(module: &[u8]) -> Result<Vec<u8>, ComponentizeError> {
    let in_words = |error| ComponentizeError::Module(format!("{error:#}"));
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .map_err(in_words)?
        .encode()
        .map_err(in_words)
}

fn without_manifest(component: &[u8]) -> Result<Vec<u8>, ComponentizeError> {
    let mut rest = component.to_vec();
    for manifest in manifests_in(component)?.into_iter().rev() {
        rest.drain(manifest.section);
    }
    Ok(rest)
}

struct ManifestSection<'a> {
    /// Where the whole section lies, head included.
    section: Range<usize>,
    text: &'a [u8],
}

/// A component is a header of eight bytes, then sections: an id, a length, so many bytes. Only
/// the outermost are looked at: a manifest inside a nested component is none.
fn manifests_in(component: &[u8]) -> Result<Vec<ManifestSection<'_>>, ComponentizeError> {
    const HEADER_BYTES: usize = 8;
    const CUSTOM: u8 = 0;
    let mut found = Vec::new();
    let mut at = HEADER_BYTES;
    while at < component.len() {
        let damaged = |_| ComponentizeError::Damaged(at);
        let mut reader = BinaryReader::new(&component[at..], at);
        let id = reader.read_u8().map_err(damaged)?;
        let length = reader.read_var_u32().map_err(damaged)? as usize;
        let content = reader.read_bytes(length).map_err(damaged)?;
        let end = reader.original_position();
        if id == CUSTOM {
            let mut content = BinaryReader::new(content, end - length);
            if content.read_string().map_err(damaged)? == SECTION {
                let text = content
                    .read_bytes(content.bytes_remaining())
                    .map_err(damaged)?;
                found.push(ManifestSection {
                    section: at..end,
                    text,
                });
            }
        }
        at = end;
    }
    Ok(found)
}
