//! A person's actions on a delivery, and why each is refused in a state.

use baepo_domain::model::delivery::DeliveryStatus;
use baepo_domain::model::text::Localized;

/// A person's action on a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveryActionKind {
    Retry,
    Confirm,
    Withdraw,
    Resolve,
}

impl DeliveryActionKind {
    /// Why it is refused for a delivery in this state, and when it is possible.
    pub fn refusal_in(self, status: DeliveryStatus) -> Localized {
        let (korean, english) = status_text(status);
        let (wanted_korean, wanted_english) = self.precondition_text();
        Localized::new(
            format!("{korean} {wanted_korean}"),
            format!("{english} {wanted_english}"),
        )
    }

    /// When it is possible.
    fn precondition_text(self) -> (&'static str, &'static str) {
        match self {
            Self::Retry => (
                "다시 시도하기는 게시에 실패했을 때 할 수 있습니다.",
                "Only a FAILED delivery can be retried.",
            ),
            Self::Confirm => (
                "올린 주소를 확인하기는 직접 올려야 하는 채널에서 할 수 있습니다.",
                "Only a delivery that requires manual posting (ACTION_REQUIRED) can be confirmed.",
            ),
            Self::Withdraw => (
                "내리기는 게시되었거나 게시를 기다릴 때 할 수 있습니다.",
                "Only a published or pending delivery can be withdrawn.",
            ),
            Self::Resolve => (
                "결과 입력하기는 게시되었는지 알 수 없을 때 할 수 있습니다.",
                "Only a delivery with an unknown outcome can be resolved.",
            ),
        }
    }
}

/// Describes the state.
fn status_text(status: DeliveryStatus) -> (&'static str, &'static str) {
    use DeliveryStatus::{
        Accepted, ActionRequired, Failed, Live, Pending, Running, Unknown, Withdrawn,
    };
    match status {
        Pending => ("게시를 기다리고 있습니다.", "The delivery is pending."),
        Running => ("지금 게시하고 있습니다.", "An attempt is in progress."),
        Accepted => (
            "제공사가 받아 처리하고 있습니다.",
            "The provider has accepted it and is processing it.",
        ),
        ActionRequired => ("직접 올려야 끝납니다.", "Manual posting is required."),
        Live => ("이미 게시되었습니다.", "It is already live."),
        Failed => ("게시에 실패했습니다.", "The delivery has failed."),
        Unknown => ("게시되었는지 알 수 없습니다.", "The outcome is unknown."),
        Withdrawn => ("이미 내렸습니다.", "It has already been withdrawn."),
    }
}
