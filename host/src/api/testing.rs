//! The router over a real store, with one channel that is not a component and a bus that never
//! acknowledges: enough to see the shape of every answer.

mod fake_channel;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use baepo_adapters::{
    CosignVerifier, KeyringVault, MokaCache, OciConfig, OciRegistries, SqliteStore, os_chance,
};
use baepo_domain::Timestamp;
use baepo_domain::model::delivery::result::DeliveryResult;
use baepo_domain::model::id::{HolderId, MessageId};
use baepo_domain::model::node_identity::{NodeIdentity, Sharing};
use baepo_domain::model::signature::SignaturePolicy;
use baepo_domain::ports::clock::{Clock, ManualClock};
use baepo_domain::ports::id_generator::IdGenerator;
use baepo_domain::ports::{
    Cache, Channels, DistributionOrder, Distributor, DistributorError, Relay, Store, Vault,
};
use baepo_domain::usecases::accounts::{AccountReader, Accounts};
use baepo_domain::usecases::check::Checker;
use baepo_domain::usecases::delivery_actions::DeliveryActions;
use baepo_domain::usecases::event_edit::Editor;
use baepo_domain::usecases::origins::Origins;
use baepo_domain::usecases::publish::{PublishLimits, Publisher};
use baepo_domain::usecases::releases::{Bundled, Releases};
use baepo_domain::usecases::schedule::Scheduler;
use baepo_domain::usecases::transitions::{TransitionBatcher, Transitions};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub(crate) use self::fake_channel::FakeChannels;
use super::{
    ApiLimits, ApiState, ConcurrencyLimiter, ConcurrencyLimits, LimitedResource, Readiness, Role,
    ServiceState, Streams, Surface, Tokens, router,
};
use crate::worker::delivery_feed::DeliveryFeed;

pub(super) struct TestApi {
    router: Router,
    pub clock: Arc<ManualClock>,
    pub cache: Arc<dyn Cache>,
    pub ready: Arc<Readiness>,
    tokens: Arc<Tokens>,
    pub folder: TempDir,
}

pub(super) struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl TestApi {
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("baepo.db"))
            .await
            .unwrap();
        let vault = KeyringVault::load_or_create(&folder.path().join("vault.key")).unwrap();
        let clock = Arc::new(ManualClock::at(
            Timestamp::from_second(1_800_000_000).unwrap(),
        ));
        let tokens = Arc::new(Tokens::hs256(&[7; 32]));
        let cache: Arc<dyn Cache> = Arc::new(MokaCache::new(1 << 20));
        let store: Arc<dyn Store> = Arc::new(store);
        let ready = Arc::new(Readiness::of(Arc::clone(&store) as _));
        let public = state(Arc::clone(&store), Arc::new(vault), &cache, &clock, &tokens);
        let service = ServiceState {
            events: store,
            distributor: Arc::new(UnconnectedRelay),
            clock: Arc::clone(&clock) as _,
            tokens: Arc::clone(&tokens),
            tasks: TaskTracker::new(),
        };
        let surface = Surface {
            public: Some(public),
            service: Some(service),
            ready: Arc::clone(&ready),
        };
        let limits = ApiLimits {
            body_bytes: 4_096,
            release_bytes: 8_192,
            ..ApiLimits::default()
        };
        Self {
            router: router(surface, limits),
            clock,
            cache,
            ready,
            tokens,
            folder,
        }
    }

    /// Where everything is kept.
    pub(super) fn database(&self) -> PathBuf {
        self.folder.path().join("baepo.db")
    }

    pub(super) fn token(&self, subject: &str, role: Role) -> String {
        let ttl = Duration::from_secs(60);
        self.tokens
            .issue(subject, role, ttl, self.clock.now())
            .unwrap()
    }

    /// As the owner `shop-1`, with a JSON body.
    pub(super) async fn owner(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> TestResponse {
        let token = self.token("shop-1", Role::Owner);
        self.json(&token, method, path, body).await
    }

    pub(super) async fn operator(&self, method: Method, path: &str) -> TestResponse {
        let token = self.token("jan", Role::Operator);
        self.json(&token, method, path, None).await
    }

    pub(super) async fn json(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> TestResponse {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("accept-language", "en");
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> TestResponse {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }
}

fn state(
    store: Arc<dyn Store>,
    vault: Arc<dyn Vault>,
    cache: &Arc<dyn Cache>,
    manual: &Arc<ManualClock>,
    tokens: &Arc<Tokens>,
) -> ApiState {
    let clock: Arc<dyn Clock> = Arc::clone(manual) as _;
    let channels: Arc<dyn Channels> = Arc::new(FakeChannels);
    let ids = IdGenerator::new(Arc::clone(&clock), Arc::new(os_chance()));
    let delivery_feed = Arc::new(DeliveryFeed::default());
    let node = NodeIdentity {
        holder: HolderId(ids.next()),
        lease: Duration::from_secs(30),
        sharing: Sharing::Alone,
    };
    let account_reader = AccountReader {
        store: Arc::clone(&store) as _,
        vault: Arc::clone(&vault),
    };
    ApiState {
        publisher: Arc::new(Publisher {
            unit_of_work: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            idempotency: Arc::clone(&store) as _,
            distributions: Arc::clone(&store) as _,
            deliveries: Arc::clone(&store) as _,
            outbox: Arc::clone(&store) as _,
            cache: Arc::clone(cache),
            relay: Arc::new(UnconnectedRelay),
            distributor: Arc::new(UnconnectedRelay),
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            node,
            limits: PublishLimits::default(),
        }),
        releases: Arc::new(Releases {
            unit_of_work: Arc::clone(&store) as _,
            releases: Arc::clone(&store) as _,
            channels: Arc::clone(&channels),
            origins: Origins {
                source: Arc::new(OciRegistries::new(&OciConfig::default(), 1 << 20).unwrap()),
                verifier: Arc::new(CosignVerifier::default()),
                policy: SignaturePolicy::default(),
            },
            clock: Arc::clone(&clock),
            bundled: Bundled::default(),
            ids: ids.clone(),
            others: Vec::new(),
        }),
        accounts: Arc::new(Accounts {
            unit_of_work: Arc::clone(&store) as _,
            accounts: Arc::clone(&store) as _,
            vault,
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
            ids: ids.clone(),
        }),
        checker: Arc::new(Checker {
            events: Arc::clone(&store) as _,
            accounts: account_reader.clone(),
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
        }),
        delivery_actions: Arc::new(DeliveryActions {
            transitions: Arc::new(Transitions {
                unit_of_work: Arc::clone(&store) as _,
                events: Arc::clone(&store) as _,
                distributions: Arc::clone(&store) as _,
                deliveries: Arc::clone(&store) as _,
                relay: Arc::new(UnconnectedRelay),
                observer: Arc::clone(&delivery_feed) as _,
                clock: Arc::clone(&clock),
                ids: ids.clone(),
                node,
                batcher: TransitionBatcher::default(),
            }),
            unit_of_work: Arc::clone(&store) as _,
            distributions: Arc::clone(&store) as _,
            deliveries: Arc::clone(&store) as _,
            attempts: Arc::clone(&store) as _,
            journals: Arc::clone(&store) as _,
            accounts: account_reader,
            channels: Arc::clone(&channels),
            in_progress: Arc::default(),
            clock: Arc::clone(&clock),
            ids: ids.clone(),
            node,
        }),
        scheduler: Arc::new(Scheduler {
            unit_of_work: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            channels: Arc::clone(&channels),
            clock: Arc::clone(&clock),
            ids: ids.clone(),
        }),
        streams: Streams {
            delivery_feed,
            concurrency_limit: Arc::new(ConcurrencyLimiter::new(
                LimitedResource::Listener,
                ConcurrencyLimits::new(1, None),
            )),
            stopping: CancellationToken::new(),
        },
        running: Arc::new(ConcurrencyLimiter::new(
            LimitedResource::Run,
            ConcurrencyLimits::new(8, None),
        )),
        editor: Arc::new(Editor {
            unit_of_work: Arc::clone(&store) as _,
            events: Arc::clone(&store) as _,
            deliveries: Arc::clone(&store) as _,
            clock: Arc::clone(&clock),
            ids,
        }),
        events: Arc::clone(&store) as _,
        audit: Arc::clone(&store) as _,
        outbox: Arc::clone(&store) as _,
        distributions: Arc::clone(&store) as _,
        deliveries: Arc::clone(&store) as _,
        revisions: Arc::clone(&store) as _,
        attempts: Arc::clone(&store) as _,
        journals: store,
        cache: Arc::clone(cache),
        channels,
        clock,
        tokens: Arc::clone(tokens),
        tasks: TaskTracker::new(),
    }
}

/// A bus that never acknowledges, so that nothing is ever distributed.
struct UnconnectedRelay;

#[async_trait]
impl Relay for UnconnectedRelay {
    fn wake(&self) {}

    async fn acknowledged(&self, _message: MessageId, _within: Duration) -> bool {
        false
    }
}

#[async_trait]
impl Distributor for UnconnectedRelay {
    async fn distribute(
        &self,
        _order: DistributionOrder,
    ) -> Result<Vec<DeliveryResult>, DistributorError> {
        Err(DistributorError::NotFound)
    }
}
