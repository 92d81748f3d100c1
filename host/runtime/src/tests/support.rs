//! Components from a few lines of WebAssembly text, and a runtime to run them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baepo_domain::attempt::{AccountView, Job, Receipt, Report};
use baepo_domain::clock::ManualClock;
use baepo_domain::ports::{AttemptLog, Channels as _, HeldRelease, LoadError, StoreError};
use serde_json::json;
use uuid::Uuid;
use wit_component::StringEncoding;
use wit_parser::Resolve;

use crate::egress::{Egress, EgressConfig};
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

    pub fn build(&self) -> Vec<u8> {
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
            declares = self.declares,
            distribute = self.distribute,
        );
        let manifest = format!(
            "id = \"by-hand\"\n{}\n[names]\nko = \"손\"\nen = \"Hand\"\n",
            self.manifest
        );
        let module = of_the_world(&text, "channel-plugin");
        componentize(&module, &manifest).expect("a component by hand")
    }
}

/// A core module that says which world of the contract it is for.
pub fn of_the_world(text: &str, world: &str) -> Vec<u8> {
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

pub struct Stage {
    pub runtime: Arc<Runtime>,
    pub clock: Arc<ManualClock>,
}

impl Stage {
    pub fn with(config: RuntimeConfig) -> Self {
        let now = "2026-10-01T09:00:00Z".parse().expect("a time");
        let clock = Arc::new(ManualClock::at(now));
        let egress = Egress::new(EgressConfig::default()).expect("egress");
        let runtime = Runtime::new(config, egress, clock.clone()).expect("a runtime");
        Self { runtime, clock }
    }

    /// Loads a component, makes it active and takes hold of it.
    pub async fn hold(&self, guest: &Guest) -> Box<dyn HeldRelease> {
        let about = self.runtime.load(guest.build()).await.expect("it loads");
        let channel = &about.manifest.id;
        self.runtime
            .activate(channel, about.digest)
            .expect("it is loaded");
        self.runtime.hold(channel).expect("it is active")
    }

    pub async fn run(&self, guest: &Guest) -> Report {
        self.hold(guest)
            .await
            .run(job(), Arc::new(Notes::default()))
            .await
    }

    /// Why a component does not load.
    pub async fn refusal(&self, component: Vec<u8>) -> String {
        match self.runtime.load(component).await {
            Err(LoadError::Rejected(why)) => why,
            other => panic!("it should be rejected, not {other:?}"),
        }
    }
}

pub fn job() -> Job {
    let content = json!({"title": "가을맞이", "body": "전 메뉴 20% 할인"});
    Job {
        attempt: baepo_domain::id::AttemptId(Uuid::nil()),
        delivery: baepo_domain::id::DeliveryId(Uuid::nil()),
        event: baepo_domain::id::EventId(Uuid::nil()),
        owner: "owner".parse().expect("an owner"),
        idempotency_key: "key".to_owned(),
        content: serde_json::from_value(content).expect("content"),
        options: json!({}),
        account: AccountView::default(),
    }
}

/// Keeps what a component reports.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<(Receipt, String)>>);

#[async_trait]
impl AttemptLog for Notes {
    async fn accepted(&self, receipt: Receipt, note: String) -> Result<(), StoreError> {
        self.0.lock().expect("not poisoned").push((receipt, note));
        Ok(())
    }
}

/// Never answers: a host call that hangs.
pub struct Hanging;

#[async_trait]
impl AttemptLog for Hanging {
    async fn accepted(&self, _: Receipt, _: String) -> Result<(), StoreError> {
        std::future::pending().await
    }
}
