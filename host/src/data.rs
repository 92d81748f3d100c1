//! The data folder: the paths of its files, and the lock that one host holds.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A data folder.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

/// The lock of a data folder, held by one process for as long as it lives.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock is released when the file is closed")] File);

const LOCK: &str = "lock";

impl DataFolder {
    /// Opens a folder; creates it with mode 0700 if it does not exist.
    ///
    /// # Errors
    /// Names the folder.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder
            .create(path)
            .with_context(|| format!("cannot make the data folder {}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// The folder at that path, which may not exist.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Locks the folder for this process.
    ///
    /// # Errors
    /// When another host works in the folder.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        let path = self.0.join(LOCK);
        let file = File::options().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        file.try_lock().with_context(|| {
            let folder = self.0.display();
            format!(
                "another baepo works in {folder}: stop it, or choose another folder with --data"
            )
        })?;
        Ok(Lock(file))
    }

    /// The SQLite database.
    pub fn database(&self) -> PathBuf {
        self.0.join("baepo.db")
    }

    /// Signs the tokens of the embedded mode.
    pub fn token_key(&self) -> PathBuf {
        self.0.join("token.key")
    }

    /// Seals the owners' secrets.
    pub fn vault_key(&self) -> PathBuf {
        self.0.join("vault.key")
    }

    /// Components, compiled for this machine.
    pub fn compiled(&self) -> PathBuf {
        self.0.join("compiled")
    }
}
