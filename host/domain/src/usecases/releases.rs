//! Swapping components while the host serves; `installation` takes them in, `approval` and `removal` are what their
//! names say.

mod approval;
mod installation;
mod removal;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use crate::model::id::{ChannelId, Digest};
use crate::model::permissions::{Permission, Permissions, names};
use crate::model::release::{NeededBy, NotPromotable, Release, ReleaseState};
use crate::model::signature::SignatureRefused;
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    Channels, HeldRelease, LoadError, Mutation, NotLoaded, PullError, ReleaseStore, Signal,
    Signals, StoreError, UnitOfWork,
};
use crate::usecases::conflict_backoff::ConflictBackoff;
use crate::usecases::failpoint;
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
    #[error("the channel {0} is needed: {1}")]
    ChannelNeeded(ChannelId, NeededBy),
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
            failpoint::point("release.promote");
            let commit = self.unit_of_work.commit(changes).await;
            if contention.committed(commit).await? {
                failpoint::point("release.promoted");
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
            let runs = (release.state != ReleaseState::Rejected).then_some(&release.digest);
            ReleaseView {
                holders: runs
                    .and_then(|digest| holders.get(digest))
                    .copied()
                    .unwrap_or(0),
                pending: asked.beyond(granted.get(&release.channel).unwrap_or(&nothing)),
                release,
            }
        };
        let mut views: Vec<ReleaseView> = releases.into_iter().map(view).collect();
        for view in &mut views {
            if view.release.permissions.is_none() && waits_for_approval(&view.release) {
                // A version before has staged it. What cannot be loaded is refused when it is promoted.
                view.pending = self.pending(&view.release).await.unwrap_or_default();
            }
        }
        Ok(views)
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
