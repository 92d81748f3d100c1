//! An attempt that is run again from its journal, cut anywhere, does the same.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use baepo_domain::model::attempt::AttemptOutcome;
use baepo_domain::model::journal::{Entry, Repeat, RequestOutcome, Step};
use baepo_domain::model::receipt::Receipt;
use baepo_domain::model::time::after;
use baepo_domain::ports::clock::Clock;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use jiff::Timestamp;
use proptest::prelude::*;
use tokio::sync::mpsc::UnboundedReceiver;

use super::call_fixture::{DISTRIBUTE, call, listening_provider, post};
use super::support::{Guest, InMemoryJournal, RuntimeFixture, job, provided, small, start};
use crate::bindings::account::{Digest, Host as _};
use crate::bindings::http::{self, Host as _};
use crate::bindings::run::{Host as _, Level};
use crate::bindings::types;
use crate::egress::Egress;
use crate::imports::{CallState, JournalCursor, StopReason};

/// What a component may ask for, one after the other.
#[derive(Debug, Clone, Copy)]
enum GuestCall {
    Safe,
    Unsafe,
    /// A safe and an unsafe one at once.
    Both,
    ShortSleep,
    LongSleep,
    Now,
    Sign,
    Accepted,
    Log,
}

fn any_script() -> impl Strategy<Value = Vec<GuestCall>> {
    use GuestCall::{Accepted, Both, Log, LongSleep, Now, Safe, ShortSleep, Sign, Unsafe};
    let any = prop::sample::select(vec![
        Safe, Unsafe, Both, ShortSleep, LongSleep, Now, Sign, Accepted, Log,
    ]);
    prop::collection::vec(any, 1..9)
}

/// Nobody waits on it: time passes only in sleeps, and at once.
#[derive(Debug)]
struct JumpingClock(Mutex<Timestamp>);

impl JumpingClock {
    fn set(&self, now: Timestamp) {
        *self.0.lock().expect("not poisoned") = now;
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("not poisoned")
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.set(after(self.now(), duration));
        ready(()).boxed()
    }
}

struct ReplayFixture {
    egress: Egress,
    clock: Arc<JumpingClock>,
    requests: UnboundedReceiver<String>,
}

impl ReplayFixture {
    async fn new() -> Self {
        let (port, requests) = listening_provider().await;
        Self {
            egress: provided(port),
            clock: Arc::new(JumpingClock(Mutex::new(start()))),
            requests,
        }
    }

    /// What has reached the provider since the last time; at once is in no order.
    fn reached(&mut self) -> Vec<String> {
        let mut reached: Vec<_> = std::iter::from_fn(|| self.requests.try_recv().ok()).collect();
        reached.sort();
        reached
    }

    /// Runs a script behind a journal to its end, through every long sleep. What the component
    /// saw, and the whole journal.
    async fn play(
        &self,
        script: &[GuestCall],
        mut journal: Vec<Entry>,
    ) -> (Vec<String>, Vec<Entry>) {
        loop {
            let recording = Arc::new(InMemoryJournal::default());
            let cursor = JournalCursor::recording(journal.clone(), start(), recording.clone());
            let mut state = call(self.egress.clone(), self.clock.clone(), DISTRIBUTE, cursor);
            let played = perform(&mut state, script).await;
            let left = state.cursor().end();
            journal.extend(recording.take());
            journal.extend(state.into_cursor().into_uncommitted());
            match played {
                Ok(seen) => {
                    assert_eq!(left, Ok(()), "nothing of the journal is left");
                    return (seen, journal);
                }
                Err(StopReason::Asleep(until)) => self.clock.set(until),
                Err(stop) => panic!("it should go on: {stop}"),
            }
        }
    }
}

async fn perform(state: &mut CallState, script: &[GuestCall]) -> Result<Vec<String>, StopReason> {
    let mut seen = Vec::new();
    for (index, ask) in script.iter().enumerate() {
        let answer = answer_to(state, index, *ask).await;
        seen.push(answer.map_err(|error| error.downcast::<StopReason>().expect("a stop"))?);
    }
    Ok(seen)
}

async fn answer_to(
    state: &mut CallState,
    index: usize,
    ask: GuestCall,
) -> wasmtime::Result<String> {
    let request = |name: &str, repeat| {
        post(
            &format!("https://shop.example/posts/{name}-{index}"),
            repeat,
        )
    };
    let safe = || request("safe", http::Repeat::Safe);
    let acting = || request("unsafe", http::Repeat::Unsafe);
    Ok(match ask {
        GuestCall::Safe => format!("{:?}", state.send(safe()).await?),
        GuestCall::Unsafe => format!("{:?}", state.send(acting()).await?),
        GuestCall::Both => format!("{:?}", state.send_all(vec![safe(), acting()]).await?),
        GuestCall::ShortSleep => format!("{:?}", state.sleep(2_000).await?),
        GuestCall::LongSleep => format!("{:?}", state.sleep(3_600_000).await?),
        GuestCall::Now => state.now().await?.to_string(),
        GuestCall::Sign => {
            let data = index.to_string().into_bytes();
            let signature = state.sign("token".to_owned(), Digest::HmacSha256, data);
            format!("{:?}", signature.await?)
        }
        GuestCall::Accepted => {
            let receipt = types::Receipt {
                external_id: Some(index.to_string()),
                url: None,
                estimated_reach: None,
            };
            format!("{:?}", state.accepted(receipt, "taken".to_owned()).await?)
        }
        GuestCall::Log => format!("{:?}", state.log(Level::Info, "a line".to_owned()).await?),
    })
}

/// What must come of it when the journal is cut here: the same, but for unsafe requests that were
/// under way. And what must reach the provider.
fn expected(whole: &[Entry], cut: usize) -> (Vec<Entry>, Vec<String>) {
    let (mut journal, mut reached) = (whole.to_vec(), Vec::new());
    for (index, entry) in whole.iter().enumerate() {
        let Step::Sent(requests) = &entry.step else {
            continue;
        };
        for (nth, request) in requests.iter().enumerate() {
            let under_way = index + 1 == cut;
            if under_way && request.repeat == Repeat::Unsafe {
                let why = "the host stopped while this request was under way";
                if let Step::Answered(answers) = &mut journal[index + 1].step {
                    answers[nth] = RequestOutcome::InDoubt(why.to_owned());
                }
            } else if under_way || index >= cut {
                let path = request.url.strip_prefix("https://shop.example");
                reached.push(path.expect("the provider's").to_owned());
            }
        }
    }
    reached.sort();
    (journal, reached)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_journal_truncated_anywhere_replays_to_the_same_requests_and_end(script in any_script()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut world = ReplayFixture::new().await;
            let (seen, whole) = world.play(&script, Vec::new()).await;
            let (_, all) = expected(&whole, 0);
            assert_eq!(world.reached(), all);

            for cut in 0..=whole.len() {
                let before = whole[..cut].to_vec();
                world.clock.set(before.last().map_or(start(), |entry| entry.at));
                let (seen_again, journal) = world.play(&script, before).await;
                let (same, reached) = expected(&whole, cut);
                assert_eq!(journal, same, "cut at {cut}");
                assert_eq!(world.reached(), reached, "cut at {cut}");
                let mut answers = seen.iter().zip(&seen_again);
                assert!(answers.all(|(was, is)| was == is || is.contains("InDoubt")));
            }
        });
    }
}

const SLEEP: &str = r#"(import "baepo:channel/run@1.0.0" "sleep" (func $sleep (param i64)))"#;
const AN_HOUR: Duration = Duration::from_secs(3_600);

/// Asks seventy times, an hour apart.
const PATIENT: Guest = Guest {
    imports: SLEEP,
    declares: "",
    distribute: "(local $turn i32)
        (loop $again
            (call $sleep (i64.const 3600000))
            (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $turn) (i32.const 70))))",
    manifest: "",
};

#[tokio::test]
async fn a_three_day_attempt_resumes_at_the_cost_of_its_recorded_steps() {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.hold(&PATIENT).await;
    let (mut job, mut fuel) = (job(), Vec::new());
    for slept in 0..70 {
        let report = held
            .run(job.clone(), Arc::new(InMemoryJournal::default()))
            .await;
        let until = after(start(), AN_HOUR * (slept + 1));
        assert_eq!(report.end, AttemptOutcome::Asleep { until });
        assert_eq!(report.entries.len(), 1);
        assert_eq!(report.usage.host_calls, slept + 1);
        fuel.push(report.usage.fuel);
        job.journal.extend(report.entries);

        // Woken too early, it sleeps on and writes nothing.
        let early = held
            .run(job.clone(), Arc::new(InMemoryJournal::default()))
            .await;
        assert_eq!(
            (early.end, early.entries),
            (AttemptOutcome::Asleep { until }, vec![])
        );
        fixture.clock.advance(AN_HOUR);
    }
    let steps: Vec<u64> = fuel.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|step| *step == steps[0]), "{steps:?}");

    let report = held
        .run(job.clone(), Arc::new(InMemoryJournal::default()))
        .await;
    assert_eq!(report.end, AttemptOutcome::Live(Receipt::default()));
    assert_eq!(report.entries, []);
    let again = held.run(job, Arc::new(InMemoryJournal::default())).await;
    assert_eq!(again.usage.fuel, report.usage.fuel, "to the instruction");
    assert_eq!(fixture.runtime.pool_in_use(), crate::PoolUse::default());
}

#[tokio::test]
async fn a_dry_replay_ends_with_the_journal() {
    let fixture = RuntimeFixture::with(small());
    let digest = fixture.hold(&PATIENT).await.release().digest;
    let mut job = job();
    let replayed = fixture.runtime.replay(digest, job.clone()).await;
    let replayed = replayed.expect("it is loaded");
    let asked = replayed.stopped_at.as_deref();
    assert_eq!(asked, Some("sleep until 2026-10-01T10:00:00Z"));
    assert_eq!(replayed.report.entries, []);

    let slept = |sequence| Entry {
        sequence,
        at: start(),
        step: Step::Slept { until: start() },
    };
    job.journal = (1..=70).map(slept).collect();
    let whole = fixture.runtime.replay(digest, job.clone()).await;
    let whole = whole.expect("it is loaded");
    assert_eq!((whole.reached, whole.stopped_at), (70, None));
    assert_eq!(whole.report.end, AttemptOutcome::Live(Receipt::default()));

    job.journal.push(slept(71));
    let longer = fixture.runtime.replay(digest, job).await;
    let AttemptOutcome::Diverged(divergence) = longer.expect("it is loaded").report.end else {
        panic!("one entry is left")
    };
    assert_eq!(
        (divergence.sequence, divergence.given.as_str()),
        (71, "ended")
    );
}

#[tokio::test]
async fn an_attempt_keeps_its_initial_limits() {
    let fixture = RuntimeFixture::with(small());
    let held = fixture.hold(&PATIENT).await;
    let mut job = job();
    job.beginning.limits = held.limits();
    assert!(job.beginning.limits.fuel.is_some());
    job.beginning.limits.host_calls = Some(0);
    let report = held.run(job, Arc::new(InMemoryJournal::default())).await;
    let AttemptOutcome::GuestFailed(guest_failure) = report.end else {
        panic!("it may not call anything: {:?}", report.end)
    };
    assert!(
        guest_failure
            .to_string()
            .contains("\"host calls\": used 1 of 0")
    );
}
