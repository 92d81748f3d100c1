//! One broker for many tests.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::{Kafka, create_topic};

/// A broker that other tests use too: whoever has it keeps to topics of their own, and never stops
/// it.
#[derive(Debug)]
pub struct SharedKafka {
    bootstrap: String,
    /// The last test that has it stops it.
    _own: Option<Arc<Kafka>>,
}

impl SharedKafka {
    /// The broker of [`Kafka::URL_VARIABLE`], or else the one that all tests of this process share.
    pub fn get() -> anyhow::Result<Self> {
        static OWN: Mutex<Weak<Kafka>> = Mutex::new(Weak::new());
        if let Ok(bootstrap) = std::env::var(Kafka::URL_VARIABLE) {
            let _own = None;
            return Ok(Self { bootstrap, _own });
        }
        let mut shared = OWN.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match shared.upgrade() {
            Some(own) => own,
            None => Arc::new(Kafka::start()?),
        };
        *shared = Arc::downgrade(&own);
        Ok(Self {
            bootstrap: own.bootstrap(),
            _own: Some(own),
        })
    }

    /// The broker's address.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Makes a topic that is not there yet, and waits until it can be written to.
    pub fn create_topic(&self, name: &str, partitions: u32) -> anyhow::Result<()> {
        create_topic(&self.bootstrap, name, partitions)
    }
}
