//! What goes in and out of `/api/accounts`.

use std::collections::BTreeMap;

use baepo_domain::Timestamp;
use baepo_domain::model::account::Account;
use baepo_domain::model::instant;
use baepo_domain::model::text::Language;
use baepo_domain::usecases::accounts::{AccountHealth, Connection};
use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// An account as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub(super) struct AccountBody {
    #[schema(example = "instagram")]
    channel: String,
    settings: Map<String, Value>,
    /// The names of the stored secrets. Their values never come out.
    #[schema(example = json!(["accessToken"]))]
    secrets: Vec<String>,
    status: AccountStatus,
    /// What to do and why, in the reader's language; null when the account can be used.
    reconnect: Option<String>,
    /// When secrets run out, by name; one whose end is not known is left out.
    #[schema(example = json!({"accessToken": "2026-12-31T00:00:00Z"}))]
    expires_at: BTreeMap<String, Timestamp>,
    connected_at: Timestamp,
    updated_at: Timestamp,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AccountStatus {
    Connected,
    /// A secret runs out within 7 days, and the host cannot renew it or has failed to.
    Expiring,
    /// A secret has run out, is missing, cannot be opened or is refused by its provider, or the
    /// settings do not fit the channel any more: nothing is published until you connect it again.
    Reconnect,
}

impl AccountBody {
    pub fn new(account: Account, health: AccountHealth, language: Language) -> Self {
        let (status, reconnect) = match health {
            AccountHealth::Connected => (AccountStatus::Connected, None),
            AccountHealth::Expiring => (AccountStatus::Expiring, None),
            AccountHealth::Reconnect(why) => {
                (AccountStatus::Reconnect, Some(why.get(language).to_owned()))
            }
        };
        Self {
            channel: account.channel.into(),
            settings: account.settings,
            secrets: account.secrets.into_keys().collect(),
            status,
            reconnect,
            expires_at: account.expires,
            connected_at: account.connected_at,
            updated_at: account.updated_at,
        }
    }
}

/// What connects an account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Connection)]
pub(super) struct ConnectionBody {
    /// By the channel's `settingsSchema`; replaces what was there.
    #[serde(default, deserialize_with = "settings")]
    #[schema(value_type = Map<String, Value>, example = json!({"userId": "17841400000000000"}))]
    settings: Map<String, Value>,
    /// By name, as the channel's `secrets` list them, of 8 to 16,384 bytes each. One that is left out
    /// stays as it was given before.
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>,
        example = json!({"accessToken": "sandbox-instagram-token"}))]
    secrets: BTreeMap<String, SecretString>,
    /// When given secrets run out, by name (RFC 3339, in the future). Without it a secret is good for
    /// as long as its channel says.
    #[serde(default, deserialize_with = "times")]
    #[schema(value_type = BTreeMap<String, Timestamp>,
        example = json!({"accessToken": "2026-12-31T00:00:00Z"}))]
    secrets_expire_at: BTreeMap<String, Timestamp>,
}

/// What changes parts of an account. What is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ConnectionPatch)]
pub(super) struct PatchBody {
    /// Merged over the stored settings (RFC 7396): null removes one.
    #[serde(default, deserialize_with = "settings")]
    #[schema(value_type = Map<String, Value>, example = json!({"apiVersion": null}))]
    settings: Map<String, Value>,
    /// By name, of 8 to 16,384 bytes each: each replaces the stored one.
    #[serde(default, deserialize_with = "secrets")]
    #[schema(value_type = BTreeMap<String, String>,
        example = json!({"accessToken": "sandbox-instagram-token"}))]
    secrets: BTreeMap<String, SecretString>,
    /// When given secrets run out, by name (RFC 3339, in the future). Without it a secret is good for
    /// as long as its channel says.
    #[serde(default, deserialize_with = "times")]
    #[schema(value_type = BTreeMap<String, Timestamp>,
        example = json!({"accessToken": "2026-12-31T00:00:00Z"}))]
    secrets_expire_at: BTreeMap<String, Timestamp>,
}

impl From<ConnectionBody> for Connection {
    fn from(body: ConnectionBody) -> Self {
        Self {
            settings: body.settings,
            secrets: body.secrets,
            expires: body.secrets_expire_at,
        }
    }
}

impl From<PatchBody> for Connection {
    fn from(body: PatchBody) -> Self {
        Self {
            settings: body.settings,
            secrets: body.secrets,
            expires: body.secrets_expire_at,
        }
    }
}

/// Serde's own message would quote what stands there, which may be a secret in the wrong place.
fn settings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Object(settings) => Ok(settings),
        _ => Err(D::Error::custom("must be an object")),
    }
}

/// As [`settings`]: never quotes a value.
fn secrets<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, SecretString>, D::Error> {
    let Value::Object(secrets) = Value::deserialize(deserializer)? else {
        return Err(D::Error::custom("must be an object of names and strings"));
    };
    let secrets = secrets.into_iter().map(|(name, secret)| match secret {
        Value::String(secret) => Ok((name, secret.into())),
        _ => Err(D::Error::custom(format!(
            "the secret {name:?} must be a string"
        ))),
    });
    secrets.collect()
}

/// As [`settings`]: never quotes a value.
fn times<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Timestamp>, D::Error> {
    let Value::Object(times) = Value::deserialize(deserializer)? else {
        return Err(D::Error::custom("must be an object of names and times"));
    };
    let times = times.into_iter().map(|(name, time)| {
        let parsed = time.as_str().and_then(|time| instant::parse(time).ok());
        parsed.map(|time| (name.clone(), time)).ok_or_else(|| {
            D::Error::custom(format!(
                "the time of {name:?} must be as in RFC 3339, such as \"2026-12-31T00:00:00Z\""
            ))
        })
    });
    times.collect()
}
