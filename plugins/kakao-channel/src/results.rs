//! Who was reached: the results that NHN Cloud gives, each paired with the recipient that was asked.
//!
//! A provider may list somebody twice, forget somebody, or name somebody who was never asked. So
//! results are never counted by rows: every recipient is reached, missed or unknown, and the three
//! together are all who were asked.

use std::collections::BTreeMap;

use baepo_sdk::Text;
use serde::Deserialize;
use serde_json::Value;

use crate::account::normalize_number;
use crate::codes::{Code, Reaction};

/// The result of one recipient. Without a code it is on its way.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub request_id: Option<String>,
    #[serde(default)]
    recipient_no: Value,
    #[serde(default)]
    recipient_seq: Value,
    result_code: Option<Code>,
    #[serde(default)]
    result_message: Option<String>,
}

impl Row {
    pub fn reaction(&self) -> Reaction {
        self.result_code
            .as_ref()
            .map_or(Reaction::Done, Code::reaction)
    }

    /// NHN Cloud's own words.
    pub fn quote(&self) -> String {
        let message = self.result_message.as_deref().unwrap_or_default();
        self.result_code
            .as_ref()
            .map(|code| quote(code, message))
            .unwrap_or_default()
    }

    /// The number, or where there is none the place in the request's list, counted from 1.
    fn index(&self, requested: &BTreeMap<String, usize>) -> Option<usize> {
        match digits(&self.recipient_no) {
            Some(number) => requested.get(&normalize_number(&number)).copied(),
            None => {
                let place: usize = digits(&self.recipient_seq)?.parse().ok()?;
                place
                    .checked_sub(1)
                    .filter(|index| *index < requested.len())
            }
        }
    }
}

/// As text or as a number: both are seen.
fn digits(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub fn quote(code: &Code, message: &str) -> String {
    let code = &code.0;
    if message.is_empty() {
        format!("NHN Cloud: code {code}")
    } else {
        format!("NHN Cloud: {message} (code {code})")
    }
}

/// What is known of one recipient.
#[derive(Clone, Copy)]
enum Found<'a> {
    Nothing,
    Row(&'a Row),
    /// Several rows that say different things.
    Contradiction,
}

/// The results of all who were asked.
pub struct Results<'a> {
    found: Vec<Found<'a>>,
}

impl<'a> Results<'a> {
    /// `requested`: in the form of [`normalize_number`], none twice. Rows of anybody else are passed over.
    pub fn pair(requested: &[String], rows: &'a [Row]) -> Self {
        let places = requested.iter().cloned().zip(0..).collect();
        let mut found = vec![Found::Nothing; requested.len()];
        for row in rows {
            let Some(known) = row.index(&places).and_then(|index| found.get_mut(index)) else {
                continue;
            };
            *known = match *known {
                Found::Nothing => Found::Row(row),
                Found::Row(first) if first.reaction() == row.reaction() => Found::Row(first),
                Found::Row(_) | Found::Contradiction => Found::Contradiction,
            };
        }
        Self { found }
    }

    pub fn requested(&self) -> usize {
        self.found.len()
    }

    pub fn reached(&self) -> usize {
        self.rows()
            .filter(|row| row.reaction() == Reaction::Done)
            .count()
    }

    /// Certainly not reached.
    pub fn missed(&self) -> usize {
        self.misses().count()
    }

    /// It may have reached them: no row, rows that differ, or a receipt that never came.
    pub fn unknown(&self) -> usize {
        self.requested() - self.reached() - self.missed()
    }

    /// Recipients whose result a lookup may still find.
    pub fn unlisted(&self) -> usize {
        self.requested() - self.rows().count()
    }

    fn rows(&self) -> impl Iterator<Item = &'a Row> {
        self.found.iter().filter_map(|found| match found {
            Found::Row(row) => Some(*row),
            Found::Nothing | Found::Contradiction => None,
        })
    }

    fn misses(&self) -> impl Iterator<Item = &'a Row> {
        let certain =
            |row: &&Row| !matches!(row.reaction(), Reaction::Done | Reaction::ReceiptUnknown);
        self.rows().filter(certain)
    }

    /// The row that stands for a message that nobody got.
    pub fn decisive_row(&self) -> Option<&'a Row> {
        self.rows().min_by_key(|row| precedence(row.reaction()))
    }

    /// Whether one row says it for everybody.
    pub fn is_unanimous(&self) -> bool {
        let mut rows = self.rows().map(|row| row.result_code.as_ref());
        let first = rows.next();
        self.unlisted() == 0 && rows.all(|code| Some(code) == first)
    }

    /// How many were reached, how many not and why, and of how many that is not known.
    pub fn describe(&self) -> Text {
        let (requested, reached) = (self.requested(), self.reached());
        let (missed, unknown) = (self.missed(), self.unknown());
        let mut text = Text::new(
            format!(
                "받는 사람 {requested}명 가운데 {reached}명에게 보냈고, {missed}명에게는 보내지 못했고, {unknown}명은 받았는지 알 수 없습니다."
            ),
            format!(
                "Of {requested} recipients {reached} were reached, {missed} were not, and of {unknown} it is not known."
            ),
        );
        let mut counts: Vec<(Reaction, usize)> = Vec::new();
        for (row, times) in self.reasons() {
            text = text.detail(&format!("{times} × {};", row.quote()));
            let reaction = row.reaction();
            match counts.iter_mut().find(|(known, _)| *known == reaction) {
                Some((_, count)) => *count += times,
                None => counts.push((reaction, times)),
            }
        }
        for (reaction, times) in counts {
            let count = Text::new(format!("({times}명)"), format!("({times})"));
            text = text.then(&reaction.text()).then(&count);
        }
        text
    }

    /// Why some were not reached, or it is not known: a row per code, and how many have it. Owners read
    /// what that means, operators the codes.
    fn reasons(&self) -> Vec<(&'a Row, usize)> {
        let mut reasons: Vec<(&Row, usize)> = Vec::new();
        for row in self.rows().filter(|row| row.reaction() != Reaction::Done) {
            let same = |(first, _): &&mut (&Row, usize)| first.result_code == row.result_code;
            match reasons.iter_mut().find(same) {
                Some((_, times)) => *times += 1,
                None => reasons.push((row, 1)),
            }
        }
        reasons
    }
}

/// Which reaction stands for a message that nobody got, if recipients differ. What may have
/// arrived comes first: it must not be sent again. What helps none of them comes last.
fn precedence(reaction: Reaction) -> u8 {
    match reaction {
        Reaction::Done => 0,
        Reaction::ReceiptUnknown => 1,
        Reaction::AlreadyAccepted | Reaction::Other => 2,
        Reaction::Rejected(_) => 3,
        Reaction::Unauthorized => 4,
        Reaction::QuietHours => 5,
        Reaction::RateLimited => 6,
        Reaction::Unavailable => 7,
        Reaction::Unreachable => 8,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn requested(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("0101234567{n}")).collect()
    }

    fn rows(rows: &[(&str, &str)]) -> Vec<Row> {
        let row = |(number, code): &(&str, &str)| {
            let row = json!({ "recipientNo": number, "resultCode": code });
            serde_json::from_value(row).expect("a row")
        };
        rows.iter().map(row).collect()
    }

    fn counted(requested: &[String], rows: &[Row]) -> [usize; 3] {
        let results = Results::pair(requested, rows);
        let [reached, missed, unknown] = [results.reached(), results.missed(), results.unknown()];
        assert_eq!(reached + missed + unknown, results.requested());
        [reached, missed, unknown]
    }

    #[test]
    fn every_recipient_is_counted_once_whatever_rows_there_are() {
        let requested = requested(5);
        let all: Vec<(&str, &str)> = requested
            .iter()
            .map(|number| (number.as_str(), "0"))
            .collect();
        let twice = [all.as_slice(), &all[..1]].concat();
        let stranger = [all.as_slice(), &[("01099999999", "0")]].concat();
        assert_eq!(counted(&requested, &rows(&all)), [5, 0, 0]);
        assert_eq!(
            counted(&requested, &rows(&twice)),
            [5, 0, 0],
            "one row twice"
        );
        assert_eq!(
            counted(&requested, &rows(&all[..4])),
            [4, 0, 1],
            "one is missing"
        );
        assert_eq!(
            counted(&requested, &rows(&stranger)),
            [5, 0, 0],
            "a stranger"
        );
        assert_eq!(counted(&requested, &[]), [0, 0, 5]);
        let contradicts = [all.as_slice(), &[(requested[0].as_str(), "3018")]].concat();
        assert_eq!(counted(&requested, &rows(&contradicts)), [4, 0, 1]);
    }

    #[test]
    fn codes_classify_recipients_as_reached_missed_or_unknown() {
        let requested = requested(5);
        let codes = ["1000", "3005", "K997", "3018", "0"];
        let mixed: Vec<_> = requested.iter().map(String::as_str).zip(codes).collect();
        assert_eq!(counted(&requested, &rows(&mixed)), [2, 1, 2]);
    }

    #[test]
    fn numbers_are_compared_normalized_and_a_row_without_one_by_its_index() {
        let requested = requested(2);
        let written = rows(&[("+82 10-1234-5670", "0"), ("０１０ 1234 5671", "3018")]);
        assert_eq!(counted(&requested, &written), [1, 1, 0]);
        let placed = json!([
            { "recipientSeq": 2, "resultCode": 3018 },
            { "recipientSeq": "1", "resultCode": 0 },
            { "recipientSeq": 3, "resultCode": 0 },
            { "recipientNo": 1012345670, "resultCode": 0 },
        ]);
        let placed: Vec<Row> = serde_json::from_value(placed).expect("rows");
        assert_eq!(counted(&requested, &placed), [1, 1, 0]);
    }

    #[test]
    fn the_summary_has_all_three_counts_and_the_reasons() {
        let requested = requested(3);
        let mixed = rows(&[
            (&requested[0], "0"),
            (&requested[1], "3018"),
            (&requested[2], "3018"),
        ]);
        let text = Results::pair(&requested, &mixed).describe();
        assert_eq!(
            text.korean,
            "받는 사람 3명 가운데 1명에게 보냈고, 2명에게는 보내지 못했고, 0명은 받았는지 알 수 없습니다. \
             받는 사람에게 보낼 수 없습니다. 채널 친구인지, 번호가 맞는지 확인해 주세요. (2명)"
        );
        assert!(text.english.starts_with(
            "Of 3 recipients 1 were reached, 2 were not, and of 0 it is not known. A recipient"
        ));
        assert_eq!(text.operator, "2 × NHN Cloud: code 3018;");
    }
}
