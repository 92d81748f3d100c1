//! Everything that is verified on a component before it is compiled, cheapest first.

use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::number::grouped;

use super::componentize::manifest_text;
use super::declaration::Declared;
use super::{contract, structure};
use crate::config::RuntimeConfig;

/// A component whose bytes can be compiled.
pub(crate) struct Inspected {
    pub manifest: Manifest,
    pub declared: Declared,
}

/// Verifies a component, short of compiling it. Pure, and in time linear in the bytes.
///
/// # Errors
/// Says what the author changes.
pub(crate) fn inspect(component: &[u8], config: &RuntimeConfig) -> Result<Inspected, String> {
    let bytes = component.len() as u64;
    if bytes > config.component_bytes {
        return Err(format!(
            "the component has {} bytes, the host takes at most {}",
            grouped(bytes),
            grouped(config.component_bytes),
        ));
    }
    let manifest_text = manifest_text(component).map_err(in_words)?;
    structure::check(component).map_err(in_words)?;
    let manifest = Manifest::parse(manifest_text).map_err(in_words)?;
    let declared = Declared::of(&manifest, config)?;
    contract::check(component).map_err(in_words)?;
    Ok(Inspected { manifest, declared })
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
