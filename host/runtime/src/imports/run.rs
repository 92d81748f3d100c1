//! `run`: the running attempt's log, clock, sleep and signs of where it stands.

use std::time::Duration;

use baepo_domain::attempt::Limit;
use baepo_domain::clock::{after, until};
use baepo_domain::journal::Step;
use jiff::Timestamp;

use super::{CallState, HostAnswer, HostCall, Misuse, Purpose, Stop};
use crate::bindings::run as wit;
use crate::bindings::types;
use crate::convert::millis;
use crate::limits::Exceeded;

impl wit::Host for CallState {
    async fn log(&mut self, level: wit::Level, message: String) -> wasmtime::Result<()> {
        self.perform(HostCall::Log { level, message })
            .await?
            .done("run.log")
    }

    async fn now(&mut self) -> wasmtime::Result<u64> {
        match self.perform(HostCall::Now).await? {
            HostAnswer::Now(time) => Ok(millis(time)),
            other => other.is_not("run.now"),
        }
    }

    async fn sleep(&mut self, ms: u64) -> wasmtime::Result<()> {
        self.perform(HostCall::Sleep(Duration::from_millis(ms)))
            .await?
            .done("run.sleep")
    }

    async fn waiting(&mut self, note: String) -> wasmtime::Result<()> {
        self.perform(HostCall::Waiting { note })
            .await?
            .done("run.waiting")
    }

    async fn accepted(&mut self, receipt: types::Receipt, note: String) -> wasmtime::Result<()> {
        self.perform(HostCall::Accepted { receipt, note })
            .await?
            .done("run.accepted")
    }

    async fn remark(&mut self, text: String) -> wasmtime::Result<()> {
        self.perform(HostCall::Remark(text))
            .await?
            .done("run.remark")
    }
}

impl CallState {
    /// Writes a line to the host's log, without secrets.
    pub(super) fn log(&mut self, level: wit::Level, message: String) -> Result<(), Exceeded> {
        let allowed = self.begun.limits.log_bytes;
        self.log_bytes = self.log_bytes.saturating_add(message.len() as u64);
        if self.log_bytes > allowed {
            return Err(Exceeded {
                limit: Limit::LogBytes,
                used: self.log_bytes,
                allowed,
            });
        }
        let message = self.leaving().text(message);
        // Where it was before, it has said this before.
        if !self.begun.tape.is_replaying() {
            self.trace(level, &message);
        }
        if level == wit::Level::Error {
            self.last_words = Some(message);
        }
        Ok(())
    }

    fn trace(&self, level: wit::Level, message: &str) {
        let channel = &self.begun.release.manifest.id;
        let release = self.begun.release.digest.short();
        let attempt = self.attempt().map(tracing::field::display);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(target: "baepo::channel", %channel, release, attempt, "{message}")
            };
        }
        match level {
            wit::Level::Debug => line!(debug),
            wit::Level::Info => line!(info),
            wit::Level::Warn => line!(warn),
            wit::Level::Error => line!(error),
        }
    }

    /// A short sleep keeps the instance; a long one ends it, and a fresh one goes on from here.
    pub(super) async fn sleep(&mut self, duration: Duration) -> wasmtime::Result<()> {
        match self.begun.purpose {
            Purpose::Distribute(_) => {}
            // Nobody would run it again when it is over.
            Purpose::Withdraw if duration > self.begun.outside.short_sleep => {
                return Err(Misuse("only distribute can sleep for long").into());
            }
            Purpose::Withdraw => {}
            Purpose::Probe | Purpose::Look => {
                return Err(Misuse("only distribute and withdraw can sleep").into());
            }
        }
        let now = self.begun.outside.clock.now();
        let longest = self.begun.outside.longest_sleep;
        let asked = Step::Slept {
            until: after(self.begun.tape.time(now), duration.min(longest)),
        };
        if self.begun.tape.replay(&asked)?.is_none() {
            if duration > longest {
                self.report_cut(duration, longest);
            }
            self.begun.tape.write(asked, now);
        }
        // What follows in the journal happened when it was awake again.
        if !self.begun.tape.is_replaying() {
            self.rest(self.begun.tape.now()).await?;
        }
        Ok(())
    }

    fn report_cut(&self, asked: Duration, longest: Duration) {
        let channel = &self.begun.release.manifest.id;
        let attempt = self.attempt().map(tracing::field::display);
        let (asked_ms, longest_ms) = (asked.as_millis(), longest.as_millis());
        tracing::warn!(
            %channel, attempt, asked_ms, longest_ms,
            "limit \"runtime.longest_sleep_ms\": a sleep was to be longer; it ends then"
        );
    }

    async fn rest(&mut self, end: Timestamp) -> Result<(), Stop> {
        let rest = until(self.begun.outside.clock.now(), end);
        if rest.is_zero() {
            return self.commit_if_due().await;
        }
        if rest > self.begun.outside.short_sleep || self.begun.tape.is_closed() {
            // Committed with the time at which its delivery is due again.
            return Err(Stop::Asleep(end));
        }
        self.commit_if_due().await?;
        self.active_time.pause();
        self.begun.outside.clock.sleep(rest).await;
        self.active_time.resume();
        Ok(())
    }

    pub(super) async fn waiting(&mut self, note: String) -> wasmtime::Result<()> {
        if !matches!(self.begun.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can wait").into());
        }
        let note = self.leaving().text(note);
        Ok(self.note(Step::Waiting { note }).await?)
    }

    pub(super) async fn accepted(
        &mut self,
        receipt: types::Receipt,
        note: String,
    ) -> wasmtime::Result<()> {
        if !matches!(self.begun.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can be accepted").into());
        }
        let leaving = self.leaving();
        let accepted = Step::Accepted {
            receipt: leaving.receipt(receipt),
            note: leaving.text(note),
        };
        Ok(self.note(accepted).await?)
    }

    /// Kept until the end and not in the journal: run again, the component says the same.
    pub(super) fn remark(&mut self, text: String) -> wasmtime::Result<()> {
        if !matches!(self.begun.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can remark").into());
        }
        self.remark = Some(self.leaving().text(text));
        Ok(())
    }

    /// Tells where the attempt stands, unless it has told before.
    async fn note(&mut self, step: Step) -> Result<(), Stop> {
        match self.begun.tape.replay(&step)? {
            Some(_) => Ok(()),
            None => self.write(step).await,
        }
    }
}
