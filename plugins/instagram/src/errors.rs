//! Meta's error codes, sorted by who reacts.
//!
//! Source: "Error Codes" in Meta's documentation of the Instagram Platform.

use core::num::NonZeroU64;

use baepo_sdk::{Failure, Text};

/// Why there is no post yet.
#[derive(Debug, PartialEq, Eq)]
pub enum PublishError {
    /// The container is of no use any more, and it is certainly not published.
    NewContainer(Text),
    Final(Failure),
}

/// What is not the answer that was hoped for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub reaction: Reaction,
    /// For the owner, with Meta's or the host's own words.
    pub message: Text,
    /// When Meta says how long to wait.
    pub wait_ms: Option<NonZeroU64>,
    /// Meta says that it may work later, or is in trouble itself: what was asked may be done.
    pub is_transient: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// No answer, or none that can be read: Meta may have acted.
    Doubt,
    /// The request never left.
    NotSent,
    /// Meta says that it is in trouble.
    Unavailable,
    /// What was made a moment ago is not to be seen: Meta's reads lag behind, by minutes at times.
    Unreadable,
    /// The host does not allow it.
    Denied,
    NewContainer,
    NotReady,
    CannotFetch,
    /// Meta holds the account back, yet the post may be live.
    Restricted,
    RateLimited,
    Unauthorized,
    Policy,
    Rejected(FieldError),
    /// Not in the table.
    Other,
}

/// `Unsupported request: the object does not exist, or cannot be loaded`.
pub const NO_SUCH_OBJECT: (i64, Option<i64>) = (100, Some(33));

/// Whether an error of this code has come with posts that were out: the code of trouble, and of the
/// app's own limit, which is counted before and after what it is about.
pub fn is_transient(code: i64, reaction: Reaction) -> bool {
    matches!(code, -2 | -1 | 1 | 2 | 4) && !matches!(reaction, Reaction::Rejected(_))
}

/// What the owner has to change, and how to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: Field,
    pub korean: &'static str,
    pub english: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The media item, or one of its fields (`/width`).
    Media(&'static str),
    Body,
}

/// The subcode is the more exact one; codes alone come last.
pub fn reaction(code: i64, subcode: Option<i64>) -> Reaction {
    if (code, subcode) == NO_SUCH_OBJECT {
        return Reaction::Unreadable;
    }
    subcode
        .and_then(by_subcode)
        .unwrap_or_else(|| by_code(code))
}

fn by_subcode(subcode: i64) -> Option<Reaction> {
    Some(match subcode {
        2_207_001 | 2_207_003 | 2_207_032 => Reaction::Unavailable,
        2_207_008 | 2_207_020 | 2_207_053 => Reaction::NewContainer,
        2_207_027 => Reaction::NotReady,
        2_207_042 => Reaction::RateLimited,
        2_207_050 => Reaction::Unauthorized,
        2_207_051 => Reaction::Restricted,
        2_207_052 => Reaction::CannotFetch,
        _ => Reaction::Rejected(field_error(subcode)?),
    })
}

fn by_code(code: i64) -> Reaction {
    match code {
        -2 | -1 | 1 | 2 => Reaction::Unavailable,
        4 | 9 | 17 | 32 | 341 | 613 | 80_001 | 80_002 => Reaction::RateLimited,
        10 | 190 | 200..=299 => Reaction::Unauthorized,
        368 => Reaction::Policy,
        9_004 => Reaction::CannotFetch,
        9_007 => Reaction::NotReady,
        _ => field_error_by_code(code).map_or(Reaction::Other, Reaction::Rejected),
    }
}

fn field_error(subcode: i64) -> Option<FieldError> {
    let (field, korean, english) = match subcode {
        2_207_004 => (
            Field::Media("/bytes"),
            "사진 파일이 너무 큽니다. 8MB보다 작게 저장해 주세요.",
            "The picture's file is too large. Save it with less than 8 MB.",
        ),
        2_207_005 => (
            Field::Media("/mimeType"),
            "인스타그램이 받지 않는 사진 형식입니다. JPEG로 저장해 주세요.",
            "Instagram does not take pictures of this format. Save it as JPEG.",
        ),
        2_207_009 => (
            Field::Media("/width"),
            "사진의 가로세로 비율은 4:5에서 1.91:1 사이여야 합니다.",
            "A picture's aspect ratio must be between 4:5 and 1.91:1.",
        ),
        2_207_010 => (
            Field::Body,
            "글이 너무 깁니다. 2,200자까지 쓸 수 있습니다.",
            "The text is too long. It may have 2,200 characters.",
        ),
        2_207_023 => (
            Field::Media(""),
            "인스타그램이 모르는 종류의 게시물입니다.",
            "Instagram does not know this kind of post.",
        ),
        2_207_026 => (
            Field::Media("/mimeType"),
            "인스타그램이 받지 않는 영상 형식입니다. MP4(H.264)로 저장해 주세요.",
            "Instagram does not take videos of this format. Save it as MP4 (H.264).",
        ),
        2_207_028 => (
            Field::Media(""),
            "여러 장 게시물에는 사진이나 영상이 2개에서 10개까지 필요합니다.",
            "A carousel needs 2 to 10 pictures or videos.",
        ),
        2_207_035..=2_207_037 => (
            Field::Media(""),
            "상품 태그가 맞지 않습니다. 태그를 확인해 주세요.",
            "A product tag is not right. Check the tags.",
        ),
        2_207_040 => (
            Field::Body,
            "@로 시작하는 언급은 20개까지 쓸 수 있습니다.",
            "A post may have 20 mentions that begin with @.",
        ),
        2_207_057 => (
            Field::Media(""),
            "영상의 표지로 고른 순간이 영상 길이를 벗어납니다.",
            "The moment chosen as the video's cover is beyond its end.",
        ),
        _ => return None,
    };
    Some(FieldError {
        field,
        korean,
        english,
    })
}

/// For answers that carry no subcode, or one that is newer than this table.
fn field_error_by_code(code: i64) -> Option<FieldError> {
    match code {
        352 => field_error(2_207_026),
        36_000 => field_error(2_207_004),
        36_001 => field_error(2_207_005),
        36_003 => field_error(2_207_009),
        36_004 => field_error(2_207_010),
        506 => Some(FieldError {
            field: Field::Body,
            korean: "바로 앞에 올린 글과 똑같습니다. 내용을 바꿔 주세요.",
            english: "This is the same as the post before it. Change the text.",
        }),
        _ => None,
    }
}

impl Reaction {
    /// What happened, without a promise of what comes next: it is also quoted where nothing does.
    pub fn text(self) -> Text {
        let (korean, english) = match self {
            Self::Doubt => (
                "인스타그램에서 쓸 수 있는 응답을 받지 못했습니다.",
                "Instagram gave no usable answer.",
            ),
            Self::NotSent => (
                "인스타그램에 연결하지 못했습니다.",
                "Instagram could not be reached.",
            ),
            Self::Unavailable => (
                "인스타그램에 잠시 문제가 있습니다.",
                "Instagram is in trouble at the moment.",
            ),
            Self::Unreadable => (
                "인스타그램이 방금 만든 게시물을 아직 보여 주지 않습니다.",
                "Instagram does not show yet what it has just been given.",
            ),
            Self::Denied => (
                "인스타그램에 보내려던 요청이 막혔습니다. 운영자에게 알려 주세요.",
                "A request to Instagram was stopped. Please tell the operator.",
            ),
            Self::NewContainer => (
                "인스타그램이 게시물을 준비하지 못했습니다.",
                "Instagram could not prepare the post.",
            ),
            Self::NotReady => (
                "인스타그램이 게시물을 아직 준비하고 있습니다.",
                "Instagram is still preparing the post.",
            ),
            Self::CannotFetch => (
                "인스타그램이 이 주소에서 파일을 가져가지 못했습니다. 누구나 열 수 있는 주소인지 확인해 주세요.",
                "Instagram could not fetch the file from this address. Check that anybody can open it.",
            ),
            Self::Restricted => (
                "인스타그램이 이 계정을 제한하고 있습니다. 앱에서 계정 상태를 확인해 주세요.",
                "Instagram restricts this account. Check the account's status in the app.",
            ),
            Self::RateLimited => (
                "인스타그램이 당분간 더 받지 않습니다.",
                "Instagram takes no more for now.",
            ),
            Self::Unauthorized => (
                "인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.",
                "The connection to Instagram has ended, or it may not publish. Connect again.",
            ),
            Self::Policy => (
                "인스타그램이 정책에 따라 막았습니다. 앱에서 계정 상태를 확인해 주세요.",
                "Instagram blocked it by its policy. Check the account's status in the app.",
            ),
            Self::Rejected(field_error) => (field_error.korean, field_error.english),
            Self::Other => (
                "인스타그램이 받지 않았습니다. 내용을 바꿔 다시 시도하고, 그래도 같으면 운영자에게 알려 주세요.",
                "Instagram did not take it. Change the content and retry; if it stays so, please tell the operator.",
            ),
        };
        Text::new(korean, english)
    }
}

impl ApiError {
    /// `details` are what was received instead of a success.
    pub fn new(reaction: Reaction, details: &Text) -> Self {
        Self {
            reaction,
            message: reaction.text().detail(&details.operator),
            wait_ms: None,
            is_transient: false,
        }
    }

    /// Whether Meta or the host says for certain that nothing was done.
    pub fn is_certain(&self) -> bool {
        !self.is_transient
            && matches!(
                self.reaction,
                Reaction::NotSent
                    | Reaction::Denied
                    | Reaction::RateLimited
                    | Reaction::Unauthorized
                    | Reaction::Policy
                    | Reaction::Rejected(_)
            )
    }

    /// Whether the request may have reached Meta.
    pub fn may_have_arrived(&self) -> bool {
        self.reaction != Reaction::NotSent
    }

    /// Whether a read that was answered so may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.is_transient
            || matches!(
                self.reaction,
                Reaction::Doubt
                    | Reaction::NotSent
                    | Reaction::Unavailable
                    | Reaction::Unreadable
                    | Reaction::NotReady
                    | Reaction::RateLimited
            )
    }

    /// Where nothing has become public. `json_pointer` is what was sent, as a JSON pointer.
    pub fn into_failure(self, json_pointer: &str) -> Failure {
        match self.reaction {
            Reaction::Doubt
            | Reaction::NotSent
            | Reaction::Unavailable
            | Reaction::Unreadable
            | Reaction::NewContainer
            | Reaction::NotReady => Failure::Unavailable(self.message.into()),
            Reaction::RateLimited => Failure::RateLimited(self.wait_ms.map(NonZeroU64::get)),
            Reaction::Unauthorized => Failure::Unauthorized(self.message.into()),
            Reaction::Rejected(field_error) => {
                Failure::rejected(field_error.at(json_pointer), self.message)
            }
            Reaction::CannotFetch => Failure::rejected(format!("{json_pointer}/url"), self.message),
            Reaction::Denied | Reaction::Restricted | Reaction::Policy | Reaction::Other => {
                Failure::Failed(self.message.into())
            }
        }
    }

    /// Where a new container may help.
    pub fn into_publish_error(self, json_pointer: &str) -> PublishError {
        match self.reaction {
            Reaction::NewContainer => PublishError::NewContainer(self.message),
            _ => PublishError::Final(self.into_failure(json_pointer)),
        }
    }
}

impl FieldError {
    fn at(self, json_pointer: &str) -> String {
        match self.field {
            Field::Media(field) => format!("{json_pointer}{field}"),
            Field::Body => "/body".into(),
        }
    }
}
