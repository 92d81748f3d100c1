//! The post, roughly as the mobile blog shows it.

use baepo_sdk::html::{escape, paragraph};

use crate::pictures::Picture;
use crate::post::Post;

pub fn mobile(post: &Post<'_>) -> String {
    let (first, others) = post.pictures.split_at(post.pictures.len().min(1));
    format!(
        "<article style=\"max-width:390px;background:#fff;color:#333;\
         font:16px/1.8 system-ui,sans-serif\">\
         <header style=\"padding:10px 16px;background:#03c75a;color:#fff;font-weight:700\">blog</header>\
         <div style=\"padding:16px;display:grid;gap:16px\">\
         <h2 style=\"margin:0;font-size:22px;line-height:1.4\">{}</h2>{}{}{}{}{}{}</div></article>",
        escape(&post.title),
        figures(first),
        paragraphs(post),
        figures(others),
        labelled("기간", post.period.as_deref()),
        labelled("자세히 보기", post.link),
        tags(post),
    )
}

fn figures(pictures: &[Picture<'_>]) -> String {
    pictures.iter().map(figure).collect()
}

fn figure(picture: &Picture<'_>) -> String {
    let text = escape(picture.alt_text());
    format!(
        "<figure style=\"margin:0\"><img style=\"display:block;width:100%\" src=\"{}\" alt=\"{text}\">\
         <figcaption style=\"font-size:13px;color:#888;text-align:center\">{text}</figcaption></figure>",
        escape(picture.url()),
    )
}

fn paragraphs(post: &Post<'_>) -> String {
    post.paragraphs
        .iter()
        .map(|lines| paragraph(&lines.join("\n")))
        .collect()
}

/// A link is shown and leads nowhere: a preview has nothing to click.
fn labelled(label: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| {
        format!(
            "<p style=\"margin:0;overflow-wrap:anywhere\"><b>{label}</b><br>{}</p>",
            escape(text)
        )
    })
}

fn tags(post: &Post<'_>) -> String {
    let line = escape(&post.tag_line());
    if line.is_empty() {
        return line;
    }
    format!("<p style=\"margin:0;color:#608cba\">{line}</p>")
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
        let html = mobile(&Post::compose(&content));
        assert!(html.contains("&lt;script&gt;"));
        assert!(html.contains("src=\"https://m.example/&quot;onerror=&quot;x\""));
        assert!(html.contains("#동네빵집 #크루아상"));
        assert!(!html.contains("<script"));
    }
}
