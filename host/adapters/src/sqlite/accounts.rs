//! The table `accounts`.

use baepo_domain::model::account::Account;
use baepo_domain::model::id::{ChannelId, OwnerId};
use baepo_domain::model::text::Localized;
use sqlx::{SqliteConnection, query};

use super::statement::{WriteError, write_one};
use crate::rows::columns::{Json, Millis};
use crate::rows::stored_secrets;

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
    .bind(account.problem.as_ref().map(Localized::tagged));
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
