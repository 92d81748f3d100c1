//! The mark of an advert, `(광고)`, in every way in which it is written.
//!
//! The law wants it first and as it is. Spellings that a filter does not see, such as a slash between
//! the letters, are forbidden by KISA's guide on spam; here each of them is the mark all the same: what
//! bears one is an advert. The word 광고 without brackets is a word.

use core::ops::Range;

use baepo_sdk::Content;

/// What the law wants to read first.
pub const MARK: &str = "(광고)";

/// Brackets of every width and shape; any of them may close what another has opened.
const OPENING: &str = "([{<（［｛＜【〔〖〘〈《「『⟨⟪⦅｟❨❪❮❰❲❴⁽₍︵︷︹︻︽︿﹙﹛﹝«‹";
const CLOSING: &str = ")]}>）］｝＞】〕〗〙〉》」』⟩⟫⦆｠❩❫❯❱❳❵⁾₎︶︸︺︼︾﹀﹚﹜﹞»›";

/// The letters of 광고, and the word in Chinese characters.
const WORDS: [&[Letter]; 2] = [
    &[
        Letter::Giyeok,
        Letter::Wa,
        Letter::Ieung,
        Letter::Giyeok,
        Letter::O,
    ],
    &[Letter::Wide, Letter::Report],
];

/// An event's own words, without the marks that it bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmarkedText {
    pub title: String,
    pub body: String,
    /// JSON pointer to the first mark.
    pub marked: Option<&'static str>,
}

impl UnmarkedText {
    /// A mark is one anywhere in the title, and at the beginning of the body.
    pub fn of(content: &Content) -> Self {
        let title = without_marks(&content.title, Place::Anywhere);
        let body = without_marks(&content.body, Place::Beginning);
        let marked = match (&title, &body) {
            (Some(_), _) => Some("/title"),
            (None, Some(_)) => Some("/body"),
            (None, None) => None,
        };
        let or_original =
            |text: Option<String>, given: &str| text.unwrap_or_else(|| given.trim().to_owned());
        Self {
            title: or_original(title, &content.title),
            body: or_original(body, &content.body),
            marked,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Beginning,
}

/// The text without its marks; `None` if it has none.
fn without_marks(text: &str, place: Place) -> Option<String> {
    let mut rest = text.to_owned();
    let mut found = false;
    while let Some(mark) = find(&rest, place) {
        found = true;
        let before = rest[..mark.start].trim_end_matches(is_invisible);
        let after = rest[mark.end..].trim_start_matches(|c: char| is_invisible(c) || c == ':');
        let before = before.trim_start_matches(is_invisible);
        let gap = if before.is_empty() || after.is_empty() {
            ""
        } else {
            " "
        };
        rest = format!("{before}{gap}{after}");
    }
    found.then(|| rest.trim().to_owned())
}

/// The first mark, with as many brackets around it as belong together.
fn find(text: &str, place: Place) -> Option<Range<usize>> {
    let mut opened: Vec<usize> = Vec::new();
    for (index, c) in text.char_indices() {
        if OPENING.contains(c) {
            opened.push(index);
            let inside = index + c.len_utf8();
            let closed = word_end(&text[inside..])
                .map(|length| close(&text[inside + length..], inside + length, opened.len()));
            if let Some((end, closed)) = closed
                && closed > 0
            {
                return Some(opened[opened.len() - closed]..end);
            }
        } else if !is_filler(c) {
            if place == Place::Beginning {
                return None;
            }
            opened.clear();
        } else if CLOSING.contains(c) {
            opened.clear();
        }
    }
    None
}

/// How long the word is, with what stands before and between its letters.
fn word_end(text: &str) -> Option<usize> {
    WORDS.iter().find_map(|word| {
        let mut wanted = word.iter();
        let mut next = wanted.next();
        for (index, c) in text.char_indices() {
            for letter in letters(c) {
                match letter {
                    Some(letter) if Some(&letter) == next => next = wanted.next(),
                    None if !OPENING.contains(c) && !CLOSING.contains(c) => {}
                    Some(_) | None => return None,
                }
            }
            if next.is_none() {
                return Some(index + c.len_utf8());
            }
        }
        None
    })
}

/// Where the last closing bracket ends that belongs to one of those that are open, and how many do.
fn close(text: &str, begin: usize, open: usize) -> (usize, usize) {
    let (mut end, mut closed) = (begin, 0);
    for (index, c) in text.char_indices() {
        if closed == open {
            break;
        }
        if CLOSING.contains(c) {
            closed += 1;
            end = begin + index + c.len_utf8();
        } else if !is_filler(c) || (closed > 0 && !is_invisible(c)) {
            break;
        }
    }
    (end, closed)
}

/// A letter of the mark, whatever Unicode makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Giyeok,
    Wa,
    Ieung,
    O,
    Wide,
    Report,
    Other,
}

/// The letters of a character: a syllable has two or three. `None`: it is no letter.
fn letters(c: char) -> Vec<Option<Letter>> {
    const FIRST_SYLLABLE: u32 = 0xAC00;
    const LAST_SYLLABLE: u32 = 0xD7A3;
    let code = u32::from(c);
    if (FIRST_SYLLABLE..=LAST_SYLLABLE).contains(&code) {
        let index = code - FIRST_SYLLABLE;
        let part = |first: u32, number: u32| char::from_u32(first + number).and_then(letter);
        let mut letters = vec![part(0x1100, index / 588), part(0x1161, index % 588 / 28)];
        if !index.is_multiple_of(28) {
            letters.push(part(0x11A7, index % 28));
        }
        return letters;
    }
    vec![letter(c)]
}

fn letter(c: char) -> Option<Letter> {
    Some(match c {
        '\u{1100}' | '\u{11a8}' | '\u{3131}' | '\u{ffa1}' => Letter::Giyeok,
        '\u{116a}' | '\u{3158}' | '\u{ffcd}' => Letter::Wa,
        '\u{110b}' | '\u{11bc}' | '\u{3147}' | '\u{ffb7}' => Letter::Ieung,
        '\u{1169}' | '\u{3157}' | '\u{ffcc}' => Letter::O,
        '廣' | '広' | '广' => Letter::Wide,
        '告' => Letter::Report,
        c if is_filler(c) => return None,
        _ => Letter::Other,
    })
}

/// What may stand before the mark and between its letters: all that is neither letter nor number.
fn is_filler(c: char) -> bool {
    // The dot in the middle of a Korean list is a letter to Unicode.
    is_invisible(c) || !c.is_alphanumeric() || matches!(c, '\u{318d}' | '\u{119e}' | '\u{30fc}')
}

/// Shows nothing, or blank.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(title: &str, body: &str) -> UnmarkedText {
        UnmarkedText::of(&Content {
            title: title.into(),
            body: body.into(),
            ..baepo_sdk::testing::content()
        })
    }

    /// Every way to write the mark that has been seen, and a few more.
    const SPELLINGS: [&str; 36] = [
        "(광고)",
        "（광고）",
        "(광고）",
        "[광고]",
        "［광고］",
        "【광고】",
        "〔광고〕",
        "〖광고〗",
        "〈광고〉",
        "《광고》",
        "「광고」",
        "『광고』",
        "<광고>",
        "＜광고＞",
        "{광고}",
        "｛광고｝",
        "((광고))",
        "[(광고)]",
        "( 광고 )",
        "(광 고)",
        "(광\u{3000}고)",
        "(광/고)",
        "(광.고)",
        "(광·고)",
        "(광ㆍ고)",
        "[ (광고) ]",
        "(광-고)",
        "(광_고)",
        "(광\u{200b}고)",
        "(\u{200b}광고\u{feff})",
        "\u{200b}(광고)",
        "\u{feff} (광고)",
        "(\u{1100}\u{116a}\u{11bc}\u{1100}\u{1169})",
        "(\u{1100}\u{200b}\u{116a}\u{11bc}\u{1100}\u{1169})",
        "(ㄱㅘㅇㄱㅗ)",
        "(廣告)",
    ];

    #[test]
    fn every_spelling_is_the_mark_and_goes_from_the_title_and_from_the_body() {
        for mark in SPELLINGS {
            for title in [
                format!("{mark} 봄"),
                format!("{mark}봄"),
                format!("봄 {mark}"),
                format!("{mark}{mark} 봄"),
                format!("{mark}: 봄"),
            ] {
                let found = words(&title, "세일");
                assert_eq!(found.marked, Some("/title"), "{title:?}");
                assert_eq!(
                    (found.title.as_str(), found.body.as_str()),
                    ("봄", "세일"),
                    "{title:?}"
                );
            }
            let found = words("봄", &format!("{mark} 세일\n둘째 줄"));
            assert_eq!(found.marked, Some("/body"), "{mark:?}");
            assert_eq!(found.body, "세일\n둘째 줄", "{mark:?}");
        }
    }

    #[test]
    fn words_around_a_mark_stay() {
        assert_eq!(words("★(광고) 봄", "").title, "★ 봄");
        assert_eq!(words("봄 (광고) 세일", "").title, "봄 세일");
        assert_eq!(words("[(광고) 봄 세일]", "").title, "[ 봄 세일]");
        assert_eq!(words("(광고) (사진) -20%", "").title, "(사진) -20%");
        assert_eq!(words("(광고)", " (광고) ").title, "");
    }

    #[test]
    fn a_word_is_no_mark() {
        for title in [
            "광고 촬영 안내",
            "광고",
            "(광고 문의)",
            "(옥외광고)",
            "[광고촬영] 안내",
            "(광주) 고기",
            "(광)고",
            "광고) 봄",
            "(광고 봄",
            "(공고) 휴무",
            "(광고지) 배포",
        ] {
            let found = words(title, "세일");
            assert_eq!((found.title.as_str(), found.marked), (title, None));
        }
        let found = words("봄", "세일 소식입니다. (광고) 라고 쓴 글");
        assert_eq!(found.marked, None, "in the middle of a body it is a word");
    }
}
