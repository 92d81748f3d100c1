//! The running attempt: its log, its clock, its durable sleep.

use core::time::Duration;

pub use crate::bindings::imports::baepo::channel::run::Level;
use crate::bindings::imports::baepo::channel::types::Receipt;
use crate::imports;

/// Writes a line to the host's log. Never a secret, a body or personal data.
pub fn log(level: Level, message: impl AsRef<str>) {
    imports::log(level, message.as_ref());
}

pub fn debug(message: impl AsRef<str>) {
    log(Level::Debug, message);
}

pub fn info(message: impl AsRef<str>) {
    log(Level::Info, message);
}

pub fn warn(message: impl AsRef<str>) {
    log(Level::Warn, message);
}

pub fn error(message: impl AsRef<str>) {
    log(Level::Error, message);
}

/// Unix milliseconds. Stands still between calls into the host.
#[must_use]
pub fn now() -> u64 {
    imports::now()
}

/// Durable: a long sleep gives the instance's memory back and outlives a restart of the host.
/// In whole milliseconds; a loop that polls an advert's review for days is fine. The host ends a
/// sleep after its longest, which is never less than a day.
pub fn sleep(duration: Duration) {
    imports::sleep(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
}

/// Tells the owner why nothing is out yet: before a long sleep, such as until the morning.
pub fn waiting(note: &str) {
    imports::waiting(note);
}

/// Tells the owner that the provider has taken it, though the public cannot see it yet.
pub fn accepted(receipt: &Receipt, note: &str) {
    imports::accepted(receipt, note);
}

/// Tells the owner something beside the outcome, such as who was not reached: it stands with the
/// delivery that is live. The last one counts.
pub fn remark(text: &str) {
    imports::remark(text);
}
