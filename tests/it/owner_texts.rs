//! Every text that the channels and the host have for owners, as it stands in the source: Korean in
//! Korean, English in English, and nothing in it that only a developer knows.
//!
//! Read from the source because most of them are said in states of a provider that no single run goes
//! through. What is filled into them is looked at where it comes from.

use std::path::{Path, PathBuf};

/// What a shop's customers read, in the shop's language alone: the button under a Kakao message.
const FOR_RECIPIENTS: [&str; 1] = ["자세히 보기"];
/// Names that Korean readers know as they are, and values that they choose or copy.
const ALLOWED_IN_KOREAN: &[&str] = &[
    "AUTO",
    "Baepo",
    "CCTV",
    "Facebook",
    "Graph",
    "H.264",
    "HTML",
    "ID",
    "IMAGE",
    "Instagram",
    "JPEG",
    "JPG",
    "H.264",
    "H",
    "JSON",
    "KT",
    "KakaoTalk",
    "Bizmessage",
    "Kakao",
    "MB",
    "MOV",
    "NHN",
    "Cloud",
    "PNG",
    "TEXT",
    "TV",
    "TVCF",
    "URL",
    "WIDE",
    "API",
    "KiB",
    "KST",
    "Naver",
    "WebP",
    "WEBP",
    "GIF",
    "HEIC",
    "AAC",
    "WAV",
    "px",
    "true",
    "false",
    "MP",
    // Examples and files that are handed over.
    "Asia",
    "Seoul",
    "blog.naver.com",
    "https",
    "http",
    "www.example.co.kr",
    "images.json",
    "post.html",
    "post.txt",
    "tags.txt",
    "title.txt",
    "graph.facebook.com",
    "graph.instagram.com",
    "morning",
    "day",
    "evening",
    "night",
    "female-calm",
    "female-bright",
    "male-calm",
    "instagram_content_publish",
    "instagram_business_content_publish",
];
/// Korean that stands on what an English reader has in front of them.
const ALLOWED_IN_ENGLISH: &[&str] = &["발행", "태그", "전체공개", "광고"];

/// What no owner can do anything with.
const FOREIGN: &[&str] = &[
    "GET /",
    "PUT /",
    "POST /",
    "PATCH /",
    "DELETE /",
    "/api/",
    "/options",
    "/settings",
    "/content/",
    "/channelSettings",
    " ms",
    "_ms",
    "limit \"",
    "rule \"",
    "timeout",
    "payload",
    "JSON pointer",
    "HTTP ",
    "status 4",
    "status 5",
    "상태 4",
    "상태 5",
    "release ",
    "릴리스",
    "component",
    "컴포넌트",
    "journal",
    "breaker",
    "webhook",
    "bytes)",
    "null",
];

struct OwnerText {
    file: PathBuf,
    korean: String,
    english: String,
}

/// The sources whose texts owners read.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|up| up.join("wit").is_dir());
    let root = root.expect("the repository");
    let mut found = Vec::new();
    let channels = [
        "instagram",
        "kakao-channel",
        "naver-blog",
        "kt",
        "genie-tv",
        "uridongne-tv",
        "ringo-biz",
        "sdk",
    ];
    for channel in channels {
        collect(&root.join("plugins").join(channel).join("src"), &mut found);
    }
    for room in ["host/domain/src", "host/runtime/src", "host/src/worker"] {
        collect(&root.join(room), &mut found);
    }
    found.retain(|file| {
        let name = file.to_string_lossy();
        let is_test =
            name.contains("test") || name.contains("sample") || name.contains("/contract");
        // What is posted, and shown as it would be, is Korean.
        let is_post = name.ends_with("/post.rs") || name.ends_with("/preview.rs");
        !is_test && !is_post
    });
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The string literals of a source, without comments and without the tests at its end.
fn literals(source: &str) -> Vec<(usize, String)> {
    let source = source
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(source);
    let mut found = Vec::new();
    let mut chars = source.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '/' if source[at..].starts_with("//") => {
                for (_, c) in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
            }
            // A quotation mark as a character.
            '\'' if source[at..].starts_with("'\"'") => {
                let _ = (chars.next(), chars.next());
            }
            '"' => {
                let mut literal = String::new();
                while let Some((_, c)) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some((_, 'n')) => literal.push('\n'),
                            // A continued line.
                            Some((_, '\n')) => {
                                while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
                            }
                            Some((_, c)) => literal.push(c),
                            None => break,
                        },
                        c => literal.push(c),
                    }
                }
                found.push((at, literal));
            }
            _ => {}
        }
    }
    found
}

fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

/// A sentence for people: with a blank, and more than a name.
fn is_prose(text: &str) -> bool {
    text.contains(' ') && text.chars().filter(|c| c.is_alphabetic()).count() > 3
}

/// Each Korean text with the English one that stands behind it.
fn pairs() -> Vec<OwnerText> {
    let mut pairs = Vec::new();
    for file in sources() {
        let source = std::fs::read_to_string(&file).expect("a source");
        let literals = literals(&source);
        for (index, (_, korean)) in literals.iter().enumerate() {
            let is_for_owners = is_korean(korean) && is_prose(korean) && !korean.contains('<');
            if !is_for_owners || FOR_RECIPIENTS.contains(&korean.as_str()) {
                continue;
            }
            let english = literals[index + 1..]
                .iter()
                .map(|(_, text)| text)
                .find(|text| is_prose(text) && !is_korean(text));
            pairs.push(OwnerText {
                file: file.clone(),
                korean: korean.clone(),
                english: english.cloned().unwrap_or_default(),
            });
        }
    }
    pairs
}

/// Not an English text with a Korean word in it.
fn is_korean(text: &str) -> bool {
    let bare = without_arguments(text);
    let latin = bare.chars().filter(char::is_ascii_alphabetic).count();
    let hangul = bare.chars().filter(|c| ('가'..='힣').contains(c)).count();
    hangul * 2 > latin
}

/// A text without what is filled into it.
fn without_arguments(text: &str) -> String {
    let mut bare = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}

/// The words of Latin letters in a text.
fn latin_words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')))
        .map(|word| word.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_')))
        .map(str::to_owned)
        .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()))
        .collect()
}

#[test]
fn korean_texts_are_korean_and_english_texts_english() {
    let pairs = pairs();
    assert!(pairs.len() > 150, "only {} texts were found", pairs.len());
    let mut wrong = Vec::new();
    for owner_text in &pairs {
        let korean = without_arguments(&owner_text.korean);
        let foreign: Vec<String> = latin_words(&korean)
            .into_iter()
            .filter(|word| !ALLOWED_IN_KOREAN.contains(&word.as_str()))
            .filter(|word| word.len() > 1)
            .collect();
        if !foreign.is_empty() {
            wrong.push(format!(
                "{}: {foreign:?} in {korean:?}",
                owner_text.file.display()
            ));
        }
        let mut english = without_arguments(&owner_text.english);
        for known in ALLOWED_IN_ENGLISH {
            english = english.replace(known, "");
        }
        if english.is_empty() || has_hangul(&english) {
            wrong.push(format!(
                "{}: {english:?} behind {korean:?}",
                owner_text.file.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn owner_texts_contain_no_option_path_method_pointer_or_internal_unit() {
    let mut wrong = Vec::new();
    for owner_text in pairs() {
        for text in [&owner_text.korean, &owner_text.english] {
            for foreign in FOREIGN {
                if text.contains(foreign) {
                    wrong.push(format!(
                        "{}: {foreign:?} in {text:?}",
                        owner_text.file.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_texts_of_a_manifest_are_in_both_languages() {
    let mut wrong = Vec::new();
    for channel in baepo_manifests() {
        let (name, text) = channel;
        for line in text.lines() {
            let is_said = ["title = ", "description = "]
                .iter()
                .any(|key| line.starts_with(key));
            if is_said && !(line.contains("\"[ko] ") && line.contains("\\n[en] ")) {
                wrong.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn baepo_manifests() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|up| up.join("wit").is_dir());
    let plugins = root.expect("the repository").join("plugins");
    let folders = std::fs::read_dir(plugins).expect("the channels");
    let manifest = |folder: std::io::Result<std::fs::DirEntry>| {
        let path = folder.ok()?.path().join("channel.toml");
        let text = std::fs::read_to_string(&path).ok()?;
        Some((path.display().to_string(), text))
    };
    folders.filter_map(manifest).collect()
}
