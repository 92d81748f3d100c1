//! Forgetting releases that nobody needs.
//!
//! A component's bytes outlive its release for a while: a host that has not heard of it yet may begin an attempt on
//! it, and that attempt must be able to go on.

use std::time::Duration;

use super::{ReleaseError, Releases};
use crate::model::audit::{Action, Actor, AuditEntry};
use crate::model::id::{AuditId, ChannelId, Digest};
use crate::model::release::{NeededBy, Release, ReleaseState};
use crate::model::time::before;
use crate::ports::{CommitError, Mutation, StoreError};
use crate::usecases::failpoint;

/// Rejected uploads of all channels together; what an author has to mend is read soon, or never.
const REJECTED_KEPT: usize = 100;

impl Releases {
    /// Forgets a release. The audit log keeps that.
    ///
    /// # Errors
    /// [`ReleaseError::Needed`] says by whom.
    pub async fn delete(
        &self,
        channel: &ChannelId,
        digest: Digest,
        by: &Actor,
    ) -> Result<(), ReleaseError> {
        let mut contention = self.contention();
        loop {
            let release = self.find(channel, digest).await?;
            if release.state == ReleaseState::Active {
                return Err(ReleaseError::Needed(digest, NeededBy::Traffic));
            }
            self.require_no_attempts(&release).await?;
            let detail = Some(digest.to_string());
            let changes = vec![
                Mutation::DeleteRelease(release),
                Mutation::AddAudit(self.deletion(channel, detail, by)),
            ];
            failpoint::point("release.delete");
            if contention
                .committed(self.unit_of_work.commit(changes).await)
                .await?
            {
                failpoint::point("release.deleted");
                return Ok(());
            }
        }
    }

    /// Forgets a channel with all its releases. What was delivered to it stays readable.
    ///
    /// # Errors
    /// [`ReleaseError::Needed`] while an attempt on one of them is not over, [`ReleaseError::ChannelNeeded`] while a
    /// delivery waits for its first attempt, for the next, or to be looked for at its provider.
    pub async fn delete_channel(
        &self,
        channel: &ChannelId,
        by: &Actor,
    ) -> Result<(), ReleaseError> {
        let mut contention = self.contention();
        loop {
            let releases = self.of_channel(channel).await?;
            if releases.is_empty() {
                return Err(ReleaseError::UnknownRelease);
            }
            for release in &releases {
                self.require_no_attempts(release).await?;
            }
            let is_rejected = |release: &Release| release.state == ReleaseState::Rejected;
            if !releases.iter().all(is_rejected) {
                self.require_no_deliveries(channel).await?;
            }
            let audit = Mutation::AddAudit(self.deletion(channel, None, by));
            let deletions = releases.into_iter().map(Mutation::DeleteRelease);
            let changes = deletions.chain([audit]).collect();
            failpoint::point("channel.delete");
            if contention
                .committed(self.unit_of_work.commit(changes).await)
                .await?
            {
                failpoint::point("channel.deleted");
                self.channels.deactivate(channel);
                self.signal_peers();
                return Ok(());
            }
        }
    }

    /// Keeps of all rejected uploads the newest alone.
    pub(super) async fn bound_rejected(&self) -> Result<(), StoreError> {
        let mut rejected = self.releases.releases().await?;
        rejected.retain(|release| release.state == ReleaseState::Rejected);
        let surplus = rejected.len().saturating_sub(REJECTED_KEPT);
        let oldest = rejected.into_iter().take(surplus);
        let changes: Vec<Mutation> = oldest.map(Mutation::DeleteRelease).collect();
        if changes.is_empty() {
            return Ok(());
        }
        match self.unit_of_work.commit(changes).await {
            // Another upload is bounding them.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Forgets uploads that were rejected at least `keep` ago, and the bytes of components that no release has any
    /// more and no attempt needs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire(&self, keep: Duration) -> Result<(), StoreError> {
        let rejected_before = before(self.clock.now(), keep);
        let old = self
            .releases
            .releases()
            .await?
            .into_iter()
            .filter(|release| {
                release.state == ReleaseState::Rejected && release.installed_at < rejected_before
            });
        let mut changes: Vec<Mutation> = old.map(Mutation::DeleteRelease).collect();
        changes.push(Mutation::DeleteUnusedComponents);
        match self.unit_of_work.commit(changes).await {
            // One was uploaded again meanwhile: the next round sees it.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Nothing runs on a rejected release, though its bytes may run as another channel's.
    async fn require_no_attempts(&self, release: &Release) -> Result<(), ReleaseError> {
        if release.state == ReleaseState::Rejected {
            return Ok(());
        }
        let unfinished = self.releases.unfinished_attempts().await?;
        let (digest, attempts) = (release.digest, unfinished.get(&release.digest));
        match attempts {
            Some(attempts) => Err(ReleaseError::Needed(digest, NeededBy::Attempts(*attempts))),
            None => Ok(()),
        }
    }

    /// A delivery that finds no component would fail, though its provider may have taken it.
    async fn require_no_deliveries(&self, channel: &ChannelId) -> Result<(), ReleaseError> {
        match self.releases.unsettled_deliveries(channel).await? {
            0 => Ok(()),
            unsettled => Err(ReleaseError::ChannelNeeded(
                channel.clone(),
                NeededBy::Deliveries(unsettled),
            )),
        }
    }

    fn deletion(&self, channel: &ChannelId, detail: Option<String>, by: &Actor) -> AuditEntry {
        AuditEntry {
            id: AuditId(self.ids.next()),
            at: self.clock.now(),
            actor: by.clone(),
            action: Action::DeleteRelease,
            owner: by.subject.clone(),
            event: None,
            distribution: None,
            channel: Some(channel.clone()),
            detail,
        }
    }
}
