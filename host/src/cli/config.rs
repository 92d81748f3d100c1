//! The configuration of a command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use baepo_domain::usecases::releases::Bundled;
use clap::Args;

use crate::config::{Config, ConfigError, Flags, Loaded, Role};

/// A file, and flags that override it.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// TOML file with every other option: baepo.example.toml lists them.
    #[arg(long, env = "BAEPO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// What this process does of the work [default: all].
    #[arg(long, value_enum)]
    role: Option<Role>,
    /// Address of the API; port 0 picks a free one [default: 127.0.0.1:8080].
    #[arg(long, env = "BAEPO_LISTEN")]
    listen: Option<SocketAddr>,
    /// Folder of the database, keys and compiled components [default: .baepo].
    #[arg(long, env = "BAEPO_DATA")]
    data: Option<PathBuf>,
    /// Folder of components that are loaded at start.
    #[arg(long, env = "BAEPO_CHANNELS")]
    channels: Option<PathBuf>,
    /// Approve whatever the components in that folder ask for: hosts, secrets, limits. Without it each waits for
    /// `baepo channel approve`.
    #[arg(long, env = "BAEPO_TRUST_CHANNELS", requires = "channels")]
    trust_channels: bool,
}

impl ConfigArgs {
    /// Loads it; in order of precedence: flag, environment, file, default.
    ///
    /// # Errors
    /// Lists every error in it.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let flags = Flags {
            role: self.role,
            listen: self.listen,
            data: self.data.clone(),
            channels: self.channels.clone(),
            channels_are: self.trust_channels.then_some(Bundled::Trusted),
        };
        Config::load(self.file(), &flags)
    }

    /// The file, if there is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.config.as_deref()
    }
}
