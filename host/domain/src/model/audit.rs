//! Who did what to a publication or an account, and when. Written in the transaction of what was
//! done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::id::{AuditId, ChannelId, DistributionId, EventId, OwnerId};

/// One thing that somebody did. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    pub action: Action,
    /// Whose event or account it is.
    pub owner: OwnerId,
    pub event: Option<EventId>,
    pub distribution: Option<DistributionId>,
    pub channel: Option<ChannelId>,
    /// What was given with it, such as the address of a post.
    pub detail: Option<String>,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The token's `sub`.
    pub subject: OwnerId,
    pub role: ActorRole,
}

/// As whom somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActorRole {
    Owner,
    Operator,
    /// By itself: at a time that was set before, or because something runs out.
    Host,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AuditAction)]
pub enum Action {
    Schedule,
    CancelSchedule,
    /// A publish began.
    Publish,
    Retry,
    Confirm,
    Withdraw,
    Resolve,
    ConnectAccount,
    ChangeAccount,
    DisconnectAccount,
    /// A secret was renewed with its provider.
    RenewSecret,
    /// What a release asks for was approved.
    ApproveRelease,
    /// A release was forgotten, or a channel with all its releases.
    DeleteRelease,
}

macro_rules! named {
    ($kind:ident: $($variant:ident = $name:literal),+ $(,)?) => {
        impl $kind {
            /// As it stands in JSON and in the store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::str::FromStr for $kind {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    other => Err(format!("{other:?} is not known")),
                }
            }
        }
    };
}

named!(ActorRole: Owner = "owner", Operator = "operator", Host = "host");
named!(Action:
    Schedule = "schedule", CancelSchedule = "cancel-schedule", Publish = "publish",
    Retry = "retry", Confirm = "confirm", Withdraw = "withdraw", Resolve = "resolve",
    ConnectAccount = "connect-account", ChangeAccount = "change-account",
    DisconnectAccount = "disconnect-account", RenewSecret = "renew-secret",
    ApproveRelease = "approve-release", DeleteRelease = "delete-release",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_actions_have_one_name_in_json_and_store() {
        for name in [
            "schedule",
            "cancel-schedule",
            "connect-account",
            "renew-secret",
        ] {
            let action: Action = name.parse().expect("a known action");
            assert_eq!(action.as_str(), name);
            assert_eq!(serde_json::to_value(action).expect("JSON"), name);
        }
    }
}
