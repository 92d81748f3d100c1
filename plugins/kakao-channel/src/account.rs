//! The owner's settings, read once.

use baepo_sdk::{Failure, account, text};

/// As many as one request takes [NHN Cloud].
pub const MAX_RECIPIENTS: usize = 1_000;

#[derive(Debug)]
pub struct Account {
    pub api_host: String,
    pub api_version: String,
    pub app_key: String,
    pub sender_key: String,
    /// Digits only, none twice: a number that is listed twice gets one message.
    pub recipients: Vec<String>,
    pub advertising: bool,
    pub unsubscribe_number: Option<String>,
    pub channel_url: Option<String>,
}

impl Account {
    /// # Errors
    /// If a setting is missing or no list where a list belongs.
    pub fn from_settings() -> Result<Self, Failure> {
        let recipients = account::required("recipients")?;
        Ok(Self {
            api_host: account::required("apiHost")?,
            api_version: account::required("apiVersion")?,
            app_key: account::required("appKey")?,
            sender_key: account::required("senderKey")?,
            recipients: parse_recipients(&recipients).ok_or_else(invalid_recipients)?,
            advertising: is_advertising(),
            unsubscribe_number: unsubscribe_number(),
            channel_url: account::setting("channelUrl").filter(|url| !url.is_empty()),
        })
    }
}

/// Whatever is not called something else is advertising: that is the lawful side to err on.
pub fn is_advertising() -> bool {
    account::setting("advertising").as_deref() != Some("false")
}

pub fn unsubscribe_number() -> Option<String> {
    account::setting("unsubscribeNumber").filter(|number| !number.is_empty())
}

/// `None` if there is no such setting, or it is no list.
pub fn recipients() -> Option<Vec<String>> {
    parse_recipients(&account::setting("recipients")?)
}

fn parse_recipients(json: &str) -> Option<Vec<String>> {
    let listed: Vec<String> = serde_json::from_str(json).ok()?;
    let mut numbers: Vec<String> = Vec::with_capacity(listed.len());
    for number in listed {
        let number = normalize_number(&number);
        if !number.is_empty() && !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Some(numbers)
}

/// A mobile number as it is dialled in Korea, digits only: whatever stands between them, of full width,
/// or with the country's code in front.
pub fn normalize_number(number: &str) -> String {
    const FULL_WIDTH_ZERO: u32 = 0xFF10;
    let digit = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - FULL_WIDTH_ZERO, 10),
        c => Some(c).filter(char::is_ascii_digit),
    };
    let digits: String = number.chars().filter_map(digit).collect();
    let national = digits.strip_prefix("0082").or(digits.strip_prefix("82"));
    match national.unwrap_or(&digits) {
        // Neither abroad nor in a list of numbers there is a nought in front.
        rest if rest.starts_with('1') => format!("0{rest}"),
        rest => rest.to_owned(),
    }
}

fn invalid_recipients() -> Failure {
    Failure::Unauthorized(text(
        "받는 사람의 번호를 읽을 수 없습니다. 채널을 다시 연결해 주세요.",
        "The numbers of the recipients cannot be read. Connect the channel again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_its_digits_and_counts_once() {
        let numbers = parse_recipients(r#"["010-1234-5678", "01012345678", "010-1-2", ""]"#);
        assert_eq!(numbers, Some(vec!["01012345678".into(), "01012".into()]));
        assert_eq!(parse_recipients("010-1234-5678"), None);
    }

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        for written in [
            "010-1234-5678",
            "010 1234 5678",
            "010.1234.5678",
            "+82 10-1234-5678",
            "+82 (0)10 1234 5678",
            "0082 10 1234 5678",
            "０１０－１２３４－５６７８",
            "1012345678",
        ] {
            assert_eq!(normalize_number(written), "01012345678", "{written}");
        }
    }
}
