//! The table `accounts`.

use baepo_domain::account::Account;
use baepo_domain::id::{ChannelId, OwnerId};
use baepo_domain::ports::StoreError;
use sqlx::{query, query_as};

use super::readers::Readers;
use super::session::Session;
use super::statement::{WriteError, write_one};
use crate::rows::columns::{Json, Millis};
use crate::rows::{AccountRow, stored_secrets};

const INSERT: &str = "
    INSERT INTO accounts (owner, channel, revision, settings, secrets, updated_at, connected_at)
    VALUES ($1, $2, $3 + 1, $4, $5, $6, $7)";
pub(super) const UPDATE: &str = "
    UPDATE accounts
    SET revision = $3 + 1, settings = $4, secrets = $5, updated_at = $6, connected_at = $7
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
    .bind(Millis(account.connected_at));
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

pub(super) const BY_CHANNEL: &str = "
    SELECT owner, channel, settings, secrets, connected_at, updated_at, revision
    FROM accounts WHERE owner = $1 AND channel = $2";

pub async fn by_channel(
    readers: &Readers,
    owner: &OwnerId,
    channel: &ChannelId,
) -> Result<Option<Account>, StoreError> {
    let statement = query_as(BY_CHANNEL)
        .bind(owner.as_str())
        .bind(channel.as_str());
    readers.read_one::<AccountRow, _>(statement).await
}

pub(super) const OF_OWNER: &str = "
    SELECT owner, channel, settings, secrets, connected_at, updated_at, revision
    FROM accounts WHERE owner = $1 ORDER BY channel";

pub async fn of_owner(readers: &Readers, owner: &OwnerId) -> Result<Vec<Account>, StoreError> {
    let statement = query_as(OF_OWNER).bind(owner.as_str());
    readers.read_all::<AccountRow, _>(statement).await
}
