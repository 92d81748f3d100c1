//! A message's result at one recipient, by the number as in the table of [`super`].

use serde_json::{Value, json};

const SIMULATED_PREFIX: &str = "9999";

/// The codes of Kakao that are numbers, as far as a channel distinguishes them.
pub(super) const NUMERIC: [&str; 25] = [
    "1001", "1002", "1003", "1006", "1007", "1020", "1021", "1022", "1023", "1025", "1028", "1030",
    "2000", "3000", "3005", "3006", "3008", "3013", "3014", "3018", "3019", "3022", "3024", "9998",
    "9999",
];

/// The codes that are not, under digits that can end a number.
const NON_NUMERIC_CODES: [(&str, &str); 4] = [
    ("0004", "B004"),
    ("0303", "K303"),
    ("0997", "K997"),
    ("7013", "B7013"),
];

const RECEIPT_UNKNOWN: [&str; 2] = ["3005", "K997"];

#[derive(Debug, Clone)]
pub(super) struct Recipient {
    number: Box<str>,
    /// Absent if all is well.
    code: Option<&'static str>,
}

impl Recipient {
    pub(super) fn new(number: &str) -> Self {
        Self {
            number: number.into(),
            code: simulated(number),
        }
    }

    /// Whether a person sees the message.
    pub(super) fn was_reached(&self) -> bool {
        self.code.is_none_or(|code| RECEIPT_UNKNOWN.contains(&code))
    }

    /// An entry of `sendResults`, where codes are numbers if they can be.
    pub(super) fn send_result(&self, seq: usize) -> Value {
        let (code, message) = match self.code {
            None => (json!(0), "SUCCESS"),
            Some(code) => (
                as_number(code),
                "Simulated by the end of the recipient's number.",
            ),
        };
        json!({
            "recipientSeq": seq,
            "recipientNo": self.number,
            "resultCode": code,
            "resultMessage": message,
        })
    }

    /// The part of a `messages` entry that is about the recipient; there, codes are strings.
    pub(super) fn delivery_result(&self) -> Value {
        json!({
            "recipientNo": self.number,
            "messageStatus": if self.code.is_none() { "COMPLETED" } else { "FAILED" },
            "resultCode": self.code.unwrap_or("1000"),
            "resultCodeName": if self.code.is_none() { "성공" } else { "실패" },
        })
    }

    /// As [`delivery_result`](Self::delivery_result), before a scheduled message is due.
    pub(super) fn pending_result(&self) -> Value {
        json!({ "recipientNo": self.number, "messageStatus": "READY" })
    }
}

fn simulated(number: &str) -> Option<&'static str> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let (rest, last_four) = digits.split_at_checked(digits.len().checked_sub(4)?)?;
    if !rest.ends_with(SIMULATED_PREFIX) {
        return None;
    }
    let lettered = NON_NUMERIC_CODES
        .iter()
        .find(|(end, _)| *end == last_four)
        .map(|(_, code)| *code);
    lettered.or_else(|| NUMERIC.into_iter().find(|code| *code == last_four))
}

fn as_number(code: &str) -> Value {
    code.parse::<u32>()
        .map_or_else(|_| json!(code), |number| json!(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_of_a_number_select_the_result() {
        assert_eq!(simulated("010-9999-3018"), Some("3018"));
        assert_eq!(simulated("01099990997"), Some("K997"));
        assert_eq!(simulated("010-1234-3018"), None);
        assert_eq!(simulated("010-9999-1234"), None);
        assert_eq!(simulated("12"), None);
    }

    #[test]
    fn an_unknown_receipt_still_reaches_the_recipient() {
        assert!(Recipient::new("01099993005").was_reached());
        assert!(!Recipient::new("01099993008").was_reached());
    }
}
