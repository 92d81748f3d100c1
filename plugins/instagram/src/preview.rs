//! The post as a card, roughly as Instagram shows it.

use baepo_sdk::html::{escape, paragraph};
use baepo_sdk::{Content, MediaKind};

use crate::post::{self, Item};

pub fn card(content: &Content) -> String {
    let items = post::items(content);
    format!(
        "<article style=\"max-width:375px;border:1px solid #dbdbdb;border-radius:8px;overflow:hidden;\
         font:14px/1.4 system-ui,sans-serif;color:#262626;background:#fff\">\
         <header style=\"display:flex;align-items:center;gap:10px;padding:10px 12px;font-weight:600\">\
         <span style=\"width:32px;height:32px;border-radius:50%;\
         background:conic-gradient(#f9ce34,#ee2a7b,#6228d7,#f9ce34)\"></span>Instagram</header>{}\
         <div style=\"padding:8px 12px 0;font-size:20px;letter-spacing:8px\">♡ ➤</div>\
         <div style=\"padding:4px 12px 12px\">{}</div></article>",
        strip(&items),
        paragraph(&post::caption(content)),
    )
}

/// The pictures side by side; the first one fills the card.
fn strip(items: &[Item<'_>]) -> String {
    let slides: String = items.iter().map(slide).collect();
    format!("<div style=\"display:flex;overflow-x:auto;background:#fafafa\">{slides}</div>")
}

fn slide(item: &Item<'_>) -> String {
    let style = "flex:0 0 100%;width:100%;aspect-ratio:1;object-fit:cover";
    let url = escape(&item.media.url);
    match item.media.kind {
        MediaKind::Video => format!("<video style=\"{style}\" src=\"{url}\" controls></video>"),
        MediaKind::Image | MediaKind::Audio => {
            let alt = escape(item.media.alt_text.as_deref().unwrap_or_default());
            format!("<img style=\"{style}\" src=\"{url}\" alt=\"{alt}\">")
        }
    }
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::{content, image};

    use super::*;

    #[test]
    fn a_preview_shows_the_owners_text_escaped() {
        let mut content = content();
        content.title = "<script>alert(1)</script>".into();
        content.media = vec![image("https://m.example/\"onerror=\"x")];
        let card = card(&content);
        assert!(card.contains("&lt;script&gt;"));
        assert!(card.contains("src=\"https://m.example/&quot;onerror=&quot;x\""));
        assert!(!card.contains("<script"));
    }
}
