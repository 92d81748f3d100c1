//! The key ring as a file that only its owner can read.
//!
//! A line per key: its id and 64 hexadecimal digits. Lines that begin with `#` are for people.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use super::{KeyId, KeyringVault};

/// Why there is no vault. Without its keys the stored secrets cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Others may have copied the keys.
    #[error(
        "others can read the key file {path} (mode {mode:04o}): run `chmod 600 {path}`; if \
         somebody may have copied it, add a new key and let owners connect their accounts again"
    )]
    Exposed { path: PathBuf, mode: u32 },
    /// The problem never quotes the line, which may hold a key.
    #[error("the key file {path} is not a key ring: {problem}")]
    Malformed { path: PathBuf, problem: String },
    #[error("the key file {path} cannot be {done}")]
    Io {
        path: PathBuf,
        done: &'static str,
        source: io::Error,
    },
}

const HEADING: &str = "# Baepo's key ring: the owners' secrets are sealed with these keys and are lost without them.\n\
                       # A line per key: id, then 64 hexadecimal digits. The highest id seals, all of them open.\n";
const OWNER_ONLY: u32 = 0o600;
const GROUP_AND_OTHERS: u32 = 0o077;

/// The keys in the file, which is made when there is none.
pub(super) fn load_or_create(path: &Path) -> Result<KeyringVault, KeyFileError> {
    if !path.exists() {
        create(path).map_err(|source| failed(path, "written", source))?;
    }
    load(path)
}

fn load(path: &Path) -> Result<KeyringVault, KeyFileError> {
    let unreadable = |source| failed(path, "read", source);
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & GROUP_AND_OTHERS != 0 {
        let path = path.to_owned();
        return Err(KeyFileError::Exposed { path, mode });
    }
    let text = io::read_to_string(file).map_err(unreadable)?;
    parse(&text).map_err(|problem| {
        let path = path.to_owned();
        KeyFileError::Malformed { path, problem }
    })
}

/// Writes the file whole or not at all, and leaves one alone that somebody else made meanwhile: a
/// second process that starts at the same time must end up with the same keys.
fn create(path: &Path) -> io::Result<()> {
    let mut key = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut key);
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    // What a process with this id left behind when it was killed right here.
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&draft)?;
    writeln!(file, "{HEADING}1 {}", hex::encode(key))?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // The name must be on disk before anything is sealed with the key.
        _ => sync_directory(path),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn parse(text: &str) -> Result<KeyringVault, String> {
    let keys = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let rule = "an id and 64 hexadecimal digits";
            parse_key(line).ok_or_else(|| format!("line {} is not {rule}", index + 1))
        })
        .collect::<Result<Vec<_>, _>>()?;
    KeyringVault::new(keys).ok_or_else(|| "it has no key, or two of the same id".to_owned())
}

fn parse_key(line: &str) -> Option<(KeyId, [u8; 32])> {
    let (id, digits) = line.trim().split_once(' ')?;
    let mut key = [0; 32];
    hex::decode_to_slice(digits.trim(), &mut key).ok()?;
    Some((KeyId(id.parse().ok()?), key))
}

fn failed(path: &Path, done: &'static str, source: io::Error) -> KeyFileError {
    let path = path.to_owned();
    KeyFileError::Io { path, done, source }
}
