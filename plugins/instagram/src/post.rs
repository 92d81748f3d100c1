//! What of the content becomes a post, and in which shape.

use baepo_sdk::{Content, Hashtags, Media, MediaKind, link};

/// A carousel takes 2 to 10 [Meta].
pub const MAX_ITEMS: usize = 10;

#[derive(Debug)]
pub struct Post<'a> {
    pub caption: String,
    pub shape: Shape<'a>,
}

#[derive(Debug)]
pub enum Shape<'a> {
    Image(Item<'a>),
    Reel {
        video: Item<'a>,
        share_to_feed: bool,
    },
    Carousel(Vec<Item<'a>>),
}

#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The place in [`Content::media`].
    pub index: usize,
    pub media: &'a Media,
}

impl<'a> Post<'a> {
    /// `None` if there is nothing to show: Instagram knows no post of text alone.
    pub fn plan(content: &'a Content, share_to_feed: bool) -> Option<Self> {
        let items = items(content);
        let shape = match items.as_slice() {
            [] => return None,
            [only] if only.media.kind == MediaKind::Image => Shape::Image(*only),
            [only] => Shape::Reel {
                video: *only,
                share_to_feed,
            },
            _ => Shape::Carousel(items),
        };
        Some(Self {
            caption: caption(content),
            shape,
        })
    }

    /// Where a refusal of the whole post points to.
    pub fn json_pointer(&self) -> String {
        match &self.shape {
            Shape::Image(item) | Shape::Reel { video: item, .. } => item.json_pointer(),
            Shape::Carousel(_) => "/media".into(),
        }
    }
}

impl Item<'_> {
    /// A JSON pointer into the content.
    pub fn json_pointer(&self) -> String {
        format!("/media/{}", self.index)
    }
}

/// Images and videos, in the owner's order.
pub fn items(content: &Content) -> Vec<Item<'_>> {
    let media = content.media.iter().enumerate();
    let shown = media.filter(|(_, media)| media.kind != MediaKind::Audio);
    shown.map(|(index, media)| Item { index, media }).collect()
}

/// Title, body, link and hashtags, with an empty line between them.
pub fn caption(content: &Content) -> String {
    let hashtags = hashtags(content);
    let hashtags: Vec<_> = hashtags.tags.iter().map(|tag| format!("#{tag}")).collect();
    let hashtags = hashtags.join(" ");
    let link = content.link.as_deref().map(link::shown).unwrap_or_default();
    let parts = [
        content.title.trim(),
        content.body.trim(),
        link.trim(),
        &hashtags,
    ];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// Without what would end a hashtag.
pub fn hashtags(content: &Content) -> Hashtags {
    Hashtags::of(content, Hashtags::is_word_char)
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::{content, image, video};

    use super::*;

    #[test]
    fn an_address_is_shown_as_people_write_it() {
        let mut content = content();
        content.link = Some("https://xn--jk1b477a.kr/%EB%B4%84".into());
        let caption = caption(&content);
        assert!(caption.contains("\n\nhttps://온담.kr/봄\n\n"), "{caption}");
    }

    #[test]
    fn a_caption_reads_from_the_title_to_the_hashtags() {
        let mut content = content();
        content.hashtags = vec![
            "#동네 빵집".into(),
            "동네빵집".into(),
            "one-plus".into(),
            " ".into(),
        ];
        assert_eq!(
            caption(&content),
            "봄맞이 크루아상 1+1\n\n3월 한 달, 오전에 오시면 하나 더 드립니다.\n\n\
             https://bakery.example/spring\n\n#동네빵집 #oneplus"
        );
    }

    #[test]
    fn the_media_decide_the_shape() {
        let with = |media: Vec<Media>| Content { media, ..content() };
        let (one, film) = (
            image("https://m.example/1.jpg"),
            video("https://m.example/1.mp4"),
        );
        let shape =
            |content: &Content| Post::plan(content, true).map(|post| format!("{:?}", post.shape));
        let begins =
            |media, name: &str| shape(&with(media)).is_some_and(|shape| shape.starts_with(name));

        assert_eq!(shape(&with(vec![])), None);
        assert!(begins(vec![one.clone()], "Image"));
        assert!(begins(vec![film.clone()], "Reel"));
        assert!(begins(vec![one, film], "Carousel"));
    }
}
