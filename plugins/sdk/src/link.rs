//! Addresses as people read them: `https://온담.kr/봄`, where a machine needs
//! `https://xn--jk1b477a.kr/%EB%B4%84`.
//!
//! The decoder is RFC 3492's and no more: a library for domain names would bring its tables into every
//! component, and only names that a host has encoded come here.

/// The address as it is shown. Where a part cannot be decoded it stays as it is.
///
/// ```
/// assert_eq!(
///     baepo_sdk::link::shown("https://xn--jk1b477a.kr/%EB%B4%84?a=%20b"),
///     "https://온담.kr/봄?a=%20b"
/// );
/// ```
#[must_use]
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let labels = host
        .split('.')
        .map(|label| label_shown(label).unwrap_or_else(|| label.to_owned()));
    let host = labels.collect::<Vec<_>>().join(".");
    // A bare host is written without a slash.
    let path = if path == "/" { "" } else { path };
    format!("{scheme}://{host}{}", decode_path(path))
}

/// A label and the port behind it perhaps.
fn label_shown(label: &str) -> Option<String> {
    let (name, port) = match label.split_once(':') {
        Some((name, port)) => (name, format!(":{port}")),
        None => (label, String::new()),
    };
    let name = decode_punycode(name.strip_prefix("xn--")?)?;
    // What looks like another name, or like a part of an address, stays encoded.
    let is_plain = name.chars().all(char::is_alphanumeric) && !name.is_ascii();
    is_plain.then(|| name + &port)
}

/// Letters beyond ASCII decoded; everything that means something in an address stays.
fn decode_path(path: &str) -> String {
    let mut shown = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (before, encoded) = rest.split_at(at);
        shown.push_str(before);
        let bytes = leading_bytes(encoded);
        let (text, used) = match valid_utf8_prefix(&bytes) {
            0 => (encoded.get(..1).unwrap_or_default(), 1),
            count => {
                let text = core::str::from_utf8(&bytes[..count]).unwrap_or_default();
                shown.push_str(text);
                ("", count * 3)
            }
        };
        shown.push_str(text);
        rest = encoded.get(used..).unwrap_or_default();
    }
    shown + rest
}

/// The bytes of the `%XX` at the beginning.
fn leading_bytes(encoded: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = encoded;
    while let Some(digits) = rest.strip_prefix('%').and_then(|rest| rest.get(..2)) {
        let Ok(byte) = u8::from_str_radix(digits, 16) else {
            break;
        };
        bytes.push(byte);
        rest = rest.get(3..).unwrap_or_default();
    }
    bytes
}

/// How many of the first bytes are letters beyond ASCII.
fn valid_utf8_prefix(bytes: &[u8]) -> usize {
    let valid = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let valid_utf8_prefix = valid
        .chars()
        .take_while(|c| !c.is_ascii() && c.is_alphanumeric());
    valid_utf8_prefix.map(char::len_utf8).sum()
}

/// RFC 3492, 6.2, for labels of up to 63 characters.
fn decode_punycode(label: &str) -> Option<String> {
    const BASE: u32 = 36;
    let (basic, extended) = label.rsplit_once('-').unwrap_or(("", label));
    let mut output: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.bytes().peekable();
    while digits.peek().is_some() {
        let (begin, mut weight, mut k) = (i, 1_u32, BASE);
        loop {
            let digit = match digits.next()? {
                byte @ b'a'..=b'z' => u32::from(byte - b'a'),
                byte @ b'A'..=b'Z' => u32::from(byte - b'A'),
                byte @ b'0'..=b'9' => u32::from(byte - b'0') + 26,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let length = u32::try_from(output.len()).ok()? + 1;
        bias = adapt_bias(i - begin, length, begin == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        output.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(output.into_iter().collect())
}

/// RFC 3492, 6.1.
fn adapt_bias(delta: u32, length: u32, is_first: bool) -> u32 {
    let mut delta = delta / if is_first { 700 } else { 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_korean_address_is_shown_as_people_write_it() {
        for (url, wanted) in [
            ("https://xn--jk1b477a.kr/%EB%B4%84", "https://온담.kr/봄"),
            ("https://xn--jk1b477a.kr/", "https://온담.kr"),
            (
                "https://www.xn--jk1b477a.kr:8443/a",
                "https://www.온담.kr:8443/a",
            ),
            (
                "https://xn--bcher-kva.example/x",
                "https://bücher.example/x",
            ),
            (
                "https://a.kr/%EB%B4%84%20%EC%84%B8%EC%9D%BC?q=%26#%25",
                "https://a.kr/봄%20세일?q=%26#%25",
            ),
            ("https://a.kr/menu", "https://a.kr/menu"),
        ] {
            assert_eq!(shown(url), wanted, "{url}");
        }
    }

    #[test]
    fn an_undecodable_address_is_unchanged() {
        for url in [
            "https://xn--.kr/%",
            "https://xn--a!.kr/%E",
            "https://xn--99999999999.kr/%EB%B4",
            "https://a.kr/%ff%fe",
            "tel:1",
            "",
        ] {
            assert_eq!(shown(url), url, "{url}");
        }
    }
}
