//! The kinds of problems, each with a stable `type`: clients may branch on it.

use axum::http::StatusCode;
use baepo_domain::model::text::Localized;

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
    /// An attempt is in progress.
    DeliveryIsBusy,
    /// The channel cannot do it; the detail says what the owner can do.
    ChannelCannot,
    AccountNotConnected,
    /// `eventStatus` is the event's.
    NothingScheduled,
    ReleaseNotPromotable,
    ReleaseNeedsApproval,
    ReleaseNeeded,
    NothingToRollBackTo,
    /// The body was not received in time.
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
    /// The reference, the login or an option is to be corrected; `reason` says which.
    PullRefused,
    InternalError,
    /// `distributionResults` says why, channel by channel.
    AllChannelsFailed,
    ProviderRefused,
    ProviderUnavailable,
    /// `reason` says why.
    RegistryUnavailable,
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
    pub(crate) const ALL: [Self; 38] = [
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
        Self::ReleaseNeedsApproval,
        Self::ReleaseNeeded,
        Self::NothingToRollBackTo,
        Self::RequestTimeout,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRequest,
        Self::EventNotReady,
        Self::UnknownChannels,
        Self::IdempotencyKeyReused,
        Self::ReleaseRejected,
        Self::PullRefused,
        Self::InternalError,
        Self::AllChannelsFailed,
        Self::ProviderRefused,
        Self::ProviderUnavailable,
        Self::RegistryUnavailable,
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
        let (_, name, _, _) = self.description();
        format!("urn:baepo:problem:{name}")
    }

    #[must_use]
    pub fn status(self) -> StatusCode {
        let (status, _, _, _) = self.description();
        status
    }

    /// The same for every problem of the kind, in every language.
    #[must_use]
    pub fn title(self) -> Localized {
        let (_, _, korean, english) = self.description();
        Localized::new(korean, english)
    }

    /// Status, the end of the `type`, and the title in Korean and English.
    #[rustfmt::skip]
    fn description(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::MalformedRequest => (S::BAD_REQUEST, "malformed-request",
                "요청을 읽을 수 없습니다", "The request cannot be read"),
            Self::Unauthenticated => (S::UNAUTHORIZED, "unauthenticated",
                "로그인이 필요합니다", "A valid token is needed"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden",
                "권한이 없습니다", "The token's role is not enough"),
            Self::NotFound => (S::NOT_FOUND, "not-found",
                "찾을 수 없습니다", "Not found"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method-not-allowed",
                "이 주소에서는 할 수 없는 일입니다", "Method not allowed"),
            Self::EventIsPublishing => (S::CONFLICT, "event-is-publishing",
                "행사를 게시하고 있습니다", "The event is being published"),
            Self::EventIsDistributed => (S::CONFLICT, "event-is-distributed",
                "이미 게시된 채널이 있습니다", "The event has already been distributed"),
            Self::PublishIsRunning => (S::CONFLICT, "publish-is-running",
                "이 행사를 이미 게시하고 있습니다", "Another publish of the event is running"),
            Self::OtherContent => (S::CONFLICT, "other-content",
                "행사의 내용과 다릅니다", "The content does not match the stored event"),
            Self::DeliveryInOtherState => (S::CONFLICT, "delivery-in-other-state",
                "지금은 할 수 없는 일입니다", "The delivery is in another state"),
            Self::DeliveryIsBusy => (S::CONFLICT, "delivery-is-busy",
                "지금 처리하고 있습니다", "An attempt is in progress"),
            Self::ChannelCannot => (S::CONFLICT, "channel-cannot",
                "이 채널에서는 할 수 없는 일입니다", "The channel does not support this operation"),
            Self::AccountNotConnected => (S::CONFLICT, "account-not-connected",
                "계정을 다시 연결해야 합니다", "The account must be reconnected"),
            Self::NothingScheduled => (S::CONFLICT, "nothing-scheduled",
                "예약이 없습니다", "Nothing is scheduled"),
            Self::ReleaseNotPromotable => (S::CONFLICT, "release-not-promotable",
                "이 릴리스는 쓸 수 없습니다", "The release cannot become active"),
            Self::ReleaseNeedsApproval => (S::CONFLICT, "release-needs-approval",
                "이 릴리스는 승인을 기다립니다", "What the release asks for has to be approved"),
            Self::ReleaseNeeded => (S::CONFLICT, "release-needed",
                "이 릴리스는 아직 쓰입니다", "The release is still needed"),
            Self::NothingToRollBackTo => (S::CONFLICT, "nothing-to-roll-back-to",
                "이전 릴리스가 없습니다", "No previous release"),
            Self::RequestTimeout => (S::REQUEST_TIMEOUT, "request-timeout",
                "보낸 내용이 제때 오지 않았습니다", "Request timeout: the body was not received in time"),
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "body-too-large",
                "보낸 내용이 너무 큽니다", "The body is too large"),
            Self::UnsupportedMediaType => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type",
                "보낸 내용의 종류가 다릅니다", "The body has another type than expected"),
            Self::InvalidRequest => (S::UNPROCESSABLE_ENTITY, "invalid-request",
                "고쳐야 할 것이 있습니다", "Something in the request is not valid"),
            Self::EventNotReady => (S::UNPROCESSABLE_ENTITY, "event-not-ready",
                "행사에 빠진 것이 있습니다", "Parts of the event are missing"),
            Self::UnknownChannels => (S::UNPROCESSABLE_ENTITY, "unknown-channels",
                "없는 채널입니다", "No such channel is installed"),
            Self::IdempotencyKeyReused => (S::UNPROCESSABLE_ENTITY, "idempotency-key-reused",
                "이미 쓴 Idempotency-Key입니다", "The Idempotency-Key was used for another request"),
            Self::ReleaseRejected => (S::UNPROCESSABLE_ENTITY, "release-rejected",
                "컴포넌트를 받지 않았습니다", "The component was rejected"),
            Self::PullRefused => (S::UNPROCESSABLE_ENTITY, "pull-refused",
                "레지스트리에서 가져올 수 없습니다", "The component cannot be pulled"),
            Self::InternalError => (S::INTERNAL_SERVER_ERROR, "internal-error",
                "서비스에 문제가 생겼습니다", "Internal error"),
            Self::AllChannelsFailed => (S::BAD_GATEWAY, "all-channels-failed",
                "모든 채널에서 실패했습니다", "Every channel failed"),
            Self::ProviderRefused => (S::BAD_GATEWAY, "provider-refused",
                "제공사가 요청을 거절했습니다", "The provider rejected the request"),
            Self::ProviderUnavailable => (S::SERVICE_UNAVAILABLE, "provider-unavailable",
                "제공사가 응답하지 않습니다", "The provider is unavailable"),
            Self::RegistryUnavailable => (S::BAD_GATEWAY, "registry-unavailable",
                "레지스트리가 응답하지 않습니다", "The registry is unavailable"),
            Self::ShareUsedUp => (S::TOO_MANY_REQUESTS, "share-used-up",
                "한 번에 쓸 수 있는 한도를 모두 쓰고 있습니다", "Concurrency limit per caller reached"),
            Self::TooManyListeners => (S::SERVICE_UNAVAILABLE, "too-many-listeners",
                "보고 있는 사람이 너무 많습니다", "Too many listeners"),
            Self::TooManyRuns => (S::SERVICE_UNAVAILABLE, "too-many-runs",
                "지금은 처리 중인 요청이 너무 많습니다", "Too many channel calls in progress"),
            Self::TooManyConnections => (S::SERVICE_UNAVAILABLE, "too-many-connections",
                "지금은 연결이 너무 많습니다", "Too many connections"),
            Self::StoreUnavailable => (S::SERVICE_UNAVAILABLE, "store-unavailable",
                "잠시 저장하거나 읽을 수 없습니다", "The store is unavailable"),
            Self::NotReady => (S::SERVICE_UNAVAILABLE, "not-ready",
                "지금은 요청을 받지 않습니다", "The host is not ready"),
        }
    }
}
