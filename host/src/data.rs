//! The data folder: what lies where, and who may use it.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A data folder.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

/// The right of one process to work in a data folder, for as long as it lives.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock is released when the file is closed")] File);

const LOCK: &str = "lock";

impl DataFolder {
    /// Opens a folder; makes it, for its owner's eyes only, where there is none.
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

    /// The folder at that path as it is, whether it is there or not.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Keeps every other host out.
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
