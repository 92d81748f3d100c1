//! The host's functions, as the crate calls them where there is no WebAssembly around it.

use core::time::Duration;

use super::script::{CURRENT, State};
use crate::bindings::imports::baepo::channel::account::Digest;
use crate::bindings::imports::baepo::channel::http::{Request, Response, SendError};
use crate::bindings::imports::baepo::channel::run::Level;
use crate::bindings::imports::baepo::channel::types::Receipt;

fn with<T>(call: impl FnOnce(&mut State) -> T) -> T {
    CURRENT.with_borrow(|current| {
        let state = current
            .as_ref()
            .expect("no host: start the test with `Host::new()`");
        call(&mut state.borrow_mut())
    })
}

pub fn send(request: &Request) -> Result<Response, SendError> {
    with(|state| {
        let answer = state.answer(request);
        state.advance(answer.latency);
        answer.result
    })
}

pub fn send_all(requests: &[Request]) -> Vec<Result<Response, SendError>> {
    with(|state| {
        let answers: Vec<_> = requests
            .iter()
            .map(|request| state.answer(request))
            .collect();
        let longest = answers.iter().map(|answer| answer.latency).max();
        state.advance(longest.unwrap_or_default());
        answers.into_iter().map(|answer| answer.result).collect()
    })
}

pub fn setting(name: &str) -> Option<String> {
    with(|state| state.settings.get(name).cloned())
}

pub fn sign(secret: &str, _: Digest, _: &[u8]) -> Option<Vec<u8>> {
    with(|state| state.signatures.get(secret).cloned())
}

pub fn attributable(external_ids: &[String], _: u64) -> Vec<String> {
    with(|state| {
        if state.unidentified > 0 {
            state.unidentified -= 1;
            return Vec::new();
        }
        let own = external_ids
            .iter()
            .filter(|id| !state.foreign_posts.contains(*id));
        own.cloned().collect()
    })
}

pub fn log(level: Level, message: &str) {
    with(|state| state.logs.push((level, message.into())));
}

pub fn now() -> u64 {
    with(|state| state.now_ms)
}

pub fn sleep(ms: u64) {
    with(|state| {
        state.slept.push(Duration::from_millis(ms));
        state.advance(Duration::from_millis(ms));
    });
}

pub fn waiting(note: &str) {
    with(|state| state.waiting_notes.push(note.into()));
}

pub fn remark(text: &str) {
    with(|state| state.remarks.push(text.into()));
}

pub fn accepted(receipt: &Receipt, note: &str) {
    with(|state| state.accepted.push((receipt.clone(), note.into())));
}
