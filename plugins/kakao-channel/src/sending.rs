//! The one unsafe step: a message goes to people's phones.
//!
//! A send that was not clearly taken or refused is looked up by its grouping key, repeated with
//! the same key while NHN Cloud still protects it, and unknown afterwards.

use core::time::Duration;

use baepo_sdk::{Failure, Receipt, Text, run, text};

use crate::account::Account;
use crate::key::Key;
use crate::message::Message;
use crate::quiet;
use crate::request;
use crate::response::{self, Sending, Verdict};

/// How often a message that came at night is sent in all.
const NIGHTS: usize = 3;
/// How often the same message is sent with the same key.
const ROUNDS: usize = 3;
/// NHN Cloud remembers a key for ten minutes; one minute is kept for the request itself.
const PROTECTED_MS: u64 = 9 * 60_000;
/// Between looks; a request that timed out may still be on its way.
const LOOK_PAUSES_S: [u64; 4] = [0, 5, 5, 10];

/// # Errors
/// Either nobody got it, or the failure is [`Failure::Unknown`].
pub fn send(account: &Account, message: &Message, key: &Key) -> Result<Receipt, Failure> {
    for night in 0..NIGHTS {
        wait_for_day(message);
        match send_once(account, message, &key.of_night(night))? {
            Verdict::Sent {
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
            Verdict::Lost(failure) => return Err(failure),
            Verdict::Night => {
                let pause = quiet::until_retry(run::now());
                run::warn(format!("refused as night; again in {} s", pause.as_secs()));
                run::waiting(&quiet::refused(run::now(), pause).to_string());
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
fn wait_for_day(message: &Message) {
    if !message.advertising {
        return;
    }
    while let Some(remaining) = quiet::remaining(run::now()) {
        run::waiting(&quiet::notice(run::now(), remaining).to_string());
        run::info(format!(
            "quiet hours: advertising waits {} s until 08:00",
            remaining.as_secs()
        ));
        run::sleep(remaining);
    }
}

fn send_once(account: &Account, message: &Message, key: &Key) -> Result<Verdict, Failure> {
    let first_try_ms = run::now();
    let mut doubt: Option<Text> = None;
    for _ in 0..ROUNDS {
        let answer = request::send(account, message, key).send();
        let next = match response::sending(answer, &account.recipients) {
            Sending::Taken(verdict) => return Ok(verdict),
            Sending::Incomplete(verdict) => {
                return Ok(match look(account, key) {
                    Sight::Found(found) => found,
                    Sight::Nothing | Sight::CannotTell(_) => verdict,
                });
            }
            Sending::Night if doubt.is_none() => return Ok(Verdict::Night),
            Sending::Refused(failure) if doubt.is_none() => return Err(failure),
            Sending::Trouble(failure) if doubt.is_none() => Next::Fail(failure),
            Sending::Doubt(reason) => {
                run::warn(format!("send in doubt: {}", reason.in_log()));
                doubt.get_or_insert(reason);
                Next::Repeat
            }
            Sending::AlreadyAccepted
            | Sending::Night
            | Sending::Refused(_)
            | Sending::Trouble(_) => Next::GiveUp,
        };
        match (look(account, key), next) {
            (Sight::Found(verdict), _) => return Ok(verdict),
            (Sight::CannotTell(reason), _) => return Err(unknown(doubt.as_ref(), &reason)),
            (Sight::Nothing, Next::Fail(failure)) => return Err(failure),
            (Sight::Nothing, Next::Repeat) if may_repeat(message, first_try_ms) => {}
            (Sight::Nothing, _) => break,
        }
    }
    let not_found = Text::new(
        "접수된 메시지가 조회되지 않습니다.",
        "A look-up finds no message.",
    );
    Err(unknown(doubt.as_ref(), &not_found))
}

/// What to do if a look finds nothing.
enum Next {
    /// It may have been lost on the way.
    Repeat,
    Fail(Failure),
    /// It was taken, now or in doubt before, though it cannot be found.
    GiveUp,
}

/// While the key protects it, and by day.
fn may_repeat(message: &Message, first_try_ms: u64) -> bool {
    let now_ms = run::now();
    let is_protected = now_ms.saturating_sub(first_try_ms) < PROTECTED_MS;
    is_protected && (!message.advertising || quiet::remaining(now_ms).is_none())
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

enum Sight {
    Found(Verdict),
    /// Not there, twice with a pause between.
    Nothing,
    CannotTell(Text),
}

fn look(account: &Account, key: &Key) -> Sight {
    let mut nothing = false;
    let mut reason = Text::new("", "");
    for pause in LOOK_PAUSES_S {
        if pause > 0 {
            run::sleep(Duration::from_secs(pause));
        }
        match response::found(request::find(account, key).send(), &account.recipients) {
            Ok(Some(verdict)) => return Sight::Found(verdict),
            Ok(None) if nothing => return Sight::Nothing,
            Ok(None) => nothing = true,
            Err(why) => reason = why,
        }
    }
    Sight::CannotTell(reason)
}

/// Whether a message of this key, of whichever night, reached anybody.
///
/// # Errors
/// [`Failure::Unknown`] if it cannot be told.
pub fn probe(account: &Account, key: &Key) -> Result<Option<Receipt>, Failure> {
    for night in 0..NIGHTS {
        match look(account, &key.of_night(night)) {
            Sight::Found(Verdict::Sent {
                request_id,
                reached,
                ..
            }) => {
                return Ok(Some(receipt(account, request_id, reached)));
            }
            Sight::Found(Verdict::Lost(Failure::Unknown(reason))) => {
                return Err(Failure::Unknown(reason));
            }
            Sight::Found(Verdict::Night | Verdict::Lost(_)) => {}
            // A later night comes only after an earlier one.
            Sight::Nothing => break,
            Sight::CannotTell(reason) => return Err(unknown(None, &reason)),
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
