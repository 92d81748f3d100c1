//! What callers hear: the owner's own recording, or text that is read out.

use baepo_sdk::{Content, Media, MediaKind};

use crate::options::Options;

#[derive(Debug)]
pub enum Sound<'a> {
    Recording {
        index: usize,
        audio: &'a Media,
    },
    /// Title and body, or what the owner wrote for this.
    Reading {
        text: String,
        from: TextSource,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextSource {
    Script,
    Content,
}

impl<'a> Sound<'a> {
    /// A recording comes before a script, and a script before the content's words.
    pub fn of(content: &'a Content, options: &Options) -> Self {
        if let Some((index, audio)) = content.media_of(MediaKind::Audio).next() {
            return Self::Recording { index, audio };
        }
        let script = options.script.trim();
        if !script.is_empty() {
            return Self::Reading {
                text: script.into(),
                from: TextSource::Script,
            };
        }
        let parts = [content.title.trim(), content.body.trim()];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self::Reading {
            text: parts.join("\n"),
            from: TextSource::Content,
        }
    }

    /// Where the owner changes it, as a JSON pointer.
    pub fn json_pointer(&self) -> String {
        match self {
            Self::Recording { index, .. } => format!("/media/{index}"),
            Self::Reading {
                from: TextSource::Script,
                ..
            } => "/options/script".into(),
            Self::Reading {
                from: TextSource::Content,
                ..
            } => "/body".into(),
        }
    }
}
