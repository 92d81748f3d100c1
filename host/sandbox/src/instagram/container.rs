//! Containers: what is to be posted, checked as Meta checks it, invisible until published.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::call::Call;
use super::error::GraphError;
use crate::lag::Visibility;
use crate::ledger::{Media, MediaKind};

const CAPTION_CHARACTERS: usize = 2_200;
const CAPTION_HASHTAGS: usize = 30;
const CAPTION_MENTIONS: usize = 20;
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Reel,
    Story,
    Carousel,
    CarouselItem,
}

impl Kind {
    /// The `media_type` of the post that comes of it.
    pub(super) fn of_media(self, media: &[Media]) -> &'static str {
        match (self, media.first().map(|media| media.kind)) {
            (Self::Carousel, _) => "CAROUSEL_ALBUM",
            (_, Some(MediaKind::Video)) => "VIDEO",
            _ => "IMAGE",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Container {
    pub(super) user: u64,
    pub(super) kind: Kind,
    pub(super) caption: String,
    pub(super) media: Vec<Media>,
    created: Timestamp,
    /// How often it still answers that Meta is working on it.
    reads_until_finished: u32,
    visibility: Visibility,
    /// With the time from which its status shows it.
    published: Option<Visibility>,
}

/// `status_code` of a container. `ERROR` needs a provider that looks at the media: a status fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Finished,
    Published,
    Expired,
}

impl Status {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Finished => "FINISHED",
            Self::Published => "PUBLISHED",
            Self::Expired => "EXPIRED",
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::InProgress => "In Progress: Media is still being processed.",
            Self::Finished => "Finished: Media has been uploaded and it is ready to be published.",
            Self::Published => "Published: Media has been published.",
            Self::Expired => "Expired: The container was not published within 24 hours.",
        }
    }
}

impl Container {
    /// `child` finds a container by the id that the caller gave.
    pub(super) fn new<'a>(
        user: u64,
        call: &Call,
        now: Timestamp,
        video_reads: u32,
        child: impl Fn(&str) -> Option<&'a Container>,
    ) -> Result<Self, GraphError> {
        let kind = parse_kind(call)?;
        let media = match kind {
            Kind::Carousel => children_media(user, call, now, child)?,
            Kind::Image => vec![parse_media(call, MediaKind::Image)?],
            Kind::Reel => vec![parse_media(call, MediaKind::Video)?],
            Kind::Story | Kind::CarouselItem => vec![parse_either(call)?],
        };
        let caption = call.get("caption").unwrap_or_default().to_owned();
        check_caption(&caption)?;
        let has_video = media.iter().any(|media| media.kind == MediaKind::Video);
        let reads_until_finished = if has_video { video_reads } else { 0 };
        let created = now;
        Ok(Self {
            user,
            kind,
            caption,
            media,
            created,
            reads_until_finished,
            visibility: call.lag.from(now),
            published: None,
        })
    }

    pub(super) fn status(&self, now: Timestamp) -> Status {
        if self.published.is_some() {
            Status::Published
        } else if now.duration_since(self.created) >= LIFETIME {
            Status::Expired
        } else if self.reads_until_finished > 0 {
            Status::InProgress
        } else {
            Status::Finished
        }
    }

    /// As [`status`](Self::status), as far as reads have come, and one step nearer to being
    /// finished. `None`: it is not shown yet.
    pub(super) fn read_status(&mut self, now: Timestamp) -> Option<Status> {
        if !self.visibility.is_readable(now) {
            return None;
        }
        let status = match self.published {
            Some(visibility) if !visibility.is_readable(now) => Status::Finished,
            _ => self.status(now),
        };
        self.reads_until_finished = self.reads_until_finished.saturating_sub(1);
        Some(status)
    }

    /// A container publishes once.
    pub(super) fn publish(
        &mut self,
        id: &str,
        now: Timestamp,
        visibility: Visibility,
    ) -> Result<(), GraphError> {
        match self.status(now) {
            Status::Published | Status::Expired => Err(GraphError::container_gone(id)),
            Status::InProgress => Err(GraphError::container_not_ready()),
            Status::Finished if self.kind == Kind::CarouselItem => Err(
                GraphError::invalid_parameter("A carousel item is published with its carousel"),
            ),
            Status::Finished => {
                self.published = Some(visibility);
                Ok(())
            }
        }
    }
}

fn parse_kind(call: &Call) -> Result<Kind, GraphError> {
    let is_item = call
        .get("is_carousel_item")
        .is_some_and(|value| matches!(value, "true" | "1"));
    match (call.get("media_type"), is_item) {
        (None | Some("IMAGE" | "VIDEO"), true) => Ok(Kind::CarouselItem),
        (None | Some("IMAGE"), false) => Ok(Kind::Image),
        (Some("VIDEO"), false) => Err(GraphError::video_type_retired()),
        (Some("REELS"), _) => Ok(Kind::Reel),
        (Some("STORIES"), _) => Ok(Kind::Story),
        (Some("CAROUSEL"), _) => Ok(Kind::Carousel),
        (Some(other), _) => Err(GraphError::invalid_parameter(&format!(
            "Param media_type must be one of {{CAROUSEL, IMAGE, REELS, STORIES, VIDEO}} - got \
             \"{other}\""
        ))),
    }
}

/// Where both are allowed, an address says what it is by the parameter that it comes in.
fn parse_either(call: &Call) -> Result<Media, GraphError> {
    let only_video = call.get("image_url").is_none() && call.get("video_url").is_some();
    if only_video || call.get("media_type") == Some("VIDEO") {
        parse_media(call, MediaKind::Video)
    } else {
        parse_media(call, MediaKind::Image)
    }
}

fn parse_media(call: &Call, kind: MediaKind) -> Result<Media, GraphError> {
    let is_video = kind == MediaKind::Video;
    let url = call.require(if is_video { "video_url" } else { "image_url" })?;
    let fetchable =
        Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !fetchable {
        return Err(GraphError::media_not_fetched(url));
    }
    let alt_text = call.get("alt_text").unwrap_or_default().to_owned();
    Ok(Media {
        kind,
        url: url.to_owned(),
        alt_text,
    })
}

fn children_media<'a>(
    user: u64,
    call: &Call,
    now: Timestamp,
    child: impl Fn(&str) -> Option<&'a Container>,
) -> Result<Vec<Media>, GraphError> {
    call.require("children")?;
    let ids = call.list("children");
    if !(2..=10).contains(&ids.len()) {
        return Err(GraphError::carousel_size());
    }
    let mut media = Vec::with_capacity(ids.len());
    for id in &ids {
        let found = child(id)
            .filter(|child| child.user == user && child.status(now) != Status::Expired)
            .ok_or_else(|| GraphError::child_not_found(id))?;
        if found.kind != Kind::CarouselItem {
            let detail = format!("Param children: {id} was not created as a carousel item");
            return Err(GraphError::invalid_parameter(&detail));
        }
        media.extend_from_slice(&found.media);
    }
    Ok(media)
}

fn check_caption(caption: &str) -> Result<(), GraphError> {
    if caption.chars().count() > CAPTION_CHARACTERS || tags(caption, '#') > CAPTION_HASHTAGS {
        return Err(GraphError::caption_too_long());
    }
    if tags(caption, '@') > CAPTION_MENTIONS {
        return Err(GraphError::too_many_mentions());
    }
    Ok(())
}

/// A tag is the mark with a letter or digit behind it: "# 1" and "a @ b" are none. A mention has no
/// letter before its mark, as an e-mail address has.
fn tags(caption: &str, mark: char) -> usize {
    let is_of_tag = |next: char| next.is_alphanumeric() || next == '_';
    let begins = |(at, _): &(usize, &str)| {
        let is_glued = mark == '@' && caption[..*at].ends_with(is_of_tag);
        !is_glued && caption[at + mark.len_utf8()..].starts_with(is_of_tag)
    };
    caption.match_indices(mark).filter(begins).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_is_counted_in_characters_and_tags() {
        assert_eq!(check_caption(&"가".repeat(2_200)), Ok(()));
        assert_eq!(
            check_caption(&"가".repeat(2_201)),
            Err(GraphError::caption_too_long())
        );
        assert_eq!(check_caption(&"#세일".repeat(30)), Ok(()));
        assert_eq!(
            check_caption(&"#세일 ".repeat(31)),
            Err(GraphError::caption_too_long())
        );
        assert_eq!(
            check_caption(&"@shop ".repeat(21)),
            Err(GraphError::too_many_mentions())
        );
        assert_eq!(check_caption(&"# @ ".repeat(500)), Ok(()));
        assert_eq!(check_caption(&"shop@ondam.kr ".repeat(21)), Ok(()));
    }
}
