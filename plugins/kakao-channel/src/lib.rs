//! Kakao Channel: a brand message to friends of the channel, by way of NHN Cloud.
//!
//! NHN Cloud refuses an idempotency key that it saw in the last ten minutes, and remembers
//! nothing after that. So a send in doubt is looked up by its grouping key first, repeated only
//! within those ten minutes, and unknown afterwards (`sending.rs`). Advertising waits for the day.

mod account;
mod advert_mark;
mod check;
mod codes;
mod key;
mod message;
mod options;
mod picture;
mod preview;
mod quiet_hours;
mod request;
mod response;
mod results;
mod sending;

use baepo_sdk::{Channel, Content, Failure, Finding, Job, Outcome, Preview, Probe, Receipt, run};

use account::Account;
use key::Key;
use message::Message;

pub use options::Options;

pub struct KakaoChannel;

impl Channel for KakaoChannel {
    type Options = Options;

    fn check(content: &Content, options: &Options) -> Vec<Finding> {
        check::findings(content, options)
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let account = Account::from_settings()?;
        let message = Message::compose(&job.content, &job.options, account.advertising);
        let key = Key::new(&job.idempotency_key);
        sending::send(&account, &message, &key).map(Outcome::Live)
    }
}

impl Preview for KakaoChannel {
    fn render(content: &Content, options: &Options) -> String {
        preview::bubble(&Message::compose(
            content,
            options,
            account::is_advertising(),
        ))
    }
}

impl Probe for KakaoChannel {
    fn probe(idempotency_key: &str, event_id: &str) -> Result<Option<Receipt>, Failure> {
        run::info(format!("looking for the message of event {event_id}"));
        sending::probe(&Account::from_settings()?, &Key::new(idempotency_key))
    }
}

baepo_sdk::channel!(KakaoChannel: preview, probe);
