//! Draws values of the stored types: at the ends of what their fields hold, and some between.

use std::time::Duration;

use baepo_domain::model::account::{Account, SealedSecret};
use baepo_domain::model::attempt::{Action, Attempt, AttemptSummary, PreparedAsset, Usage};
use baepo_domain::model::audit::{self, Actor, ActorRole, AuditEntry};
use baepo_domain::model::content::{Content, Media, MediaKind, Period};
use baepo_domain::model::delivery::Delivery;
use baepo_domain::model::draft::{Draft, Objective};
use baepo_domain::model::findings::{Finding, Severity};
use baepo_domain::model::id::{AuditId, Digest};
use baepo_domain::model::journal::{self, Body, Entry, Request, RequestOutcome, Response, Step};
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::release::{Release, ReleaseState};
use baepo_domain::model::text::Localized;
use baepo_domain::model::time::{EARLIEST, LATEST, after, at_millisecond};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use super::sample::{self, channel, owner};

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
pub struct Draw(StdRng);

impl Draw {
    /// The same number draws the same values.
    pub fn seeded(number: u32) -> Self {
        Self(StdRng::seed_from_u64(u64::from(number)))
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub fn one<T, const N: usize>(&mut self, values: [T; N]) -> T {
        let index = self.below(N);
        let mut values = values.into_iter();
        values.nth(index).expect("within the array")
    }

    pub fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(4) > 0).then(|| value(self))
    }

    pub fn some<T>(&mut self, value: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.below(4);
        (0..count).map(|_| value(self)).collect()
    }

    /// As stored by a version that knew no languages, or in both.
    pub fn localized(&mut self) -> Localized {
        match self.below(3) {
            0 => Localized::parse(&self.text()),
            1 => Localized::new(self.text(), self.text()),
            _ => Localized::new(self.text(), self.text()).with_detail(self.text()),
        }
    }

    pub fn text(&mut self) -> String {
        match self.below(20) {
            0 => "가\0".repeat(50_000),
            _ => self.one(TEXTS).to_owned(),
        }
    }

    pub fn number64(&mut self) -> u64 {
        let any = self.0.random();
        self.one([0, 1, (1 << 53) + 1, i64::MAX as u64, u64::MAX, any])
    }

    pub fn number32(&mut self) -> u32 {
        let any = self.0.random();
        self.one([0, 1, i32::MAX as u32, u32::MAX, any])
    }

    /// What times are reckoned from and to: all of them come from the clock and from durations.
    pub fn time(&mut self) -> Timestamp {
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
    pub fn given_time(&mut self) -> Timestamp {
        let time = self.time();
        self.one([Timestamp::MAX, Timestamp::MIN, time])
    }

    pub fn json(&mut self, depth: u32) -> Value {
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

    pub fn object(&mut self, depth: u32) -> Map<String, Value> {
        let fields = self.some(|draw| (draw.text(), draw.json(depth)));
        fields.into_iter().collect()
    }

    pub fn finding(&mut self) -> Finding {
        Finding {
            severity: self.one([Severity::Warning, Severity::Error]),
            at: self.text(),
            message: self.localized(),
        }
    }

    pub fn findings(&mut self) -> Vec<Finding> {
        self.some(Self::finding)
    }

    pub fn receipt(&mut self) -> Receipt {
        Receipt {
            external_id: self.maybe(Self::text),
            url: self.maybe(Self::text),
            estimated_reach: self.maybe(Self::number64),
        }
    }

    pub fn bytes(&mut self) -> Vec<u8> {
        self.one([&b""[..], b"text", &[0], &[0xff, 0xfe, 0, 0xed, 0xa0, 0x80]])
            .to_vec()
    }

    pub fn action(&mut self) -> Action {
        Action {
            instructions: self.localized(),
            prepared: self.some(|draw| PreparedAsset {
                name: draw.text(),
                mime_type: draw.text(),
                data: draw.bytes(),
            }),
        }
    }

    pub fn content(&mut self) -> Content {
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

    pub fn draft(&mut self) -> Draft {
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

    pub fn attempt(&mut self, number: u32, of: &Delivery) -> Attempt {
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

    pub fn request(&mut self) -> Request {
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

    pub fn answer(&mut self) -> RequestOutcome {
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
    pub fn entries(&mut self) -> Vec<Entry> {
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

    pub fn account(&mut self, of: &str, on: &str) -> Account {
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

    pub fn release(&mut self, number: u32, on: &str) -> Release {
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

    pub fn audit(&mut self, number: u32, of: &str) -> AuditEntry {
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
