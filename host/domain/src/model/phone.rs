//! Korean phone numbers as people write them, in one form: digits with dashes between their parts,
//! as they are printed on a sign.

use unicode_normalization::UnicodeNormalization as _;

/// What stands between the parts of a number.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '/' | '·' | '(' | ')' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{30fb}' | 'ー'
        )
}

/// Room for the longest number however it is written; what is longer is not looked at.
const MAX_BYTES: usize = 200;

/// The one form of a number: `02)332-1234`, `０２ 332 1234` and `+82 2 332 1234` are `02-332-1234`;
/// none when it is no number of Korea.
#[must_use]
pub fn normal(text: &str) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    // Digits, signs and brackets of full width are the plain ones by their compatibility form.
    let plain: String = text.nfkc().filter(|c| !is_between(*c)).collect();
    let (digits, is_abroad) = match plain.strip_prefix('+') {
        Some(digits) => (digits.strip_prefix("82")?, true),
        None => match plain.strip_prefix("0082") {
            Some(digits) => (digits, true),
            None => (plain.as_str(), false),
        },
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = if is_abroad && !digits.starts_with(['0', '1']) {
        format!("0{digits}")
    } else if is_abroad && digits.len() > 8 && digits.starts_with('1') {
        // A mobile number; one of eight digits is a company's (1588-1234).
        format!("0{digits}")
    } else {
        digits.to_owned()
    };
    let area = area(&number)?;
    let (area, rest) = number.split_at(area);
    let (exchange, line) = rest.split_at_checked(rest.len().checked_sub(4)?)?;
    let fits = if area.starts_with('1') {
        exchange.is_empty()
    } else {
        (3..=4).contains(&exchange.len())
    };
    match (fits, exchange) {
        (false, _) => None,
        (true, "") => Some(format!("{area}-{line}")),
        (true, exchange) => Some(format!("{area}-{exchange}-{line}")),
    }
}

/// How many digits the first part has.
fn area(number: &str) -> Option<usize> {
    match number.as_bytes() {
        // A company's number: 1588-1234.
        [b'1', ..] if number.len() == 8 => Some(4),
        [b'0', b'2', ..] => Some(2),
        // A number for life: 0505-123-4567.
        [b'0', b'5', b'0', digit, ..] if digit.is_ascii_digit() && number.len() >= 11 => Some(4),
        [b'0', b'1'..=b'9', ..] if number.len() > 3 => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_in_any_spelling_has_one_form() {
        for (written, number) in [
            ("02)332-1234", "02-332-1234"),
            ("(02) 332.1234", "02-332-1234"),
            ("０２－３３２－１２３４", "02-332-1234"),
            ("023321234", "02-332-1234"),
            ("+82 2 332 1234", "02-332-1234"),
            ("+82-(0)2-332-1234", "02-332-1234"),
            ("010 1234 5678", "010-1234-5678"),
            ("01012345678", "010-1234-5678"),
            ("010-1234-5678", "010-1234-5678"),
            ("010.1234.5678", "010-1234-5678"),
            ("+82 10 1234 5678", "010-1234-5678"),
            ("0082-10-1234-5678", "010-1234-5678"),
            ("+821012345678", "010-1234-5678"),
            ("０１０ー１２３４ー５６７８", "010-1234-5678"),
            ("010–1234–5678", "010-1234-5678"),
            ("011-234-5678", "011-234-5678"),
            ("031 234 5678", "031-234-5678"),
            ("070-1234-5678", "070-1234-5678"),
            ("080 123 4567", "080-123-4567"),
            ("0505 123 4567", "0505-123-4567"),
            ("1588 1234", "1588-1234"),
            ("+82 1588 1234", "1588-1234"),
        ] {
            assert_eq!(normal(written).as_deref(), Some(number), "{written}");
        }
    }

    #[test]
    fn a_number_that_is_not_korean_has_no_normal_form() {
        for text in [
            "",
            "-",
            "112",
            "010-1234",
            "010-1234-567x",
            "+1 212 555 0100",
            "00 1 212 555 0100",
            "010-12345-6789",
            "02-1-2345",
            "온담",
            "010-1234-5678 (사장)",
            "159-8765",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent(text in "\\PC{0,20}|[+0-9０-９() .-]{0,20}") {
            if let Some(number) = normal(&text) {
                prop_assert_eq!(normal(&number), Some(number));
            }
        }
    }
}
