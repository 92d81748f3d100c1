//! The message as a bubble, roughly as KakaoTalk shows it.

use baepo_sdk::html::{escape, paragraph};

use crate::message::{Button, Message};

pub fn bubble(message: &Message) -> String {
    format!(
        "<article style=\"max-width:300px;padding:12px;background:#bacee0;\
         font:14px/1.45 system-ui,sans-serif;color:#191919\">\
         <div style=\"background:#fff;border-radius:12px;overflow:hidden\">{}\
         <div style=\"padding:12px\">{}{}</div></div></article>",
        message.image_url.as_deref().map(image).unwrap_or_default(),
        paragraph(&message.text),
        message.button.as_ref().map(button).unwrap_or_default(),
    )
}

fn image(url: &str) -> String {
    format!(
        "<img style=\"display:block;width:100%;aspect-ratio:2/1;object-fit:cover\" src=\"{}\" alt=\"\">",
        escape(url)
    )
}

/// Looks like a button and leads nowhere: a preview has nothing to click.
fn button(button: &Button) -> String {
    format!(
        "<div style=\"margin-top:12px;padding:9px;border-radius:6px;background:#f2f2f2;\
         text-align:center\" title=\"{}\">{}</div>",
        escape(&button.link),
        escape(&button.name)
    )
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::content;

    use super::*;
    use crate::Options;

    #[test]
    fn a_preview_shows_the_owners_text_escaped() {
        let mut content = content();
        content.body = "<img src=x onerror=alert(1)>".into();
        content.link = Some("https://a.example/\"><script>".into());
        let html = bubble(&Message::compose(&content, &Options::default(), true));
        assert!(html.contains("(광고) 봄맞이"));
        assert!(html.contains("&lt;img src=x"));
        assert!(html.contains("자세히 보기"));
        assert!(!html.contains("<script"));
    }
}
