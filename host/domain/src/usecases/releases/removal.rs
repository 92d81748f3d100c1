//! Forgetting releases that nobody needs.
//!
//! A component's bytes outlive its release for a while: a host that has not heard of it yet may begin an attempt on
//! it, and that attempt must be able to go on.

use std::time::Duration;

use super::{ReleaseError, Releases};
use crate::model::audit::{Action, Actor, AuditEntry};
use crate::model::id::{AuditId, ChannelId, Digest};
use crate::model::release::{NeededBy, ReleaseState};
use crate::model::time::before;
use crate::ports::{CommitError, Mutation, StoreError};
use crate::usecases::failpoint;

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
            self.require_no_attempts(digest).await?;
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
    /// [`ReleaseError::Needed`] while an attempt on one of them is not over.
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
                self.require_no_attempts(release.digest).await?;
            }
            let audit = Mutation::AddAudit(self.deletion(channel, None, by));
            let deletions = releases.into_iter().map(Mutation::DeleteRelease);
            let changes = deletions.chain([audit]).collect();
            if contention
                .committed(self.unit_of_work.commit(changes).await)
                .await?
            {
                self.channels.deactivate(channel);
                self.signal_peers();
                return Ok(());
            }
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

    async fn require_no_attempts(&self, digest: Digest) -> Result<(), ReleaseError> {
        let unfinished = self.releases.unfinished_attempts().await?;
        match unfinished.get(&digest) {
            Some(attempts) => Err(ReleaseError::Needed(digest, NeededBy::Attempts(*attempts))),
            None => Ok(()),
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
