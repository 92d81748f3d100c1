//! Rust source as tokens: enough to read modules, imports and paths, inside macros too. Comments,
//! numbers and lifetimes are left out.

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Ident(String),
    /// A string literal's text between its quotes, escapes as written.
    Text(String),
    /// `::`
    PathSeparator,
    Punctuation(char),
}

impl Token {
    pub fn ident(&self) -> Option<&str> {
        match self {
            Self::Ident(name) => Some(name),
            _ => None,
        }
    }

    pub fn is(&self, punctuation: char) -> bool {
        *self == Self::Punctuation(punctuation)
    }
}

pub fn tokens(source: &str) -> Vec<Token> {
    let mut rest = source;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, length) = next(rest, first);
        tokens.extend(token);
        rest = &rest[length..];
    }
    tokens
}

/// The first token of `rest`, if it is one that counts, and its length in bytes.
fn next(rest: &str, first: char) -> (Option<Token>, usize) {
    if rest.starts_with("//") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, block_comment(rest));
    }
    if rest.starts_with("::") {
        return (Some(Token::PathSeparator), 2);
    }
    if let Some(literal) = string(rest) {
        return literal;
    }
    if first == '\'' {
        return (None, character_or_lifetime(rest));
    }
    if is_ident(first) {
        let length = rest.find(|c| !is_ident(c)).unwrap_or(rest.len());
        let token = (!first.is_ascii_digit()).then(|| Token::Ident(rest[..length].to_owned()));
        return (token, length);
    }
    let token = (!first.is_whitespace()).then_some(Token::Punctuation(first));
    (token, first.len_utf8())
}

fn is_ident(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// `"…"`, `b"…"`, `c"…"`, `r"…"`, `r#"…"#` and so on.
fn string(rest: &str) -> Option<(Option<Token>, usize)> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        match rest.strip_prefix(prefix) {
            Some(after) if prefix.ends_with('r') => after.trim_start_matches('#').starts_with('"'),
            Some(after) => after.starts_with('"'),
            None => false,
        }
    })?;
    let after = &rest[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let text = &after[hashes + 1..];
    let end = if prefix.ends_with('r') {
        text.find(&format!("\"{}", "#".repeat(hashes)))
    } else {
        end_of_escaped(text)
    }
    .unwrap_or(text.len());
    let length = (prefix.len() + hashes + 1 + end + 1 + hashes).min(rest.len());
    Some((Some(Token::Text(text[..end].to_owned())), length))
}

fn end_of_escaped(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            chars.next();
            chars
                .find(|(_, c)| *c == '\'')
                .map_or(rest.len(), |(at, _)| at + 1)
        }
        Some((_, c)) => match chars.next() {
            Some((at, '\'')) => at + 1,
            // A lifetime; its name is not needed.
            _ if is_ident(c) => 1 + rest[1..].find(|c| !is_ident(c)).unwrap_or(rest.len() - 1),
            _ => 1,
        },
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    fn idents(source: &str) -> Vec<String> {
        let tokens = tokens(source).into_iter();
        tokens
            .filter_map(|token| token.ident().map(ToOwned::to_owned))
            .collect()
    }

    #[test]
    fn comments_numbers_characters_and_lifetimes_are_left_out() {
        let source = "a // x\n/* y /* z */ w */ b 10u8 '\\'' 'c' '\"' &'life d";

        assert_eq!(idents(source), ["a", "b", "d"]);
    }

    #[test]
    fn strings_are_one_token() {
        let source = r####"a("use b;\" c", r#"d " e"#, b"f")"####;
        let texts: Vec<_> = tokens(source)
            .into_iter()
            .filter(|token| matches!(token, Token::Text(_)))
            .collect();

        let text = |text: &str| Token::Text(text.to_owned());
        assert_eq!(texts, [text("use b;\\\" c"), text("d \" e"), text("f")]);
        assert_eq!(idents(source), ["a"]);
    }
}
