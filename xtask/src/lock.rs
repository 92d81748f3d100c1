//! One `up` for a data folder at a time, and the second one says where the first one is.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Held for as long as it lives. The operating system lets go of it when we die.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    pub fn take(data: &Path) -> Result<Self> {
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
        lock.say("building")?;
        Ok(lock)
    }

    /// What a second one is told.
    pub fn say(&mut self, what: &str) -> Result<()> {
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
    fn the_second_one_is_told_where_the_first_one_is() {
        let data = tempfile::tempdir().unwrap();
        let mut first = Lock::take(data.path()).unwrap();
        first.say("http://127.0.0.1:8080").unwrap();

        let refused = Lock::take(data.path()).unwrap_err().to_string();

        assert!(refused.contains("already running"), "{refused}");
        assert!(refused.contains("http://127.0.0.1:8080"), "{refused}");
    }

    #[test]
    fn what_has_ended_is_in_nobodys_way() {
        let data = tempfile::tempdir().unwrap();
        drop(Lock::take(data.path()).unwrap());

        assert!(Lock::take(data.path()).is_ok());
    }
}
