//! `run`: the running attempt's log, clock, sleep and first sign of success.

use std::time::Duration;

use baepo_domain::attempt::Limit;

use super::{CallState, HostAnswer, HostCall, HostFailure, Misuse, Purpose};
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

    async fn accepted(&mut self, receipt: types::Receipt, note: String) -> wasmtime::Result<()> {
        self.perform(HostCall::Accepted { receipt, note })
            .await?
            .done("run.accepted")
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
        self.trace(level, &message);
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

    /// In this process for now: it keeps the instance, and a restart ends it.
    pub(super) async fn sleep(&mut self, duration: Duration) -> Result<(), Misuse> {
        if matches!(self.begun.purpose, Purpose::Look) {
            return Err(Misuse("check and preview must not sleep"));
        }
        self.active_time.pause();
        self.begun.outside.clock.sleep(duration).await;
        self.active_time.resume();
        Ok(())
    }

    pub(super) async fn accepted(
        &mut self,
        receipt: types::Receipt,
        note: String,
    ) -> wasmtime::Result<()> {
        let Purpose::Distribute { log, .. } = &self.begun.purpose else {
            return Err(Misuse("only distribute can be accepted").into());
        };
        let leaving = self.leaving();
        log.accepted(leaving.receipt(receipt), leaving.text(note))
            .await
            .map_err(|error| HostFailure(error.to_string()).into())
    }
}
