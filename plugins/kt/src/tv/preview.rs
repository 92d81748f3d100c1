//! The spot as it stands on a television, with what was ordered below it.

use baepo_sdk::html::escape;
use baepo_sdk::{Content, MediaKind};

use crate::answer::grouped;
use crate::provider::Provider;

/// `facts` are shown one a line: where, when.
#[must_use]
pub fn frame(provider: &Provider, content: &Content, facts: &[String], budget: u64) -> String {
    let facts: String = facts.iter().map(|fact| line(fact)).collect();
    format!(
        "<article style=\"max-width:480px;padding:10px 10px 14px;border-radius:14px;\
         background:#16181d;color:#f4f4f5;font:14px/1.45 system-ui,sans-serif\">\
         <div style=\"position:relative;aspect-ratio:16/9;border-radius:6px;overflow:hidden;background:#000\">{}\
         <div style=\"position:absolute;top:10px;left:12px;font-size:12px;opacity:.85\">{}</div>\
         <div style=\"position:absolute;left:0;right:0;bottom:0;padding:28px 12px 10px;font-weight:600;\
         font-size:17px;background:linear-gradient(transparent,rgba(0,0,0,.75))\">{}</div></div>\
         <div style=\"padding:12px 6px 0\">{facts}{}</div></article>",
        video(content),
        escape(provider.korean),
        escape(content.title.trim()),
        line(&format!("예산 {}원", grouped(budget))),
    )
}

fn video(content: &Content) -> String {
    let style = "width:100%;height:100%;object-fit:contain";
    content
        .media_of(MediaKind::Video)
        .next()
        .map(|(_, video)| {
            let url = escape(&video.url);
            format!("<video style=\"{style}\" src=\"{url}\" muted loop></video>")
        })
        .unwrap_or_default()
}

fn line(text: &str) -> String {
    format!("<div>{}</div>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tv::sample;

    #[test]
    fn a_preview_shows_the_owners_text_escaped() {
        let mut content = sample::content();
        content.title = "<script>alert(1)</script>".into();
        content.media[0].url = "https://m.example/\"onerror=\"x".into();
        let facts = ["\"><b>홍대".to_owned()];

        let html = frame(&sample::PROVIDER, &content, &facts, 300_000);

        assert!(html.contains("&lt;script&gt;"));
        assert!(html.contains("src=\"https://m.example/&quot;onerror=&quot;x\""));
        assert!(html.contains("&quot;&gt;&lt;b&gt;홍대"));
        assert!(html.contains("300,000원"));
        assert!(!html.contains("<script") && !html.contains("<b>"));
    }
}
