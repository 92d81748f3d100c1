//! Things to store, with every field filled that can be.

use baepo_domain::model::account::{Account, SealedSecret};
use baepo_domain::model::attempt::{
    Action, Attempt, AttemptInput, AttemptSummary, PreparedAsset, Usage,
};
use baepo_domain::model::audit::{self, Actor, ActorRole, AuditEntry};
use baepo_domain::model::delivery::{Delivery, DeliveryStatus, NewDelivery};
use baepo_domain::model::distribution::Distribution;
use baepo_domain::model::event::Event;
use baepo_domain::model::findings::Finding;
use baepo_domain::model::id::{
    AttemptId, AuditId, ChannelId, DeliveryId, Digest, DistributionId, EventId, HolderId,
    IdempotencyKey, MessageId, OwnerId,
};
use baepo_domain::model::idempotency::IdempotencyRecord;
use baepo_domain::model::lease::Lease;
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::model::outbox::{Message, event_created};
use baepo_domain::model::provenance::{Provenance, Source};
use baepo_domain::model::reason::Reason;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::release::Release;
use baepo_domain::model::schedule::Schedule;
use baepo_domain::model::signature::KeyName;
use baepo_domain::model::text::Localized;
use baepo_domain::ports::{Mutation, Store};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// Ids sort like their numbers.
pub fn id(number: u32) -> Uuid {
    Uuid::from_u128(u128::from(number))
}

/// A time that is not a whole second.
pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_123 + millis).expect("a time in this century")
}

pub fn owner(name: &str) -> OwnerId {
    name.parse().expect("an owner")
}

pub fn channel(name: &str) -> ChannelId {
    name.parse().expect("a channel")
}

pub fn event(number: u32, of: &str) -> Event {
    let draft = json!({
        "title": "가을맞이 행사",
        "objective": "REVISITS",
        "recommendation": {"id": "r-1", "title": "단골 쿠폰", "summary": "다시 오게"},
        "content": {
            "title": "전 메뉴 20% 할인",
            "body": "따옴표 ' \" 와 줄\n바꿈 😀",
            "hashtags": ["가을"],
            "link": "https://shop.example/autumn",
            "media": [{"kind": "image", "url": "https://shop.example/a.jpg", "mimeType": "image/jpeg"}],
            "period": {"startsAt": "2026-10-01T00:00:00.123456Z", "endsAt": "2026-11-01T00:00:00Z"},
        },
        "channels": ["instagram", "kakao-channel"],
        "channelSettings": {"instagram": {"carousel": true, "count": 3}},
    });
    let draft = serde_json::from_value(draft).expect("a draft");
    Event::draft(EventId(id(number)), owner(of), draft, at(0))
}

pub fn schedule(publish_at_millis: i64) -> Schedule {
    Schedule {
        publish_at: at(publish_at_millis),
        channels: Some(vec![channel("instagram"), channel("genie-tv")]),
        problem: None,
    }
}

/// An event that is being published.
pub fn publishing(number: u32, of: &str) -> Event {
    event(number, of).approve(DistributionId(id(number)), lease(9_000, 60_000), at(1))
}

pub fn lease(holder: u32, until_millis: i64) -> Lease {
    Lease {
        holder: HolderId(id(holder)),
        until: at(until_millis),
    }
}

/// The distribution of an event, with the event's number.
pub fn distribution(of: &Event) -> Distribution {
    Distribution::new(DistributionId(of.id.0), of.id, of.owner.clone(), at(2))
}

pub fn delivery(number: u32, of: &Distribution, on: &str) -> Delivery {
    let place = NewDelivery {
        distribution: of.id,
        event: of.event,
        owner: of.owner.clone(),
        channel: channel(on),
    };
    Delivery::pending(DeliveryId(id(number)), place, at(3))
}

/// A delivery in which no field is empty.
pub fn full_delivery(number: u32, of: &Distribution, on: &str) -> Delivery {
    let receipt = Receipt {
        external_id: Some("17".into()),
        url: Some("https://provider.example/17".into()),
        estimated_reach: Some(12_000),
    };
    let asset = PreparedAsset {
        name: "post.html".into(),
        mime_type: "text/html".into(),
        data: vec![0, 159, 146, 150, 255],
    };
    Delivery {
        status: DeliveryStatus::ActionRequired,
        generation: 2,
        attempts: u32::MAX,
        tries: 3,
        release: Some(Digest::of(b"component")),
        receipt,
        findings: vec![Finding::error(
            "/content/title",
            Localized::verbatim("너무 깁니다"),
        )],
        action: Some(Action {
            instructions: Localized::verbatim("붙여 넣으세요"),
            prepared: vec![asset],
        }),
        message: Some(Reason::Given(Localized::verbatim("붙여 넣으세요"))),
        attempt: Some(AttemptId(id(number))),
        lease: Some(lease(9_000, 60_000)),
        probes: 4,
        execution_time_ms: 1 << 40,
        updated_at: at(4),
        ..delivery(number, of, on)
    }
}

pub fn attempt(number: u32, of: &Delivery) -> Attempt {
    Attempt {
        id: AttemptId(id(number)),
        delivery: of.id,
        distribution: of.distribution,
        channel: of.channel.clone(),
        release: Digest::of(b"component"),
        number: 1,
        beginning: beginning(of),
        started_at: at(5),
        ended: None,
        revision: 0,
    }
}

/// With every field filled that can be.
fn beginning(of: &Delivery) -> AttemptInput {
    let draft = event(1, of.owner.as_str()).draft;
    let account = account(of.owner.as_str(), of.channel.as_str());
    AttemptInput {
        idempotency_key: of.idempotency_key(),
        event: of.event,
        content: draft.content.expect("the sample has content"),
        options: json!({"carousel": true, "count": 3}),
        settings: account.settings,
        limits: DeclaredLimits {
            fuel: Some(1 << 40),
            host_calls: Some(64),
            ..DeclaredLimits::default()
        },
    }
}

pub fn ended(attempt: Attempt) -> Attempt {
    let usage = Usage {
        fuel: 1 << 50,
        memory_bytes: 65_536,
        host_calls: 4,
        active_time_ms: 17,
    };
    let ended = AttemptSummary {
        at: at(6),
        end: "live".into(),
        message: Some(Localized::verbatim("다 됐다")),
        usage,
    };
    Attempt {
        ended: Some(ended),
        ..attempt
    }
}

pub fn running_request(of: &str, key: &str, event: EventId) -> IdempotencyRecord {
    IdempotencyRecord {
        owner: owner(of),
        key: key.parse::<IdempotencyKey>().expect("a key"),
        fingerprint: Digest::of(b"request"),
        event,
        answer: None,
        created_at: at(7),
    }
}

pub fn message(number: u32) -> Message {
    event_created(MessageId(id(number)), &event(number, "shop-1"), at(8))
}

pub fn account(of: &str, on: &str) -> Account {
    let serde_json::Value::Object(settings) = json!({"userId": "178", "tags": ["단골"], "n": 1.5})
    else {
        unreachable!("an object is written above")
    };
    Account {
        owner: owner(of),
        channel: channel(on),
        settings,
        secrets: [("accessToken".to_owned(), SealedSecret(vec![0, 1, 254, 255]))].into(),
        expires: [("accessToken".to_owned(), at(90))].into(),
        renew_at: Some(at(80)),
        problem: Some(Localized::verbatim("connect it again")),
        connected_at: at(9),
        updated_at: at(10),
        revision: 0,
    }
}

pub fn audit_entry(number: u32, of: &str) -> AuditEntry {
    AuditEntry {
        id: AuditId(id(number)),
        at: at(i64::from(number)),
        actor: Actor {
            subject: owner("operator-1"),
            role: ActorRole::Operator,
        },
        action: audit::Action::Confirm,
        owner: owner(of),
        event: Some(EventId(id(number))),
        distribution: Some(DistributionId(id(number))),
        channel: Some(channel("instagram")),
        detail: Some("https://provider.example/17".into()),
    }
}

pub fn release(on: &str, component: &[u8]) -> Release {
    let bytes = u64::try_from(component.len()).expect("a small component");
    let provenance = Provenance {
        source: Source::Registry("oci://registry.example/echo:1".to_owned()),
        signed_by: KeyName::new("release"),
    };
    Release::staged(
        channel(on),
        Digest::of(component),
        bytes,
        provenance,
        at(11),
    )
}

/// Commits, where nothing stands in the way.
pub async fn commit(store: &dyn Store, changes: impl IntoIterator<Item = Mutation>) {
    let changes = changes.into_iter().collect();
    store
        .commit(changes)
        .await
        .expect("nothing stands in the way");
}

/// Stores an event that is being published, and its distribution; both as the store has them.
pub async fn published(store: &dyn Store, number: u32) -> (Event, Distribution) {
    let event = publishing(number, "shop-1");
    let distribution = distribution(&event);
    let changes = [
        Mutation::PutEvent(event.clone()),
        Mutation::PutDistribution(distribution.clone()),
    ];
    commit(store, changes).await;
    (
        Event {
            revision: 1,
            ..event
        },
        Distribution {
            revision: 1,
            ..distribution
        },
    )
}
