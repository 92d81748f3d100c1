//! Components from a few lines of WebAssembly text, and a runtime to run them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baepo_domain::model::attempt::{AttemptInput, Job, Report};
use baepo_domain::model::id::{AttemptId, EventId};
use baepo_domain::model::journal::Entry;
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::ports::clock::ManualClock;
use baepo_domain::ports::{Channels as _, HeldRelease, Journal, LeaseLost, LoadError};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;
use wit_component::StringEncoding;
use wit_parser::Resolve;

use crate::egress::{Egress, EgressConfig, Rewrite};
use crate::{Runtime, RuntimeConfig, componentize};

/// A channel by hand: what it imports and declares, and the body of `distribute`. It ends as live,
/// without an id, unless the body ends it otherwise.
#[derive(Default)]
pub struct Guest {
    pub imports: &'static str,
    pub declares: &'static str,
    pub distribute: &'static str,
    /// Lines of `channel.toml` behind the names.
    pub manifest: &'static str,
}

impl Guest {
    /// The body of `distribute` and nothing else.
    pub fn that(distribute: &'static str) -> Self {
        Self {
            distribute,
            ..Self::default()
        }
    }

    /// A channel with these declarations, which does nothing.
    pub fn declaring(declarations: &str) -> Vec<u8> {
        Self::default().build_with(declarations)
    }

    pub fn build(&self) -> Vec<u8> {
        self.build_with(self.declares)
    }

    fn build_with(&self, declares: &str) -> Vec<u8> {
        let text = format!(
            r#"(module
                {imports}
                (memory (export "memory") 1)
                {declares}
                (global $free (mut i32) (i32.const 4096))
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                    (local $at i32)
                    (local.set $at (global.get $free))
                    (global.set $free
                        (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7))
                            (i32.const -8)))
                    (local.get $at))
                (func (export "baepo:channel/channel@1.0.0#check")
                    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 i32 i32)
                    (result i32)
                    (i32.const 0))
                (func (export "baepo:channel/channel@1.0.0#distribute") (param i32) (result i32)
                    {distribute}
                    (i32.const 0)))"#,
            imports = self.imports,
            distribute = self.distribute,
        );
        let manifest = format!(
            "id = \"by-hand\"\n{}\n[names]\nko = \"손\"\nen = \"Hand\"\n",
            self.manifest
        );
        let module = core_module_for_world(&text, "channel-plugin");
        componentize(&module, &manifest).expect("a component by hand")
    }
}

/// A channel with every optional export, and this for an answer to `probe` and to `withdraw`.
pub fn full_channel(probe: &str, withdraw: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func $look (export "baepo:channel/channel@1.0.0#check")
                (export "baepo:channel/preview@1.0.0#render")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 i32 i32)
                (result i32)
                (i32.const 0))
            (func (export "baepo:channel/channel@1.0.0#distribute") (param i32) (result i32)
                (i32.const 0))
            (func (export "baepo:channel/probe@1.0.0#probe") (param i32 i32 i32 i32) (result i32)
                {probe})
            (func (export "baepo:channel/withdraw@1.0.0#withdraw")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
                {withdraw}))"#
    );
    let manifest = "id = \"by-hand\"\n[names]\nko = \"손\"\nen = \"Hand\"\n";
    let module = core_module_for_world(&text, "full-channel-plugin");
    componentize(&module, manifest).expect("a component by hand")
}

/// A core module that says which world of the contract it is for.
pub fn core_module_for_world(text: &str, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).expect("valid text");
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let (package, _) = resolve.push_dir(wit).expect("the contract");
    let world = resolve
        .select_world(&[package], Some(world))
        .expect("a world of the contract");
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("metadata");
    module
}

/// A small pool, so that a slot that is lost is noticed soon.
pub fn small() -> RuntimeConfig {
    RuntimeConfig {
        concurrency: 4,
        pool_instances: 6,
        ..RuntimeConfig::default()
    }
}

pub struct RuntimeFixture {
    pub runtime: Arc<Runtime>,
    pub clock: Arc<ManualClock>,
}

impl RuntimeFixture {
    pub fn with(config: RuntimeConfig) -> Self {
        Self::of(
            config,
            Egress::new(EgressConfig::default()).expect("egress"),
        )
    }

    /// With a provider at this port that answers for `https://shop.example`.
    pub fn with_provider(config: RuntimeConfig, port: u16) -> Self {
        Self::of(config, provided(port))
    }

    fn of(config: RuntimeConfig, egress: Egress) -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        let runtime = Runtime::new(config, egress, clock.clone()).expect("a runtime");
        Self { runtime, clock }
    }

    /// Loads a component, makes it active and takes hold of it.
    pub async fn hold(&self, guest: &Guest) -> Box<dyn HeldRelease> {
        let held = self.runtime.load(guest.build()).await.expect("it loads");
        let about = held.release();
        self.runtime
            .activate(&about.manifest.id, about.digest)
            .expect("it is loaded");
        held
    }

    pub async fn run(&self, guest: &Guest) -> Report {
        self.hold(guest)
            .await
            .run(job(), Arc::new(InMemoryJournal::default()))
            .await
    }

    /// Why a component does not load.
    pub async fn refusal(&self, component: Vec<u8>) -> String {
        match self.runtime.load(component).await {
            Err(LoadError::Rejected(why)) => why,
            Err(error) => panic!("it should be rejected: {error}"),
            Ok(_) => panic!("it should be rejected"),
        }
    }
}

/// The way out to a provider on this machine.
pub fn provided(port: u16) -> Egress {
    let to = format!("http://127.0.0.1:{port}");
    let rewrites = vec![Rewrite {
        origin: "https://shop.example".parse().expect("an origin"),
        to: to.parse().expect("an address"),
    }];
    let config = EgressConfig {
        rewrites,
        ..EgressConfig::default()
    };
    Egress::new(config).expect("egress")
}

/// When everything begins.
pub fn start() -> Timestamp {
    "2026-10-01T09:00:00Z".parse().expect("a time")
}

pub fn job() -> Job {
    let content = json!({"title": "가을맞이", "body": "전 메뉴 20% 할인"});
    Job {
        attempt: AttemptId(Uuid::nil()),
        beginning: AttemptInput {
            idempotency_key: "key".to_owned(),
            event: EventId(Uuid::nil()),
            content: serde_json::from_value(content).expect("content"),
            options: json!({}),
            settings: serde_json::Map::new(),
            limits: DeclaredLimits::default(),
        },
        started_at: start(),
        secrets: BTreeMap::new(),
        journal: Vec::new(),
    }
}

/// Keeps what is committed.
#[derive(Default)]
pub struct InMemoryJournal(pub Mutex<Vec<Entry>>);

/// The post that every [`InMemoryJournal`] knows to be somebody else's.
pub const FOREIGN: &str = "foreign";

impl InMemoryJournal {
    /// What was committed since the last time.
    pub fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }
}

#[async_trait]
impl Journal for InMemoryJournal {
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), LeaseLost> {
        self.0.lock().expect("not poisoned").extend(entries);
        Ok(())
    }

    async fn attributable(&self, external_ids: &[String], _: Timestamp) -> Vec<String> {
        let own = external_ids.iter().filter(|id| *id != FOREIGN);
        own.cloned().collect()
    }
}

/// The store is away, and does not come back.
pub struct HangingJournal;

#[async_trait]
impl Journal for HangingJournal {
    async fn commit(&self, _: Vec<Entry>) -> Result<(), LeaseLost> {
        std::future::pending().await
    }

    async fn attributable(&self, _: &[String], _: Timestamp) -> Vec<String> {
        std::future::pending().await
    }
}

/// Another host has the delivery.
pub struct LostLeaseJournal;

#[async_trait]
impl Journal for LostLeaseJournal {
    async fn commit(&self, _: Vec<Entry>) -> Result<(), LeaseLost> {
        Err(LeaseLost)
    }

    async fn attributable(&self, _: &[String], _: Timestamp) -> Vec<String> {
        Vec::new()
    }
}
