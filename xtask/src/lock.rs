//! One `up` for a data folder at a time; a second one reports where the first one is.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Held for as long as it lives; the operating system releases it when the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    pub fn acquire(data: &Path) -> Result<Self> {
        fs::create_dir_all(data).with_context(|| format!("cannot create {}", data.display()))?;
        let path = data.join("up.lock");
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).unwrap_or_default();
                bail!(
                    "`cargo xtask up` is already running with {} ({})\n  Stop it with Ctrl-C, or give this one \
                     `--data`, `--listen` and `--sandbox-listen` of its own.",
                    data.display(),
                    holder.trim()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        let mut lock = Self { file };
        lock.write("building")?;
        Ok(lock)
    }

    /// Writes what a second `up` reports: where this one is.
    pub fn write(&mut self, what: &str) -> Result<()> {
        self.file.set_len(0).context("cannot write the lock")?;
        self.file.rewind().context("cannot write the lock")?;
        writeln!(self.file, "process {}, {what}", std::process::id())
            .context("cannot write the lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_reports_where_the_first_one_is() {
        let data = tempfile::tempdir().unwrap();
        let mut first = Lock::acquire(data.path()).unwrap();
        first.write("http://127.0.0.1:8080").unwrap();

        let refused = Lock::acquire(data.path()).unwrap_err().to_string();

        assert!(refused.contains("already running"), "{refused}");
        assert!(refused.contains("http://127.0.0.1:8080"), "{refused}");
    }

    #[test]
    fn an_ended_run_leaves_the_folder_free() {
        let data = tempfile::tempdir().unwrap();
        drop(Lock::acquire(data.path()).unwrap());

        assert!(Lock::acquire(data.path()).is_ok());
    }
}
