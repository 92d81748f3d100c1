//! The one unsafe step: a container becomes public.
//!
//! Meta's reads lag behind, and its errors do not always say what happened: an answer may be an error
//! though the post is out, and the container may be `FINISHED` for minutes after it was published. So
//! whatever does not prove that nothing is out is a doubt. A doubt is looked at for as long as reads
//! may lag, and then the same container is published again, never another one. What cannot be found
//! out is unknown, never a failure: a failure may be published again.

use core::time::Duration;

use baepo_sdk::{Failure, Text, run, text};

use crate::container::Ready;
use crate::errors::{ApiError, PublishError, Reaction};
use crate::find;
use crate::post::Post;
use crate::request::Api;
use crate::response::{self, Id, Status, StatusCode};

/// How often a container is looked at for the whole time; it is published again between them.
const MAX_ROUNDS: usize = 3;
/// Between the looks of a round; the last one is repeated.
const LOOKUP_PAUSES_S: [u64; 6] = [2, 5, 10, 20, 30, 60];
/// Meta says "not ready, wait for a moment": a moment.
const NOT_READY_WINDOW: Duration = Duration::from_secs(60);
/// Before each look behind a clear no.
const REJECTION_CHECK_PAUSES_S: [u64; 2] = [5, 5];
/// From this pause on the owner is shown what is not clear.
const MIN_REPORTED_PAUSE: Duration = Duration::from_secs(10);

/// The id of the post, if it could be found out.
///
/// # Errors
/// Either nothing is out, or the failure is [`Failure::Unknown`].
pub fn publish(
    api: &Api,
    post: &Post<'_>,
    container: &Ready,
) -> Result<Option<String>, PublishError> {
    if container.is_stale() {
        return Err(PublishError::NewContainer(Text::new(
            "준비한 게시물의 기한이 지났습니다.",
            "The time of what was prepared has run out.",
        )));
    }
    let api_error = match send(api, container) {
        Ok(id) => return Ok(Some(id)),
        Err(api_error) => api_error,
    };
    let found = || find::find_post(api, &post.caption, container);
    if api_error.is_certain() {
        return if api_error.may_have_arrived() && was_published_anyway(api, &container.id) {
            Ok(found())
        } else {
            Err(api_error.into_publish_error(&post.json_pointer()))
        };
    }
    match confirm_or_republish(api, container, &api_error)? {
        PublishedPost::WithId(id) => Ok(Some(id)),
        PublishedPost::WithoutId => Ok(found()),
    }
}

fn send(api: &Api, container: &Ready) -> Result<String, ApiError> {
    match response::read::<Id>(api.publish(&container.id).send()) {
        Ok(Id { id }) => Ok(id),
        Err(api_error) => {
            let (id, why) = (&container.id, api_error.message.log_line());
            run::warn(format!("publish of {id}: {why}"));
            Err(api_error)
        }
    }
}

/// A clear no is final, once a look has not found the opposite.
fn was_published_anyway(api: &Api, container: &str) -> bool {
    for pause in REJECTION_CHECK_PAUSES_S {
        run::sleep(Duration::from_secs(pause));
        if let Ok(status) = response::read::<Status>(api.status(container).send()) {
            return status.code == StatusCode::Published;
        }
    }
    false
}

/// A post that is out.
enum PublishedPost {
    WithId(String),
    WithoutId,
}

fn confirm_or_republish(
    api: &Api,
    container: &Ready,
    first: &ApiError,
) -> Result<PublishedPost, PublishError> {
    let mut reason = None;
    let mut may_repeat = true;
    let mut within = lookup_window(api, first);
    for round in 1..=MAX_ROUNDS {
        match poll_status(api, &container.id, within) {
            Lookup::Published => return Ok(PublishedPost::WithoutId),
            Lookup::Ready if may_repeat && round < MAX_ROUNDS => match send(api, container) {
                Ok(id) => return Ok(PublishedPost::WithId(id)),
                Err(api_error) => {
                    // After a doubt even a clear no is none: the first publish might have acted.
                    may_repeat = !api_error.is_certain();
                    within = lookup_window(api, &api_error);
                    reason = Some(api_error.message);
                }
            },
            Lookup::Ready => {}
            Lookup::Inconclusive(why) => reason = Some(why),
        }
    }
    Err(unknown(&first.message, reason.as_ref()))
}

fn lookup_window(api: &Api, api_error: &ApiError) -> Duration {
    match api_error.reaction {
        Reaction::NotReady => api.read_lag().min(NOT_READY_WINDOW),
        _ => api.read_lag(),
    }
}

fn unknown(first: &Text, last: Option<&Text>) -> PublishError {
    let text = Text::new(
        "인스타그램에 올라갔는지 확인하지 못했습니다. 앱에서 확인해 주세요.",
        "Whether it is on Instagram could not be found out. Please look in the app.",
    );
    let reasons = [Some(first), last.filter(|last| *last != first)];
    let text = reasons.into_iter().flatten().fold(text, Text::then);
    PublishError::Final(Failure::Unknown(text.into()))
}

enum Lookup {
    Published,
    /// Not published, as far as Meta shows.
    Ready,
    Inconclusive(Text),
}

/// What the container says at the end of that time, or `Published` as soon as it says so.
fn poll_status(api: &Api, container: &str, within: Duration) -> Lookup {
    let began_ms = run::now();
    let mut pauses_s = LOOKUP_PAUSES_S.into_iter();
    let mut is_reported = false;
    loop {
        let lookup = match response::read::<Status>(api.status(container).send()) {
            Ok(status) => match status.code {
                StatusCode::Published => return Lookup::Published,
                StatusCode::Finished => Lookup::Ready,
                StatusCode::InProgress => Lookup::Inconclusive(Reaction::NotReady.text()),
                StatusCode::Error | StatusCode::Expired => {
                    Lookup::Inconclusive(status.api_error().message)
                }
            },
            Err(api_error) => Lookup::Inconclusive(api_error.message),
        };
        let elapsed = Duration::from_millis(run::now().saturating_sub(began_ms));
        let left = within.saturating_sub(elapsed);
        if left.is_zero() {
            return lookup;
        }
        let pause = Duration::from_secs(pauses_s.next().unwrap_or(60)).min(left);
        if pause >= MIN_REPORTED_PAUSE && !is_reported {
            is_reported = true;
            run::waiting(&text(
                "인스타그램의 응답만으로는 올라갔는지 알 수 없어, 올라갔는지 계속 확인하고 있습니다.",
                "Instagram's answer does not say whether it is out, so it is being looked for.",
            ));
        }
        run::sleep(pause);
    }
}
