//! The readers of foreign bytes, as a coverage-guided fuzzer calls them: a component's sections, and
//! `channel.toml`. `cargo xtask fuzz` does.
//!
//! A reader may refuse anything; it must not panic, and must neither take long nor much memory,
//! which the engine watches. What it once got wrong lies in `findings/<reader>/` as hexadecimal text,
//! and is read again by the test below.

use std::path::{Path, PathBuf};

use baepo_domain::model::manifest::Manifest;
use baepo_runtime::{RuntimeConfig, componentize, manifest_of, verify_for_authors};
use guests::hostile;

/// Where `cargo xtask fuzz` wants the seeds.
const SEEDS_VARIABLE: &str = "BAEPO_FUZZ_SEEDS";

/// One of those who read what a stranger wrote.
pub struct Reader {
    pub name: &'static str,
    pub read: fn(&[u8]),
    /// What the engine begins with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const READERS: [Reader; 2] = [COMPONENT, MANIFEST];

/// The sections of a component.
pub const COMPONENT: Reader = Reader {
    name: "component",
    read: read_component,
    seeds: hostile::seeds,
};

/// `channel.toml`.
pub const MANIFEST: Reader = Reader {
    name: "manifest",
    read: read_manifest,
    seeds: manifest_seeds,
};

fn read_component(bytes: &[u8]) {
    // Its structure, its manifest and its types, as the worker reads them before it compiles.
    let _ = verify_for_authors(bytes, &RuntimeConfig::default());
    let Ok(manifest) = manifest_of(bytes) else {
        return;
    };
    // What carries a manifest can be given another one, and then carries that.
    let other = format!(
        "id = \"{}\"\n[names]\nko = \"다른\"\nen = \"Other\"\n",
        manifest.id
    );
    let again = componentize(bytes, &other).expect("a component stays one");
    let read = manifest_of(&again).expect("it carries the manifest that it was given");
    assert_eq!(read.id, manifest.id);
}

fn read_manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // Only what can be parsed has schemas to be looked at.
    if Manifest::parse(text).is_ok() {
        let component = hostile::quiet_as(text);
        let _ = verify_for_authors(&component, &RuntimeConfig::default());
    }
}

/// Those of this repository's channels, and those kept here.
fn manifest_seeds() -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = files_in(&here.join("seeds/manifest"));
    for folder in files_in(&here.join("../../plugins")) {
        files.push(folder.join("channel.toml"));
    }
    files.extend(files_in(&here.join("../guests/examples")));
    let manifests = files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "toml") && file.is_file());
    manifests
        .map(|file| std::fs::read(file).expect("a manifest"))
        .collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

impl Reader {
    /// Writes the seeds to the folder that the environment names, before the engine reads it.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn write_seeds(&self) {
        let Some(folder) = std::env::var_os(SEEDS_VARIABLE) else {
            return;
        };
        for (number, seed) in (self.seeds)().into_iter().enumerate() {
            let file = Path::new(&folder).join(format!("{number:04}"));
            std::fs::write(file, seed).expect("a seed");
        }
    }

    /// What it once got wrong.
    ///
    /// # Panics
    /// When a file is not hexadecimal.
    #[must_use]
    pub fn findings(&self) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
        let files = files_in(&folder.join(self.name)).into_iter();
        let texts = files.map(|file| std::fs::read_to_string(file).expect("a finding"));
        texts
            .map(|text| hex::decode(text.split_whitespace().collect::<String>()).expect("hex"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_and_earlier_findings_are_read_without_a_panic() {
        for reader in READERS {
            let seeds = (reader.seeds)();
            assert!(seeds.len() >= 10, "{}: {} seeds", reader.name, seeds.len());
            let findings = reader.findings();
            seeds
                .iter()
                .chain(&findings)
                .for_each(|bytes| (reader.read)(bytes));
        }
    }

    #[test]
    fn every_attack_can_be_made_and_has_a_name_of_its_own() {
        let uploads = hostile::uploads();
        let calls = hostile::calls();
        let names = uploads.iter().map(|upload| upload.name.as_str());
        let names: Vec<_> = names.chain(calls.iter().map(|call| call.name)).collect();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        let made = uploads.iter().map(|upload| upload.component().len());
        let largest = made.max().unwrap_or_default();
        assert!(
            largest < 32 << 20,
            "{largest} bytes are more than a host looks at"
        );
        let called = calls.iter().map(|call| manifest_of(&call.component()));
        assert!(called.into_iter().all(|manifest| manifest.is_ok()));
    }

    #[test]
    fn seeds_reach_behind_the_first_check() {
        let components = (COMPONENT.seeds)();
        let read = components.iter().filter(|bytes| manifest_of(bytes).is_ok());
        assert!(read.count() > 5, "none of the components is read whole");
        let manifests = (MANIFEST.seeds)();
        let texts = manifests
            .iter()
            .filter_map(|bytes| std::str::from_utf8(bytes).ok());
        let parsed = texts.filter(|text| Manifest::parse(text).is_ok());
        assert!(parsed.count() > 5, "none of the manifests is read whole");
    }
}
