//! A release that is ready to run, and all that is verified before it is.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use baepo_domain::model::id::Digest;
use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::number::grouped;
use baepo_domain::model::permissions::Permissions;
use baepo_domain::ports::{LoadError, LoadedRelease, OptionalExports};
use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre, Linker};

use super::declaration::Declared;
use super::schema::Schema;
use crate::bindings::{channel, preview, probe, withdraw};
use crate::config::RuntimeConfig;
use crate::engine::{MEMORIES_PER_COMPONENT, TABLES_PER_COMPONENT};
use crate::imports::CallState;
use crate::limits::Limits;

/// Compiled and linked, with its exports resolved: a call needs only a store.
pub(crate) struct LoadedComponent {
    pub release: Arc<LoadedRelease>,
    pub limits: Limits,
    pub settings: Schema,
    pub options: Schema,
    pub linked: InstancePre<CallState>,
    pub exports: Exports,
    /// For the attempts of this channel, whatever their release.
    pub semaphore: Arc<Semaphore>,
    /// How many attempts hold it.
    pub holders: AtomicUsize,
}

/// The indices of a component's exports, resolved once rather than by name in every call.
pub(crate) struct Exports {
    pub channel: channel::GuestIndices,
    pub preview: Option<preview::GuestIndices>,
    pub probe: Option<probe::GuestIndices>,
    pub withdraw: Option<withdraw::GuestIndices>,
}

/// What a component declares, verified without compiling it.
pub(crate) struct VerifiedComponent {
    pub digest: Digest,
    pub bytes: u64,
    pub manifest: Manifest,
    pub permissions: Permissions,
    pub declared: Declared,
}

impl VerifiedComponent {
    /// Verifies what a component of so many bytes declares against what the host offers.
    ///
    /// # Errors
    /// [`LoadError::Rejected`] with what the author changes.
    pub fn of(
        digest: Digest,
        bytes: u64,
        manifest: &str,
        config: &RuntimeConfig,
    ) -> Result<Self, LoadError> {
        let manifest = Manifest::parse(manifest).map_err(|error| rejected(error.to_string()))?;
        let declared = Declared::of(&manifest, config).map_err(LoadError::Rejected)?;
        Ok(Self {
            digest,
            bytes,
            permissions: Permissions::of(&manifest, &config.default_limits.declared()),
            manifest,
            declared,
        })
    }

    /// Links the compiled component and finds its exports.
    ///
    /// # Errors
    /// [`LoadError::Rejected`]: it wants what the host does not offer, or lacks what it must have.
    pub fn link(
        self,
        component: &Component,
        linker: &Linker<CallState>,
        semaphore: Arc<Semaphore>,
    ) -> Result<LoadedComponent, LoadError> {
        let author_mistakes = self.declared.check_for_authors(&self.manifest).err();
        let Declared {
            limits,
            settings,
            options,
        } = self.declared;
        check_resources(component, &limits)?;
        let linked = linker.instantiate_pre(component).map_err(|error| {
            rejected(format!(
                "the component does not fit what the host offers: {error:#}"
            ))
        })?;
        let exports = Exports::of(&linked)?;
        Ok(LoadedComponent {
            release: Arc::new(LoadedRelease {
                digest: self.digest,
                bytes: self.bytes,
                permissions: self.permissions,
                manifest: self.manifest,
                abilities: exports.abilities(),
                author_mistakes,
            }),
            limits,
            settings,
            options,
            linked,
            exports,
            semaphore,
            holders: AtomicUsize::new(0),
        })
    }
}

impl Exports {
    fn of(linked: &InstancePre<CallState>) -> Result<Self, LoadError> {
        let channel = channel::GuestIndices::new(linked)
            .map_err(|error| rejected(format!("the component is not a channel: {error:#}")))?;
        let offers = |interface: &str| {
            let name = format!("baepo:channel/{interface}@1.0.0");
            linked.component().get_export_index(None, &name).is_some()
        };
        // An optional interface that is there must be there whole.
        macro_rules! optional {
            ($interface:ident) => {
                offers(stringify!($interface))
                    .then(|| $interface::GuestIndices::new(linked))
                    .transpose()
                    .map_err(|error| rejected(format!("{error:#}")))?
            };
        }
        Ok(Self {
            channel,
            preview: optional!(preview),
            probe: optional!(probe),
            withdraw: optional!(withdraw),
        })
    }

    fn abilities(&self) -> OptionalExports {
        OptionalExports {
            preview: self.preview.is_some(),
            probe: self.probe.is_some(),
            withdraw: self.withdraw.is_some(),
        }
    }
}

/// Refuses at load what instantiation would refuse later, in every attempt.
fn check_resources(component: &Component, limits: &Limits) -> Result<(), LoadError> {
    const PAGE_BYTES: u64 = 64 << 10;
    let Some(needs) = component.resources_required() else {
        return Err(rejected(
            "the component instantiates modules that it imports",
        ));
    };
    let at_most = |what: &str, needed: u64, allowed: u64, remedy: &str| {
        if needed <= allowed {
            return Ok(());
        }
        let (needed, allowed) = (grouped(needed), grouped(allowed));
        Err(rejected(format!(
            "the component begins with {needed} {what}, allowed are {allowed}: {remedy}"
        )))
    };
    at_most(
        "memories",
        needs.num_memories.into(),
        MEMORIES_PER_COMPONENT.into(),
        "link fewer parts into it",
    )?;
    at_most(
        "tables",
        needs.num_tables.into(),
        TABLES_PER_COMPONENT.into(),
        "link fewer parts into it",
    )?;
    let pages = needs.max_initial_memory_size.unwrap_or(0);
    at_most(
        "bytes of memory",
        pages.saturating_mul(PAGE_BYTES),
        limits.memory_bytes,
        "use less, or ask for more by limits.memory_bytes in channel.toml",
    )?;
    at_most(
        "table elements",
        needs.max_initial_table_size.unwrap_or(0),
        limits.table_elements,
        "use less, or ask for more by limits.table_elements in channel.toml",
    )
}

fn rejected(why: impl Into<String>) -> LoadError {
    LoadError::Rejected(why.into())
}
