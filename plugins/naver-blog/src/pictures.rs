//! The pictures, in the owner's order: as figures of the post, and as a list to fetch them by.

use baepo_sdk::html::escape;
use baepo_sdk::{Content, Media, MediaKind};
use serde::Serialize;

#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// From 1.
    pub order: usize,
    media: &'a Media,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PictureEntry<'a> {
    order: usize,
    url: &'a str,
    alt_text: &'a str,
    file_name: String,
}

impl<'a> Picture<'a> {
    pub fn all(content: &'a Content) -> Vec<Self> {
        let images = content.media_of(MediaKind::Image).zip(1..);
        images
            .map(|((_, media), order)| Self { order, media })
            .collect()
    }

    pub fn alt_text(&self) -> &'a str {
        self.media.alt_text.as_deref().unwrap_or_default().trim()
    }

    pub fn url(&self) -> &'a str {
        &self.media.url
    }

    /// The editor drops the alternative text of what is pasted, so it is the caption as well.
    pub fn figure(&self) -> String {
        let (url, text) = (escape(self.url()), escape(self.alt_text()));
        let caption = if text.is_empty() {
            String::new()
        } else {
            format!("\n<figcaption>{text}</figcaption>")
        };
        format!("<figure>\n<img src=\"{url}\" alt=\"{text}\">{caption}\n</figure>")
    }

    /// Sorts by itself in a folder, whatever the address is called.
    fn file_name(&self) -> String {
        let subtype = self.media.mime_type.strip_prefix("image/");
        let extension: String = subtype
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let extension = match extension.as_str() {
            "jpeg" | "" => "jpg",
            other => other,
        };
        format!("{:02}.{extension}", self.order)
    }
}

/// `images.json`
pub fn list(pictures: &[Picture<'_>]) -> String {
    let listed: Vec<PictureEntry<'_>> = pictures
        .iter()
        .map(|picture| PictureEntry {
            order: picture.order,
            url: picture.url(),
            alt_text: picture.alt_text(),
            file_name: picture.file_name(),
        })
        .collect();
    serde_json::to_string_pretty(&listed).expect("plain data is always JSON")
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::{content, image};

    use super::*;

    #[test]
    fn a_file_is_called_by_its_place_and_its_format() {
        let formats = [
            "image/jpeg",
            "image/png",
            "image/svg+xml",
            "image/../x",
            "what",
        ];
        let of_format = |mime_type: &&str| Media {
            mime_type: (*mime_type).into(),
            ..image("https://m.example/1")
        };
        let content = Content {
            media: formats.iter().map(of_format).collect(),
            ..content()
        };
        let names: Vec<_> = Picture::all(&content)
            .iter()
            .map(Picture::file_name)
            .collect();
        assert_eq!(names, ["01.jpg", "02.png", "03.svg", "04.jpg", "05.jpg"]);
    }

    #[test]
    fn a_picture_without_a_description_has_no_caption() {
        let content = Content {
            media: vec![Media {
                alt_text: None,
                ..image("https://m.example/1.jpg")
            }],
            ..content()
        };
        assert_eq!(
            Picture::all(&content)[0].figure(),
            "<figure>\n<img src=\"https://m.example/1.jpg\" alt=\"\">\n</figure>"
        );
    }
}
