//! `run`: the running attempt's log, clock, sleep and progress.

use std::time::Duration;

use baepo_domain::model::attempt::Limit;
use baepo_domain::model::journal::Step;
use baepo_domain::model::time::{after, until};
use jiff::Timestamp;

use super::cursor::StopReason;
use super::{CallState, Misuse, Purpose};
use crate::bindings::{run as wit, types};
use crate::convert::millis;
use crate::limits::Exceeded;

impl wit::Host for CallState {
    /// Writes a line to the host's log, without secrets.
    async fn log(&mut self, level: wit::Level, message: String) -> wasmtime::Result<()> {
        self.count("run.log", 1)?;
        self.count_log_bytes(message.len())?;
        let message = self.redacting_converter().text(message);
        // While it is replayed, the line is in the log already.
        if !self.context.cursor.is_replaying() {
            self.trace(level, &message);
        }
        if level == wit::Level::Error {
            self.last_error_log = Some(message);
        }
        Ok(())
    }

    async fn now(&mut self) -> wasmtime::Result<u64> {
        self.count("run.now", 1)?;
        Ok(millis(self.context.cursor.now()))
    }

    /// A short sleep keeps the instance; a long one ends it, and a new one goes on from here.
    async fn sleep(&mut self, ms: u64) -> wasmtime::Result<()> {
        self.count("run.sleep", 1)?;
        let duration = Duration::from_millis(ms);
        self.check_sleep(duration)?;
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
        // Steps behind it in the journal prove that it has slept already.
        if !self.context.cursor.is_replaying() {
            self.sleep_remaining(self.context.cursor.now()).await?;
        }
        Ok(())
    }

    async fn waiting(&mut self, note: String) -> wasmtime::Result<()> {
        self.count("run.waiting", 1)?;
        self.only_distribute("only distribute can wait")?;
        if !self.context.cursor.is_replaying() {
            self.result_limits().check_text(&note)?;
        }
        let note = self.redacting_converter().text(note);
        Ok(self.replay_or_write(Step::Waiting { note }).await?)
    }

    async fn accepted(&mut self, receipt: types::Receipt, note: String) -> wasmtime::Result<()> {
        self.count("run.accepted", 1)?;
        self.only_distribute("only distribute can be accepted")?;
        if !self.context.cursor.is_replaying() {
            self.result_limits().check_receipt(&receipt)?;
            self.result_limits().check_text(&note)?;
        }
        let redacting_converter = self.redacting_converter();
        let accepted = Step::Accepted {
            receipt: redacting_converter.receipt(receipt),
            note: redacting_converter.text(note),
        };
        Ok(self.replay_or_write(accepted).await?)
    }

    /// Kept until the end and not in the journal: run again, the component reports the same.
    async fn remark(&mut self, text: String) -> wasmtime::Result<()> {
        self.count("run.remark", 1)?;
        self.only_distribute("only distribute can remark")?;
        self.result_limits().check_text(&text)?;
        self.remark = Some(self.redacting_converter().localized(text));
        Ok(())
    }
}

impl CallState {
    fn count_log_bytes(&mut self, bytes: usize) -> Result<(), Exceeded> {
        let allowed = self.context.limits.log_bytes;
        self.log_bytes = self.log_bytes.saturating_add(bytes as u64);
        if self.log_bytes > allowed {
            return Err(Exceeded {
                limit: Limit::LogBytes,
                used: self.log_bytes,
                allowed,
            });
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

    fn check_sleep(&self, duration: Duration) -> Result<(), Misuse> {
        match self.context.purpose {
            Purpose::Distribute(_) => Ok(()),
            // Nothing would run it again when it is over.
            Purpose::Withdraw if duration > self.context.services.short_sleep => {
                Err(Misuse("only distribute can sleep for long"))
            }
            Purpose::Withdraw => Ok(()),
            Purpose::Probe | Purpose::Inspect => {
                Err(Misuse("only distribute and withdraw can sleep"))
            }
        }
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
        self.pause();
        self.context.services.clock.sleep(sleep_remaining).await;
        self.active_time.resume();
        Ok(())
    }
}
