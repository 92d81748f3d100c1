//! `run`: the running attempt's log, clock, sleep and signs of where it stands.

use std::time::Duration;

use baepo_domain::model::attempt::Limit;
use baepo_domain::model::journal::Step;
use baepo_domain::model::time::{after, until};
use jiff::Timestamp;

use super::{CallState, HostAnswer, HostCall, Misuse, Purpose, StopReason};
use crate::bindings::{run as wit, types};
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
        let allowed = self.context.limits.log_bytes;
        self.log_bytes = self.log_bytes.saturating_add(message.len() as u64);
        if self.log_bytes > allowed {
            return Err(Exceeded {
                limit: Limit::LogBytes,
                used: self.log_bytes,
                allowed,
            });
        }
        let message = self.redacting_converter().text(message);
        // Where it was before, it has said this before.
        if !self.context.cursor.is_replaying() {
            self.trace(level, &message);
        }
        if level == wit::Level::Error {
            self.last_error_log = Some(message);
        }
        Ok(())
    }

    fn trace(&self, level: wit::Level, message: &str) {
        let channel = &self.context.release.manifest.id;
        let release = self.context.release.digest.short();
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
        match self.context.purpose {
            Purpose::Distribute(_) => {}
            // Nobody would run it again when it is over.
            Purpose::Withdraw if duration > self.context.services.short_sleep => {
                return Err(Misuse("only distribute can sleep for long").into());
            }
            Purpose::Withdraw => {}
            Purpose::Probe | Purpose::Inspect => {
                return Err(Misuse("only distribute and withdraw can sleep").into());
            }
        }
        let now = self.context.services.clock.now();
        let longest = self.context.services.longest_sleep;
        let requested = Step::Slept {
            until: after(self.context.cursor.time(now), duration.min(longest)),
        };
        if self.context.cursor.replay(&requested)?.is_none() {
            if duration > longest {
                self.warn_sleep_capped(duration, longest);
            }
            self.context.cursor.write(requested, now);
        }
        // What follows in the journal happened when it was awake again.
        if !self.context.cursor.is_replaying() {
            self.sleep_remaining(self.context.cursor.now()).await?;
        }
        Ok(())
    }

    fn warn_sleep_capped(&self, requested: Duration, longest: Duration) {
        let channel = &self.context.release.manifest.id;
        let attempt = self.attempt().map(tracing::field::display);
        let (asked_ms, longest_ms) = (requested.as_millis(), longest.as_millis());
        tracing::warn!(
            %channel, attempt, asked_ms, longest_ms,
            "limit \"runtime.longest_sleep_ms\": a sleep was to be longer; it ends then"
        );
    }

    async fn sleep_remaining(&mut self, end: Timestamp) -> Result<(), StopReason> {
        let sleep_remaining = until(self.context.services.clock.now(), end);
        if sleep_remaining.is_zero() {
            return self.commit_if_due().await;
        }
        if sleep_remaining > self.context.services.short_sleep
            || self.context.cursor.is_replay_only()
        {
            // Committed with the time at which its delivery is due again.
            return Err(StopReason::Asleep(end));
        }
        self.commit_if_due().await?;
        self.active_time.pause();
        self.context.services.clock.sleep(sleep_remaining).await;
        self.active_time.resume();
        Ok(())
    }

    pub(super) async fn waiting(&mut self, note: String) -> wasmtime::Result<()> {
        if !matches!(self.context.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can wait").into());
        }
        let note = self.redacting_converter().text(note);
        Ok(self.note(Step::Waiting { note }).await?)
    }

    pub(super) async fn accepted(
        &mut self,
        receipt: types::Receipt,
        note: String,
    ) -> wasmtime::Result<()> {
        if !matches!(self.context.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can be accepted").into());
        }
        let redacting_converter = self.redacting_converter();
        let accepted = Step::Accepted {
            receipt: redacting_converter.receipt(receipt),
            note: redacting_converter.text(note),
        };
        Ok(self.note(accepted).await?)
    }

    /// Kept until the end and not in the journal: run again, the component says the same.
    pub(super) fn remark(&mut self, text: String) -> wasmtime::Result<()> {
        if !matches!(self.context.purpose, Purpose::Distribute(_)) {
            return Err(Misuse("only distribute can remark").into());
        }
        self.remark = Some(self.redacting_converter().text(text));
        Ok(())
    }

    /// Tells where the attempt stands, unless it has told before.
    async fn note(&mut self, step: Step) -> Result<(), StopReason> {
        match self.context.cursor.replay(&step)? {
            Some(_) => Ok(()),
            None => self.write(step).await,
        }
    }
}
