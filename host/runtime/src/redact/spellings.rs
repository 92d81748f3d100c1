//! Undoes one spelling of a text: escapes, digits of bytes, compression. Pure, and linear in time.

use std::ops::Range;

use crate::content_coding::{Coding, TooLong};

/// Which escapes are undone.
#[derive(Debug, Clone, Copy)]
pub struct Escapes {
    percent: bool,
    json: bool,
    html: bool,
}

impl Escapes {
    const NONE: Self = Self {
        percent: false,
        json: false,
        html: false,
    };
    pub const ALL: Self = Self {
        percent: true,
        json: true,
        html: true,
    };
    pub const PERCENT: Self = Self {
        percent: true,
        ..Self::NONE
    };
    pub const JSON: Self = Self {
        json: true,
        ..Self::NONE
    };
    pub const HTML: Self = Self {
        html: true,
        ..Self::NONE
    };
}

/// A part of a decoded text: copied bytes, or what one escape stands for.
#[derive(Debug)]
pub struct Piece {
    /// Where it begins in the decoded text.
    pub at: usize,
    /// Where it begins in the text before.
    from: usize,
    /// The length of the escape there; 0: copied, byte by byte.
    escape: usize,
}

impl Piece {
    /// Where the byte at `index` of the decoded text comes from.
    pub fn source(&self, index: usize) -> Range<usize> {
        if self.escape == 0 {
            let at = self.from + (index - self.at);
            at..at + 1
        } else {
            self.from..self.from + self.escape
        }
    }
}

/// The text without these escapes, and where its bytes come from; `None` when it has none.
pub fn unescaped(bytes: &[u8], escapes: Escapes) -> Option<(Vec<u8>, Vec<Piece>)> {
    let mut decoded = Vec::new();
    let mut pieces = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let escape = match bytes[at] {
            b'%' if escapes.percent => percent(rest),
            b'\\' if escapes.json => json(rest),
            b'&' if escapes.html => html(rest),
            _ => None,
        };
        let Some((character, length)) = escape else {
            at += 1;
            continue;
        };
        copy(&mut decoded, &mut pieces, bytes, copied..at);
        pieces.push(Piece {
            at: decoded.len(),
            from: at,
            escape: length,
        });
        match character {
            Unit::Byte(byte) => decoded.push(byte),
            Unit::Char(character) => {
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        at += length;
        copied = at;
    }
    if pieces.is_empty() {
        return None;
    }
    copy(&mut decoded, &mut pieces, bytes, copied..bytes.len());
    Some((decoded, pieces))
}

fn copy(decoded: &mut Vec<u8>, pieces: &mut Vec<Piece>, bytes: &[u8], range: Range<usize>) {
    if !range.is_empty() {
        pieces.push(Piece {
            at: decoded.len(),
            from: range.start,
            escape: 0,
        });
        decoded.extend_from_slice(&bytes[range]);
    }
}

/// What an escape stands for.
enum Unit {
    Byte(u8),
    Char(char),
}

type Escape = Option<(Unit, usize)>;

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// `%2f`
fn percent(rest: &[u8]) -> Escape {
    let (high, low) = (hex_digit(*rest.get(1)?)?, hex_digit(*rest.get(2)?)?);
    Some((Unit::Byte(high << 4 | low), 3))
}

/// `\/`, `\n`, `\u002f`, `\ud83d\ude00`
fn json(rest: &[u8]) -> Escape {
    let byte = match *rest.get(1)? {
        byte @ (b'"' | b'\\' | b'/') => byte,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return json_unicode(rest),
        _ => return None,
    };
    Some((Unit::Byte(byte), 2))
}

fn json_unicode(rest: &[u8]) -> Escape {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?;
        let digits = digits.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0_u32, |value, digit| {
            Some(value << 4 | u32::from(hex_digit(*digit)?))
        })
    };
    let first = unit(0)?;
    if let Some(character) = char::from_u32(first) {
        return Some((Unit::Char(character), 6));
    }
    let second = unit(6).filter(|unit| (0xdc00..0xe000).contains(unit))?;
    let pair = 0x1_0000 + (first.checked_sub(0xd800)? << 10) + (second - 0xdc00);
    Some((Unit::Char(char::from_u32(pair)?), 12))
}

/// `&#47;`, `&#x2f;`, `&sol;`; a number also without its semicolon, as browsers take it.
fn html(rest: &[u8]) -> Escape {
    let rest = &rest[..rest.len().min(16)];
    let Some(number) = rest.strip_prefix(b"&#") else {
        let end = rest.iter().position(|byte| *byte == b';')?;
        let name = std::str::from_utf8(&rest[1..end]).ok()?;
        let (_, character) = ENTITIES.iter().find(|(known, _)| *known == name)?;
        return Some((Unit::Char(*character), end + 1));
    };
    let (radix, prefix) = match number.first()? {
        b'x' | b'X' => (16, 3),
        _ => (10, 2),
    };
    let digits = rest[prefix..]
        .iter()
        .take_while(|byte| char::from(**byte).is_digit(radix))
        .count();
    let end = prefix + digits;
    let value = std::str::from_utf8(&rest[prefix..end]).ok()?;
    let value = u32::from_str_radix(value, radix).ok()?;
    let semicolon = usize::from(rest.get(end) == Some(&b';'));
    Some((Unit::Char(char::from_u32(value)?), end + semicolon))
}

/// The names that HTML has for characters of ASCII (the standard's list of named references).
const ENTITIES: &[(&str, char)] = &[
    ("AMP", '&'),
    ("GT", '>'),
    ("Hat", '^'),
    ("LT", '<'),
    ("NewLine", '\n'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("UnderBar", '_'),
    ("VerticalLine", '|'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("midast", '*'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("verbar", '|'),
    ("vert", '|'),
];

/// Digits that bytes are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// The standard's and that of addresses, with or without padding.
    Base64,
    /// In both cases.
    Hex,
}

/// Digits in a row, with their padding; line breaks may lie between them.
pub struct Run {
    pub span: Range<usize>,
    /// What each digit stands for.
    pub values: Vec<u8>,
}

impl Alphabet {
    /// How many digits come before a byte begins at a digit again.
    pub fn digits(self) -> usize {
        match self {
            Self::Base64 => 4,
            Self::Hex => 2,
        }
    }

    fn bits(self) -> usize {
        match self {
            Self::Base64 => 6,
            Self::Hex => 4,
        }
    }

    fn value(self, byte: u8) -> Option<u8> {
        match self {
            Self::Hex => hex_digit(byte),
            Self::Base64 => match byte {
                b'A'..=b'Z' => Some(byte - b'A'),
                b'a'..=b'z' => Some(byte - b'a' + 26),
                b'0'..=b'9' => Some(byte - b'0' + 52),
                b'+' | b'-' => Some(62),
                b'/' | b'_' => Some(63),
                _ => None,
            },
        }
    }

    /// The bytes that these digits are; what is left over at the end is dropped.
    pub fn decoded(self, values: &[u8]) -> Vec<u8> {
        let mut decoded = Vec::with_capacity(values.len() * self.bits() / 8);
        let (mut bits, mut known) = (0_u32, 0);
        for value in values {
            bits = bits << self.bits() | u32::from(*value);
            known += self.bits();
            if known >= 8 {
                known -= 8;
                decoded.push((bits >> known & 0xff) as u8);
            }
        }
        decoded
    }
}

/// The runs of digits that may spell `shortest` bytes, or something compressed.
pub fn runs(bytes: &[u8], alphabet: Alphabet, shortest: usize) -> Vec<Run> {
    let least = (shortest * 8).div_ceil(alphabet.bits());
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if alphabet.value(bytes[at]).is_none() {
            at += 1;
            continue;
        }
        let start = at;
        let (mut count, mut end) = (0, at);
        while let Some(byte) = bytes.get(at) {
            if alphabet.value(*byte).is_some() {
                count += 1;
                end = at + 1;
            } else if !matches!(byte, b'\r' | b'\n') {
                break;
            }
            at += 1;
        }
        if alphabet == Alphabet::Base64 {
            let padding = bytes[end..].iter().take(2);
            end += padding.take_while(|byte| **byte == b'=').count();
        }
        if count >= least {
            let values = bytes[start..end].iter();
            found.push(Run {
                span: start..end,
                values: values.filter_map(|byte| alphabet.value(*byte)).collect(),
            });
        }
    }
    found
}

/// What is compressed in a form that says so in its first bytes, of at most `most` bytes. `None`: it
/// is none.
pub fn inflated(bytes: &[u8], most: usize) -> Option<Result<Vec<u8>, TooLong>> {
    let coding = match bytes {
        [0x1f, 0x8b, 8, ..] => Coding::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Coding::Zstd,
        [first, second, ..]
            if first & 0xf == 8
                && first >> 4 <= 7
                && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31) =>
        {
            Coding::Deflate
        }
        _ => return None,
    };
    match coding.decoded(bytes, most) {
        Ok(decoded) => Some(Ok(decoded)),
        Err(crate::content_coding::ContentDecodeError::TooLong) => Some(Err(TooLong)),
        // It only looked like one.
        Err(crate::content_coding::ContentDecodeError::Broken(_)) => None,
    }
}
