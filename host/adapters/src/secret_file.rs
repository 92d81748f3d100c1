//! A secret in a file that only its owner can read: made at the first start, and refused when other
//! users can read it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

/// A kind of secret file.
#[derive(Debug, Clone, Copy)]
pub struct SecretFile {
    /// What it is, in an error: `key file`.
    pub name: &'static str,
    /// What the operator does when somebody may have copied it.
    pub when_copied: &'static str,
}

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// Others may have copied it.
    #[error(
        "others can read the {name} {path} (mode {mode:04o}): run `chmod 600 {path}`; if somebody \
         may have copied it, {when_copied}"
    )]
    Exposed {
        name: &'static str,
        path: PathBuf,
        mode: u32,
        when_copied: &'static str,
    },
    /// `expected` never quotes the file.
    #[error("the {name} {path} is not {expected}")]
    Malformed {
        name: &'static str,
        path: PathBuf,
        expected: String,
    },
    #[error("the {name} {path} cannot be {done}")]
    Io {
        name: &'static str,
        path: PathBuf,
        done: &'static str,
        source: io::Error,
    },
}

const OWNER_ONLY: u32 = 0o600;
const GROUP_AND_OTHERS: u32 = 0o077;

impl SecretFile {
    /// What `parse` makes of the file at `path`; when there is none it is made, with `content`.
    /// The error of `parse` completes "the … is not …".
    ///
    /// # Errors
    /// See [`SecretFileError`].
    pub fn load_or_create<T>(
        self,
        path: &Path,
        content: impl FnOnce() -> String,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SecretFileError> {
        if !path.exists() {
            create(path, &content()).map_err(|source| self.io(path, "written", source))?;
        }
        self.load(path, parse)
    }

    /// The same of a file that must be there.
    ///
    /// # Errors
    /// See [`SecretFileError`].
    pub fn load<T>(
        self,
        path: &Path,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SecretFileError> {
        let Self { name, when_copied } = self;
        let unreadable = |source| self.io(path, "read", source);
        let file = File::open(path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        let path = path.to_owned();
        if mode & GROUP_AND_OTHERS != 0 {
            return Err(SecretFileError::Exposed {
                name,
                path,
                mode,
                when_copied,
            });
        }
        let text = io::read_to_string(file).map_err(|source| self.io(&path, "read", source))?;
        parse(&text).map_err(|expected| SecretFileError::Malformed {
            name,
            path,
            expected,
        })
    }

    fn io(self, path: &Path, done: &'static str, source: io::Error) -> SecretFileError {
        SecretFileError::Io {
            name: self.name,
            path: path.to_owned(),
            done,
            source,
        }
    }
}

/// 256 bits from the operating system.
#[must_use]
pub fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut key);
    key
}

/// Writes the file whole or not at all, and leaves one alone that another process made meanwhile: two
/// processes that start at the same time must end up with the same secret.
fn create(path: &Path, content: &str) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    // A process with this id may have been killed before it removed it.
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&draft)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // The name must be on disk before anything depends on the secret.
        _ => sync_directory(path),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
