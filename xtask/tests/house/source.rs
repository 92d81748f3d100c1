//! One source file: the modules that it declares and the paths that it names.

use super::tokens::{Token, tokens};

/// A path as written, and the module (within the file) in which it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// Names of the inline modules around it.
    pub inline: Vec<String>,
    pub segments: Vec<String>,
}

/// `mod name;`
#[derive(Debug, PartialEq, Eq)]
pub struct Child {
    pub inline: Vec<String>,
    pub name: String,
    /// As `#[path = "…"]` says.
    pub file: Option<String>,
}

/// What a file says of itself. Code behind `#[cfg(test)]` in a file of the product is left out, but
/// for the files that it declares.
#[derive(Debug, Default)]
pub struct Source {
    pub children: Vec<Child>,
    pub paths: Vec<NamedPath>,
}

impl Source {
    pub fn parse(text: &str) -> Self {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
            depth: 0,
            inline: Vec::new(),
            source: Self::default(),
        };
        parser.run();
        parser.source
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Inline modules that are open, and the depth of their braces.
    inline: Vec<(String, usize)>,
    source: Source,
}

/// What the attributes before an item say.
#[derive(Default)]
struct Attributes {
    is_test: bool,
    file: Option<String>,
}

impl Parser {
    fn run(&mut self) {
        let mut attributes = Attributes::default();
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match &token {
                Token::Punctuation('#') if self.is_attribute() => {
                    self.attribute(&mut attributes);
                    continue;
                }
                Token::Ident(word) if word == "mod" && self.child(&mut attributes) => continue,
                _ if attributes.is_test => {
                    self.skip_item();
                    attributes = Attributes::default();
                    continue;
                }
                Token::Ident(word) if word == "use" && !self.follows('<') => self.import(),
                Token::Ident(_) => self.path(),
                Token::Text(text) => self.path_in_text(text),
                Token::Punctuation('{') => self.depth += 1,
                Token::Punctuation('}') => self.close(),
                _ => {}
            }
            // `pub mod`: what an attribute says holds until the item's own keyword.
            if token.ident() != Some("pub") {
                attributes = Attributes::default();
            }
            self.at += 1;
        }
    }

    fn follows(&self, punctuation: char) -> bool {
        self.tokens
            .get(self.at + 1)
            .is_some_and(|next| next.is(punctuation))
    }

    fn is_attribute(&self) -> bool {
        let inner = self.follows('!') && self.tokens.get(self.at + 2).is_some_and(|t| t.is('['));
        self.follows('[') || inner
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self
            .inline
            .last()
            .is_some_and(|(_, depth)| *depth == self.depth)
        {
            self.inline.pop();
        }
    }

    fn attribute(&mut self, attributes: &mut Attributes) {
        while !self.tokens[self.at].is('[') {
            self.at += 1;
        }
        let end = self.end_of_group(self.at);
        let inside = &self.tokens[self.at + 1..end];
        let words: Vec<&str> = inside.iter().filter_map(Token::ident).collect();
        match words.first() {
            Some(&"cfg") if words.contains(&"test") && !words.contains(&"not") => {
                attributes.is_test = true;
            }
            Some(&"path") => attributes.file = inside.iter().find_map(text),
            _ => {}
        }
        while self.at < end {
            match self.tokens[self.at].clone() {
                Token::Ident(_) => self.path(),
                Token::Text(text) => self.path_in_text(&text),
                _ => {}
            }
            self.at += 1;
        }
        self.at = end + 1;
    }

    /// `mod name;` or `mod name {`; false when it is neither.
    fn child(&mut self, attributes: &mut Attributes) -> bool {
        let Some(name) = self.tokens.get(self.at + 1).and_then(Token::ident) else {
            return false;
        };
        let name = name.to_owned();
        let attributes = std::mem::take(attributes);
        match self.tokens.get(self.at + 2) {
            Some(Token::Punctuation(';')) => {
                self.source.children.push(Child {
                    inline: self.inline_names(),
                    name,
                    file: attributes.file,
                });
                self.at += 3;
            }
            Some(Token::Punctuation('{')) if attributes.is_test => {
                self.at = self.end_of_group(self.at + 2) + 1;
            }
            Some(Token::Punctuation('{')) => {
                self.inline.push((name, self.depth));
                self.depth += 1;
                self.at += 3;
            }
            _ => return false,
        }
        true
    }

    /// The rest of an item, an arm or a field behind `#[cfg(test)]`.
    fn skip_item(&mut self) {
        const ITEMS: [&str; 13] = [
            "async",
            "const",
            "enum",
            "extern",
            "fn",
            "impl",
            "let",
            "macro_rules",
            "pub",
            "static",
            "struct",
            "trait",
            "type",
        ];
        let first = self.tokens[self.at].ident().unwrap_or_default();
        let is_item = ITEMS.contains(&first) || first == "use";
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Punctuation('{') => {
                    self.at = self.end_of_group(self.at) + 1;
                    return;
                }
                Token::Punctuation('(' | '[') => self.at = self.end_of_group(self.at),
                Token::Punctuation(';') => {
                    self.at += 1;
                    return;
                }
                Token::Punctuation(',') if !is_item => {
                    self.at += 1;
                    return;
                }
                Token::Punctuation('}') => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Where the bracket that opens at `open` closes.
    fn end_of_group(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token {
                Token::Punctuation('(' | '[' | '{') => depth += 1,
                Token::Punctuation(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len() - 1
    }

    /// `use a::{b, c::d};`: a path each. Ends on the semicolon.
    fn import(&mut self) {
        self.at += 1;
        self.import_tree(&mut Vec::new());
    }

    fn import_tree(&mut self, before: &mut Vec<String>) {
        let length = before.len();
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match token {
                Token::Ident(word) if word == "as" => self.at += 1,
                Token::Ident(name) => before.push(name),
                Token::Punctuation('*') => before.push("*".to_owned()),
                Token::Punctuation('{') => {
                    self.at += 1;
                    loop {
                        self.import_tree(before);
                        let next = self.tokens.get(self.at);
                        self.at += 1;
                        if next.is_none_or(|next| next.is('}') || next.is(';')) {
                            break;
                        }
                    }
                    before.truncate(length);
                    return;
                }
                Token::Punctuation(',' | '}' | ';') => break,
                _ => {}
            }
            self.at += 1;
        }
        if before.len() > length {
            self.push(before.clone());
        }
        before.truncate(length);
    }

    /// `a::b` anywhere else. Ends on its last token.
    fn path(&mut self) {
        let before = self.at.checked_sub(1).map(|at| &self.tokens[at]);
        let is_visibility = before.and_then(Token::ident) == Some("in");
        let mut segments = Vec::new();
        while let Some(name) = self.tokens.get(self.at).and_then(Token::ident) {
            segments.push(name.to_owned());
            let goes_on = self.tokens.get(self.at + 1) == Some(&Token::PathSeparator)
                && self
                    .tokens
                    .get(self.at + 2)
                    .and_then(Token::ident)
                    .is_some();
            if !goes_on {
                break;
            }
            self.at += 2;
        }
        // `for x in module::…` has more than a visibility's parenthesis before its `in`.
        let is_visibility = is_visibility
            && self.at >= 2
            && segments
                .first()
                .is_some_and(|first| first == "crate" || first == "super")
            && self
                .tokens
                .get(self.at + 1)
                .is_some_and(|next| next.is(')'));
        let turbofish = self.tokens.get(self.at + 1) == Some(&Token::PathSeparator);
        if !is_visibility && (segments.len() > 1 || turbofish) {
            self.push(segments);
        }
    }

    /// As in `#[serde(with = "crate::codec")]`.
    fn path_in_text(&mut self, text: &str) {
        let segments: Vec<String> = text.split("::").map(ToOwned::to_owned).collect();
        let is_path = matches!(segments[0].as_str(), "crate" | "self" | "super")
            && segments
                .iter()
                .all(|name| !name.is_empty() && name.chars().all(is_word));
        if is_path && segments.len() > 1 {
            self.push(segments);
        }
    }

    fn push(&mut self, segments: Vec<String>) {
        let inline = self.inline_names();
        self.source.paths.push(NamedPath { inline, segments });
    }

    fn inline_names(&self) -> Vec<String> {
        self.inline.iter().map(|(name, _)| name.clone()).collect()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn text(token: &Token) -> Option<String> {
    match token {
        Token::Text(text) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn paths(source: &str) -> Vec<String> {
        let paths = Source::parse(source).paths.into_iter();
        paths
            .map(|path| [path.inline, path.segments].concat().join("/"))
            .collect()
    }

    #[test]
    fn imports_are_read_with_their_groups_globs_and_new_names() {
        let source = "use a::{self, b::{c as d, e}, f::*}; use g as h; pub use super::i;";

        let expected = ["a/self", "a/b/c", "a/b/e", "a/f/*", "g", "super/i"];
        assert_eq!(paths(source), expected);
    }

    #[test]
    fn paths_are_read_in_code_macros_and_attributes() {
        let source = r#"
            #[serde(with = "crate::codec")]
            pub(in crate::a) fn f(x: super::T) { let _ = m!(self::n::call::<u8>(), $crate::o::p); }
            mod inner { fn g() { super::h::i(); } }
        "#;

        let expected = [
            "crate/codec",
            "super/T",
            "self/n/call",
            "crate/o/p",
            "inner/super/h/i",
        ];
        assert_eq!(paths(source), expected);
    }

    #[test]
    fn tests_within_a_file_are_left_out_and_their_files_are_not() {
        let source = r#"
            #[cfg(test)] use a::b;
            #[cfg(test)] #[path = "x_tests.rs"] mod tests;
            #[cfg(test)] mod more { use c::d; }
            #[cfg(test)] fn f() -> [u8; 2] { e::f() }
            pub mod child;
            use g::h;
        "#;
        let parsed = Source::parse(source);

        let children: Vec<_> = parsed
            .children
            .iter()
            .map(|child| child.name.as_str())
            .collect();
        assert_eq!(children, ["tests", "child"]);
        assert_eq!(parsed.children[0].file.as_deref(), Some("x_tests.rs"));
        assert_eq!(paths(source), ["g/h"]);
    }
}
