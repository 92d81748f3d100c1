//! An account with a channel whose token the host renews: to look at.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use crate::model::account::{Account, SealedSecret};
use crate::model::id::{ChannelId, OwnerId};
use crate::model::manifest::Manifest;
use crate::ports::{Vault, VaultError};

/// Seals nothing; opens all but what begins with `x`.
pub(crate) struct PlaintextVault;

impl Vault for PlaintextVault {
    fn seal(&self, _: &OwnerId, _: &ChannelId, _: &str, secret: &SecretString) -> SealedSecret {
        SealedSecret(secret.expose_secret().into())
    }

    fn open(
        &self,
        _: &OwnerId,
        _: &ChannelId,
        _: &str,
        sealed: &SealedSecret,
    ) -> Result<SecretString, VaultError> {
        match String::from_utf8(sealed.0.clone()) {
            Ok(secret) if !secret.starts_with('x') => Ok(secret.into()),
            _ => Err(VaultError("another key".to_owned())),
        }
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time in this century")
}

/// The token `token` is good for 60 days and renewed, the secret `key` has no end.
pub(crate) fn manifest() -> Manifest {
    let text = "
        id = \"paper\"
        [names]
        ko = \"신문\"
        en = \"Paper\"
        [settings]
        type = \"object\"
        properties.page.type = \"integer\"
        properties.size = { type = \"string\", default = \"A2\" }
        [[secrets]]
        name = \"token\"
        title = \"[ko] 인쇄소 토큰\\n[en] printer's token\"
        description = \"[ko] 인쇄소의 토큰\\n[en] the printer's token\"
        example = \"sandbox-token\"
        lifetime_days = 60
        refresh = { url = \"https://printer.example/refresh\", secret_query = \"token\" }
        [[secrets]]
        name = \"key\"
        description = \"the key\"
        example = \"sandbox-key\"
    ";
    Manifest::parse(text).expect("a manifest")
}

/// Connected now, with a token that runs out then.
pub(crate) fn account(expires: Timestamp) -> Account {
    let sealed = |name: &str| {
        (
            name.to_owned(),
            SealedSecret(format!("{name}-of-the-printer").into()),
        )
    };
    Account {
        owner: "shop-1".parse().expect("an owner"),
        channel: "paper".parse().expect("a channel"),
        settings: serde_json::Map::new(),
        secrets: [sealed("token"), sealed("key")].into(),
        expires: [("token".to_owned(), expires)].into(),
        renew_at: None,
        problem: None,
        connected_at: now(),
        updated_at: now(),
        revision: 3,
    }
}
