//! A host of a test's own: its data in a temporary folder, its ports free ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use baepo::api::{Role, Tokens};
use baepo::app::App;
use baepo::config::Config;
use baepo_adapters::SystemClock;
use baepo_domain::Timestamp;
use baepo_domain::ports::Store;
use baepo_domain::ports::clock::{Clock, ManualClock};
use baepo_domain::usecases::releases::Bundled;
use tempfile::TempDir;

use crate::operator::Operator;
use crate::owner::Owner;
use crate::providers::SandboxProviders;
use crate::providers::{REVIEW, compiled};
use crate::sandbox::SandboxControl;
use crate::stack::Stack;

/// Chooses what a host starts with.
pub struct HostBuilder {
    components: Vec<PathBuf>,
    config: Config,
    stack: Stack,
    sandbox: bool,
    clock: Arc<dyn Clock>,
}

/// A running host.
pub struct Host {
    app: App,
    stack: Stack,
    folder: TempDir,
    components: Vec<PathBuf>,
    config: Config,
    sandbox: bool,
    clock: Arc<dyn Clock>,
}

impl Default for HostBuilder {
    fn default() -> Self {
        let mut config = Config::default();
        config.server.listen = ([127, 0, 0, 1], 0).into();
        config.server.channels_are = Bundled::Trusted;
        // What is retried is retried soon: the waits themselves are tested in the domain.
        config.retry.base = Duration::from_millis(100);
        config.retry.cap = Duration::from_millis(400);
        config.runtime.cache_dir = Some(compiled());
        Self {
            components: crate::guests::plugins(),
            config,
            stack: Stack::default(),
            sandbox: true,
            clock: Arc::new(SystemClock),
        }
    }
}

impl HostBuilder {
    /// With these components instead of the repository's channels.
    #[must_use]
    pub fn components(mut self, components: impl IntoIterator<Item = PathBuf>) -> Self {
        self.components = components.into_iter().collect();
        self
    }

    /// With this component besides the others.
    #[must_use]
    pub fn also(mut self, component: PathBuf) -> Self {
        self.components.push(component);
        self
    }

    /// On these services instead of the run's.
    #[must_use]
    pub fn on(mut self, stack: Stack) -> Self {
        self.stack = stack;
        self
    }

    /// With these providers instead of its own.
    ///
    /// # Panics
    /// Never: their addresses are valid.
    #[must_use]
    pub fn with_providers(mut self, providers: &SandboxProviders) -> Self {
        self.sandbox = false;
        for (origin, to) in providers.rewrites() {
            let origin = origin.parse().expect("an origin");
            let to = to.parse().expect("a base address");
            self.config.egress.rewrite.insert(origin, to);
        }
        self
    }

    /// By this clock instead of the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With another configuration.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(self) -> Host {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = self.config;
        self.stack.apply(&mut config);
        Host::start_in(
            folder,
            self.stack,
            self.components,
            config,
            self.sandbox,
            self.clock,
        )
        .await
    }
}

impl Host {
    /// The repository's channels and the sandbox providers.
    pub async fn start() -> Self {
        HostBuilder::default().start().await
    }

    /// A host that is not quite so plain.
    #[must_use]
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// An embedded host at that time; every wait is one that its clock ends.
    pub async fn at(time: Timestamp, providers: &SandboxProviders) -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(time));
        let host = Self::builder()
            .on(Stack::Embedded)
            .clock(Arc::clone(&clock) as _)
            .config(|config| config.runtime.short_sleep_ms = 0)
            .with_providers(providers)
            .start()
            .await;
        (host, clock)
    }

    async fn start_in(
        folder: TempDir,
        stack: Stack,
        components: Vec<PathBuf>,
        mut config: Config,
        sandbox: bool,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let channels = folder.path().join("channels");
        std::fs::create_dir_all(&channels).expect("a folder for channels");
        for component in &components {
            let name = component.file_name().expect("a component's file name");
            std::fs::copy(component, channels.join(name)).expect("a copy of a component");
            let bundle = component.with_extension("wasm.sigstore.json");
            if bundle.exists() {
                let name = bundle.file_name().expect("a bundle's file name");
                std::fs::copy(&bundle, channels.join(name)).expect("a copy of a bundle");
            }
        }
        config.server.data = folder.path().join("data");
        config.server.channels = Some(channels);
        let sandbox_listen = sandbox.then(|| ([127, 0, 0, 1], 0).into());
        // Its future is a large one, and would be part of every test's.
        let app = App::start_with_clock(config.clone(), sandbox_listen, Arc::clone(&clock));
        let app = Box::pin(app).await.expect("the host starts");
        let host = Self {
            app,
            stack,
            folder,
            components,
            config,
            sandbox,
            clock,
        };
        if sandbox {
            host.sandbox().set_review_time(REVIEW).await;
        }
        host
    }

    /// Stops it and starts it again on the same data. The sandbox providers begin anew.
    ///
    /// # Panics
    /// When it does not stop or start.
    pub async fn restart(self) -> Self {
        self.app.stop().await.expect("the host stops");
        let Self {
            folder,
            stack,
            components,
            config,
            sandbox,
            clock,
            ..
        } = self;
        Self::start_in(folder, stack, components, config, sandbox, clock).await
    }

    /// The same with another configuration.
    pub async fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self.restart().await
    }

    /// The same with these components put into its folder of channels.
    pub async fn restart_on(mut self, components: impl IntoIterator<Item = PathBuf>) -> Self {
        self.components = components.into_iter().collect();
        self.restart().await
    }

    /// Stops it, drained.
    ///
    /// # Panics
    /// When it does not stop.
    pub async fn stop(self) {
        self.app.stop().await.expect("the host stops");
    }

    /// The running parts, for what cannot be seen over the API.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The store beside the host's own, for states that the API does not lead to.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open_store(&self) -> Arc<dyn Store> {
        self.stack.open_store(&self.data()).await
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The API's address.
    #[must_use]
    pub fn api(&self) -> String {
        format!("http://{}", self.app.api())
    }

    /// An owner with a token, connected to nothing.
    #[must_use]
    pub fn owner(&self, id: &str) -> Owner {
        Owner::new(self.api(), self.token(id, Role::Owner))
    }

    /// The same on a host whose key is elsewhere.
    ///
    /// # Panics
    /// When the key cannot be read.
    #[must_use]
    pub fn owner_with_key(&self, id: &str, key: &Path) -> Owner {
        Owner::new(self.api(), self.signed(id, Role::Owner, key))
    }

    /// An owner who is connected to every channel with the channels' own examples.
    pub async fn connected_owner(&self, id: &str) -> Owner {
        let owner = self.owner(id);
        owner.connect_all().await;
        owner
    }

    /// An operator with a token.
    #[must_use]
    pub fn operator(&self) -> Operator {
        Operator::new(self.api(), self.token("operator-1", Role::Operator))
    }

    /// The sandbox providers' controls.
    ///
    /// # Panics
    /// When the host runs without them.
    #[must_use]
    pub fn sandbox(&self) -> SandboxControl {
        let address = self.app.sandbox().expect("a host with sandbox providers");
        SandboxControl::new(format!("http://{address}"))
    }

    /// A token of that user in that role, good for longer than a clock is moved.
    ///
    /// # Panics
    /// When the host's key cannot be read.
    #[must_use]
    pub fn token(&self, user: &str, role: Role) -> String {
        self.signed(user, role, &self.data().join("token.key"))
    }

    fn signed(&self, user: &str, role: Role, key: &Path) -> String {
        let tokens = Tokens::load_or_create(key).expect("the key");
        tokens
            .issue(
                user,
                role,
                Duration::from_secs(90 * 24 * 3_600),
                self.clock.now(),
            )
            .expect("a token")
    }
}
