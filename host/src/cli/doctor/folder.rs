//! What lies on this machine: the data folder, keys and components.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use baepo_adapters::{Check, KeyringVault};
use rustix::fs::{Access, access, statvfs};

use crate::api::Tokens;
use crate::config::{Config, Role, StoreUrl};
use crate::data::DataFolder;

const MIB: u64 = 1 << 20;
/// Below this a commit may fail at any time.
const MIN_SPACE: u64 = 64 * MIB;
/// Below this an operator wants to know.
const LOW_SPACE: u64 = 1_024 * MIB;

/// The folder, and the space that is left for it.
pub fn check_data(config: &Config) -> Vec<Check> {
    let path = &config.server.data;
    let existing = nearest_existing(path);
    vec![check_folder(path, &existing), check_space(&existing)]
}

fn check_folder(path: &Path, existing: &Path) -> Check {
    const SUBJECT: &str = "data folder";
    let path_text = path.display();
    let writable = access(existing, Access::WRITE_OK | Access::EXEC_OK);
    if let Err(error) = writable {
        let found = format!("{}: {error}", existing.display());
        let advice = "let the user that Baepo runs as write there, or choose another folder with \
                      server.data";
        return Check::bad(SUBJECT, found, advice);
    }
    if existing != path {
        return Check::good(
            SUBJECT,
            format!("{path_text} is not there yet: the first start makes it"),
        );
    }
    let Ok(metadata) = path.metadata() else {
        return Check::bad(
            SUBJECT,
            format!("{path_text} went away meanwhile"),
            "look again",
        );
    };
    if !metadata.is_dir() {
        let advice = "choose another folder with server.data";
        return Check::bad(SUBJECT, format!("{path_text} is no folder"), advice);
    }
    let mode = metadata.permissions().mode() & 0o777;
    let used = match DataFolder::at(path).is_locked() {
        true => "; a Baepo works in it now",
        false => "",
    };
    let found = format!("{path_text}, mode {mode:04o}{used}");
    if mode & 0o077 == 0 {
        return Check::good(SUBJECT, found);
    }
    Check::warning(
        SUBJECT,
        found,
        format!("others may look into it: run `chmod 700 {path_text}`"),
    )
}

fn check_space(existing: &Path) -> Check {
    const SUBJECT: &str = "disk space";
    let space = match statvfs(existing) {
        Ok(space) => space.f_bavail.saturating_mul(space.f_frsize),
        Err(error) => {
            let advice = "look yourself whether there is space";
            return Check::warning(SUBJECT, error.to_string(), advice);
        }
    };
    let found = format!("{} MiB free", space / MIB);
    match space {
        LOW_SPACE.. => Check::good(SUBJECT, found),
        MIN_SPACE.. => Check::warning(SUBJECT, found, "make space before it is used up"),
        _ => Check::bad(SUBJECT, found, "make space: nothing can be kept without"),
    }
}

/// The path, or the first of its parents that is there.
fn nearest_existing(path: &Path) -> PathBuf {
    let mut ancestors = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let existing = ancestors.find(|path| path.exists());
    existing.unwrap_or(Path::new(".")).to_owned()
}

/// What signs tokens, and what seals the owners' secrets.
pub fn check_keys(config: &Config) -> Vec<Check> {
    let data = DataFolder::at(&config.server.data);
    vec![
        check_token_key(config, &data),
        check_vault_key(config, &data),
    ]
}

fn check_token_key(config: &Config, data: &DataFolder) -> Check {
    const SUBJECT: &str = "token key";
    if let Some(file) = &config.server.jwks {
        let advice = "give a JWKS file with public keys in server.jwks";
        return match Tokens::from_jwks(file) {
            Ok(_) => Check::good(SUBJECT, format!("public keys in {}", file.display())),
            Err(error) => Check::bad(SUBJECT, with_sources(error), advice),
        };
    }
    let file = config.server.token_key_file(data);
    let shared = match config.server.role {
        Role::All => None,
        Role::Event | Role::Distribution => Some(
            "the event and the distribution services must sign with the same key: copy it from \
             one that has run, mode 0600",
        ),
    };
    if let Some(missing) = missing(SUBJECT, &file, shared) {
        return missing;
    }
    match Tokens::load(&file) {
        Ok(_) => Check::good(SUBJECT, file.display().to_string()),
        Err(error) => {
            let advice = "let it be a file of 64 hexadecimal digits that only the user that Baepo \
                          runs as can read";
            Check::bad(SUBJECT, with_sources(error), advice)
        }
    }
}

fn check_vault_key(config: &Config, data: &DataFolder) -> Check {
    const SUBJECT: &str = "vault key";
    let file = config.server.vault_key_file(data);
    let shared = match config.store.url {
        StoreUrl::Sqlite => None,
        StoreUrl::Postgres(_) => Some(
            "all hosts on this PostgreSQL must have the same key: copy it from one that has run, \
             mode 0600, or the secrets of owners cannot be opened here",
        ),
    };
    if let Some(missing) = missing(SUBJECT, &file, shared) {
        return missing;
    }
    match KeyringVault::load_or_create(&file) {
        Ok(_) => Check::good(SUBJECT, file.display().to_string()),
        Err(error) => {
            let advice = "restore it: what it sealed cannot be opened without it";
            Check::bad(SUBJECT, with_sources(error), advice)
        }
    }
}

/// A key that is not there is made at the first start: not what hosts want that share one.
fn missing(subject: &str, file: &Path, shared: Option<&str>) -> Option<Check> {
    if file.exists() {
        return None;
    }
    let found = format!(
        "{} is not there yet: the first start makes it",
        file.display()
    );
    Some(match shared {
        None => Check::good(subject, found),
        Some(advice) => Check::warning(subject, found, advice),
    })
}

/// Components that are loaded at start; whether they can be is seen then.
pub fn check_channels(config: &Config) -> Vec<Check> {
    const SUBJECT: &str = "channels";
    let Some(folder) = &config.server.channels else {
        return vec![Check::good(SUBJECT, "those of the store")];
    };
    let path_text = folder.display();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let advice = "give a folder of components with server.channels";
            return vec![Check::bad(SUBJECT, format!("{path_text}: {error}"), advice)];
        }
    };
    let files = entries.flatten().map(|entry| entry.path());
    let components = files.filter(|file| file.extension().is_some_and(|kind| kind == "wasm"));
    let names = components.filter_map(|file| Some(file.file_stem()?.display().to_string()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    vec![match names[..] {
        [] => {
            let advice = "put components there, such as those that `baepo plugin build` makes";
            Check::warning(SUBJECT, format!("{path_text} has no components"), advice)
        }
        [..] => Check::good(
            SUBJECT,
            format!("those of the store, and {}", names.join(", ")),
        ),
    }]
}

/// With all its reasons.
fn with_sources(error: impl std::error::Error + Send + Sync + 'static) -> String {
    format!("{:#}", anyhow::Error::from(error))
}

#[cfg(test)]
mod tests;
