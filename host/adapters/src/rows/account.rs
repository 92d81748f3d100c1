//! The table `accounts`.

use std::collections::BTreeMap;

use baepo_domain::Timestamp;
use baepo_domain::model::account::{Account, SealedSecret};
use baepo_domain::model::id::{ChannelId, OwnerId};
use serde::{Deserialize, Serialize};

use super::columns::{Json, Millis, Text};
use super::stored::Table;

#[derive(sqlx::FromRow)]
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
            problem: row.problem,
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
