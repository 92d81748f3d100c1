//! What of the content becomes a message, and in which bubble.

use baepo_sdk::{Content, MediaKind};

use crate::{Choice, Options};

/// What the law wants to read first.
pub const MARK: &str = "(광고)";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub bubble: Bubble,
    pub text: String,
    pub image_url: Option<String>,
    pub button: Option<Button>,
    pub push_alarm: bool,
    pub advertising: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bubble {
    Text,
    Image,
    Wide,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub name: String,
    pub link: String,
}

impl Bubble {
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Image => "IMAGE",
            Self::Wide => "WIDE",
        }
    }

    /// Characters of text [NHN Cloud].
    pub fn most_characters(self) -> usize {
        match self {
            Self::Text | Self::Image => 1_300,
            Self::Wide => 76,
        }
    }

    pub fn most_line_breaks(self) -> usize {
        match self {
            Self::Text | Self::Image => 99,
            Self::Wide => 5,
        }
    }

    pub fn most_button_characters(self) -> usize {
        match self {
            Self::Text | Self::Image => 14,
            Self::Wide => 8,
        }
    }
}

impl Message {
    pub fn compose(content: &Content, options: &Options, advertising: bool) -> Self {
        let image_url = content
            .media_of(MediaKind::Image)
            .next()
            .map(|(_, image)| &image.url);
        let bubble = match (options.bubble, image_url) {
            (Choice::Text, _) | (Choice::Auto, None) => Bubble::Text,
            (Choice::Image, _) | (Choice::Auto, Some(_)) => Bubble::Image,
            (Choice::Wide, _) => Bubble::Wide,
        };
        Self {
            bubble,
            text: text(content, bubble, advertising),
            image_url: image_url.filter(|_| bubble != Bubble::Text).cloned(),
            button: button(content, options),
            push_alarm: options.push_alarm,
            advertising,
        }
    }
}

fn text(content: &Content, bubble: Bubble, advertising: bool) -> String {
    let separator = if bubble == Bubble::Wide { "\n" } else { "\n\n" };
    let parts = [content.title.trim(), content.body.trim()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let text = parts.join(separator);
    if advertising && !text.starts_with(MARK) {
        format!("{MARK} {text}")
    } else {
        text
    }
}

fn button(content: &Content, options: &Options) -> Option<Button> {
    let link = content.link.clone().filter(|link| !link.is_empty())?;
    Some(Button {
        name: options.button_name.clone(),
        link,
    })
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::{content, image};

    use super::*;

    fn compose(change: impl FnOnce(&mut Content, &mut Options)) -> Message {
        let (mut content, mut options) = (content(), Options::default());
        change(&mut content, &mut options);
        Message::compose(&content, &options, true)
    }

    #[test]
    fn advertising_begins_with_the_mark_and_has_it_once() {
        let text = "(광고) 봄맞이 크루아상 1+1\n\n3월 한 달, 오전에 오시면 하나 더 드립니다.";
        assert_eq!(compose(|_, _| {}).text, text);
        let marked = compose(|content, _| content.title = format!("{MARK} 봄맞이 크루아상 1+1"));
        assert_eq!(marked.text, text);
        let elsewhere = compose(|content, _| content.title = "[광고] 봄".into());
        assert!(elsewhere.text.starts_with("(광고) [광고] 봄"));
    }

    #[test]
    fn what_advertises_nothing_has_no_mark() {
        let message = Message::compose(&content(), &Options::default(), false);
        assert!(message.text.starts_with("봄맞이"));
    }

    #[test]
    fn a_picture_decides_the_bubble_unless_the_owner_does() {
        let bubble = |choice, with_image: bool| {
            let message = compose(|content, options| {
                options.bubble = choice;
                content.media = if with_image {
                    vec![image("https://m.example/1.jpg")]
                } else {
                    vec![]
                };
            });
            (message.bubble, message.image_url.is_some())
        };
        assert_eq!(bubble(Choice::Auto, false), (Bubble::Text, false));
        assert_eq!(bubble(Choice::Auto, true), (Bubble::Image, true));
        assert_eq!(bubble(Choice::Text, true), (Bubble::Text, false));
        assert_eq!(bubble(Choice::Wide, true), (Bubble::Wide, true));
    }

    #[test]
    fn a_link_becomes_a_button() {
        let button = Button {
            name: "자세히 보기".into(),
            link: "https://bakery.example/spring".into(),
        };
        assert_eq!(compose(|_, _| {}).button, Some(button));
        assert_eq!(compose(|content, _| content.link = None).button, None);
    }
}
