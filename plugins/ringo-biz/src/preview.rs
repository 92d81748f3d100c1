//! A call to the shop, as it looks on the caller's phone.

use baepo_sdk::html::escape;

use crate::options::{Options, Voice};
use crate::sound::Sound;

pub fn card(sound: &Sound<'_>, options: &Options) -> String {
    format!(
        "<article style=\"max-width:280px;padding:28px 22px;border-radius:28px;background:#1c2b3a;\
         color:#fff;text-align:center;font:15px/1.5 system-ui,sans-serif\">\
         <div style=\"font-size:12px;opacity:.7\">링고비즈 연결음</div>\
         <div style=\"margin:6px 0 2px;font-size:22px\">{}</div>\
         <div style=\"font-size:12px;opacity:.7\">거는 중…</div>\
         <div style=\"margin-top:20px;padding:14px;border-radius:14px;background:rgba(255,255,255,.1)\">{}</div>\
         </article>",
        escape(&options.phone_number),
        sound_html(sound, options.voice),
    )
}

fn sound_html(sound: &Sound<'_>, voice: Voice) -> String {
    match sound {
        Sound::Recording { audio, .. } => format!(
            "<audio style=\"width:100%\" src=\"{}\" controls></audio>",
            escape(&audio.url)
        ),
        Sound::Reading { text, .. } => format!(
            "<p style=\"margin:0;white-space:pre-line\">“{}”</p>\
             <div style=\"margin-top:8px;font-size:12px;opacity:.7\">{}</div>",
            escape(text),
            name(voice)
        ),
    }
}

fn name(voice: Voice) -> &'static str {
    match voice {
        Voice::FemaleCalm => "차분한 여성 목소리",
        Voice::FemaleBright => "밝은 여성 목소리",
        Voice::MaleCalm => "차분한 남성 목소리",
    }
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::content;

    use super::*;

    #[test]
    fn a_preview_shows_the_owners_text_escaped() {
        let mut content = content();
        content.title = "<script>alert(1)</script>".into();
        let options = Options {
            phone_number: "<b>02".into(),
            voice: Voice::MaleCalm,
            ..Options::default()
        };
        let html = card(&Sound::of(&content, &options), &options);
        assert!(html.contains("“&lt;script&gt;alert(1)&lt;/script&gt;\n3월 한 달"));
        assert!(html.contains("&lt;b&gt;02") && html.contains("차분한 남성"));
        assert!(!html.contains("<script") && !html.contains("<b>"));
    }
}
