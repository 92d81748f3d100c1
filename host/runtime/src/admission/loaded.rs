//! A release that is ready to run, and all that is verified before it is.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use baepo_domain::model::id::Digest;
use baepo_domain::model::manifest::Manifest;
use baepo_domain::model::number::grouped;
use baepo_domain::ports::{LoadError, LoadedRelease, OptionalExports};
use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre, Linker};

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
    pub limits: Limits,
    pub settings: Schema,
    pub options: Schema,
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
        check_secret_urls(&manifest)?;
        let limits = config.default_limits.with(&manifest.limits);
        if let Some((name, asked, allowed)) = config.maximum_limits.first_exceeded(&limits) {
            return Err(rejected(format!(
                "channel.toml: limits.{name}: asks for {}, the host allows at most {}",
                grouped(asked),
                grouped(allowed),
            )));
        }
        let schema = |at, schema| {
            Schema::compile(schema)
                .map_err(|error| rejected(format!("channel.toml: {at}: no valid schema: {error}")))
        };
        Ok(Self {
            digest,
            bytes,
            settings: schema("settings", &manifest.settings)?,
            options: schema("options", &manifest.options)?,
            manifest,
            limits,
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
        check_resources(component, &self.limits)?;
        let linked = linker
            .instantiate_pre(component)
            .map_err(|error| rejected(link_error(component, linker, &error)))?;
        let exports = Exports::of(&linked)?;
        Ok(LoadedComponent {
            release: Arc::new(LoadedRelease {
                digest: self.digest,
                bytes: self.bytes,
                manifest: self.manifest,
                abilities: exports.abilities(),
            }),
            limits: self.limits,
            settings: self.settings,
            options: self.options,
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

/// The URLs to which the host itself sends an account's secrets must be https.
fn check_secret_urls(manifest: &Manifest) -> Result<(), LoadError> {
    let tokens = manifest.tokens.iter();
    let tokens = tokens.map(|token| ("tokens", &token.name, &token.url));
    let secrets = manifest.secrets.iter();
    let refreshes = secrets.filter_map(|secret| {
        let refresh = secret.refresh.as_ref()?;
        Some(("secrets.refresh", &secret.name, &refresh.url))
    });
    for (at, name, url) in tokens.chain(refreshes) {
        if url.scheme() != "https" {
            return Err(rejected(format!(
                "channel.toml: {at} of {name:?}: the address must begin with \"https://\"; \
                 egress.rewrite lets a local stand-in answer for it"
            )));
        }
    }
    Ok(())
}

/// Refuses at load what instantiation would refuse later, in every attempt.
fn check_resources(component: &Component, limits: &Limits) -> Result<(), LoadError> {
    const PAGE_BYTES: u64 = 64 << 10;
    let Some(needs) = component.resources_required() else {
        return Err(rejected(
            "the component instantiates modules that it imports",
        ));
    };
    let at_most = |what: &str, needed: u64, allowed: u64| {
        if needed <= allowed {
            return Ok(());
        }
        let (needed, allowed) = (grouped(needed), grouped(allowed));
        Err(rejected(format!(
            "the component begins with {needed} {what}, allowed are {allowed}"
        )))
    };
    let memory_bytes = needs
        .max_initial_memory_size
        .unwrap_or(0)
        .saturating_mul(PAGE_BYTES);
    at_most(
        "memories",
        needs.num_memories.into(),
        MEMORIES_PER_COMPONENT.into(),
    )?;
    at_most(
        "tables",
        needs.num_tables.into(),
        TABLES_PER_COMPONENT.into(),
    )?;
    at_most("bytes of memory", memory_bytes, limits.memory_bytes)?;
    let elements = needs.max_initial_table_size.unwrap_or(0);
    at_most("table elements", elements, limits.table_elements)
}

/// Refuses what is too large to be looked at.
///
/// # Errors
/// [`LoadError::Rejected`] with both sizes.
pub(crate) fn check_size(bytes: u64, config: &RuntimeConfig) -> Result<(), LoadError> {
    if bytes <= config.component_bytes {
        return Ok(());
    }
    Err(rejected(format!(
        "the component has {} bytes, the host takes at most {}",
        grouped(bytes),
        grouped(config.component_bytes),
    )))
}

/// Names the first import that is not offered; wasmtime's own words where it is something else.
fn link_error(
    component: &Component,
    linker: &Linker<CallState>,
    error: &wasmtime::Error,
) -> String {
    const OFFERED: [&str; 4] = [
        "baepo:channel/types@1.0.0",
        "baepo:channel/http@1.0.0",
        "baepo:channel/account@1.0.0",
        "baepo:channel/run@1.0.0",
    ];
    let component_type = component.component_type();
    let foreign = component_type
        .imports(linker.engine())
        .map(|(name, _)| name)
        .find(|name| !OFFERED.contains(name));
    match foreign {
        Some(name) => format!(
            "the component imports {name:?}, which this host does not offer; offered are {}",
            OFFERED.join(", ")
        ),
        None => format!("the component does not fit what the host offers: {error:#}"),
    }
}

fn rejected(why: impl Into<String>) -> LoadError {
    LoadError::Rejected(why.into())
}
