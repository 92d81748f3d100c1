//! The table `accounts`.

use async_trait::async_trait;
use baepo_domain::Timestamp;
use baepo_domain::model::account::Account;
use baepo_domain::model::id::{ChannelId, OwnerId};
use baepo_domain::ports::{AccountStore, StoreError};
use sqlx::{SqliteConnection, query, query_as};

use super::statement::{WriteError, read_all, read_one, unavailable, write_one};
use super::store::SqliteStore;
use crate::rows::columns::{Json, Millis, Text};
use crate::rows::{AccountRow, stored_secrets};

const INSERT: &str = "
    INSERT INTO accounts (
        owner, channel, revision, settings, secrets, updated_at, connected_at, expires, renew_at,
        problem
    ) VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "
    UPDATE accounts
    SET revision = $3 + 1, settings = $4, secrets = $5, updated_at = $6, connected_at = $7,
        expires = $8, renew_at = $9, problem = $10
    WHERE owner = $1 AND channel = $2 AND revision = $3";

pub async fn put(connection: &mut SqliteConnection, account: &Account) -> Result<(), WriteError> {
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
    .bind(&account.problem);
    write_one(connection, "account", statement).await
}

const DELETE: &str = "DELETE FROM accounts WHERE owner = $1 AND channel = $2";

/// Deleting what is not there is done already.
pub async fn delete(
    connection: &mut SqliteConnection,
    owner: &OwnerId,
    channel: &ChannelId,
) -> Result<(), WriteError> {
    let statement = query(DELETE).bind(owner.as_str()).bind(channel.as_str());
    statement.execute(connection).await?;
    Ok(())
}

pub(super) const BY_CHANNEL: &str = "SELECT * FROM accounts WHERE owner = $1 AND channel = $2";

pub(super) const OF_OWNER: &str = "SELECT * FROM accounts WHERE owner = $1 ORDER BY channel";

pub(super) const TO_RENEW: &str = "
    SELECT owner, channel FROM accounts
    WHERE renew_at <= $1 ORDER BY renew_at, owner, channel LIMIT $2";

#[async_trait]
impl AccountStore for SqliteStore {
    async fn account(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError> {
        let statement = query_as(BY_CHANNEL)
            .bind(owner.as_str())
            .bind(channel.as_str());
        read_one::<AccountRow, _>(&self.readers, statement).await
    }

    async fn accounts(&self, owner: &OwnerId) -> Result<Vec<Account>, StoreError> {
        read_all::<AccountRow, _>(&self.readers, query_as(OF_OWNER).bind(owner.as_str())).await
    }

    async fn accounts_to_renew(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OwnerId, ChannelId)>, StoreError> {
        let statement = query_as(TO_RENEW).bind(Millis(until)).bind(limit);
        let found = statement
            .fetch_all(self.readers.pool()?)
            .await
            .map_err(unavailable)?;
        let named = |(owner, channel): (Text<OwnerId>, Text<ChannelId>)| (owner.0, channel.0);
        Ok(found.into_iter().map(named).collect())
    }
}
