//! What a release asks for that the active one did not have waits for an operator.

use std::collections::BTreeSet;

use super::{ReleaseError, Releases};
use crate::model::audit::{Action, Actor, ActorRole, AuditEntry};
use crate::model::id::{AuditId, ChannelId, Digest, InvalidName};
use crate::model::permissions::{Permission, Permissions, names};
use crate::model::release::{Approval, Release, ReleaseState};
use crate::ports::Mutation;
use crate::usecases::failpoint;

/// Who approves in the audit log where the option does.
const TRUSTED_FOLDER: &str = "server.channels_are=trusted";

impl Releases {
    /// What a release asks for that has to be approved before it can become active: whatever the active release was
    /// not given. Nothing when it was approved, or active once.
    ///
    /// # Errors
    /// When the store cannot answer, or the release cannot be loaded.
    pub async fn pending(&self, release: &Release) -> Result<Vec<Permission>, ReleaseError> {
        if release.is_approved() || release.state == ReleaseState::Rejected {
            return Ok(Vec::new());
        }
        let asked = match &release.permissions {
            Some(asked) => asked.clone(),
            None => {
                let held = self.load_stored(release.digest).await?;
                held.release().permissions.clone()
            }
        };
        let active = self.active(&release.channel).await?;
        Ok(asked.beyond(&self.granted(active.as_ref())))
    }

    /// What the active release was given. An unknown one was given nothing.
    pub(super) fn granted(&self, active: Option<&Release>) -> Permissions {
        let Some(active) = active else {
            return Permissions::default();
        };
        let stored = active.permissions.clone();
        let loaded = || {
            let held = self.channels.hold_release(active.digest)?;
            Some(held.release().permissions.clone())
        };
        stored.or_else(loaded).unwrap_or_default()
    }

    /// An operator answers for what a release asks for, by the names of all that is new. Approving again changes
    /// nothing.
    ///
    /// # Errors
    /// [`ReleaseError::OtherDifferences`] when other things are new than those.
    pub async fn approve(
        &self,
        channel: &ChannelId,
        digest: Digest,
        approved: &BTreeSet<String>,
        by: &Actor,
    ) -> Result<Release, ReleaseError> {
        let mut contention = self.contention();
        loop {
            let release = self.find(channel, digest).await?;
            let pending = names(&self.pending(&release).await?);
            if pending.is_empty() {
                return Ok(release);
            }
            if pending != *approved {
                return Err(ReleaseError::OtherDifferences(pending));
            }
            let changes = self.approval(release, pending, by);
            failpoint::point("release.approve");
            if contention
                .committed(self.unit_of_work.commit(changes).await)
                .await?
            {
                failpoint::point("release.approved");
                return self.find(channel, digest).await;
            }
        }
    }

    /// The same by the option that trusts the host's own folder of components.
    pub(super) async fn approve_bundled(
        &self,
        channel: &ChannelId,
        digest: Digest,
    ) -> Result<(), ReleaseError> {
        let by = Actor {
            subject: TRUSTED_FOLDER
                .parse()
                .map_err(|invalid: InvalidName| ReleaseError::Host(invalid.to_string()))?,
            role: ActorRole::Host,
        };
        let mut contention = self.contention();
        loop {
            let release = self.find(channel, digest).await?;
            let pending = names(&self.pending(&release).await?);
            if pending.is_empty() {
                return Ok(());
            }
            let changes = self.approval(release, pending, &by);
            if contention
                .committed(self.unit_of_work.commit(changes).await)
                .await?
            {
                return Ok(());
            }
        }
    }

    /// The release with somebody's word for it, and the audit log's entry.
    fn approval(&self, release: Release, approved: BTreeSet<String>, by: &Actor) -> Vec<Mutation> {
        let now = self.clock.now();
        let approved: Vec<String> = approved.into_iter().collect();
        let audit = AuditEntry {
            id: AuditId(self.ids.next()),
            at: now,
            actor: by.clone(),
            action: Action::ApproveRelease,
            owner: by.subject.clone(),
            event: None,
            distribution: None,
            channel: Some(release.channel.clone()),
            detail: Some(format!(
                "{}: {}",
                release.digest.short(),
                approved.join("; ")
            )),
        };
        let is_operator = by.role != ActorRole::Host;
        let approval = Approval {
            by: is_operator.then(|| by.subject.clone()),
            at: now,
            approved,
        };
        let release = Release {
            approval: Some(approval),
            ..release
        };
        let component = None;
        vec![
            Mutation::PutRelease { release, component },
            Mutation::AddAudit(audit),
        ]
    }
}
