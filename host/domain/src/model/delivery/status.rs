//! Where a delivery stands, and the only moves there are.

use serde::{Deserialize, Serialize};

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    /// Waits for its first attempt, or for the next.
    Pending,
    /// An attempt runs.
    Running,
    /// The provider took it, the public cannot see it yet.
    Accepted,
    /// The public can see it.
    Live,
    /// Only the owner can finish it.
    ActionRequired,
    /// It is certainly not out.
    Failed,
    /// It may be out or not; the host never repeats it by itself.
    Unknown,
    /// It was taken down again.
    Withdrawn,
}

impl DeliveryStatus {
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Running,
        Self::Accepted,
        Self::Live,
        Self::ActionRequired,
        Self::Failed,
        Self::Unknown,
        Self::Withdrawn,
    ];

    /// As it stands in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Accepted => "ACCEPTED",
            Self::Live => "LIVE",
            Self::ActionRequired => "ACTION_REQUIRED",
            Self::Failed => "FAILED",
            Self::Unknown => "UNKNOWN",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The caller of a publish need not wait for it any longer.
    #[must_use]
    pub fn is_answered(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// Nothing more happens by itself.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Pending | Self::Running | Self::Accepted)
    }

    /// The only moves there are.
    #[must_use]
    pub fn can_transition_to(self, next: Self) -> bool {
        use DeliveryStatus::{
            Accepted, ActionRequired, Failed, Live, Pending, Running, Unknown, Withdrawn,
        };
        match self {
            Pending => matches!(next, Running | Failed | Withdrawn),
            Running => next != Running,
            Accepted => {
                matches!(
                    next,
                    Accepted | Live | ActionRequired | Failed | Unknown | Withdrawn
                )
            }
            Live => next == Withdrawn,
            ActionRequired => matches!(next, Live | Failed),
            Failed => next == Pending,
            Unknown => matches!(next, Pending | Live | Failed),
            Withdrawn => false,
        }
    }
}

impl std::fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
