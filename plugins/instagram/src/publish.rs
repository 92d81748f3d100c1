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
use crate::errors::{Reaction, Refusal, Setback};
use crate::find;
use crate::post::Post;
use crate::request::Api;
use crate::response::{self, Id, Status, StatusCode};

/// How often a container is looked at for the whole time; it is published again between them.
const ROUNDS: usize = 3;
/// Between the looks of a round; the last one is repeated.
const LOOK_PAUSES_S: [u64; 6] = [2, 5, 10, 20, 30, 60];
/// Meta says "not ready, wait for a moment": a moment.
const NOT_READY: Duration = Duration::from_secs(60);
/// Before each look behind a clear no.
const CLEAR_NO_PAUSES_S: [u64; 2] = [5, 5];
/// From this pause on the owner is shown what is not clear.
const WORTH_A_NOTE: Duration = Duration::from_secs(10);

/// The id of the post, if it could be found out.
///
/// # Errors
/// Either nothing is out, or the failure is [`Failure::Unknown`].
pub fn publish(api: &Api, post: &Post<'_>, container: &Ready) -> Result<Option<String>, Setback> {
    if container.is_stale() {
        return Err(Setback::NewContainer(Text::new(
            "준비한 게시물의 기한이 지났습니다.",
            "The time of what was prepared has run out.",
        )));
    }
    let refusal = match send(api, container) {
        Ok(id) => return Ok(Some(id)),
        Err(refusal) => refusal,
    };
    let found = || find::post_of(api, &post.caption, container);
    if refusal.is_certain() {
        return if refusal.may_have_arrived() && is_out_all_the_same(api, &container.id) {
            Ok(found())
        } else {
            Err(refusal.into_setback(&post.place()))
        };
    }
    match look_and_repeat(api, container, &refusal)? {
        Out::Known(id) => Ok(Some(id)),
        Out::Somewhere => Ok(found()),
    }
}

fn send(api: &Api, container: &Ready) -> Result<String, Refusal> {
    match response::read::<Id>(api.publish(&container.id).send()) {
        Ok(Id { id }) => Ok(id),
        Err(refusal) => {
            let (id, why) = (&container.id, refusal.message.in_log());
            run::warn(format!("publish of {id}: {why}"));
            Err(refusal)
        }
    }
}

/// A clear no is final, once a look has not found the opposite.
fn is_out_all_the_same(api: &Api, container: &str) -> bool {
    for pause in CLEAR_NO_PAUSES_S {
        run::sleep(Duration::from_secs(pause));
        if let Ok(status) = response::read::<Status>(api.status(container).send()) {
            return status.code == StatusCode::Published;
        }
    }
    false
}

/// A post that is out.
enum Out {
    Known(String),
    Somewhere,
}

fn look_and_repeat(api: &Api, container: &Ready, first: &Refusal) -> Result<Out, Setback> {
    let mut reason = None;
    let mut may_repeat = true;
    let mut within = window(api, first);
    for round in 1..=ROUNDS {
        match look(api, &container.id, within) {
            Sight::Published => return Ok(Out::Somewhere),
            Sight::Ready if may_repeat && round < ROUNDS => match send(api, container) {
                Ok(id) => return Ok(Out::Known(id)),
                Err(refusal) => {
                    // After a doubt even a clear no is none: the first publish might have acted.
                    may_repeat = !refusal.is_certain();
                    within = window(api, &refusal);
                    reason = Some(refusal.message);
                }
            },
            Sight::Ready => {}
            Sight::CannotTell(why) => reason = Some(why),
        }
    }
    Err(unknown(&first.message, reason.as_ref()))
}

fn window(api: &Api, refusal: &Refusal) -> Duration {
    match refusal.reaction {
        Reaction::NotReady => api.read_lag().min(NOT_READY),
        _ => api.read_lag(),
    }
}

fn unknown(first: &Text, last: Option<&Text>) -> Setback {
    let text = Text::new(
        "인스타그램에 올라갔는지 확인하지 못했습니다. 앱에서 확인해 주세요.",
        "Whether it is on Instagram could not be found out. Please look in the app.",
    );
    let reasons = [Some(first), last.filter(|last| *last != first)];
    let text = reasons.into_iter().flatten().fold(text, Text::then);
    Setback::Final(Failure::Unknown(text.into()))
}

enum Sight {
    Published,
    /// Not published, as far as Meta shows.
    Ready,
    CannotTell(Text),
}

/// What the container says at the end of that time, or `Published` as soon as it says so.
fn look(api: &Api, container: &str, within: Duration) -> Sight {
    let began_ms = run::now();
    let mut pauses_s = LOOK_PAUSES_S.into_iter();
    let mut noted = false;
    loop {
        let sight = match response::read::<Status>(api.status(container).send()) {
            Ok(status) => match status.code {
                StatusCode::Published => return Sight::Published,
                StatusCode::Finished => Sight::Ready,
                StatusCode::InProgress => Sight::CannotTell(Reaction::NotReady.text()),
                StatusCode::Error | StatusCode::Expired => {
                    Sight::CannotTell(status.refusal().message)
                }
            },
            Err(refusal) => Sight::CannotTell(refusal.message),
        };
        let elapsed = Duration::from_millis(run::now().saturating_sub(began_ms));
        let left = within.saturating_sub(elapsed);
        if left.is_zero() {
            return sight;
        }
        let pause = Duration::from_secs(pauses_s.next().unwrap_or(60)).min(left);
        if pause >= WORTH_A_NOTE && !noted {
            noted = true;
            run::waiting(&text(
                "인스타그램의 응답만으로는 올라갔는지 알 수 없어, 올라갔는지 계속 확인하고 있습니다.",
                "Instagram's answer does not say whether it is out, so it is being looked for.",
            ));
        }
        run::sleep(pause);
    }
}
