//! Signals between hosts by Redis's pub/sub: that releases changed.
//!
//! Nothing is queued. What was sent or received is a mark that is there or not, so a host that is
//! slow or cut off holds a few bytes, not a backlog.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::id::HolderId;
use baepo_domain::ports::{Signal, Signals};
use futures::StreamExt as _;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{ErrorKind, RedisResult};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::link::{CallError, RedisLink, redact_arguments};

/// Before a lost connection is made again, or a signal that could not be sent is sent again.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// How often a silent connection is asked whether it is still there.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// How the message reads behind the sender's id.
const RELEASES: &str = "releases";

/// Tells and hears [`Signal::Releases`] on the channel `signals` behind the prefix; other signals
/// are not sent this way. Made for one listener.
#[derive(Debug)]
pub struct RedisSignals {
    state: Arc<SignalState>,
    tasks: [AbortHandle; 2],
}

/// Signals to send, and signals received.
#[derive(Debug)]
struct SignalState {
    /// By which a host knows its own messages.
    host: HolderId,
    channel: String,
    outgoing_ready: Notify,
    incoming: Mutex<Incoming>,
    incoming_ready: Notify,
}

#[derive(Debug, Default)]
struct Incoming {
    releases: bool,
    missed: bool,
}

impl RedisSignals {
    /// Begins to listen behind this link, on a connection of its own that is made again whenever
    /// it is lost. The first signal is [`Signal::Missed`], when it listens for the first time.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn new(link: RedisLink, host: HolderId) -> Self {
        let state = Arc::new(SignalState {
            host,
            channel: link.config().own("signals"),
            outgoing_ready: Notify::new(),
            incoming: Mutex::default(),
            incoming_ready: Notify::new(),
        });
        let sending = tokio::spawn(broadcast(link.clone(), Arc::clone(&state)));
        let listening = tokio::spawn(listen(link, Arc::clone(&state)));
        Self {
            state,
            tasks: [sending.abort_handle(), listening.abort_handle()],
        }
    }
}

#[async_trait]
impl Signals for RedisSignals {
    fn broadcast(&self, signal: Signal) {
        match signal {
            Signal::Releases => self.state.outgoing_ready.notify_one(),
            // Every delivery that moves is too much for a channel that all hosts hear, and nobody
            // can send others what they missed.
            Signal::Moved(_) | Signal::Missed => {}
        }
    }

    async fn receive(&self) -> Signal {
        loop {
            if let Some(signal) = self.state.take() {
                return signal;
            }
            self.state.incoming_ready.notified().await;
        }
    }
}

impl Drop for RedisSignals {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl SignalState {
    fn take(&self) -> Option<Signal> {
        let mut incoming = self.incoming.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::take(&mut *incoming) {
            // After a gap anything may have been missed.
            Incoming { missed: true, .. } => Some(Signal::Missed),
            Incoming { releases: true, .. } => Some(Signal::Releases),
            Incoming { .. } => None,
        }
    }

    fn incoming(&self, change: impl FnOnce(&mut Incoming)) {
        change(&mut self.incoming.lock().unwrap_or_else(PoisonError::into_inner));
        self.incoming_ready.notify_one();
    }

    fn read(&self, message: &str) {
        match message.split_once(' ') {
            Some((host, RELEASES)) if host != self.host.to_string() => {
                self.incoming(|incoming| incoming.releases = true);
            }
            // Its own, or what a later version has to say.
            _ => {}
        }
    }
}

async fn broadcast(link: RedisLink, state: Arc<SignalState>) {
    let mut publish = redis::cmd("PUBLISH");
    publish
        .arg(&state.channel)
        .arg(format!("{} {RELEASES}", state.host));
    loop {
        state.outgoing_ready.notified().await;
        loop {
            match link.call::<u64>(&publish).await {
                Ok(_) => break,
                Err(error @ CallError::Refused(_)) => {
                    tracing::warn!(%error, "other hosts hear later that releases changed");
                    break;
                }
                // Who hears Redis again looks by itself, but others may hear it all the time.
                Err(_) => link.clock().sleep(RECONNECT_DELAY).await,
            }
        }
    }
}

async fn listen(link: RedisLink, state: Arc<SignalState>) {
    let mut told = false;
    loop {
        let mut connection_resets = link.connection_resets();
        match subscribe(&link, &state.channel).await {
            Ok((sink, messages)) => {
                told = false;
                state.incoming(|incoming| incoming.missed = true);
                tokio::select! {
                    () = follow(&link, sink, messages, &state) => {}
                    // It may be alive, and get no more commands.
                    _ = connection_resets.changed() => {}
                }
            }
            Err(error) if !told => {
                told = true;
                let (address, error) = (link.address(), redact_arguments(&error));
                tracing::warn!(%address, %error, "redis tells no signals; it is tried again");
            }
            Err(_) => {}
        }
        link.clock().sleep(RECONNECT_DELAY).await;
    }
}

async fn subscribe(link: &RedisLink, channel: &str) -> RedisResult<(PubSubSink, PubSubStream)> {
    let subscribing = async {
        let (mut sink, messages) = link.client().get_async_pubsub().await?.split();
        sink.subscribe(channel).await?;
        Ok((sink, messages))
    };
    tokio::time::timeout(link.config().connect_limit, subscribing)
        .await
        .unwrap_or_else(|_| Err((ErrorKind::Io, "no answer in time").into()))
}

/// Reads messages until the connection is lost.
async fn follow(
    link: &RedisLink,
    mut sink: PubSubSink,
    mut messages: PubSubStream,
    state: &SignalState,
) {
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => {
                    state.read(&String::from_utf8_lossy(message.get_payload_bytes()));
                }
                None => return,
            },
            () = link.clock().sleep(CHECK_INTERVAL) => {
                let ping = sink.ping::<redis::Value>();
                let answer = tokio::time::timeout(link.config().connect_limit, ping).await;
                if !matches!(answer, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn signals_of_the_host_itself_and_unknown_ones_are_ignored() {
        let [own, other] = [1, 2].map(|number| HolderId(Uuid::from_u128(number)));
        let state = SignalState {
            host: own,
            channel: "signals".to_owned(),
            outgoing_ready: Notify::new(),
            incoming: Mutex::default(),
            incoming_ready: Notify::new(),
        };
        for message in [
            format!("{own} releases"),
            format!("{other} rescheduled"),
            "releases".to_owned(),
        ] {
            state.read(&message);
            assert_eq!(state.take(), None, "{message}");
        }
        state.read(&format!("{other} releases"));
        assert_eq!(state.take(), Some(Signal::Releases));
    }
}
