//! What a component may use, and the counters for it.

use std::time::Duration;

use baepo_domain::model::attempt::{Limit, LimitHit};
use baepo_domain::model::id::ChannelId;
use baepo_domain::model::manifest::DeclaredLimits;
use baepo_domain::model::number::grouped;
use serde::Serialize;
use wasmtime::ResourceLimiter;

use crate::egress::EgressLimits;

/// What one channel may use. All but the last four are for one call; those are for one request
/// (`request_bytes`, `response_bytes`) or for the channel as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Units of work, about one per WebAssembly instruction.
    pub fuel: u64,
    /// Everything but sleep, in ms.
    pub active_time_ms: u64,
    /// Over all linear memories together.
    pub memory_bytes: u64,
    /// Over all tables together.
    pub table_elements: u64,
    /// Core instances that the component is made of.
    pub instances: u32,
    /// Each request of a `send-all` counts.
    pub host_calls: u32,
    pub log_bytes: u64,
    pub request_bytes: u64,
    pub response_bytes: u64,
    /// Attempts of the channel that run at the same time; the others wait.
    pub concurrency: u32,
    /// To one provider.
    pub requests_per_second: u32,
}

impl Limits {
    /// The limits of a channel that declares none.
    pub const DEFAULT: Self = Self {
        fuel: 1_000_000_000,
        active_time_ms: 120_000,
        memory_bytes: 64 << 20,
        table_elements: 20_000,
        instances: 64,
        host_calls: 1_000,
        log_bytes: 64 << 10,
        request_bytes: 1 << 20,
        response_bytes: 4 << 20,
        concurrency: 256,
        requests_per_second: 300,
    };

    /// The most that a channel may declare where the operator says nothing else.
    pub const MAXIMUM: Self = Self {
        fuel: 20_000_000_000,
        active_time_ms: 600_000,
        memory_bytes: 64 << 20,
        table_elements: 50_000,
        instances: 64,
        host_calls: 100_000,
        log_bytes: 1 << 20,
        request_bytes: 16 << 20,
        response_bytes: 32 << 20,
        concurrency: 480,
        requests_per_second: 1_000,
    };

    /// These limits where `declared` says nothing.
    #[must_use]
    pub fn with(self, declared: &DeclaredLimits) -> Self {
        Self {
            fuel: declared.fuel.unwrap_or(self.fuel),
            active_time_ms: declared.active_time_ms.unwrap_or(self.active_time_ms),
            memory_bytes: declared.memory_bytes.unwrap_or(self.memory_bytes),
            table_elements: declared.table_elements.unwrap_or(self.table_elements),
            instances: declared.instances.unwrap_or(self.instances),
            host_calls: declared.host_calls.unwrap_or(self.host_calls),
            log_bytes: declared.log_bytes.unwrap_or(self.log_bytes),
            request_bytes: declared.request_bytes.unwrap_or(self.request_bytes),
            response_bytes: declared.response_bytes.unwrap_or(self.response_bytes),
            concurrency: declared.concurrency.unwrap_or(self.concurrency),
            requests_per_second: declared
                .requests_per_second
                .unwrap_or(self.requests_per_second),
        }
    }

    /// All of them, as an attempt keeps those that it began with.
    pub(crate) fn declared(&self) -> DeclaredLimits {
        DeclaredLimits {
            fuel: Some(self.fuel),
            active_time_ms: Some(self.active_time_ms),
            memory_bytes: Some(self.memory_bytes),
            table_elements: Some(self.table_elements),
            instances: Some(self.instances),
            host_calls: Some(self.host_calls),
            log_bytes: Some(self.log_bytes),
            request_bytes: Some(self.request_bytes),
            response_bytes: Some(self.response_bytes),
            concurrency: Some(self.concurrency),
            requests_per_second: Some(self.requests_per_second),
        }
    }

    /// Where `asked` is above these limits: the name, what was asked, what is allowed.
    pub(crate) fn exceeded(&self, asked: &Self) -> impl Iterator<Item = (&'static str, u64, u64)> {
        self.named()
            .into_iter()
            .zip(asked.named())
            .map(|((name, allowed), (_, asked))| (name, asked, allowed))
            .filter(|(_, asked, allowed)| asked > allowed)
    }

    /// The first of these.
    pub(crate) fn first_exceeded(&self, asked: &Self) -> Option<(&'static str, u64, u64)> {
        self.exceeded(asked).next()
    }

    /// By the name that each has in `channel.toml`.
    fn named(&self) -> [(&'static str, u64); 11] {
        [
            ("fuel", self.fuel),
            ("active_time_ms", self.active_time_ms),
            ("memory_bytes", self.memory_bytes),
            ("table_elements", self.table_elements),
            ("instances", self.instances.into()),
            ("host_calls", self.host_calls.into()),
            ("log_bytes", self.log_bytes),
            ("request_bytes", self.request_bytes),
            ("response_bytes", self.response_bytes),
            ("concurrency", self.concurrency.into()),
            ("requests_per_second", self.requests_per_second.into()),
        ]
    }

    /// Those of one request, with the times that the operator sets.
    pub(crate) fn egress(
        &self,
        request_time: Duration,
        longest_request_time: Duration,
    ) -> EgressLimits {
        EgressLimits {
            request_bytes: self.request_bytes,
            response_bytes: self.response_bytes,
            request_time,
            longest_request_time,
            requests_per_second: self.requests_per_second,
        }
    }

    pub(crate) fn active_time(&self) -> Duration {
        Duration::from_millis(self.active_time_ms)
    }
}

/// A limit was hit: as an error inside the component's call, it ends the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit \"{limit}\": used {used} of {allowed}")]
pub(crate) struct Exceeded {
    pub limit: Limit,
    pub used: u64,
    pub allowed: u64,
}

impl Exceeded {
    /// The same for people: which limit, how much, whose.
    pub fn into_limit_hit(self, channel: ChannelId, release: String) -> LimitHit {
        LimitHit {
            limit: self.limit,
            used: with_unit(self.limit, self.used),
            allowed: with_unit(self.limit, self.allowed),
            channel,
            release,
        }
    }
}

/// Exact rather than rounded: "used 64.0 MiB of 64.0 MiB" would not show what went over.
fn with_unit(limit: Limit, amount: u64) -> String {
    let unit = match limit {
        Limit::Memory | Limit::Stack | Limit::LogBytes => " bytes",
        Limit::ActiveTime => " ms",
        Limit::Fuel | Limit::TableElements | Limit::Instances | Limit::HostCalls => "",
    };
    format!("{}{unit}", grouped(amount))
}

/// Counts all memories of a store together, and all its tables, where wasmtime's own limiter
/// counts each alone.
///
/// Growth beyond the limit ends the component at once. A refused growth would end it too, in its
/// allocator, but without the name of the limit.
#[derive(Debug)]
pub(crate) struct SpaceLimiter {
    memory: Meter,
    tables: Meter,
    instances: u32,
}

#[derive(Debug)]
struct Meter {
    limit: Limit,
    used: u64,
    allowed: u64,
}

impl SpaceLimiter {
    pub fn new(limits: &Limits) -> Self {
        let meter = |limit, allowed| Meter {
            limit,
            used: 0,
            allowed,
        };
        Self {
            memory: meter(Limit::Memory, limits.memory_bytes),
            tables: meter(Limit::TableElements, limits.table_elements),
            instances: limits.instances,
        }
    }

    /// Memories and tables never shrink, so what is used now is also the most that was used.
    pub fn memory_bytes(&self) -> u64 {
        self.memory.used
    }
}

impl Meter {
    /// Counts the growth from `current` to `desired`, or refuses it.
    fn grow(&mut self, current: usize, desired: usize) -> Result<(), Exceeded> {
        let growth = desired.saturating_sub(current) as u64;
        let used = self.used.saturating_add(growth);
        if used > self.allowed {
            let Self { limit, allowed, .. } = *self;
            return Err(Exceeded {
                limit,
                used,
                allowed,
            });
        }
        self.used = used;
        Ok(())
    }
}

impl ResourceLimiter for SpaceLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Growth beyond the maximum that the component declares itself is a plain -1.
        if maximum.is_some_and(|maximum| desired > maximum) && desired as u64 <= self.memory.allowed
        {
            return Ok(false);
        }
        self.memory.grow(current, desired)?;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) && desired as u64 <= self.tables.allowed
        {
            return Ok(false);
        }
        self.tables.grow(current, desired)?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 64 << 10;

    fn limiter(memory_bytes: usize) -> SpaceLimiter {
        SpaceLimiter::new(&Limits {
            memory_bytes: memory_bytes as u64,
            ..Limits::DEFAULT
        })
    }

    #[test]
    fn two_memories_each_below_the_limit_are_refused_together() {
        let mut limiter = limiter(10 * PAGE);
        assert!(
            limiter
                .memory_growing(0, 6 * PAGE, None)
                .expect("the first fits")
        );
        let error = limiter
            .memory_growing(0, 6 * PAGE, None)
            .expect_err("the second does not");
        let exceeded = error.downcast_ref::<Exceeded>().expect("says which limit");
        assert_eq!(exceeded.limit, Limit::Memory);
        assert_eq!(exceeded.used, 12 * PAGE as u64);
        assert_eq!(limiter.memory_bytes(), 6 * PAGE as u64);
    }

    #[test]
    fn growth_counts_once() {
        let mut limiter = limiter(10 * PAGE);
        for pages in 0..10 {
            let grown = limiter.memory_growing(pages * PAGE, (pages + 1) * PAGE, None);
            assert!(grown.expect("within the limit"));
        }
        assert_eq!(limiter.memory_bytes(), 10 * PAGE as u64);
    }

    #[test]
    fn a_limit_is_reported_exactly() {
        let exceeded = Exceeded {
            limit: Limit::Fuel,
            used: 500_000_000,
            allowed: 500_000_000,
        };
        let hit = exceeded.into_limit_hit("instagram".parse().expect("an id"), "3fa9".to_owned());
        assert_eq!(
            hit.to_string(),
            "limit \"fuel\": used 500,000,000 of 500,000,000, channel instagram, release 3fa9"
        );
        assert_eq!(with_unit(Limit::Memory, 1 << 20), "1,048,576 bytes");
        assert_eq!(with_unit(Limit::ActiveTime, 999), "999 ms");
    }

    #[test]
    fn a_declared_limit_above_the_maximum_is_found_by_name() {
        let declared = DeclaredLimits {
            host_calls: Some(200_000),
            ..DeclaredLimits::default()
        };
        let asked = Limits::DEFAULT.with(&declared);
        let exceeded = Limits::MAXIMUM.first_exceeded(&asked);
        assert_eq!(exceeded, Some(("host_calls", 200_000, 100_000)));
        assert_eq!(Limits::MAXIMUM.first_exceeded(&Limits::DEFAULT), None);
    }
}
