//! The table `accounts`.

use async_trait::async_trait;
use baepo_domain::ports::{AccountStore, StoreError};
use std::collections::BTreeMap;

use baepo_domain::Timestamp;
use baepo_domain::model::account::{Account, SealedSecret};
use baepo_domain::model::id::{ChannelId, OwnerId};
use baepo_domain::model::text::Localized;
use serde::{Deserialize, Serialize};

use super::columns::{Json, Millis, Text};
use super::row::row;
use super::select::{Select, Value};
use super::store::{SqlDatabase, SqlStore};
use super::stored::Table;

pub const BY_CHANNEL: Select = Select::of(
    "accounts",
    "
    SELECT owner, channel, settings, secrets, expires, renew_at, problem, connected_at, updated_at,
        revision
    FROM accounts WHERE owner = $1 AND channel = $2",
);
pub const OF_OWNER: Select = Select::of(
    "accounts",
    "
    SELECT owner, channel, settings, secrets, expires, renew_at, problem, connected_at, updated_at,
        revision
    FROM accounts WHERE owner = $1 ORDER BY channel",
);
pub const TO_RENEW: Select = Select::of(
    "accounts",
    "
    SELECT owner, channel FROM accounts
    WHERE renew_at <= $1 ORDER BY renew_at, owner, channel LIMIT $2",
);

row! {
    pub struct AccountRow {
        owner: Text<OwnerId>,
        channel: Text<ChannelId>,
        settings: Json<serde_json::Map<String, serde_json::Value>>,
        secrets: Json<BTreeMap<String, SealedHex>>,
        expires: Json<BTreeMap<String, Timestamp>>,
        renew_at: Option<Millis>,
        problem: Option<String>,
        connected_at: Millis,
        updated_at: Millis,
        revision: i64,
    }
}

impl Table for AccountRow {
    const NAME: &'static str = "accounts";
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let secrets = row
            .secrets
            .0
            .into_iter()
            .map(|(name, sealed)| (name, SealedSecret(sealed.0)));
        Self {
            owner: row.owner.0,
            channel: row.channel.0,
            settings: row.settings.0,
            secrets: secrets.collect(),
            expires: row.expires.0,
            renew_at: row.renew_at.map(|at| at.0),
            problem: row.problem.as_deref().map(Localized::parse),
            connected_at: row.connected_at.0,
            updated_at: row.updated_at.0,
            revision: row.revision,
        }
    }
}

/// The column `secrets` of an account.
pub fn stored_secrets(account: &Account) -> Json<BTreeMap<&str, SealedHex>> {
    let secrets = account.secrets.iter();
    Json(
        secrets
            .map(|(name, sealed)| (name.as_str(), SealedHex(sealed.0.clone())))
            .collect(),
    )
}

/// A sealed secret in JSON, which has no bytes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealedHex(Vec<u8>);

impl TryFrom<String> for SealedHex {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        hex::decode(text).map(Self)
    }
}

impl From<SealedHex> for String {
    fn from(sealed: SealedHex) -> Self {
        hex::encode(sealed.0)
    }
}

#[async_trait]
impl<D: SqlDatabase> AccountStore for SqlStore<D> {
    async fn account(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
    ) -> Result<Option<Account>, StoreError> {
        let read = BY_CHANNEL.with([owner.as_str().into(), channel.as_str().into()]);
        self.one::<AccountRow, _>(read).await
    }

    async fn accounts(&self, owner: &OwnerId) -> Result<Vec<Account>, StoreError> {
        let read = OF_OWNER.with([owner.as_str().into()]);
        self.all::<AccountRow, _>(read).await
    }

    async fn accounts_to_renew(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(OwnerId, ChannelId)>, StoreError> {
        let read = TO_RENEW.with([Value::Millis(until), limit.into()]);
        let found = self.rows::<(Text<OwnerId>, Text<ChannelId>)>(read).await?;
        let named = |(owner, channel): (Text<OwnerId>, Text<ChannelId>)| (owner.0, channel.0);
        Ok(found.into_iter().map(named).collect())
    }
}
