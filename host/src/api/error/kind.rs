//! The kinds of problems, each with a stable `type`: clients may branch on it.

use axum::http::StatusCode;

/// What went wrong, by how the client reacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The body is no JSON; a parameter or header is not what it should be.
    MalformedRequest,
    Unauthenticated,
    /// `neededRole` says which role is enough.
    Forbidden,
    NotFound,
    MethodNotAllowed,
    /// It can be changed when the publish has ended.
    EventIsPublishing,
    /// Only its channels can be changed.
    EventIsDistributed,
    PublishIsRunning,
    /// What was ordered is not what is stored.
    OtherContent,
    /// `deliveryStatus` says which.
    DeliveryInOtherState,
    /// Its attempt is at work just now.
    DeliveryIsBusy,
    /// The channel cannot do it; the detail says what the owner can do.
    ChannelCannot,
    AccountNotConnected,
    /// `eventStatus` is the event's.
    NothingScheduled,
    ReleaseNotPromotable,
    NothingToRollBackTo,
    /// The body did not come in time.
    RequestTimeout,
    BodyTooLarge,
    UnsupportedMediaType,
    /// The body is JSON, but something in it is wrong; `errors` says what and where.
    InvalidRequest,
    /// `missing` lists every missing part.
    EventNotReady,
    /// `channels` lists them.
    UnknownChannels,
    IdempotencyKeyReused,
    /// `reason` says what is wrong with the component.
    ReleaseRejected,
    InternalError,
    /// `distributionResults` says why, channel by channel.
    AllChannelsFailed,
    ProviderRefused,
    ProviderUnavailable,
    /// Of what there may be at once, the caller has all that one may have; `limit` says of what.
    ShareUsedUp,
    TooManyListeners,
    TooManyRuns,
    TooManyConnections,
    StoreUnavailable,
    NotReady,
}

impl Kind {
    #[cfg(test)]
    pub(in crate::api) const ALL: [Self; 34] = [
        Self::MalformedRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::EventIsPublishing,
        Self::EventIsDistributed,
        Self::PublishIsRunning,
        Self::OtherContent,
        Self::DeliveryInOtherState,
        Self::DeliveryIsBusy,
        Self::ChannelCannot,
        Self::AccountNotConnected,
        Self::NothingScheduled,
        Self::ReleaseNotPromotable,
        Self::NothingToRollBackTo,
        Self::RequestTimeout,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRequest,
        Self::EventNotReady,
        Self::UnknownChannels,
        Self::IdempotencyKeyReused,
        Self::ReleaseRejected,
        Self::InternalError,
        Self::AllChannelsFailed,
        Self::ProviderRefused,
        Self::ProviderUnavailable,
        Self::ShareUsedUp,
        Self::TooManyListeners,
        Self::TooManyRuns,
        Self::TooManyConnections,
        Self::StoreUnavailable,
        Self::NotReady,
    ];

    /// The problem's `type`.
    #[must_use]
    pub fn uri(self) -> String {
        format!("urn:baepo:problem:{}", self.name())
    }

    #[must_use]
    pub fn status(self) -> StatusCode {
        use StatusCode as S;
        match self {
            Self::MalformedRequest => S::BAD_REQUEST,
            Self::Unauthenticated => S::UNAUTHORIZED,
            Self::Forbidden => S::FORBIDDEN,
            Self::NotFound => S::NOT_FOUND,
            Self::MethodNotAllowed => S::METHOD_NOT_ALLOWED,
            Self::EventIsPublishing
            | Self::EventIsDistributed
            | Self::PublishIsRunning
            | Self::OtherContent
            | Self::DeliveryInOtherState
            | Self::DeliveryIsBusy
            | Self::ChannelCannot
            | Self::AccountNotConnected
            | Self::NothingScheduled
            | Self::ReleaseNotPromotable
            | Self::NothingToRollBackTo => S::CONFLICT,
            Self::RequestTimeout => S::REQUEST_TIMEOUT,
            Self::BodyTooLarge => S::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => S::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidRequest
            | Self::EventNotReady
            | Self::UnknownChannels
            | Self::IdempotencyKeyReused
            | Self::ReleaseRejected => S::UNPROCESSABLE_ENTITY,
            Self::InternalError => S::INTERNAL_SERVER_ERROR,
            Self::AllChannelsFailed | Self::ProviderRefused => S::BAD_GATEWAY,
            Self::ShareUsedUp => S::TOO_MANY_REQUESTS,
            Self::ProviderUnavailable
            | Self::TooManyListeners
            | Self::TooManyRuns
            | Self::TooManyConnections
            | Self::StoreUnavailable
            | Self::NotReady => S::SERVICE_UNAVAILABLE,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformed-request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::EventIsPublishing => "event-is-publishing",
            Self::EventIsDistributed => "event-is-distributed",
            Self::PublishIsRunning => "publish-is-running",
            Self::OtherContent => "other-content",
            Self::DeliveryInOtherState => "delivery-in-other-state",
            Self::DeliveryIsBusy => "delivery-is-busy",
            Self::ChannelCannot => "channel-cannot",
            Self::AccountNotConnected => "account-not-connected",
            Self::NothingScheduled => "nothing-scheduled",
            Self::ReleaseNotPromotable => "release-not-promotable",
            Self::NothingToRollBackTo => "nothing-to-roll-back-to",
            Self::RequestTimeout => "request-timeout",
            Self::BodyTooLarge => "body-too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::InvalidRequest => "invalid-request",
            Self::EventNotReady => "event-not-ready",
            Self::UnknownChannels => "unknown-channels",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::ReleaseRejected => "release-rejected",
            Self::InternalError => "internal-error",
            Self::AllChannelsFailed => "all-channels-failed",
            Self::ProviderRefused => "provider-refused",
            Self::ProviderUnavailable => "provider-unavailable",
            Self::ShareUsedUp => "share-used-up",
            Self::TooManyListeners => "too-many-listeners",
            Self::TooManyRuns => "too-many-runs",
            Self::TooManyConnections => "too-many-connections",
            Self::StoreUnavailable => "store-unavailable",
            Self::NotReady => "not-ready",
        }
    }

    /// The same for every problem of the kind.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request cannot be read",
            Self::Unauthenticated => "A valid token is needed",
            Self::Forbidden => "The token's role is not enough",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "The path is there, the method is not",
            Self::EventIsPublishing => "The event is being published",
            Self::EventIsDistributed => "Some channels already have the event",
            Self::PublishIsRunning => "Another publish of the event is running",
            Self::OtherContent => "The content is not the event's",
            Self::DeliveryInOtherState => "The delivery is in another state",
            Self::DeliveryIsBusy => "The delivery is at work just now",
            Self::ChannelCannot => "The channel cannot do this",
            Self::AccountNotConnected => "The account must be connected again",
            Self::NothingScheduled => "Nothing is scheduled",
            Self::ReleaseNotPromotable => "The release cannot become active",
            Self::NothingToRollBackTo => "There is no earlier release",
            Self::RequestTimeout => "The body did not come in time",
            Self::BodyTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body has another type than expected",
            Self::InvalidRequest => "Something in the request is not valid",
            Self::EventNotReady => "Parts of the event are missing",
            Self::UnknownChannels => "No such channel is installed",
            Self::IdempotencyKeyReused => "The Idempotency-Key was used for another request",
            Self::ReleaseRejected => "The component was rejected",
            Self::InternalError => "The host made a mistake",
            Self::AllChannelsFailed => "Every channel failed",
            Self::ProviderRefused => "The provider did not do it",
            Self::ProviderUnavailable => "The provider does not answer",
            Self::ShareUsedUp => "You have all that one caller may have at once",
            Self::TooManyListeners => "Too many listeners",
            Self::TooManyRuns => "Too many calls run channels",
            Self::TooManyConnections => "Too many connections",
            Self::StoreUnavailable => "The store does not answer",
            Self::NotReady => "The host takes no requests now",
        }
    }
}
