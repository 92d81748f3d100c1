//! One event service and several distribution replicas, each a process, on one PostgreSQL, Redis
//! and Kafka; between them a proxy.

use std::net::SocketAddr;

use crate::{Home, Launch, Outside, Owner, Program, Proxy, Stack, Stopped};

/// The members of a cluster, some of which may be down.
pub struct Cluster<'a> {
    outside: &'a Outside,
    stack: Stack,
    proxy: Proxy,
    keys: tempfile::TempDir,
    event: Member,
    replicas: Vec<Member>,
}

/// A place for a process.
enum Member {
    Up(Program),
    Down(Home),
}

/// Who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Event,
    Replica(usize),
}

impl<'a> Cluster<'a> {
    /// All of them, ready.
    ///
    /// # Panics
    /// When one does not start.
    pub async fn start(outside: &'a Outside, stack: Stack, replicas: usize) -> Self {
        let mut cluster = Self {
            outside,
            proxy: Proxy::start().await,
            keys: tempfile::tempdir().expect("a temporary folder"),
            event: Member::Down(Home::on(stack.clone())),
            replicas: Vec::new(),
            stack,
        };
        for _ in 0..replicas {
            cluster.add_replica().await;
        }
        cluster.launch(Who::Event).await;
        cluster
    }

    /// One more.
    pub async fn add_replica(&mut self) {
        let number = self.replicas.len();
        let home = Home::on(self.stack.clone());
        self.replicas.push(Member::Down(home));
        self.launch(Who::Replica(number)).await;
    }

    /// Starts one that is down.
    ///
    /// # Panics
    /// When it is up, or does not start.
    pub async fn launch(&mut self, who: Who) {
        if let Err(said) = self.try_launch(who).await {
            panic!("{who:?}: {said}");
        }
    }

    /// The same; `Err`: what it said when it ended.
    ///
    /// # Errors
    /// When it ends at once.
    ///
    /// # Panics
    /// When it is up.
    pub async fn try_launch(&mut self, who: Who) -> Result<(), String> {
        let config = self.config(who);
        let token_key = self.keys.path().join("token.key");
        let launch = Launch {
            outside: Some(self.outside),
            config: &config,
            token_key: Some(&token_key),
            ..Launch::default()
        };
        let place = self.place(who);
        let Member::Down(home) = std::mem::replace(place, Member::Down(Home::on(Stack::Embedded)))
        else {
            panic!("{who:?} is up");
        };
        let launched = Program::launch(home, &launch).await;
        let place = self.place(who);
        let result = match launched {
            Ok(program) => {
                *place = Member::Up(program);
                Ok(())
            }
            Err(ended) => {
                let said = ended.stderr.clone();
                *place = Member::Down(ended.into_home());
                Err(said)
            }
        };
        self.proxy.lead_to(self.addresses());
        result
    }

    /// SIGKILL. The proxy learns of it as a real one does: when it knocks.
    ///
    /// # Panics
    /// When it is down.
    pub async fn kill(&mut self, who: Who) -> String {
        let ended = self.take(who).kill().await;
        self.put_down(who, ended)
    }

    /// SIGTERM, drained.
    ///
    /// # Panics
    /// When it is down.
    pub async fn stop(&mut self, who: Who) -> String {
        let ended = self.take(who).stop().await;
        self.put_down(who, ended)
    }

    /// Everybody, in order.
    pub async fn stop_all(&mut self) {
        for who in self.everybody() {
            if matches!(self.place(who), Member::Up(_)) {
                let _ = self.stop(who).await;
            }
        }
    }

    /// The event service first.
    #[must_use]
    pub fn everybody(&self) -> Vec<Who> {
        let replicas = (0..self.replicas.len()).map(Who::Replica);
        [Who::Event].into_iter().chain(replicas).collect()
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
            Member::Up(program) => program,
            Member::Down(_) => panic!("the event service is down"),
        }
    }

    /// # Panics
    /// When it is down.
    #[must_use]
    pub fn replica(&self, number: usize) -> &Program {
        match &self.replicas[number] {
            Member::Up(program) => program,
            Member::Down(_) => panic!("replica {number} is down"),
        }
    }

    #[must_use]
    pub fn is_up(&self, who: Who) -> bool {
        let place = match who {
            Who::Event => &self.event,
            Who::Replica(number) => &self.replicas[number],
        };
        matches!(place, Member::Up(_))
    }

    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    #[must_use]
    pub fn outside(&self) -> &'a Outside {
        self.outside
    }

    fn config(&self, who: Who) -> String {
        let role = match who {
            Who::Event => "event",
            Who::Replica(_) => "distribution",
        };
        let token_key = self.keys.path().join("token.key");
        let vault_key = self.keys.path().join("vault.key");
        let url = self.proxy.url();
        format!(
            "[server]\nrole = {role:?}\ntoken_key = {token_key:?}\nvault_key = {vault_key:?}\n\n\
             [distribution]\nurl = {url:?}\nopen_ms = 500\n\n"
        )
    }

    fn place(&mut self, who: Who) -> &mut Member {
        match who {
            Who::Event => &mut self.event,
            Who::Replica(number) => &mut self.replicas[number],
        }
    }

    fn take(&mut self, who: Who) -> Program {
        let empty = Member::Down(Home::on(Stack::Embedded));
        match std::mem::replace(self.place(who), empty) {
            Member::Up(program) => program,
            Member::Down(_) => panic!("{who:?} is down"),
        }
    }

    fn put_down(&mut self, who: Who, ended: Stopped) -> String {
        let said = ended.stderr.clone();
        *self.place(who) = Member::Down(ended.into_home());
        said
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        let up = self.replicas.iter().filter_map(|member| match member {
            Member::Up(program) => Some(program.api()),
            Member::Down(_) => None,
        });
        up.collect()
    }
}
