//! Whether the file is still the one that was opened, and takes writes.
//!
//! A file that was moved, deleted or replaced stays open: SQLite would go on writing into what nobody
//! ever opens again, and read from both. So it is compared with its name before it is used.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use baepo_domain::ports::StoreError;

/// What is known of the file, shared by all who use it.
#[derive(Debug)]
pub struct Health {
    path: PathBuf,
    opened: FileIdentity,
    /// Why the last transaction failed; none when it did not.
    failing: Mutex<Option<String>>,
}

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl From<Metadata> for FileIdentity {
    fn from(file: Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
        }
    }
}

/// The operator puts the file back, or starts Baepo on the new one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database file {} was moved, deleted or replaced while it was in use: put it back, or stop \
     Baepo before its file is replaced", .0.display()
)]
pub struct FileReplaced(PathBuf);

impl Health {
    /// Of the file that is there now.
    pub fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            opened: std::fs::metadata(path)?.into(),
            failing: Mutex::default(),
        })
    }

    /// Whether the name still leads to the file that was opened.
    pub fn check_identity(&self) -> Result<(), FileReplaced> {
        match std::fs::metadata(&self.path).map(FileIdentity::from) {
            Ok(there) if there == self.opened => Ok(()),
            Ok(_) | Err(_) => Err(FileReplaced(self.path.clone())),
        }
    }

    /// Whether writes are taken, as far as is known.
    pub fn accepts_writes(&self) -> Result<(), StoreError> {
        self.check_identity()
            .map_err(|error| StoreError(error.into()))?;
        match &*self.failing() {
            None => Ok(()),
            Some(why) => Err(StoreError(why.clone().into())),
        }
    }

    pub fn is_failing(&self) -> bool {
        self.failing().is_some()
    }

    /// A transaction was not written.
    pub fn failed(&self, error: &sqlx::Error) {
        let error = error.to_string();
        let before = self.failing().replace(error.clone());
        if before.is_none() {
            let file = self.path.display();
            tracing::warn!(
                %file, error,
                "the database file takes no writes: requests are refused until it does"
            );
        }
    }

    /// A transaction was written.
    pub fn written(&self) {
        if self.failing().take().is_some() {
            let file = self.path.display();
            tracing::info!(%file, "the database file takes writes again");
        }
    }

    fn failing(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // Nothing that is done with it can panic.
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
