//! What is in the editor.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ledger::{Media, MediaKind};

const BLOG_ID_CHARACTERS: usize = 30;
const TITLE_CHARACTERS: usize = 100;
const HTML_CHARACTERS: usize = 200_000;
const TAGS: usize = 30;
const IMAGES: usize = 50;
/// Of a tag, an address or a description.
const TEXT_CHARACTERS: usize = 2_000;

#[derive(Debug)]
pub(super) struct Draft {
    pub(super) blog_id: String,
    pub(super) title: String,
    /// As it came; it must be shown without its scripts.
    pub(super) html: String,
    pub(super) images: Vec<Media>,
    /// Of the post that came of it.
    pub(super) url: Option<String>,
    tags: Vec<String>,
    at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(super) struct DraftRequest {
    title: String,
    html: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    images: Vec<ImageElement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageElement {
    url: String,
    #[serde(default)]
    alt_text: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unreadable(String),
    UnknownDraft,
}

impl DraftRequest {
    pub(super) fn check(self, blog_id: String, at: Timestamp) -> Result<Draft, Refusal> {
        let is_id_character = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let is_id = (1..=BLOG_ID_CHARACTERS).contains(&blog_id.len());
        if !is_id || !blog_id.bytes().all(is_id_character) {
            return Err(Refusal::Unreadable("blogId: not a blog's id".into()));
        }
        if self.title.trim().is_empty() {
            return Err(Refusal::Unreadable("title: must not be blank".into()));
        }
        check_length("title", &self.title, TITLE_CHARACTERS)?;
        check_length("html", &self.html, HTML_CHARACTERS)?;
        if self.tags.len() > TAGS || self.images.len() > IMAGES {
            let detail = format!("at most {TAGS} tags and {IMAGES} images");
            return Err(Refusal::Unreadable(detail));
        }
        for tag in &self.tags {
            check_length("tags", tag, TEXT_CHARACTERS)?;
        }
        let images = self.images.into_iter().map(ImageElement::check);
        Ok(Draft {
            blog_id,
            title: self.title,
            html: self.html,
            images: images.collect::<Result<_, _>>()?,
            url: None,
            tags: self.tags,
            at,
        })
    }
}

impl ImageElement {
    fn check(self) -> Result<Media, Refusal> {
        check_length("images.url", &self.url, TEXT_CHARACTERS)?;
        check_length("images.altText", &self.alt_text, TEXT_CHARACTERS)?;
        Ok(Media {
            kind: MediaKind::Image,
            url: self.url,
            alt_text: self.alt_text,
        })
    }
}

impl Draft {
    /// As `GET /_control/drafts` shows it.
    pub(super) fn listing(&self, id: u64) -> Value {
        json!({
            "draftId": id.to_string(),
            "blogId": self.blog_id,
            "title": self.title,
            "tags": self.tags,
            "images": self.images,
            "at": self.at,
            "url": self.url,
        })
    }
}

fn check_length(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.chars().count() > limit {
        let detail = format!("{field}: more than {limit} characters");
        Err(Refusal::Unreadable(detail))
    } else {
        Ok(())
    }
}
