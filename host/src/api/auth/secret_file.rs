//! The secret that tokens are signed with, as a file that only its owner can read.
//!
//! One line of 64 hexadecimal digits. Whoever reads it can be anybody.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

/// Why there is no secret to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// Others may have copied it.
    #[error(
        "others can read the token secret {path} (mode {mode:04o}): run `chmod 600 {path}`; if \
         somebody may have copied it, delete it, start again and issue new tokens"
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the token secret {path} is not 64 hexadecimal digits")]
    Malformed { path: PathBuf },
    #[error("the token secret {path} cannot be {done}")]
    Io {
        path: PathBuf,
        done: &'static str,
        source: io::Error,
    },
}

const OWNER_ONLY: u32 = 0o600;
const GROUP_AND_OTHERS: u32 = 0o077;

/// The secret in the file, which is made when there is none.
pub(super) fn load_or_create(path: &Path) -> Result<[u8; 32], SecretFileError> {
    if !path.exists() {
        create(path).map_err(|source| io_error(path, "written", source))?;
    }
    load(path)
}

/// The secret in the file, which must be there.
pub(super) fn load(path: &Path) -> Result<[u8; 32], SecretFileError> {
    let unreadable = |source| io_error(path, "read", source);
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & GROUP_AND_OTHERS != 0 {
        let path = path.to_owned();
        return Err(SecretFileError::Exposed { path, mode });
    }
    let text = io::read_to_string(file).map_err(unreadable)?;
    let mut secret = [0; 32];
    hex::decode_to_slice(text.trim(), &mut secret).map_err(|_| {
        let path = path.to_owned();
        SecretFileError::Malformed { path }
    })?;
    Ok(secret)
}

/// Writes the file whole or not at all, and leaves one alone that somebody else made meanwhile: a
/// second process that starts at the same time must end up with the same secret.
fn create(path: &Path) -> io::Result<()> {
    let mut secret = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut secret);
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    // What a process with this id left behind when it was killed right here.
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&draft)?;
    writeln!(file, "{}", hex::encode(secret))?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn io_error(path: &Path, done: &'static str, source: io::Error) -> SecretFileError {
    let path = path.to_owned();
    SecretFileError::Io { path, done, source }
}
