//! The one unsafe step: a message goes to people's phones.
//!
//! A send that was not clearly taken or refused is looked up by its grouping key, repeated with
//! the same key while NHN Cloud still protects it, and unknown afterwards.

use core::time::Duration;

use baepo_sdk::{Failure, Receipt, Text, run, text};

use crate::account::Account;
use crate::key::Key;
use crate::message::Message;
use crate::quiet_hours;
use crate::request;
use crate::response::{self, MessageOutcome, SendReply};

/// How often a message that came at night is sent in all.
const MAX_NIGHTS: usize = 3;
/// How often the same message is sent with the same key.
const MAX_ROUNDS: usize = 3;
/// NHN Cloud remembers a key for ten minutes; one minute is kept for the request itself.
const KEY_VALIDITY_MS: u64 = 9 * 60_000;
/// Between looks; a request that timed out may still be on its way.
const LOOKUP_PAUSES_S: [u64; 4] = [0, 5, 5, 10];

/// # Errors
/// Either nobody got it, or the failure is [`Failure::Unknown`].
pub fn send(account: &Account, message: &Message, key: &Key) -> Result<Receipt, Failure> {
    for night in 0..MAX_NIGHTS {
        wait_out_quiet_hours(message);
        match send_once(account, message, &key.for_night(night))? {
            MessageOutcome::Sent {
                request_id,
                reached,
                missed,
            } => {
                let asked = account.recipients.len();
                run::info(format!("taken for {reached} of {asked} recipients"));
                if let Some(missed) = missed {
                    run::remark(&missed.to_string());
                }
                return Ok(receipt(account, request_id, reached));
            }
            MessageOutcome::Failed(failure) => return Err(failure),
            MessageOutcome::RefusedAsNight => {
                let pause = quiet_hours::until_retry(run::now());
                run::warn(format!("refused as night; again in {} s", pause.as_secs()));
                run::waiting(&quiet_hours::refused(run::now(), pause).to_string());
                run::sleep(pause);
            }
        }
    }
    Err(Failure::Unavailable(text(
        "NHN Cloud가 광고를 보낼 수 없는 시간(20:50~08:00)이라고 거듭 알렸습니다.",
        "NHN Cloud said again and again that these are hours without adverts (20:50 to 08:00).",
    )))
}

/// Looked at again after every wake: the host may have been down in between.
fn wait_out_quiet_hours(message: &Message) {
    if !message.advertising {
        return;
    }
    while let Some(remaining) = quiet_hours::remaining(run::now()) {
        run::waiting(&quiet_hours::notice(run::now(), remaining).to_string());
        run::info(format!(
            "quiet hours: advertising waits {} s until 08:00",
            remaining.as_secs()
        ));
        run::sleep(remaining);
    }
}

fn send_once(account: &Account, message: &Message, key: &Key) -> Result<MessageOutcome, Failure> {
    let first_try_ms = run::now();
    let mut doubt: Option<Text> = None;
    for _ in 0..MAX_ROUNDS {
        let answer = request::send(account, message, key).send();
        let next = match response::parse_send_reply(answer, &account.recipients) {
            SendReply::Accepted(outcome) => return Ok(outcome),
            SendReply::Incomplete(outcome) => {
                return Ok(match look_up(account, key) {
                    Lookup::Found(found) => found,
                    Lookup::NotFound | Lookup::Inconclusive(_) => outcome,
                });
            }
            SendReply::RefusedAsNight if doubt.is_none() => {
                return Ok(MessageOutcome::RefusedAsNight);
            }
            SendReply::Refused(failure) if doubt.is_none() => return Err(failure),
            SendReply::ProviderError(failure) if doubt.is_none() => OnNotFound::Fail(failure),
            SendReply::Doubt(reason) => {
                run::warn(format!("send in doubt: {}", reason.log_line()));
                doubt.get_or_insert(reason);
                OnNotFound::Repeat
            }
            SendReply::AlreadyAccepted
            | SendReply::RefusedAsNight
            | SendReply::Refused(_)
            | SendReply::ProviderError(_) => OnNotFound::GiveUp,
        };
        match (look_up(account, key), next) {
            (Lookup::Found(outcome), _) => return Ok(outcome),
            (Lookup::Inconclusive(reason), _) => return Err(unknown(doubt.as_ref(), &reason)),
            (Lookup::NotFound, OnNotFound::Fail(failure)) => return Err(failure),
            (Lookup::NotFound, OnNotFound::Repeat) if may_repeat(message, first_try_ms) => {}
            (Lookup::NotFound, _) => break,
        }
    }
    let not_found = Text::new(
        "접수된 메시지가 조회되지 않습니다.",
        "A look-up finds no message.",
    );
    Err(unknown(doubt.as_ref(), &not_found))
}

/// What to do if a look finds nothing.
enum OnNotFound {
    /// It may have been lost on the way.
    Repeat,
    Fail(Failure),
    /// It was taken, now or in doubt before, though it cannot be found.
    GiveUp,
}

/// While the key protects it, and by day.
fn may_repeat(message: &Message, first_try_ms: u64) -> bool {
    let now_ms = run::now();
    let is_protected = now_ms.saturating_sub(first_try_ms) < KEY_VALIDITY_MS;
    is_protected && (!message.advertising || quiet_hours::remaining(now_ms).is_none())
}

fn unknown(doubt: Option<&Text>, reason: &Text) -> Failure {
    let text = Text::new(
        "메시지가 나갔는지 확인하지 못했습니다. NHN Cloud 콘솔에서 확인해 주세요.",
        "Whether the message went out could not be found out. Please look in the console of NHN Cloud.",
    );
    let reasons = doubt.into_iter().chain([reason]);
    let text = reasons.fold(text, Text::then);
    Failure::Unknown(text.into())
}

enum Lookup {
    Found(MessageOutcome),
    /// Not there, twice with a pause between.
    NotFound,
    Inconclusive(Text),
}

fn look_up(account: &Account, key: &Key) -> Lookup {
    let mut found_nothing_once = false;
    let mut reason = Text::new("", "");
    for pause in LOOKUP_PAUSES_S {
        if pause > 0 {
            run::sleep(Duration::from_secs(pause));
        }
        match response::found(request::find(account, key).send(), &account.recipients) {
            Ok(Some(outcome)) => return Lookup::Found(outcome),
            Ok(None) if found_nothing_once => return Lookup::NotFound,
            Ok(None) => found_nothing_once = true,
            Err(why) => reason = why,
        }
    }
    Lookup::Inconclusive(reason)
}

/// Whether a message of this key, of whichever night, reached anybody.
///
/// # Errors
/// [`Failure::Unknown`] if it is not known.
pub fn probe(account: &Account, key: &Key) -> Result<Option<Receipt>, Failure> {
    for night in 0..MAX_NIGHTS {
        match look_up(account, &key.for_night(night)) {
            Lookup::Found(MessageOutcome::Sent {
                request_id,
                reached,
                ..
            }) => {
                return Ok(Some(receipt(account, request_id, reached)));
            }
            Lookup::Found(MessageOutcome::Failed(Failure::Unknown(reason))) => {
                return Err(Failure::Unknown(reason));
            }
            Lookup::Found(MessageOutcome::RefusedAsNight | MessageOutcome::Failed(_)) => {}
            // A later night comes only after an earlier one.
            Lookup::NotFound => break,
            Lookup::Inconclusive(reason) => return Err(unknown(None, &reason)),
        }
    }
    Ok(None)
}

fn receipt(account: &Account, request_id: String, reached: u64) -> Receipt {
    Receipt {
        external_id: Some(request_id),
        url: account.channel_url.clone(),
        estimated_reach: Some(reached),
    }
}
