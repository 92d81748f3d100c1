//! P6: deliveries that sleep: what they take of memory, and how fast they wake when all of them
//! are due at once.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use baepo::app::App;
use baepo::config::Config;
use baepo_adapters::{SqliteStore, SystemClock};
use baepo_domain::Timestamp;
use baepo_domain::model::attempt::{Attempt, AttemptInput};
use baepo_domain::model::delivery::{Delivery, NewDelivery};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::draft::Draft;
use baepo_domain::model::event::Event;
use baepo_domain::model::id::{
    AttemptId, DeliveryId, Digest, DistributionId, EventId, HolderId, OwnerId,
};
use baepo_domain::model::journal::{Entry, Step};
use baepo_domain::model::lease::Lease;
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::model::node_identity::ReclaimScope;
use baepo_domain::model::outbox::OutboxRow;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock as _;
use baepo_domain::ports::{
    DeliveryStore as _, DueQueue as _, Mutation, OutboxStore as _, Page, ReleaseStore as _,
    Store as _, UnitOfWork as _,
};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::figure::Figure;
use crate::start;

const WAKING_SLEEPERS: u32 = 10_000;
const SLEEPERS: u32 = 100_000;
/// Sleepers that are put down in one transaction.
const BATCH: u32 = 500;
/// The node that held them before they slept.
const HOLDER: HolderId = HolderId(Uuid::from_u128(1));
const LONG_SLEEP: Duration = Duration::from_secs(24 * 3_600);

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let rate = wakes_per_second().await?;
    let bytes = bytes_per_sleeper().await?;
    let wakes = Figure::of("P6", "wakes a second, 10,000 due at once", "/s", vec![rate]);
    Ok(vec![
        wakes.at_least(5_000.0),
        Figure::of(
            "P6",
            "resident memory of a sleeping delivery, 100,000 of them",
            "B",
            vec![bytes],
        )
        .at_most(0.0),
    ])
}

/// From the start of a host that finds all of them due until none sleeps or runs.
async fn wakes_per_second() -> anyhow::Result<f64> {
    let fixture = Fixture::prepare().await?;
    fixture
        .store_sleepers(WAKING_SLEEPERS, Duration::from_secs(1))
        .await?;
    let begin = Instant::now();
    let app = App::start(fixture.config(), None).await?;
    let store = fixture.store().await?;
    while store.next_due().await?.is_some()
        || !store
            .reclaimable(
                ReclaimScope::AllBut {
                    holder: HOLDER,
                    now: Timestamp::UNIX_EPOCH,
                },
                1,
            )
            .await?
            .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let everything = Page {
        after: None,
        limit: WAKING_SLEEPERS + 1,
    };
    let ends = store.outbox(everything).await?;
    store.close().await;
    app.stop().await?;
    let live = |end: &&OutboxRow| end.message.payload["channelResults"][0]["status"] == "LIVE";
    let live = ends.iter().filter(live).count();
    anyhow::ensure!(
        live == WAKING_SLEEPERS as usize,
        "only {live} came to their end"
    );
    Ok(f64::from(WAKING_SLEEPERS) / seconds)
}

/// The growth of an idle host that has them in its store, against one that has not.
async fn bytes_per_sleeper() -> anyhow::Result<f64> {
    let fixture = Fixture::prepare().await?;
    let without = start::idle_mib(fixture.folder.path())?;
    fixture.store_sleepers(SLEEPERS, LONG_SLEEP).await?;
    let with = start::idle_mib(fixture.folder.path())?;
    Ok((with - without) * 1024.0 * 1024.0 / f64::from(SLEEPERS))
}

/// A data folder in which the channel `slow` is installed.
struct Fixture {
    folder: TempDir,
    release: Digest,
}

impl Fixture {
    async fn prepare() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let channels = folder.path().join("channels");
        std::fs::create_dir(&channels)?;
        std::fs::copy(it::guest("slow"), channels.join("slow.wasm"))?;
        let app = App::start(config(folder.path()), None).await?;
        app.stop().await?;
        let store = open_store(folder.path()).await?;
        let releases = store.releases().await?;
        store.close().await;
        let release = releases.first().context("slow is installed")?.digest;
        Ok(Self { folder, release })
    }

    fn config(&self) -> Config {
        config(self.folder.path())
    }

    /// The store beside the host's own.
    async fn store(&self) -> anyhow::Result<SqliteStore> {
        open_store(self.folder.path()).await
    }

    /// Puts down what that many attempts leave when they fall asleep now.
    async fn store_sleepers(&self, count: u32, sleep: Duration) -> anyhow::Result<()> {
        let store = self.store().await?;
        let begun_at = SystemClock.now();
        for first in (0..count).step_by(BATCH as usize) {
            let sleepers = (first..count.min(first + BATCH))
                .map(|number| Sleeper::new(number, self.release, sleep, begun_at));
            let (running, asleep): (Vec<_>, Vec<_>) = sleepers.map(Sleeper::into_mutations).unzip();
            store
                .commit(running.into_iter().flatten().collect())
                .await?;
            store.commit(asleep).await?;
        }
        store.close().await;
        Ok(())
    }
}

fn config(folder: &Path) -> Config {
    let mut config = Config::default();
    config.server.listen = ([127, 0, 0, 1], 0).into();
    config.server.data = data(folder);
    config.server.channels = Some(folder.join("channels"));
    config
}

async fn open_store(folder: &Path) -> anyhow::Result<SqliteStore> {
    Ok(SqliteStore::open(&data(folder).join("baepo.db")).await?)
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// One delivery whose attempt has called `sleep` once.
struct Sleeper {
    event: Event,
    distribution: Distribution,
    delivery: Delivery,
    attempt: Attempt,
    until: Timestamp,
}

impl Sleeper {
    fn new(number: u32, release: Digest, sleep: Duration, begun_at: Timestamp) -> Self {
        let id = |kind: u128| Uuid::from_u128((u128::from(number) + 1) << 64 | kind);
        let owner: OwnerId = "bench".parse().expect("an owner's id");
        let mut event = it::autumn_event(&["slow"]);
        let millis = u64::try_from(sleep.as_millis()).expect("a short time");
        let options = json!({"sleepMs": millis, "times": 1, "accepted": false});
        event["channelSettings"] = json!({"slow": options});
        let draft: Draft = serde_json::from_value(event).expect("a draft");
        let lease = Lease {
            holder: HOLDER,
            until: begun_at,
        };
        let place = NewDelivery {
            distribution: DistributionId(id(2)),
            event: EventId(id(1)),
            owner: owner.clone(),
            channel: "slow".parse().expect("a channel's id"),
        };
        let delivery = Delivery::pending(DeliveryId(id(3)), place, begun_at)
            .start(AttemptId(id(4)), release, lease, begun_at)
            .expect("a pending delivery starts");
        let beginning = AttemptInput {
            idempotency_key: delivery.idempotency_key(),
            event: delivery.event,
            content: draft.content.clone().expect("a content"),
            options,
            settings: serde_json::Map::new(),
            limits: DeclaredLimits::default(),
        };
        Self {
            event: Event::draft(delivery.event, owner.clone(), draft, begun_at)
                .approve(delivery.distribution, lease, begun_at)
                .drop_lease(HOLDER),
            distribution: Distribution::new(delivery.distribution, delivery.event, owner, begun_at),
            attempt: Attempt {
                id: AttemptId(id(4)),
                delivery: delivery.id,
                distribution: delivery.distribution,
                channel: delivery.channel.clone(),
                release,
                number: 1,
                beginning,
                started_at: begun_at,
                ended: None,
                revision: 0,
            },
            delivery,
            until: after(begun_at, sleep),
        }
    }

    /// What is written while it runs, and what when it falls asleep.
    fn into_mutations(self) -> (Vec<Mutation>, Mutation) {
        let slept = Entry {
            sequence: 1,
            at: self.delivery.updated_at,
            step: Step::Slept { until: self.until },
        };
        let stored = Delivery {
            revision: 1,
            ..self.delivery.clone()
        };
        let asleep = stored.sleep(self.until, self.delivery.updated_at);
        let entries = Mutation::AppendEntries {
            attempt: self.attempt.id,
            delivery: self.delivery.id,
            holder: HOLDER,
            entries: vec![slept],
        };
        let running = vec![
            Mutation::PutEvent(self.event),
            Mutation::PutDistribution(self.distribution),
            Mutation::PutDelivery(self.delivery),
            Mutation::PutAttempt(self.attempt),
            entries,
        ];
        (running, Mutation::PutDelivery(asleep))
    }
}
