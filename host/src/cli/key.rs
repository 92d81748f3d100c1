//! The key that signs the tokens of a command.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::api::Tokens;
use crate::data::DataFolder;

/// The host's token key.
#[derive(Debug, Clone, Args)]
pub struct KeyArgs {
    /// Data folder of the host, for its key.
    #[arg(long, env = "BAEPO_DATA", default_value = ".baepo", global = true)]
    data: PathBuf,
    /// The host's `server.token_key`, where it is not in the data folder.
    #[arg(long, env = "BAEPO_SERVER__TOKEN_KEY", global = true)]
    token_key: Option<PathBuf>,
}

/// Displays the arguments that name the same key.
impl fmt::Display for KeyArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.token_key {
            Some(key) => write!(f, "--token-key {}", key.display()),
            None => write!(f, "--data {}", self.data.display()),
        }
    }
}

impl KeyArgs {
    /// The key of an existing host. None is created: no host would accept the tokens of a new key.
    ///
    /// # Errors
    /// Names the missing file, and what to do.
    pub fn tokens(&self) -> anyhow::Result<Tokens> {
        let file = match &self.token_key {
            Some(key) => key.clone(),
            None => DataFolder::at(&self.data).token_key(),
        };
        ensure!(file.exists(), "{}", self.missing(&file));
        Tokens::load(&file).with_context(|| format!("no token can be signed with {self}"))
    }

    fn missing(&self, file: &Path) -> String {
        let file = file.display();
        let next = "give the data folder of the host with --data, its key with --token-key, or a \
                    token with --token where there is one";
        match &self.token_key {
            Some(_) => format!("there is no token key {file}: {next}"),
            None => {
                let data = self.data.display();
                let is = if self.data.is_dir() {
                    "is no data folder of a host"
                } else {
                    "is not there"
                };
                format!(
                    "{data} {is} (it has no {file}): {next}; `baepo serve --data {data}` begins a new host"
                )
            }
        }
    }
}
