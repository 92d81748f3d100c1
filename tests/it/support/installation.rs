//! What a program leaves behind when it ends, and the next one goes on with.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::stack::Stack;

/// A folder with data and configuration, and whatever else the program keeps its data in.
pub struct Installation {
    folder: TempDir,
    stack: Stack,
}

impl Default for Installation {
    /// A new one, on the run's stack.
    fn default() -> Self {
        Self::on(Stack::default())
    }
}

impl Installation {
    /// A new one.
    ///
    /// # Panics
    /// When there can be no temporary folder.
    #[must_use]
    pub fn on(stack: Stack) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, stack }
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Is kept, for inspection.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}
