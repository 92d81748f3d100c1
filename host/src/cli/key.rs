//! Which key signs the tokens of a command.

use std::fmt;
use std::path::PathBuf;

use clap::Args;

use crate::data::DataFolder;

/// The host's token key.
#[derive(Debug, Clone, Args)]
pub struct KeyArgs {
    /// Data folder of the host, for its key.
    #[arg(long, env = "BAEPO_DATA", default_value = ".baepo")]
    data: PathBuf,
    /// The host's `server.token_key`, where it is not in the data folder.
    #[arg(long, env = "BAEPO_SERVER__TOKEN_KEY")]
    token_key: Option<PathBuf>,
}

/// As the arguments that name the same key.
impl fmt::Display for KeyArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.token_key {
            Some(key) => write!(f, "--token-key {}", key.display()),
            None => write!(f, "--data {}", self.data.display()),
        }
    }
}

impl KeyArgs {
    /// The file, in a data folder that is there then.
    ///
    /// # Errors
    /// When there is no data folder, and none can be made.
    pub fn file(&self) -> anyhow::Result<PathBuf> {
        match &self.token_key {
            Some(key) => Ok(key.clone()),
            None => Ok(DataFolder::open(&self.data)?.token_key()),
        }
    }
}
