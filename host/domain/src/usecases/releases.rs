//! Installing components and swapping them while the host serves.

mod approval;
mod removal;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

pub use self::removal::NeededBy;
use crate::model::id::{ChannelId, Digest};
use crate::model::oci_reference::{OciReference, Transport};
use crate::model::permissions::{Permission, Permissions, names};
use crate::model::provenance::{Provenance, Source};
use crate::model::release::{NotPromotable, Release, ReleaseState};
use crate::model::signature::{KeyName, Signature, SignatureRefused};
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    Channels, HeldRelease, LoadError, LoadedRelease, Mutation, NotLoaded, PullError, ReleaseStore,
    Signal, Signals, StoreError, UnitOfWork,
};
use crate::usecases::conflict_backoff::ConflictBackoff;
use crate::usecases::origins::Origins;

/// The use case, with what it needs.
pub struct Releases {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub releases: Arc<dyn ReleaseStore>,
    pub channels: Arc<dyn Channels>,
    pub origins: Origins,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    /// Whether a component is approved because it is in the operator's folder.
    pub bundled: Bundled,
    /// Ways to the other hosts on the same store.
    pub others: Vec<Arc<dyn Signals>>,
}

/// What being in the operator's folder means for a component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bundled {
    /// What it asks for waits for an approval, like that of an upload.
    #[default]
    Strange,
    /// What it asks for is approved.
    Trusted,
}

impl fmt::Display for Bundled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strange => "strange",
            Self::Trusted => "trusted",
        })
    }
}

/// A release as an operator sees it.
#[derive(Debug, Clone)]
pub struct ReleaseView {
    pub release: Release,
    /// Attempts on it that are not over, on all hosts: those that run, and those that sleep.
    pub holders: u64,
    /// What has to be approved before it can become active.
    pub pending: Vec<Permission>,
}

/// Why a release was not installed or swapped.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("no such release is installed for the channel")]
    UnknownRelease,
    #[error("the channel has no earlier release to go back to")]
    NothingToRollBackTo,
    #[error("the component is for the channel {found}, not for {expected}")]
    OtherChannel {
        expected: ChannelId,
        found: ChannelId,
    },
    #[error("{0}")]
    Rejected(String),
    /// The names of what is new.
    #[error("release {} asks for what the active one was not given: {}", .0.short(), listed(.1))]
    NeedsApproval(Digest, BTreeSet<String>),
    /// The names of what is new.
    #[error("these are to be approved, all of them and nothing else: {}", listed(.0))]
    OtherDifferences(BTreeSet<String>),
    #[error("release {} is needed: {}", .0.short(), .1)]
    Needed(Digest, NeededBy),
    #[error("{0}")]
    Host(String),
    /// Nothing was pulled.
    #[error(transparent)]
    Pull(PullError),
    #[error(transparent)]
    NotPromotable(#[from] NotPromotable),
    #[error(transparent)]
    NotLoaded(#[from] NotLoaded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join("; ")
}

impl From<SignatureRefused> for ReleaseError {
    fn from(refused: SignatureRefused) -> Self {
        Self::Rejected(refused.to_string())
    }
}

impl From<PullError> for ReleaseError {
    fn from(error: PullError) -> Self {
        match error {
            PullError::Rejected(reason) => Self::Rejected(reason),
            other => Self::Pull(other),
        }
    }
}

/// A release that could not be brought back, and why.
#[derive(Debug)]
pub struct RestoreFailure {
    pub channel: ChannelId,
    pub digest: Digest,
    pub error: ReleaseError,
}

impl Releases {
    /// Loads a component and stages it, when who signed it may. Installing the same again changes
    /// nothing.
    ///
    /// # Errors
    /// [`ReleaseError::Rejected`] says what is wrong with the component or its signatures; the release
    /// is kept as REJECTED with that reason.
    pub async fn install(
        &self,
        channel: &ChannelId,
        component: Vec<u8>,
        signatures: &[Signature],
    ) -> Result<Release, ReleaseError> {
        self.install_from(Source::Upload, channel, component, signatures)
            .await
    }

    async fn install_from(
        &self,
        source: Source,
        channel: &ChannelId,
        component: Vec<u8>,
        signatures: &[Signature],
    ) -> Result<Release, ReleaseError> {
        let what = (Digest::of(&component), component.len() as u64);
        let admitted = self.origins.admit(Some(channel), &component, signatures);
        let staged = self.begin(channel, what, source, admitted).await?;
        self.stage(staged, component).await
    }

    /// The same with a component from a registry, which is fetched when its image's signatures
    /// are good.
    ///
    /// # Errors
    /// As [`Releases::install`], and [`ReleaseError::Pull`].
    pub async fn pull(
        &self,
        channel: &ChannelId,
        reference: &OciReference,
        transport: Transport,
    ) -> Result<Release, ReleaseError> {
        let origins = &self.origins;
        let image = origins.source.resolve(reference, transport).await?;
        let admitted = origins.admit(Some(channel), &image.manifest, &image.signatures);
        let source = Source::Registry(reference.pinned(Digest::of(&image.manifest)));
        let what = (image.component, image.bytes);
        let staged = self.begin(channel, what, source, admitted).await?;
        let component = origins.source.fetch(&image).await?;
        self.stage(staged, component).await
    }

    /// A release of a component that may be read; one that may not is kept as REJECTED.
    async fn begin(
        &self,
        channel: &ChannelId,
        (digest, bytes): (Digest, u64),
        source: Source,
        admitted: Result<Option<KeyName>, SignatureRefused>,
    ) -> Result<Release, ReleaseError> {
        let (signed_by, refused) = match admitted {
            Ok(key) => (key, None),
            Err(refused) => (None, Some(refused.to_string())),
        };
        let provenance = Provenance { source, signed_by };
        let now = self.clock.now();
        let staged = Release::staged(channel.clone(), digest, bytes, provenance, now);
        match refused {
            None => Ok(staged),
            Some(reason) => Err(self.reject(staged, reason).await),
        }
    }

    /// Installs a component from the operator's folder under the id that it names itself. One
    /// that was never seen before becomes active; so does one whose channel has none. A release
    /// that an operator moved away from stays where it is, and so does one that asks for something
    /// new in a folder that is not [trusted](Bundled::Trusted).
    ///
    /// # Errors
    /// As [`Releases::install`].
    pub async fn install_bundled(
        &self,
        component: Vec<u8>,
        signatures: &[Signature],
    ) -> Result<Release, ReleaseError> {
        self.origins.admit(None, &component, signatures)?;
        let loaded = self.load(component.clone()).await?;
        let LoadedRelease {
            digest, manifest, ..
        } = loaded.release();
        let (channel, digest) = (manifest.id.clone(), *digest);
        let releases = self.of_channel(&channel).await?;
        let is_known = releases.iter().any(|release| release.digest == digest);
        let has_active = releases
            .iter()
            .any(|release| release.state == ReleaseState::Active);
        if is_known && has_active {
            return self.find(&channel, digest).await;
        }
        let staged = self
            .install_from(Source::Folder, &channel, component, signatures)
            .await?;
        if self.bundled == Bundled::Trusted {
            self.approve_bundled(&channel, digest).await?;
        } else if !self.pending(&staged).await?.is_empty() {
            return Ok(staged);
        }
        self.promote(&channel, digest).await
    }

    /// New attempts run on this release from now on; running ones finish on theirs.
    ///
    /// # Errors
    /// When there is no such release, it was rejected, or it asks for what nobody has approved.
    pub async fn promote(
        &self,
        channel: &ChannelId,
        digest: Digest,
    ) -> Result<Release, ReleaseError> {
        // A rejected release is refused as such: its bytes were not kept.
        self.find(channel, digest)
            .await?
            .promote(self.clock.now())?;
        let _held = self.load_stored(digest).await?;
        let mut contention = self.contention();
        loop {
            let release = self.find(channel, digest).await?;
            if release.state == ReleaseState::Active {
                self.channels.activate(channel, digest)?;
                return Ok(release);
            }
            let pending = self.pending(&release).await?;
            if !pending.is_empty() {
                return Err(ReleaseError::NeedsApproval(digest, names(&pending)));
            }
            let promoted = release.promote(self.clock.now())?;
            let retired = self.active(channel).await?.map(Release::retire);
            let changes = retired
                .into_iter()
                .chain([promoted.clone()])
                .map(|release| Mutation::PutRelease {
                    release,
                    component: None,
                })
                .collect();
            let commit = self.unit_of_work.commit(changes).await;
            if contention.committed(commit).await? {
                self.channels.activate(channel, digest)?;
                self.signal_peers();
                return Ok(promoted);
            }
        }
    }

    /// Promotes the release that was active before.
    ///
    /// # Errors
    /// [`ReleaseError::NothingToRollBackTo`] when there was none.
    pub async fn rollback(&self, channel: &ChannelId) -> Result<Release, ReleaseError> {
        let releases = self.of_channel(channel).await?;
        let previous = releases
            .into_iter()
            .filter(|release| release.state == ReleaseState::Retired)
            .max_by_key(|release| release.promoted_at)
            .ok_or(ReleaseError::NothingToRollBackTo)?;
        self.promote(channel, previous.digest).await
    }

    /// Every release of every channel, in the order of installation.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list(&self) -> Result<Vec<ReleaseView>, ReleaseError> {
        let releases = self.releases.releases().await?;
        let holders = self.releases.unfinished_attempts().await?;
        let active = releases
            .iter()
            .filter(|release| release.state == ReleaseState::Active);
        let granted: HashMap<ChannelId, Permissions> = active
            .map(|active| (active.channel.clone(), self.granted(Some(active))))
            .collect();
        let nothing = Permissions::default();
        let view = |release: Release| {
            let asked = match &release.permissions {
                Some(asked) if waits_for_approval(&release) => asked,
                _ => &nothing,
            };
            ReleaseView {
                holders: holders.get(&release.digest).copied().unwrap_or(0),
                pending: asked.beyond(granted.get(&release.channel).unwrap_or(&nothing)),
                release,
            }
        };
        Ok(releases.into_iter().map(view).collect())
    }

    /// One release as it stands in the list.
    ///
    /// # Errors
    /// As [`Releases::list`], and when there is no such release.
    pub async fn view(
        &self,
        channel: &ChannelId,
        digest: Digest,
    ) -> Result<ReleaseView, ReleaseError> {
        let views = self.list().await?.into_iter();
        let mut found =
            views.filter(|view| view.release.channel == *channel && view.release.digest == digest);
        found.next().ok_or(ReleaseError::UnknownRelease)
    }

    /// Makes the releases active here that are active in the store: after a start, and when
    /// another host promoted one. One that cannot be loaded is left out, never a reason not to
    /// start.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn restore(&self) -> Result<Vec<RestoreFailure>, ReleaseError> {
        let mut failures = Vec::new();
        let here: Vec<(ChannelId, Digest)> = self
            .channels
            .active()
            .iter()
            .map(|release| (release.manifest.id.clone(), release.digest))
            .collect();
        let releases = self.releases.releases().await?;
        for (channel, _) in &here {
            let is_active = |release: &Release| {
                release.channel == *channel && release.state == ReleaseState::Active
            };
            if !releases.iter().any(is_active) {
                self.channels.deactivate(channel);
            }
        }
        for release in releases {
            let (channel, digest) = (release.channel, release.digest);
            if release.state != ReleaseState::Active || here.contains(&(channel.clone(), digest)) {
                continue;
            }
            let restored = self.load_stored(digest).await;
            let restored =
                restored.and_then(|_held| Ok(self.channels.activate(&channel, digest)?));
            if let Err(error) = restored {
                failures.push(RestoreFailure {
                    channel,
                    digest,
                    error,
                });
            }
        }
        Ok(failures)
    }

    async fn load(&self, component: Vec<u8>) -> Result<Box<dyn HeldRelease>, ReleaseError> {
        self.channels
            .load(component)
            .await
            .map_err(|error| match error {
                LoadError::Rejected(reason) => ReleaseError::Rejected(reason),
                LoadError::Host(_) => ReleaseError::Host(error.to_string()),
            })
    }

    async fn load_stored(&self, digest: Digest) -> Result<Box<dyn HeldRelease>, ReleaseError> {
        let component = self.releases.component(digest).await?;
        let component = component.ok_or(ReleaseError::UnknownRelease)?;
        self.load(component).await
    }

    /// Loads a component that may be let in, and stores it as staged.
    async fn stage(&self, staged: Release, component: Vec<u8>) -> Result<Release, ReleaseError> {
        let loaded = match self.load(component.clone()).await {
            Ok(loaded) => loaded,
            Err(ReleaseError::Rejected(reason)) => return Err(self.reject(staged, reason).await),
            Err(error) => return Err(error),
        };
        let LoadedRelease {
            manifest,
            permissions,
            author_mistakes,
            ..
        } = loaded.release();
        if let Some(mistakes) = author_mistakes
            && !self.is_installed(&staged).await?
        {
            return Err(self.reject(staged, mistakes.clone()).await);
        }
        if manifest.id != staged.channel {
            return Err(ReleaseError::OtherChannel {
                expected: staged.channel,
                found: manifest.id.clone(),
            });
        }
        let staged = Release {
            permissions: Some(permissions.clone()),
            ..staged
        };
        self.store_release(staged, Some(component)).await
    }

    /// The rules for authors hold for what the host does not have yet.
    async fn is_installed(&self, release: &Release) -> Result<bool, ReleaseError> {
        let releases = self.of_channel(&release.channel).await?;
        let is_it = |known: &Release| {
            known.digest == release.digest && known.state != ReleaseState::Rejected
        };
        Ok(releases.iter().any(is_it))
    }

    /// Keeps it as REJECTED, and returns the error that says so.
    async fn reject(&self, staged: Release, reason: String) -> ReleaseError {
        let rejected = Release {
            state: ReleaseState::Rejected,
            reason: Some(reason.clone()),
            ..staged
        };
        match self.store_release(rejected, None).await {
            Ok(_) => ReleaseError::Rejected(reason),
            Err(error) => error,
        }
    }

    /// Stores a release unless it is there already; a rejected one may be tried again.
    async fn store_release(
        &self,
        release: Release,
        component: Option<Vec<u8>>,
    ) -> Result<Release, ReleaseError> {
        let mut contention = self.contention();
        loop {
            let known = self.of_channel(&release.channel).await?;
            let known = known
                .into_iter()
                .find(|known| known.digest == release.digest);
            let revision = match known {
                Some(known) if known.state != ReleaseState::Rejected => return Ok(known),
                Some(known) => known.revision,
                None => 0,
            };
            let release = Release {
                revision,
                ..release.clone()
            };
            let change = Mutation::PutRelease {
                release: release.clone(),
                component: component.clone(),
            };
            let commit = self.unit_of_work.commit(vec![change]).await;
            if contention.committed(commit).await? {
                return Ok(release);
            }
        }
    }

    fn signal_peers(&self) {
        for others in &self.others {
            others.broadcast(Signal::Releases);
        }
    }

    fn contention(&self) -> ConflictBackoff<'_> {
        ConflictBackoff::new(self.clock.as_ref(), self.ids.chance())
    }

    async fn find(&self, channel: &ChannelId, digest: Digest) -> Result<Release, ReleaseError> {
        let releases = self.of_channel(channel).await?;
        let found = releases
            .into_iter()
            .find(|release| release.digest == digest);
        found.ok_or(ReleaseError::UnknownRelease)
    }

    async fn active(&self, channel: &ChannelId) -> Result<Option<Release>, ReleaseError> {
        let releases = self.of_channel(channel).await?;
        Ok(releases
            .into_iter()
            .find(|release| release.state == ReleaseState::Active))
    }

    async fn of_channel(&self, channel: &ChannelId) -> Result<Vec<Release>, ReleaseError> {
        let mut releases = self.releases.releases().await?;
        releases.retain(|release| release.channel == *channel);
        Ok(releases)
    }
}

/// What stands in the way of a release is an approval, if anything.
fn waits_for_approval(release: &Release) -> bool {
    release.state == ReleaseState::Staged && !release.is_approved()
}
