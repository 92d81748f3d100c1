//! From a component's bytes to a staged release.

use super::{Bundled, ReleaseError, Releases};
use crate::model::id::{ChannelId, Digest};
use crate::model::oci_reference::{OciReference, Transport};
use crate::model::provenance::{Provenance, Source};
use crate::model::release::{Release, ReleaseState};
use crate::model::signature::{KeyName, Signature, SignatureRefused};
use crate::ports::{LoadedRelease, Mutation};
use crate::usecases::failpoint;

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
    /// that was never seen before becomes active, and one that an earlier start staged and did not
    /// promote; so does one whose channel has none. A release that an operator moved away from, or
    /// brought in another way, stays where it is, and so does one that asks for something new in a
    /// folder that is not [trusted](Bundled::Trusted).
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
        let known = releases.iter().find(|release| release.digest == digest);
        let active = releases
            .iter()
            .find(|release| release.state == ReleaseState::Active);
        if let (Some(known), Some(active)) = (known, active)
            && !waits_in_folder(known, active)
        {
            return Ok(known.clone());
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
            Ok(_) => match self.bound_rejected().await {
                Ok(()) => ReleaseError::Rejected(reason),
                Err(error) => error.into(),
            },
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
            failpoint::point("release.stage");
            let commit = self.unit_of_work.commit(vec![change]).await;
            if contention.committed(commit).await? {
                failpoint::point("release.staged");
                return Ok(release);
            }
        }
    }
}

/// Whether a start has staged it from the folder, and it has not become active yet: it asked for what nobody had
/// approved, or the process ended in between. Whoever has promoted another one since has decided.
fn waits_in_folder(release: &Release, active: &Release) -> bool {
    let provenance = release.provenance.as_ref();
    let is_from_folder = provenance.is_some_and(|it| it.source == Source::Folder);
    is_from_folder
        && release.state == ReleaseState::Staged
        && active.promoted_at <= Some(release.installed_at)
}
