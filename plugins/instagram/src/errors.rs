//! Meta's error codes, sorted by who reacts.
//!
//! Source: "Error Codes" in Meta's documentation of the Instagram Platform.

use baepo_sdk::Failure;

/// Why there is no post yet.
#[derive(Debug, PartialEq, Eq)]
pub enum Setback {
    /// The container is of no use any more, and it is certainly not published.
    NewContainer(String),
    Final(Failure),
}

/// What is not the answer that was hoped for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub reaction: Reaction,
    /// For the owner, with Meta's or the host's own words.
    pub message: String,
    /// When Meta says how long to wait.
    pub wait_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// No answer, or none that can be read: Meta may have acted.
    Doubt,
    /// The request never left.
    NotSent,
    /// Meta says that it is in trouble.
    Unavailable,
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
    Rejected(Blame),
    /// Not in the table.
    Other,
}

/// What the owner has to change, and how to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blame {
    pub field: Field,
    pub message: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The media item, or one of its fields (`/width`).
    Media(&'static str),
    Body,
}

/// The subcode is the more exact one; codes alone come last.
pub fn reaction(code: i64, subcode: Option<i64>) -> Reaction {
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
        _ => Reaction::Rejected(blame(subcode)?),
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
        _ => blame_of_code(code).map_or(Reaction::Other, Reaction::Rejected),
    }
}

fn blame(subcode: i64) -> Option<Blame> {
    let (field, message) = match subcode {
        2_207_004 => (
            Field::Media("/bytes"),
            "사진 파일이 너무 큽니다. 8MB보다 작게 저장해 주세요.",
        ),
        2_207_005 => (
            Field::Media("/mimeType"),
            "인스타그램이 받지 않는 사진 형식입니다. JPEG로 저장해 주세요.",
        ),
        2_207_009 => (
            Field::Media("/width"),
            "사진의 가로세로 비율은 4:5에서 1.91:1 사이여야 합니다.",
        ),
        2_207_010 => (Field::Body, "글이 너무 깁니다. 2,200자까지 쓸 수 있습니다."),
        2_207_023 => (Field::Media(""), "인스타그램이 모르는 종류의 게시물입니다."),
        2_207_026 => (
            Field::Media("/mimeType"),
            "인스타그램이 받지 않는 영상 형식입니다. MP4(H.264)로 저장해 주세요.",
        ),
        2_207_028 => (
            Field::Media(""),
            "여러 장 게시물에는 사진이나 영상이 2개에서 10개까지 필요합니다.",
        ),
        2_207_035..=2_207_037 => (
            Field::Media(""),
            "상품 태그가 맞지 않습니다. 태그를 확인해 주세요.",
        ),
        2_207_040 => (Field::Body, "@로 시작하는 언급은 20개까지 쓸 수 있습니다."),
        2_207_057 => (
            Field::Media(""),
            "영상의 표지로 고른 순간이 영상 길이를 벗어납니다.",
        ),
        _ => return None,
    };
    Some(Blame { field, message })
}

/// For answers that carry no subcode, or one that is newer than this table.
fn blame_of_code(code: i64) -> Option<Blame> {
    match code {
        352 => blame(2_207_026),
        36_000 => blame(2_207_004),
        36_001 => blame(2_207_005),
        36_003 => blame(2_207_009),
        36_004 => blame(2_207_010),
        506 => Some(Blame {
            field: Field::Body,
            message: "바로 앞에 올린 글과 똑같습니다. 내용을 바꿔 주세요.",
        }),
        _ => None,
    }
}

impl Refusal {
    /// Whether nothing can have happened, so that there is nothing to look for.
    pub fn is_certain(&self) -> bool {
        matches!(
            self.reaction,
            Reaction::NotSent
                | Reaction::RateLimited
                | Reaction::Unauthorized
                | Reaction::Policy
                | Reaction::Rejected(_)
        )
    }

    /// Whether the same request may succeed, once it is sure that it has not yet.
    pub fn may_pass(&self) -> bool {
        matches!(
            self.reaction,
            Reaction::Doubt | Reaction::NotSent | Reaction::Unavailable | Reaction::NotReady
        )
    }

    /// Where nothing has become public. `place` is what was sent, as a JSON pointer.
    pub fn into_failure(self, place: &str) -> Failure {
        match self.reaction {
            Reaction::Doubt
            | Reaction::NotSent
            | Reaction::Unavailable
            | Reaction::NewContainer
            | Reaction::NotReady => Failure::Unavailable(self.message),
            Reaction::RateLimited => Failure::RateLimited(self.wait_ms),
            Reaction::Unauthorized => Failure::Unauthorized(self.message),
            Reaction::Rejected(blame) => Failure::rejected(blame.at(place), blame.message),
            Reaction::CannotFetch => Failure::rejected(
                format!("{place}/url"),
                "인스타그램이 이 주소에서 파일을 가져가지 못했습니다. 누구나 열 수 있는 주소인지 확인해 주세요.",
            ),
            Reaction::Denied | Reaction::Restricted | Reaction::Policy | Reaction::Other => {
                Failure::Failed(self.message)
            }
        }
    }

    /// Where a new container may help.
    pub fn into_setback(self, place: &str) -> Setback {
        match self.reaction {
            Reaction::NewContainer => Setback::NewContainer(self.message),
            _ => Setback::Final(self.into_failure(place)),
        }
    }
}

impl Blame {
    fn at(self, place: &str) -> String {
        match self.field {
            Field::Media(field) => format!("{place}{field}"),
            Field::Body => "/body".into(),
        }
    }
}
