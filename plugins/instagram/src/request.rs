//! Content → HTTP: every request that this channel sends.

use core::time::Duration;

use baepo_sdk::http::{self, Repeat, Request, encode};
use baepo_sdk::{Failure, Media, MediaKind, account};
use serde::Serialize;

use crate::post::Item;

/// Reading is quick, or something is wrong.
const READ: Duration = Duration::from_secs(10);
/// Meta fetches the picture while it makes a container.
const CREATE: Duration = Duration::from_secs(20);
/// Giving up early on this one costs a look.
const PUBLISH: Duration = Duration::from_secs(30);

/// As in `channel.toml`.
const READ_LAG: Duration = Duration::from_secs(600);

/// Where the owner's account is.
#[derive(Debug)]
pub struct Api {
    host: String,
    version: String,
    user: String,
    read_lag: Duration,
}

/// The body that makes a container.
#[derive(Debug, Default, Serialize)]
pub struct Container<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_carousel_item: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    share_to_feed: Option<bool>,
}

impl<'a> Container<'a> {
    pub fn image(media: &'a Media, caption: &'a str) -> Self {
        Self {
            image_url: Some(&media.url),
            alt_text: media.alt_text.as_deref(),
            caption: Some(caption),
            ..Self::default()
        }
    }

    pub fn reel(media: &'a Media, caption: &'a str, share_to_feed: bool) -> Self {
        Self {
            media_type: Some("REELS"),
            video_url: Some(&media.url),
            caption: Some(caption),
            share_to_feed: Some(share_to_feed),
            ..Self::default()
        }
    }

    /// One picture or film of a carousel; the caption belongs to the whole.
    pub fn child(item: Item<'a>) -> Self {
        let media = item.media;
        let item = Self {
            is_carousel_item: Some(true),
            ..Self::default()
        };
        match media.kind {
            MediaKind::Video => Self {
                media_type: Some("VIDEO"),
                video_url: Some(&media.url),
                ..item
            },
            MediaKind::Image | MediaKind::Audio => Self {
                image_url: Some(&media.url),
                alt_text: media.alt_text.as_deref(),
                ..item
            },
        }
    }

    pub fn carousel(children: &[String], caption: &'a str) -> Self {
        Self {
            media_type: Some("CAROUSEL"),
            children: Some(children.join(",")),
            caption: Some(caption),
            ..Self::default()
        }
    }
}

impl Api {
    /// # Errors
    /// If a setting is missing.
    pub fn from_settings() -> Result<Self, Failure> {
        Ok(Self {
            host: account::required("apiHost")?,
            version: account::required("apiVersion")?,
            user: account::required("igUserId")?,
            read_lag: account::setting("readLagSeconds")
                .and_then(|seconds| seconds.parse().ok())
                .map_or(READ_LAG, Duration::from_secs),
        })
    }

    /// How long what Meta shows may lag behind what it has done.
    pub fn read_lag(&self) -> Duration {
        self.read_lag
    }

    /// How many posts the account may still publish.
    pub fn quota(&self) -> Request {
        http::get(self.user_url("content_publishing_limit"))
            .query("fields", "quota_usage,config")
            .bearer("accessToken")
            .timeout(READ)
    }

    /// A container is invisible and is gone after a day, so making one twice does no harm.
    pub fn create(&self, container: &Container<'_>) -> Request {
        http::post(self.user_url("media"), Repeat::Idempotent)
            .json(container)
            .bearer("accessToken")
            .timeout(CREATE)
    }

    pub fn status(&self, container: &str) -> Request {
        self.read(container, "status_code,status")
    }

    /// The one that makes it public.
    pub fn publish(&self, container: &str) -> Request {
        #[derive(Serialize)]
        struct Publish<'a> {
            creation_id: &'a str,
        }
        http::post(self.user_url("media_publish"), Repeat::Unsafe)
            .json(&Publish {
                creation_id: container,
            })
            .bearer("accessToken")
            .timeout(PUBLISH)
    }

    /// The newest posts of the account.
    pub fn recent(&self) -> Request {
        http::get(self.user_url("media"))
            .query("fields", "id,caption,timestamp")
            .query("limit", "50")
            .bearer("accessToken")
            .timeout(READ)
    }

    pub fn permalink(&self, media: &str) -> Request {
        self.read(media, "permalink")
    }

    /// Only what was connected through Facebook Login can be deleted.
    pub fn can_delete(&self) -> bool {
        self.host == "graph.facebook.com"
    }

    pub fn delete(&self, media: &str) -> Request {
        http::delete(self.url(media), Repeat::Idempotent)
            .bearer("accessToken")
            .timeout(READ)
    }

    fn read(&self, id: &str, fields: &str) -> Request {
        http::get(self.url(id))
            .query("fields", fields)
            .bearer("accessToken")
            .timeout(READ)
    }

    fn user_url(&self, edge: &str) -> String {
        format!("{}/{edge}", self.url(&self.user))
    }

    fn url(&self, id: &str) -> String {
        format!("https://{}/{}/{}", self.host, self.version, encode(id))
    }
}
