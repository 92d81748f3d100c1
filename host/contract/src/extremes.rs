//! Whatever can be written can be read: every stored type, with the values at the ends of what its
//! fields hold, in combinations that are drawn.

use std::time::Duration;

use baepo_domain::model::account::{Account, SealedSecret};
use baepo_domain::model::attempt::{Action, Attempt, AttemptSummary, PreparedAsset, Usage};
use baepo_domain::model::audit::{self, Actor, ActorRole, AuditEntry};
use baepo_domain::model::content::{Content, Media, MediaKind, Period};
use baepo_domain::model::delivery::{Delivery, DeliveryStatus};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::draft::{Draft, Objective};
use baepo_domain::model::event::{Event, EventStatus};
use baepo_domain::model::findings::{Finding, Severity};
use baepo_domain::model::id::{AttemptId, AuditId, Digest, HolderId, MessageId};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::model::journal::{self, Body, Entry, Request, RequestOutcome, Response, Step};
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::model::outbox::{DISTRIBUTION_COMPLETED, EVENT_CREATED, Message, Topic};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::release::{Release, ReleaseState};
use baepo_domain::model::schedule::Schedule;
use baepo_domain::model::text::Localized;
use baepo_domain::model::time::{EARLIEST, LATEST, after, at_millisecond};
use baepo_domain::ports::{Mutation, Page, Store};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

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
        let mut draw = Draw(StdRng::seed_from_u64(u64::from(number)));
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

const TEXTS: [&str; 16] = [
    "",
    " ",
    "\0",
    "a\0b",
    "\u{1}\u{8}\u{1b}\u{7f}\u{85}",
    "\u{feff}x\u{200b}",
    "\u{fffe}\u{ffff}\u{fffd}",
    "\u{d7ff}\u{e000}\u{10ffff}",
    "😀 𝕏 가각힣 \u{1100}\u{1161}",
    "\\ud800 \\u0000 \\",
    "' \" ` ; -- /* $1 ? %s",
    "line\r\nline\u{2028}line\u{2029}",
    "{\"a\": [1, null]}",
    "[ko] 가\n[en] a",
    "NaN",
    "</script><!--",
];

/// Values at the ends of what fields hold, and some between.
struct Draw(StdRng);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    fn one<T, const N: usize>(&mut self, values: [T; N]) -> T {
        let index = self.below(N);
        let mut values = values.into_iter();
        values.nth(index).expect("within the array")
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(4) > 0).then(|| value(self))
    }

    fn some<T>(&mut self, value: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.below(4);
        (0..count).map(|_| value(self)).collect()
    }

    /// As stored by a version that knew no languages, or in both.
    fn localized(&mut self) -> Localized {
        match self.below(3) {
            0 => Localized::parse(&self.text()),
            1 => Localized::new(self.text(), self.text()),
            _ => Localized::new(self.text(), self.text()).with_detail(self.text()),
        }
    }

    fn text(&mut self) -> String {
        match self.below(20) {
            0 => "가\0".repeat(50_000),
            _ => self.one(TEXTS).to_owned(),
        }
    }

    fn number64(&mut self) -> u64 {
        let any = self.0.random();
        self.one([0, 1, (1 << 53) + 1, i64::MAX as u64, u64::MAX, any])
    }

    fn number32(&mut self) -> u32 {
        let any = self.0.random();
        self.one([0, 1, i32::MAX as u32, u32::MAX, any])
    }

    /// What times are reckoned from and to: all of them come from the clock and from durations.
    fn time(&mut self) -> Timestamp {
        let any = self.0.random();
        let wait = Duration::from_millis(self.number64());
        let now = sample::at(self.0.random_range(0..1_000));
        self.one([
            EARLIEST,
            LATEST,
            Timestamp::UNIX_EPOCH,
            now,
            after(now, wait),
            at_millisecond(any),
            at_millisecond(-1),
        ])
    }

    /// What somebody may give: as fine as there is.
    fn given_time(&mut self) -> Timestamp {
        let time = self.time();
        self.one([Timestamp::MAX, Timestamp::MIN, time])
    }

    fn json(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.number64()),
            3 => json!(i64::MIN),
            4 => json!(self.one([0.5, -1.25, 1e300])),
            5 => json!(self.text()),
            6 => Value::Array(self.some(|draw| draw.json(depth - 1))),
            7 => Value::Object(self.object(depth - 1)),
            // As deep as a request may be.
            _ => (0..100).fold(Value::Null, |inner, _| json!([inner])),
        }
    }

    fn object(&mut self, depth: u32) -> Map<String, Value> {
        let fields = self.some(|draw| (draw.text(), draw.json(depth)));
        fields.into_iter().collect()
    }

    fn finding(&mut self) -> Finding {
        Finding {
            severity: self.one([Severity::Warning, Severity::Error]),
            at: self.text(),
            message: self.localized(),
        }
    }

    fn findings(&mut self) -> Vec<Finding> {
        self.some(Self::finding)
    }

    fn receipt(&mut self) -> Receipt {
        Receipt {
            external_id: self.maybe(Self::text),
            url: self.maybe(Self::text),
            estimated_reach: self.maybe(Self::number64),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.one([&b""[..], b"text", &[0], &[0xff, 0xfe, 0, 0xed, 0xa0, 0x80]])
            .to_vec()
    }

    fn action(&mut self) -> Action {
        Action {
            instructions: self.localized(),
            prepared: self.some(|draw| PreparedAsset {
                name: draw.text(),
                mime_type: draw.text(),
                data: draw.bytes(),
            }),
        }
    }

    fn content(&mut self) -> Content {
        Content {
            title: self.text(),
            body: self.text(),
            hashtags: self.some(Self::text),
            link: self.maybe(|_| "https://한글.example/가?a=%00#b".parse().expect("a url")),
            media: self.some(|draw| Media {
                kind: draw.one([MediaKind::Image, MediaKind::Video, MediaKind::Audio]),
                url: "https://shop.example/a%20b.jpg".parse().expect("a url"),
                mime_type: draw.text(),
                bytes: draw.maybe(Self::number64),
                width: draw.maybe(Self::number32),
                height: draw.maybe(Self::number32),
                duration_ms: draw.maybe(Self::number64),
                alt_text: draw.maybe(Self::text),
            }),
            period: self.maybe(|draw| Period {
                starts_at: draw.given_time(),
                ends_at: draw.given_time(),
            }),
        }
    }

    fn draft(&mut self) -> Draft {
        Draft {
            title: self.maybe(Self::text),
            objective: self.maybe(|draw| {
                draw.one([
                    Objective::NewCustomers,
                    Objective::Revisits,
                    Objective::Sales,
                    Objective::Awareness,
                ])
            }),
            recommendation: None,
            content: self.maybe(Self::content),
            channels: vec![channel("instagram"), channel("c")],
            channel_settings: [(channel("c"), self.object(3))].into(),
        }
    }

    fn attempt(&mut self, number: u32, of: &Delivery) -> Attempt {
        let sample = sample::attempt(number, of);
        let beginning = baepo_domain::model::attempt::AttemptInput {
            idempotency_key: self.text(),
            content: self.content(),
            options: self.json(3),
            settings: self.object(3),
            limits: DeclaredLimits {
                fuel: self.maybe(Self::number64),
                ..DeclaredLimits::default()
            },
            ..sample.beginning.clone()
        };
        Attempt {
            number: self.number32(),
            beginning,
            started_at: self.time(),
            ended: self.maybe(|draw| AttemptSummary {
                at: draw.given_time(),
                end: draw.text(),
                message: draw.maybe(Self::localized),
                usage: Usage {
                    fuel: draw.number64(),
                    memory_bytes: draw.number64(),
                    host_calls: draw.number32(),
                    active_time_ms: draw.number64(),
                },
            }),
            ..sample
        }
    }

    fn request(&mut self) -> Request {
        Request {
            method: self.text(),
            url: self.text(),
            headers: self.some(|draw| (draw.text(), draw.text())),
            body: self.maybe(|draw| Body(draw.bytes())),
            credentials: self.some(Self::text),
            repeat: self.one([
                journal::Repeat::Safe,
                journal::Repeat::Idempotent,
                journal::Repeat::Unsafe,
            ]),
            timeout_ms: self.maybe(Self::number64),
        }
    }

    fn answer(&mut self) -> RequestOutcome {
        match self.below(5) {
            0 => RequestOutcome::Response(Response {
                status: self.one([0, 200, u16::MAX]),
                headers: self.some(|draw| (draw.text(), draw.text())),
                body: Body(self.bytes()),
            }),
            1 => RequestOutcome::Denied(self.text()),
            2 => RequestOutcome::NotSent(self.text()),
            3 => RequestOutcome::InDoubt(self.text()),
            _ => RequestOutcome::TooLarge(self.number64()),
        }
    }

    /// Every kind of step.
    fn entries(&mut self) -> Vec<Entry> {
        let steps = [
            Step::Sent(self.some(Self::request)),
            Step::Answered(self.some(Self::answer)),
            Step::Signed {
                secret: self.text(),
                algorithm: self.text(),
                data: Digest::of(b"data"),
                signature: self.maybe(|draw| Body(draw.bytes())),
            },
            Step::Slept {
                until: self.given_time(),
            },
            Step::Waiting { note: self.text() },
            Step::Accepted {
                receipt: self.receipt(),
                note: self.text(),
            },
        ];
        let mut entries = Vec::new();
        for (sequence, step) in (1..).zip(steps) {
            let at = self.time();
            entries.push(Entry { sequence, at, step });
        }
        entries
    }

    fn account(&mut self, of: &str, on: &str) -> Account {
        Account {
            settings: self.object(3),
            secrets: [(self.text(), SealedSecret(self.bytes()))].into(),
            expires: [(self.text(), self.given_time())].into(),
            renew_at: self.maybe(Self::time),
            problem: self.maybe(Self::localized),
            connected_at: self.time(),
            updated_at: self.time(),
            ..sample::account(of, on)
        }
    }

    fn release(&mut self, number: u32, on: &str) -> Release {
        Release {
            state: self.one([
                ReleaseState::Staged,
                ReleaseState::Retired,
                ReleaseState::Rejected,
            ]),
            reason: self.maybe(Self::text),
            bytes: self.number64() >> 1,
            installed_at: self.time(),
            promoted_at: self.maybe(Self::time),
            ..sample::release(on, &number.to_le_bytes())
        }
    }

    fn audit(&mut self, number: u32, of: &str) -> AuditEntry {
        AuditEntry {
            id: AuditId(sample::id(number)),
            at: self.time(),
            actor: Actor {
                subject: owner("operator~!"),
                role: self.one([ActorRole::Owner, ActorRole::Operator, ActorRole::Host]),
            },
            action: self.one([
                audit::Action::Schedule,
                audit::Action::CancelSchedule,
                audit::Action::Publish,
                audit::Action::Retry,
                audit::Action::Confirm,
                audit::Action::Withdraw,
                audit::Action::Resolve,
                audit::Action::ConnectAccount,
                audit::Action::ChangeAccount,
                audit::Action::DisconnectAccount,
                audit::Action::RenewSecret,
            ]),
            detail: self.maybe(Self::text),
            ..sample::audit_entry(number, of)
        }
    }
}
