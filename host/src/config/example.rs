//! `baepo.example.toml`, which says of every key what it is.

/// The file at the root of the repository.
pub const TEXT: &str = include_str!("../../../baepo.example.toml");

/// A key in the file, with the comment above it.
#[derive(Debug)]
pub struct Explanation {
    /// Such as `publish.lease_ms`.
    pub path: String,
    pub comment: String,
}

/// Every key in the file. A line that begins with `#` and no space is a key that is commented out.
pub fn explanations() -> Vec<Explanation> {
    let (mut section, mut comment, mut explanations) = ("", String::new(), Vec::new());
    for line in TEXT.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            comment.push_str(text);
            comment.push(' ');
            continue;
        }
        let line = line.strip_prefix('#').unwrap_or(line);
        let path = if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            Some(section.to_owned())
        } else {
            let named = line.split_once(" = ");
            named.map(|(name, _)| format!("{section}.{name}"))
        };
        let comment = std::mem::take(&mut comment);
        explanations.extend(path.map(|path| Explanation { path, comment }));
    }
    explanations
}

/// What a key is, as the first sentence of its comment says it, to follow a colon.
pub fn sentence(path: &str) -> Option<String> {
    let mut explanations = explanations().into_iter();
    let explanation = explanations.find(|explanation| explanation.path == path)?;
    let sentence = explanation.comment.split(". ").next()?.trim();
    let mut rest = sentence.chars();
    let first = rest.next()?;
    // An abbreviation stays as it is.
    let lower = rest
        .as_str()
        .starts_with(|second: char| !second.is_uppercase());
    Some(match lower {
        true => first.to_lowercase().chain(rest).collect(),
        false => sentence.to_owned(),
    })
}
