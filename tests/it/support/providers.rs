//! Providers that outlive a host: what they have received survives its kill.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use baepo_sandbox::Sandbox;

use crate::sandbox::SandboxControl;

/// How long adverts are under review: long enough to be seen to wait, and no longer.
pub(crate) const REVIEW: Duration = Duration::from_millis(300);

/// The stand-ins, in this process.
pub struct SandboxProviders {
    sandbox: Sandbox,
}

impl SandboxProviders {
    /// Starts them on a free port, without a daily limit to their posts.
    ///
    /// # Panics
    /// When they do not start.
    pub async fn start() -> Self {
        let listen = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start(listen).await.expect("a free port");
        let providers = Self { sandbox };
        providers.control().publishing_quota(1_000_000).await;
        providers.control().set_review_time(REVIEW).await;
        providers
    }

    /// From a provider's origin to where it listens.
    #[must_use]
    pub fn rewrites(&self) -> Vec<(String, String)> {
        let rewrites = self.sandbox.rewrites().into_iter();
        rewrites
            .map(|(origin, to)| (origin.to_string(), to.to_string()))
            .collect()
    }

    #[must_use]
    pub fn control(&self) -> SandboxControl {
        SandboxControl::new(format!("http://{}", self.sandbox.address()))
    }

    /// The configuration of a host that reaches them, and does not wait long for anything.
    ///
    /// # Panics
    /// Never: text can be written to.
    #[must_use]
    pub fn config(&self) -> String {
        let compiled = compiled();
        let mut config = format!(
            "[retry]\nbase_ms = 100\ncap_ms = 400\n\n\
             [runtime]\nshort_sleep_ms = 100\nrequest_time_ms = 1_000\ncache_dir = {compiled:?}\n\n\
             [egress.rewrite]\n"
        );
        for (origin, to) in self.sandbox.rewrites() {
            writeln!(config, "{origin:?} = {to:?}").expect("text");
        }
        config
    }
}

/// The folder of compiled components of all hosts, else compiling is most of what a test does. Its
/// key is made in one step, so that hosts that start at once agree on it.
pub(crate) fn compiled() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tmp");
    std::fs::create_dir_all(&folder).expect("a folder for compiled components");
    let key = folder.join("compiled.key");
    if !key.exists() {
        let mine = tempfile::NamedTempFile::new_in(&folder).expect("a file");
        std::fs::write(mine.path(), [7; 32]).expect("a key");
        // Another test's is as good.
        let _ = mine.persist_noclobber(key);
    }
    folder.join("compiled")
}
