//! Whatever can be written can be read: every stored type, with the values at the ends of what its
//! fields hold, in combinations that are drawn.

use baepo_domain::model::account::Account;
use baepo_domain::model::attempt::Attempt;
use baepo_domain::model::audit::AuditEntry;
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::{Event, EventStatus};
use baepo_domain::model::id::{AttemptId, HolderId, MessageId};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::model::journal::Entry;
use baepo_domain::model::outbox::{DISTRIBUTION_COMPLETED, EVENT_CREATED, Message, Topic};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::release::Release;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{Mutation, Page, Store};

use super::draw::Draw;
use super::sample::{self, channel, commit, lease, owner};

/// Of one store: each case is one of every stored type.
const CASES: u32 = 48;

/// Everything that can be written is read back, and as it was. Plain text alone loses U+0000, which
/// PostgreSQL has no place for.
pub async fn extreme_values_are_read_back(store: &dyn Store) {
    for number in 1..=CASES {
        let one = Extreme::drawn(number);
        commit(store, one.changes()).await;
        one.assert_read_back(store).await;
    }
    assert_eq!(store.unreadable_rows(), 0);
}

/// One of every stored type.
#[derive(Debug)]
struct Extreme {
    event: Event,
    distribution: Distribution,
    delivery: Delivery,
    attempt: Attempt,
    entries: Vec<Entry>,
    account: Account,
    release: Release,
    audit: AuditEntry,
    record: IdempotencyRecord,
    message: Message,
}

impl Extreme {
    fn drawn(number: u32) -> Self {
        let mut draw = Draw::seeded(number);
        // Every table has its rows under their own keys.
        let own = channel(&format!("c{number}"));
        let who = owner(&format!("shop-{number}"));
        let event = Event {
            draft: draw.draft(),
            status: draw.one([
                EventStatus::Draft,
                EventStatus::Approved,
                EventStatus::Active,
            ]),
            created_at: draw.time(),
            updated_at: draw.time(),
            approved_at: draw.maybe(Draw::time),
            distributed_at: draw.maybe(Draw::time),
            schedule: draw.maybe(|draw| Schedule {
                publish_at: draw.time(),
                channels: draw.maybe(|_| vec![channel("instagram")]),
                problem: draw.maybe(Draw::localized),
            }),
            ..sample::publishing(number, who.as_str())
        };
        let distribution = Distribution {
            created_at: draw.time(),
            completed_at: draw.maybe(Draw::time),
            ..sample::distribution(&event)
        };
        let delivery = Delivery {
            channel: own.clone(),
            status: draw.one(DeliveryStatus::ALL),
            generation: draw.number32(),
            attempts: draw.number32(),
            tries: draw.number32(),
            receipt: draw.receipt(),
            findings: draw.findings(),
            action: draw.maybe(Draw::action),
            message: draw.maybe(Draw::localized).map(Reason::Given),
            attempt: Some(AttemptId(sample::id(number))),
            lease: Some(lease(9_000, 60_000)),
            due_at: draw.maybe(Draw::time),
            probes: draw.number32(),
            execution_time_ms: draw.number64() >> 1,
            created_at: draw.time(),
            updated_at: draw.time(),
            ..sample::delivery(number, &distribution, own.as_str())
        };
        let attempt = draw.attempt(number, &delivery);
        Self {
            entries: draw.entries(),
            account: draw.account(who.as_str(), own.as_str()),
            release: draw.release(number, own.as_str()),
            audit: draw.audit(number, who.as_str()),
            record: IdempotencyRecord {
                answer: draw.maybe(|draw| draw.json(3)),
                created_at: draw.time(),
                ..sample::running_request(who.as_str(), "k~!\"'\\", event.id)
            },
            message: Message {
                id: MessageId(sample::id(number)),
                key: event.id.to_string(),
                topic: draw.one([Topic::Event, Topic::Distribution]),
                kind: draw.one([EVENT_CREATED, DISTRIBUTION_COMPLETED]),
                payload: draw.json(3),
                created_at: draw.time(),
            },
            event,
            distribution,
            delivery,
            attempt,
        }
    }

    fn changes(&self) -> Vec<Mutation> {
        vec![
            Mutation::PutEvent(self.event.clone()),
            Mutation::PutDistribution(self.distribution.clone()),
            Mutation::PutDelivery(self.delivery.clone()),
            Mutation::PutAttempt(self.attempt.clone()),
            Mutation::AppendEntries {
                attempt: self.attempt.id,
                delivery: self.delivery.id,
                holder: HolderId(sample::id(9_000)),
                entries: self.entries.clone(),
            },
            Mutation::PutAccount(self.account.clone()),
            Mutation::PutRelease {
                release: self.release.clone(),
                component: None,
            },
            Mutation::AddAudit(self.audit.clone()),
            Mutation::PutIdempotency(self.record.clone()),
            Mutation::AddMessage {
                message: self.message.clone(),
                lease: lease(9_000, 60_000),
            },
        ]
    }

    async fn assert_read_back(&self, store: &dyn Store) {
        let event = store.event(self.event.id).await.expect("readable");
        let expected = Event {
            revision: 1,
            ..self.event.clone()
        };
        assert_eq!(event, Some(expected));
        let distribution = store.distribution(self.distribution.id).await;
        let expected = Distribution {
            revision: 1,
            ..self.distribution.clone()
        };
        assert_eq!(distribution.expect("readable"), Some(expected));
        self.assert_delivery(store).await;
        let attempt = store.attempt(self.attempt.id).await.expect("readable");
        let expected = Attempt {
            revision: 1,
            ..self.attempt.clone()
        };
        assert_eq!(attempt, Some(expected));
        let entries = store.journal(self.attempt.id).await.expect("readable");
        assert_eq!(entries, self.entries);
        self.assert_the_rest(store).await;
    }

    async fn assert_delivery(&self, store: &dyn Store) {
        let plain_delivery = |delivery: Delivery| Delivery {
            message: delivery.message.as_ref().map(plain_reason),
            revision: 1,
            ..delivery
        };
        let expected = plain_delivery(self.delivery.clone());
        let delivery = store.delivery(self.delivery.id).await.expect("readable");
        assert_eq!(delivery.map(plain_delivery), Some(expected.clone()));
        let listed = store.deliveries(self.distribution.id).await;
        assert_eq!(listed.expect("readable").len(), 1);
        let transitions = store.delivery_revisions(self.delivery.id, 0, 10).await;
        let transitions = transitions.expect("readable");
        let [made] = transitions.as_slice() else {
            panic!("one move: {transitions:?}")
        };
        assert_eq!(made.at, expected.updated_at);
        assert_eq!(made.view.next_attempt_at, expected.due_at, "{made:?}");
        assert_eq!(made.view.receipt, expected.receipt);
        assert_eq!(made.view.findings, expected.findings);
        let message = made.view.message.as_ref().map(plain_text);
        assert_eq!(message.map(Reason::Given), expected.message);
    }

    async fn assert_the_rest(&self, store: &dyn Store) {
        let who = &self.account.owner;
        let account = store.account(who, &self.account.channel).await;
        let plain_account = |account: Account| Account {
            problem: account.problem.as_ref().map(plain_text),
            revision: 1,
            ..account
        };
        let account = account.expect("readable").map(plain_account);
        assert_eq!(account, Some(plain_account(self.account.clone())));
        let plain_release = |release: Release| Release {
            reason: plain(release.reason),
            revision: 1,
            ..release
        };
        let releases = store.releases().await.expect("readable");
        let release = releases
            .into_iter()
            .find(|release| release.digest == self.release.digest);
        assert_eq!(
            release.map(plain_release),
            Some(plain_release(self.release.clone()))
        );
        let page = Page {
            after: None,
            limit: 10,
        };
        let plain_audit = |entry: AuditEntry| AuditEntry {
            detail: plain(entry.detail),
            ..entry
        };
        let entries = store.audit(Some(who), page).await.expect("readable");
        let entries: Vec<_> = entries.into_iter().map(plain_audit).collect();
        assert_eq!(entries, [plain_audit(self.audit.clone())]);
        let record = store.idempotency(who, &self.record.key).await;
        assert_eq!(record.expect("readable"), Some(self.record.clone()));
        let message = store.message(self.message.id).await.expect("readable");
        assert_eq!(message.map(|row| row.message), Some(self.message.clone()));
    }
}

/// As a column of plain text may keep it.
fn plain(text: Option<String>) -> Option<String> {
    text.map(|text| text.replace('\0', "\u{fffd}"))
}

fn plain_text(text: &Localized) -> Localized {
    Localized::parse(&text.tagged().replace('\0', "\u{fffd}"))
}

fn plain_reason(reason: &Reason) -> Reason {
    Reason::Given(plain_text(&reason.text()))
}
