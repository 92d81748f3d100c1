//! Why something is as it is, as data. The words for it are in the [catalogue](super::catalogue).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::attempt::{Failure, GuestFailure};
use crate::model::draft::DraftField;
use crate::model::findings::Finding;
use crate::model::id::ChannelId;
use crate::model::journal::Divergence;
use crate::model::retry::RetryPolicy;
use crate::model::text::Localized;

/// What a reader is to know. It is stored in words, so what is read back is [`Reason::Given`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Localized", into = "Localized")]
pub enum Reason {
    /// In the words that came with it: a component's, a manifest's, or those that were stored.
    Given(Localized),

    /// The provider does not take the content.
    Rejected(Vec<Finding>),
    /// `asked`: how long the provider asked to wait, for operators.
    RateLimited {
        asked: Option<String>,
    },
    /// The owner connects the account again.
    Unauthorized(Localized),
    /// The component did not come to an end of its own.
    GuestFailed(GuestFailure),
    /// The component could not be run again from its journal.
    Diverged(Divergence),
    /// `cause` came after a request had left.
    MayBeOut {
        cause: Box<Reason>,
    },
    /// `cause` is expected to pass: the host tries again.
    RetryScheduled {
        cause: Box<Reason>,
        tries: u32,
    },
    /// The host does not try again by itself; the post is certainly not out.
    RetriesExhausted {
        cause: Box<Reason>,
        tries: u32,
    },
    /// The host does not try again by itself, and the provider has accepted the post before.
    RetriesExhaustedAfterAcceptance {
        cause: Box<Reason>,
        tries: u32,
    },

    /// The provider does not have the post: it is attempted again.
    ProbedAbsent,
    /// Nobody but the owner can find out. `by_hand`: how, in the channel's words.
    StillUnknown {
        before: Option<Box<Reason>>,
        by_hand: Option<Localized>,
    },
    /// Somebody has looked, and the post is not out.
    ResolvedAbsent,
    TakenDown,
    Cancelled,

    /// No release of the channel is installed.
    ChannelNotInstalled(ChannelId),
    /// What the owner chose for the channel does not fit it.
    OptionsInvalid(Vec<Finding>),
    ContentMissing,
    /// The channel's breaker is open.
    BreakerOpen {
        channel: ChannelId,
        until: Timestamp,
    },
    /// The release that the attempt began with cannot be loaded.
    ReleaseUnavailable,
    /// The answer did not wait for the end. `due`: when the next step is.
    StillInProgress {
        before: Option<Box<Reason>>,
        answer_within: Duration,
        due: Option<Timestamp>,
    },

    /// The offer ended before anything was sent.
    OfferEnded {
        end: Timestamp,
    },
    /// Nothing could be sent before `earliest`, and the offer ends by then.
    OfferEndsBefore {
        end: Timestamp,
        earliest: Timestamp,
        cause: Option<Box<Reason>>,
    },
    /// The offer ended, and what was sent before may be out.
    OfferEndedMayBeOut {
        end: Timestamp,
    },
    /// An event whose offer is over cannot be published.
    OfferIsOver {
        end: Timestamp,
    },
    /// A publish is scheduled for the end of the offer or later.
    ScheduledAfterOffer {
        end: Timestamp,
    },
    /// A publish is scheduled so close to the end that a channel that has to wait may send nothing.
    ScheduledNearOfferEnd {
        end: Timestamp,
    },

    /// A scheduled publish did not begin: its offer was over.
    ScheduleMissedOffer {
        end: Timestamp,
    },
    /// A scheduled publish did not begin: parts of the event were missing.
    ScheduleIncomplete(Vec<DraftField>),
    /// A scheduled publish did not begin: channels were not installed.
    ScheduleWithoutChannels(Vec<ChannelId>),

    /// The bus has not acknowledged the event within that time.
    NotAnnounced {
        within: Duration,
    },
    /// The caller has its answer; the channels are not done.
    ChannelsInProgress,

    /// The channel's check of a draft came to no end.
    CheckFailed(GuestFailure),
    /// The channel's preview of a draft came to no end.
    PreviewFailed(GuestFailure),

    /// A post cannot be taken down: no release of its channel is installed.
    WithdrawNotInstalled(ChannelId),
    /// The channel, called `name`, cannot take down a post.
    WithdrawUnsupported {
        name: Localized,
    },
    /// The address that an owner gave is not that of a post; `expected`: what it could be.
    NotAPost {
        expected: Vec<String>,
    },
}

impl Failure {
    /// What its owner is to know.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Rejected(findings) => Reason::Rejected(findings.clone()),
            Self::RateLimited(_) => Reason::RateLimited { asked: None },
            Self::Unauthorized(why)
            | Self::Unavailable(why)
            | Self::Unknown(why)
            | Self::Failed(why) => Reason::Given(why.clone()),
        }
    }

    /// The same, where the host waits as `policy` says before it tries again.
    #[must_use]
    pub fn reason_to_wait(&self, policy: &RetryPolicy) -> Reason {
        match self {
            Self::RateLimited(Some(wait)) => Reason::RateLimited {
                asked: Some(policy.describe_wait(*wait)),
            },
            _ => self.reason(),
        }
    }
}

impl From<Localized> for Reason {
    fn from(text: Localized) -> Self {
        Self::Given(text)
    }
}

impl From<Reason> for Localized {
    fn from(reason: Reason) -> Self {
        reason.text()
    }
}
