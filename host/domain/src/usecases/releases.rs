//! Installing components and swapping them while the host serves.

use std::sync::Arc;

use crate::model::id::{ChannelId, Digest};
use crate::model::release::{NotPromotable, Release, ReleaseState};
use crate::ports::clock::Clock;
use crate::ports::id_generator::IdGenerator;
use crate::ports::{
    Channels, HeldRelease, LoadError, LoadedRelease, Mutation, NotLoaded, ReleaseStore, Signal,
    Signals, StoreError, UnitOfWork,
};
use crate::usecases::conflict_backoff::ConflictBackoff;

/// The use case, with what it needs.
pub struct Releases {
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub releases: Arc<dyn ReleaseStore>,
    pub channels: Arc<dyn Channels>,
    pub clock: Arc<dyn Clock>,
    pub ids: IdGenerator,
    /// Ways to the other hosts on the same store.
    pub others: Vec<Arc<dyn Signals>>,
}

/// A release as an operator sees it.
#[derive(Debug, Clone)]
pub struct ReleaseView {
    pub release: Release,
    /// Attempts that run on it now.
    pub holders: usize,
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
    #[error("rejected: {0}")]
    Rejected(String),
    #[error("{0}")]
    Host(String),
    #[error(transparent)]
    NotPromotable(#[from] NotPromotable),
    #[error(transparent)]
    NotLoaded(#[from] NotLoaded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A release that could not be brought back, and why.
#[derive(Debug)]
pub struct RestoreFailure {
    pub channel: ChannelId,
    pub digest: Digest,
    pub error: ReleaseError,
}

impl Releases {
    /// Loads a component and stages it. Installing the same again changes nothing.
    ///
    /// # Errors
    /// [`ReleaseError::Rejected`] says what is wrong with the component; the release is kept as
    /// REJECTED with that reason.
    pub async fn install(
        &self,
        channel: &ChannelId,
        component: Vec<u8>,
    ) -> Result<Release, ReleaseError> {
        let digest = Digest::of(&component);
        let bytes = component.len() as u64;
        let staged = Release::staged(channel.clone(), digest, bytes, self.clock.now());
        let loaded = match self.load(component.clone()).await {
            Ok(loaded) => loaded,
            Err(ReleaseError::Rejected(reason)) => {
                let rejected = Release {
                    state: ReleaseState::Rejected,
                    reason: Some(reason.clone()),
                    ..staged
                };
                self.store_release(rejected, None).await?;
                return Err(ReleaseError::Rejected(reason));
            }
            Err(error) => return Err(error),
        };
        let found = &loaded.release().manifest.id;
        if found != channel {
            let found = found.clone();
            return Err(ReleaseError::OtherChannel {
                expected: channel.clone(),
                found,
            });
        }
        self.store_release(staged, Some(component)).await
    }

    /// Installs a component from the operator's folder under the id that it names itself. One
    /// that was never seen before becomes active; so does one whose channel has none. A release
    /// that an operator moved away from stays where it is.
    ///
    /// # Errors
    /// As [`Releases::install`].
    pub async fn install_bundled(&self, component: Vec<u8>) -> Result<Release, ReleaseError> {
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
        self.install(&channel, component).await?;
        self.promote(&channel, digest).await
    }

    /// New attempts run on this release from now on; running ones finish on theirs.
    ///
    /// # Errors
    /// When there is no such release, or it was rejected.
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
                for others in &self.others {
                    others.broadcast(Signal::Releases);
                }
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
        let view = |release: Release| ReleaseView {
            holders: self.channels.holders(release.digest),
            release,
        };
        Ok(releases.into_iter().map(view).collect())
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
        for release in self.releases.releases().await? {
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
