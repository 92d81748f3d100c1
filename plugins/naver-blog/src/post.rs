//! What of the content becomes the post: its parts, and the two forms in which they are pasted.

use baepo_sdk::html::escape;
use baepo_sdk::seoul::SeoulDateTime;
use baepo_sdk::{Content, Hashtags, Media, MediaKind, Period, link};

use crate::pictures::Picture;

/// As many as the editor takes.
pub const MAX_TAGS: usize = 30;

#[derive(Debug)]
pub struct Post<'a> {
    pub title: String,
    /// Of lines: an empty line of the body begins the next paragraph.
    pub paragraphs: Vec<Vec<&'a str>>,
    pub pictures: Vec<Picture<'a>>,
    pub videos: Vec<&'a Media>,
    pub period: Option<String>,
    pub link: Option<&'a str>,
    pub tags: Vec<String>,
}

impl<'a> Post<'a> {
    pub fn compose(content: &'a Content) -> Self {
        let videos = content.media_of(MediaKind::Video);
        let mut tags = hashtags(content).tags;
        tags.truncate(MAX_TAGS);
        Self {
            title: content
                .title
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            paragraphs: paragraphs(&content.body),
            pictures: Picture::all(content),
            videos: videos.map(|(_, video)| video).collect(),
            period: content.period.as_ref().map(describe),
            link: content.link.as_deref().filter(|link| is_web_address(link)),
            tags,
        }
    }

    /// A document of its own, so that a browser shows the Korean right. The editor keeps headings,
    /// paragraphs, pictures and links of what is pasted, and throws away styles and classes.
    pub fn html(&self) -> String {
        let (first, others) = self.pictures.split_at(self.pictures.len().min(1));
        let blocks: Vec<String> = [
            first.iter().map(Picture::figure).collect(),
            self.paragraphs
                .iter()
                .map(|lines| paragraph(lines))
                .collect(),
            others.iter().map(Picture::figure).collect(),
            self.period_html(),
            self.link_html(),
            self.tags_html(),
        ]
        .into_iter()
        .flat_map(|blocks: Vec<String>| blocks)
        .collect();
        format!(
            "<!doctype html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n\
             <title>{}</title>\n</head>\n<body>\n{}\n</body>\n</html>\n",
            escape(&self.title),
            blocks.join("\n"),
        )
    }

    fn period_html(&self) -> Vec<String> {
        let Some(period) = &self.period else {
            return Vec::new();
        };
        vec![heading("기간"), format!("<p>{}</p>", escape(period))]
    }

    fn link_html(&self) -> Vec<String> {
        let Some(link) = self.link else {
            return Vec::new();
        };
        let (link, shown) = (escape(link), escape(&link::shown(link)));
        vec![
            heading("자세히 보기"),
            format!("<p><a href=\"{link}\">{shown}</a></p>"),
        ]
    }

    fn tags_html(&self) -> Vec<String> {
        let tags = escape(&self.tag_line());
        let tags = (!tags.is_empty()).then(|| format!("<p>{tags}</p>"));
        tags.into_iter().collect()
    }

    /// For an editor that spoils what is pasted.
    pub fn plain(&self) -> String {
        let mut parts: Vec<String> = self
            .paragraphs
            .iter()
            .map(|lines| lines.join("\n"))
            .collect();
        parts.extend(self.period.iter().map(|period| format!("기간: {period}")));
        let link = self.link.map(link::shown);
        parts.extend(link.map(|link| format!("자세히 보기: {link}")));
        let tags = self.tag_line();
        parts.extend((!tags.is_empty()).then_some(tags));
        parts.join("\n\n") + "\n"
    }

    /// `#하나 #둘`
    pub fn tag_line(&self) -> String {
        let tags: Vec<String> = self.tags.iter().map(|tag| format!("#{tag}")).collect();
        tags.join(" ")
    }
}

fn heading(text: &str) -> String {
    format!("<h3>{text}</h3>")
}

fn paragraph(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    format!("<p>{}</p>", lines.join("<br>\n"))
}

fn paragraphs(body: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = body.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty());
    paragraphs
        .filter(|lines| !lines.is_empty())
        .map(<[&str]>::to_vec)
        .collect()
}

/// Whatever is no address of the web would be one to run in the reader's browser.
pub fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// Without what would end a tag.
pub fn hashtags(content: &Content) -> Hashtags {
    Hashtags::of(content, Hashtags::is_word_char)
}

/// In Seoul. Whole days are said without hours, and the last one is the day before the end.
fn describe(period: &Period) -> String {
    let is_midnight = |moment: &SeoulDateTime| (moment.hour, moment.minute) == (0, 0);
    let (begin, end) = (
        SeoulDateTime::at(period.starts_at),
        SeoulDateTime::at(period.ends_at),
    );
    if !is_midnight(&begin) || !is_midnight(&end) {
        return format!(
            "{} {}부터 {}{}까지",
            date(&begin),
            begin.time(),
            later_date(&begin, &end).map_or_else(String::new, |date| date + " "),
            end.time()
        );
    }
    let last = SeoulDateTime::at(period.ends_at.saturating_sub(1));
    match later_date(&begin, &last) {
        Some(last) => format!("{}부터 {last}까지", date(&begin)),
        None => format!("{} 하루", date(&begin)),
    }
}

/// `2026년 3월 1일`
fn date(moment: &SeoulDateTime) -> String {
    format!("{}년 {}월 {}일", moment.year, moment.month, moment.day)
}

/// What of a later date has to be said after an earlier one; nothing on the same day.
fn later_date(begin: &SeoulDateTime, later: &SeoulDateTime) -> Option<String> {
    let SeoulDateTime {
        year, month, day, ..
    } = *later;
    if (begin.year, begin.month, begin.day) == (year, month, day) {
        return None;
    }
    Some(if begin.year == year {
        format!("{month}월 {day}일")
    } else {
        date(later)
    })
}

#[cfg(test)]
mod tests {
    use baepo_sdk::testing::content;

    use super::*;

    const HOUR_MS: u64 = 3_600_000;
    /// 2026-03-02 in Seoul.
    const MIDNIGHT_MS: u64 = 1_772_377_200_000;

    fn period(starts_at: u64, ends_at: u64) -> String {
        describe(&Period { starts_at, ends_at })
    }

    #[test]
    fn a_period_of_whole_days_ends_with_its_last_day() {
        let days = |days: u64| period(MIDNIGHT_MS, MIDNIGHT_MS + days * 24 * HOUR_MS);
        assert_eq!(days(1), "2026년 3월 2일 하루");
        assert_eq!(days(2), "2026년 3월 2일부터 3월 3일까지");
        assert_eq!(days(365), "2026년 3월 2일부터 2027년 3월 1일까지");
    }

    #[test]
    fn hours_are_formatted_in_seoul_time() {
        let (ten, six) = (MIDNIGHT_MS + 10 * HOUR_MS, MIDNIGHT_MS + 18 * HOUR_MS);
        assert_eq!(period(ten, six), "2026년 3월 2일 10:00부터 18:00까지");
        assert_eq!(
            period(ten, six + 24 * HOUR_MS),
            "2026년 3월 2일 10:00부터 3월 3일 18:00까지"
        );
    }

    #[test]
    fn an_empty_line_begins_a_paragraph_and_a_line_stays_a_line() {
        let body = "\n첫 줄 \r\n둘째 줄\n\n \n새 문단\n";
        assert_eq!(
            paragraphs(body),
            [vec!["첫 줄", "둘째 줄"], vec!["새 문단"]]
        );
    }

    #[test]
    fn a_tag_is_one_word_and_counts_once() {
        let mut content = content();
        content.hashtags = ["#동네 빵집", "동네빵집", "Sale", "sale", "1,2", "#"]
            .map(String::from)
            .to_vec();
        assert_eq!(hashtags(&content).tags, ["동네빵집", "Sale", "12"]);
    }

    #[test]
    fn the_editor_gets_no_more_tags_than_it_takes() {
        let mut content = content();
        content.hashtags = (0..40).map(|n| format!("tag{n}")).collect();
        assert_eq!(Post::compose(&content).tags.len(), MAX_TAGS);
    }

    #[test]
    fn only_an_address_of_the_web_becomes_a_link() {
        let mut content = content();
        content.link = Some("javascript:alert(1)".into());
        let post = Post::compose(&content);
        assert_eq!(post.link, None);
        assert!(!post.html().contains("javascript"));
        assert!(!post.plain().contains("javascript"));
    }
}
