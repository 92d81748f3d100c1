//! One event service and several distribution replicas, each a process, on one PostgreSQL, Redis
//! and Kafka; between them a proxy.

use std::net::SocketAddr;

use crate::installation::Installation;
use crate::owner::Owner;
use crate::program::{ExitedProgram, LaunchOptions, Program};
use crate::providers::SandboxProviders;
use crate::proxy::Proxy;
use crate::stack::Stack;

/// The members of a cluster, some of which may be down.
pub struct Cluster<'a> {
    providers: &'a SandboxProviders,
    stack: Stack,
    proxy: Proxy,
    keys: tempfile::TempDir,
    event: NodeSlot,
    replicas: Vec<NodeSlot>,
}

/// A place for a process.
enum NodeSlot {
    Up(Program),
    Down(Installation),
}

/// Who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterNode {
    Event,
    Replica(usize),
}

impl<'a> Cluster<'a> {
    /// All of them, ready.
    ///
    /// # Panics
    /// When one does not start.
    pub async fn start(providers: &'a SandboxProviders, stack: Stack, replicas: usize) -> Self {
        let mut cluster = Self {
            providers,
            proxy: Proxy::start().await,
            keys: tempfile::tempdir().expect("a temporary folder"),
            event: NodeSlot::Down(Installation::on(stack.clone())),
            replicas: Vec::new(),
            stack,
        };
        for _ in 0..replicas {
            cluster.add_replica().await;
        }
        cluster.launch(ClusterNode::Event).await;
        cluster
    }

    /// One more.
    pub async fn add_replica(&mut self) {
        let number = self.replicas.len();
        let installation = Installation::on(self.stack.clone());
        self.replicas.push(NodeSlot::Down(installation));
        self.launch(ClusterNode::Replica(number)).await;
    }

    /// Starts one that is down.
    ///
    /// # Panics
    /// When it is up, or does not start.
    pub async fn launch(&mut self, node: ClusterNode) {
        if let Err(stderr) = self.try_launch(node).await {
            panic!("{node:?}: {stderr}");
        }
    }

    /// The same; `Err`: what it said when it ended.
    ///
    /// # Errors
    /// When it ends at once.
    ///
    /// # Panics
    /// When it is up.
    pub async fn try_launch(&mut self, node: ClusterNode) -> Result<(), String> {
        let config = self.config(node);
        let token_key = self.keys.path().join("token.key");
        let launch = LaunchOptions {
            providers: Some(self.providers),
            config: &config,
            token_key: Some(&token_key),
            ..LaunchOptions::default()
        };
        let slot = self.slot(node);
        let NodeSlot::Down(installation) =
            std::mem::replace(slot, NodeSlot::Down(Installation::on(Stack::Embedded)))
        else {
            panic!("{node:?} is up");
        };
        let launched = Program::launch(installation, &launch).await;
        let slot = self.slot(node);
        let result = match launched {
            Ok(program) => {
                *slot = NodeSlot::Up(program);
                Ok(())
            }
            Err(ended) => {
                let stderr = ended.stderr.clone();
                *slot = NodeSlot::Down(ended.into_installation());
                Err(stderr)
            }
        };
        self.proxy.set_upstreams(self.addresses());
        result
    }

    /// SIGKILL. The proxy learns of it as a real one does: when it knocks.
    ///
    /// # Panics
    /// When it is down.
    pub async fn kill(&mut self, node: ClusterNode) -> String {
        let ended = self.take(node).kill().await;
        self.mark_down(node, ended)
    }

    /// SIGTERM, drained.
    ///
    /// # Panics
    /// When it is down.
    pub async fn stop(&mut self, node: ClusterNode) -> String {
        let ended = self.take(node).stop().await;
        self.mark_down(node, ended)
    }

    /// Everybody, in order.
    pub async fn stop_all(&mut self) {
        for node in self.all_nodes() {
            if matches!(self.slot(node), NodeSlot::Up(_)) {
                let _ = self.stop(node).await;
            }
        }
    }

    /// The event service first.
    #[must_use]
    pub fn all_nodes(&self) -> Vec<ClusterNode> {
        let replicas = (0..self.replicas.len()).map(ClusterNode::Replica);
        [ClusterNode::Event].into_iter().chain(replicas).collect()
    }

    /// An owner's app, which talks to the event service.
    ///
    /// # Panics
    /// When the event service is down.
    #[must_use]
    pub fn owner(&self, id: &str) -> Owner {
        self.event().owner(id)
    }

    /// # Panics
    /// When it is down.
    #[must_use]
    pub fn event(&self) -> &Program {
        match &self.event {
            NodeSlot::Up(program) => program,
            NodeSlot::Down(_) => panic!("the event service is down"),
        }
    }

    /// # Panics
    /// When it is down.
    #[must_use]
    pub fn replica(&self, number: usize) -> &Program {
        match &self.replicas[number] {
            NodeSlot::Up(program) => program,
            NodeSlot::Down(_) => panic!("replica {number} is down"),
        }
    }

    #[must_use]
    pub fn is_up(&self, node: ClusterNode) -> bool {
        let slot = match node {
            ClusterNode::Event => &self.event,
            ClusterNode::Replica(number) => &self.replicas[number],
        };
        matches!(slot, NodeSlot::Up(_))
    }

    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    #[must_use]
    pub fn providers(&self) -> &'a SandboxProviders {
        self.providers
    }

    fn config(&self, node: ClusterNode) -> String {
        let role = match node {
            ClusterNode::Event => "event",
            ClusterNode::Replica(_) => "distribution",
        };
        let token_key = self.keys.path().join("token.key");
        let vault_key = self.keys.path().join("vault.key");
        let url = self.proxy.url();
        format!(
            "[server]\nrole = {role:?}\ntoken_key = {token_key:?}\nvault_key = {vault_key:?}\n\n\
             [distribution]\nurl = {url:?}\nopen_ms = 500\n\n"
        )
    }

    fn slot(&mut self, node: ClusterNode) -> &mut NodeSlot {
        match node {
            ClusterNode::Event => &mut self.event,
            ClusterNode::Replica(number) => &mut self.replicas[number],
        }
    }

    fn take(&mut self, node: ClusterNode) -> Program {
        let empty = NodeSlot::Down(Installation::on(Stack::Embedded));
        match std::mem::replace(self.slot(node), empty) {
            NodeSlot::Up(program) => program,
            NodeSlot::Down(_) => panic!("{node:?} is down"),
        }
    }

    fn mark_down(&mut self, node: ClusterNode, ended: ExitedProgram) -> String {
        let stderr = ended.stderr.clone();
        *self.slot(node) = NodeSlot::Down(ended.into_installation());
        stderr
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        let up = self.replicas.iter().filter_map(|member| match member {
            NodeSlot::Up(program) => Some(program.api()),
            NodeSlot::Down(_) => None,
        });
        up.collect()
    }
}
