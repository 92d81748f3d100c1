//! The table `accounts`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::account::Account;
use baepo_domain::model::id::{ChannelId, OwnerId};
use baepo_domain::ports::{AccountStore, StoreError};
use sqlx::{query, query_as};

use super::columns::text;
use super::session::Session;
use super::statement::{WriteError, on_primary, write_one};
use super::store::PostgresStore;
use crate::rows::columns::{Json, Millis, Text};
use crate::rows::{AccountRow, stored_secrets};

const INSERT: &str = "
    INSERT INTO accounts (
        owner, channel, revision, settings, secrets, updated_at, connected_at, expires, renew_at,
        problem
    ) VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8, $9, $10)";
pub(super) const UPDATE: &str = "
    UPDATE accounts
    SET revision = $3 + 1, settings = $4, secrets = $5, updated_at = $6, connected_at = $7,
        expires = $8, renew_at = $9, problem = $10
    WHERE owner = $1 AND channel = $2 AND revision = $3";

pub async fn put(session: &mut Session, account: &Account) -> Result<(), WriteError> {
    let statement = query(if account.revision == 0 {
        INSERT
    } else {
        UPDATE
    })
    .bind(account.owner.as_str())
    .bind(account.channel.as_str())
    .bind(account.revision)
    .bind(Json(&account.settings))
    .bind(stored_secrets(account))
    .bind(Millis(account.updated_at))
    .bind(Millis(account.connected_at))
    .bind(Json(&account.expires))
    .bind(account.renew_at.map(Millis))
    .bind(account.problem.as_deref().map(text));
    write_one(session, "account", statement).await
}

pub(super) const DELETE: &str = "DELETE FROM accounts WHERE owner = $1 AND channel = $2";

/// Deleting what is not there is done already.
pub async fn delete(
    session: &mut Session,
    owner: &OwnerId,
    channel: &ChannelId,
) -> Result<(), sqlx::Error> {
    let statement = query(DELETE).bind(owner.as_str()).bind(channel.as_str());
    session.execute(statement).await.map(drop)
}

pub(super) const BY_CHANNEL: &str = on_primary!(
    "accounts",
    "
    SELECT owner, channel, settings, secrets, expires, renew_at, problem, connected_at, updated_at,
        revision
    FROM accounts WHERE owner = $1 AND channel = $2"
);

pub(super) const OF_OWNER: &str = on_primary!(
    "accounts",
    "
    SELECT owner, channel, settings, secrets, expires, renew_at, problem, connected_at, updated_at,
        revision
    FROM accounts WHERE owner = $1 ORDER BY channel"
);

pub(super) const TO_RENEW: &str = on_primary!(
    "accounts",
    "
    SELECT owner, channel FROM accounts
    WHERE renew_at <= $1 ORDER BY renew_at, owner, channel LIMIT $2"
);

#[async_trait]
impl AccountStore for PostgresStore {
    async fn account(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError> {
        let statement = query_as(BY_CHANNEL)
            .bind(owner.as_str())
            .bind(channel.as_str());
        self.readers.read_one::<AccountRow, _>(statement).await
    }

    async fn accounts(&self, owner: &OwnerId) -> Result<Vec<Account>, StoreError> {
        let statement = query_as(OF_OWNER).bind(owner.as_str());
        self.readers.read_all::<AccountRow, _>(statement).await
    }

    async fn accounts_to_renew(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OwnerId, ChannelId)>, StoreError> {
        let statement = query_as(TO_RENEW)
            .bind(Millis(until))
            .bind(i64::from(limit));
        let found: Vec<(Text<OwnerId>, Text<ChannelId>)> = self.readers.rows(statement).await?;
        let named = |(owner, channel): (Text<OwnerId>, Text<ChannelId>)| (owner.0, channel.0);
        Ok(found.into_iter().map(named).collect())
    }
}
