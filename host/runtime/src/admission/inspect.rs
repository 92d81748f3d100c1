//! Everything that is verified on a component before it is compiled, cheapest first.

use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::number::grouped;

use super::componentize::manifest_text;
use super::declaration::Declared;
use super::{contract, structure};
use crate::config::RuntimeConfig;

/// A component whose bytes can be compiled.
pub(crate) struct Inspected<'a> {
    /// The text of its `channel.toml`.
    pub text: &'a str,
    pub manifest: Manifest,
    pub declared: Declared,
}

/// Refuses what is too large to be looked at.
///
/// # Errors
/// Has both sizes.
pub(crate) fn check_size(bytes: u64, config: &RuntimeConfig) -> Result<(), String> {
    if bytes <= config.component_bytes {
        return Ok(());
    }
    Err(format!(
        "the component has {} bytes, the host takes at most {}",
        grouped(bytes),
        grouped(config.component_bytes),
    ))
}

/// Verifies a component, short of compiling it. Pure, and in time linear in the bytes.
///
/// # Errors
/// Says what the author changes.
pub(crate) fn inspect<'a>(
    component: &'a [u8],
    config: &RuntimeConfig,
) -> Result<Inspected<'a>, String> {
    check_size(component.len() as u64, config)?;
    let text = manifest_text(component).map_err(in_words)?;
    structure::check(component).map_err(in_words)?;
    let manifest = Manifest::parse(text).map_err(in_words)?;
    let declared = Declared::of(&manifest, config)?;
    contract::check(component).map_err(in_words)?;
    Ok(Inspected {
        text,
        manifest,
        declared,
    })
}

/// Everything that a host of this configuration refuses about a new release without compiling it.
///
/// # Errors
/// Says what the author changes.
pub fn verify_for_authors(component: &[u8], config: &RuntimeConfig) -> Result<(), String> {
    let Inspected {
        manifest, declared, ..
    } = inspect(component, config)?;
    declared.check_for_authors(&manifest)
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
