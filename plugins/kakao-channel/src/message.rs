//! What of the content becomes a message, and in which bubble.

use baepo_sdk::{Content, MediaKind};

use crate::advert_mark::{MARK, UnmarkedText};
use crate::options::{BubbleChoice, Options};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub bubble: Bubble,
    pub text: String,
    pub image_url: Option<String>,
    pub button: Option<Button>,
    pub push_alarm: bool,
    pub advertising: bool,
    /// JSON pointer to a mark that makes it an advert, whatever was chosen.
    pub marked: Option<&'static str>,
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
    pub fn max_characters(self) -> usize {
        match self {
            Self::Text | Self::Image => 1_300,
            Self::Wide => 76,
        }
    }

    pub fn max_line_breaks(self) -> usize {
        match self {
            Self::Text | Self::Image => 99,
            Self::Wide => 5,
        }
    }

    pub fn max_button_characters(self) -> usize {
        match self {
            Self::Text | Self::Image => 14,
            Self::Wide => 8,
        }
    }
}

impl Message {
    /// `advertising`: what the account says where nothing is chosen for the event. What bears the mark
    /// is an advert in any case.
    pub fn compose(content: &Content, options: &Options, advertising: bool) -> Self {
        let words = UnmarkedText::of(content);
        let chosen = options.advertising.unwrap_or(advertising);
        let advertising = chosen || words.marked.is_some();
        let image_url = content
            .media_of(MediaKind::Image)
            .next()
            .map(|(_, image)| &image.url);
        let bubble = match (options.bubble, image_url) {
            (BubbleChoice::Text, _) | (BubbleChoice::Auto, None) => Bubble::Text,
            (BubbleChoice::Image, _) | (BubbleChoice::Auto, Some(_)) => Bubble::Image,
            (BubbleChoice::Wide, _) => Bubble::Wide,
        };
        Self {
            bubble,
            text: text(&words, bubble, advertising),
            image_url: image_url.filter(|_| bubble != Bubble::Text).cloned(),
            button: button(content, options),
            push_alarm: options.push_alarm,
            advertising,
            marked: words.marked.filter(|_| !chosen),
        }
    }
}

fn text(words: &UnmarkedText, bubble: Bubble, advertising: bool) -> String {
    let separator = if bubble == Bubble::Wide { "\n" } else { "\n\n" };
    let parts = [words.title.as_str(), words.body.as_str()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let text = parts.join(separator);
    if advertising {
        format!("{MARK} {text}").trim_end().to_owned()
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
        let other = compose(|content, _| content.title = "（광 고） 봄맞이 크루아상 1+1".into());
        assert_eq!(other.text, text);
        let twice = compose(|content, _| {
            content.title = "[광고] 봄맞이 크루아상 1+1".into();
            content.body = format!("【광고】\n{}", content.body);
        });
        assert_eq!(twice.text, text);
    }

    #[test]
    fn a_marked_text_is_an_advert_regardless_of_the_option() {
        let mut content = content();
        content.title = "（광고） 봄".into();
        let options = Options {
            advertising: Some(false),
            ..Options::default()
        };
        let message = Message::compose(&content, &options, false);
        assert!(message.advertising);
        assert!(message.text.starts_with("(광고) 봄\n"));
        assert_eq!(message.marked, Some("/title"));
    }

    #[test]
    fn an_event_option_overrides_the_account_setting() {
        let composed = |chosen, account| {
            let options = Options {
                advertising: chosen,
                ..Options::default()
            };
            Message::compose(&content(), &options, account).advertising
        };
        assert!(!composed(Some(false), true));
        assert!(composed(Some(true), false));
        assert!(composed(None, true) && !composed(None, false));
    }

    #[test]
    fn a_message_without_advertising_has_no_mark() {
        let message = Message::compose(&content(), &Options::default(), false);
        assert!(message.text.starts_with("봄맞이"));
    }

    #[test]
    fn the_bubble_follows_the_picture_unless_the_owner_chooses_one() {
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
        assert_eq!(bubble(BubbleChoice::Auto, false), (Bubble::Text, false));
        assert_eq!(bubble(BubbleChoice::Auto, true), (Bubble::Image, true));
        assert_eq!(bubble(BubbleChoice::Text, true), (Bubble::Text, false));
        assert_eq!(bubble(BubbleChoice::Wide, true), (Bubble::Wide, true));
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
