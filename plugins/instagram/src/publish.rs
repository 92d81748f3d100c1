//! The one unsafe step: a container becomes public.
//!
//! A publish that was not clearly refused is looked up before anything is repeated, and what is
//! repeated is always the same container, which Meta publishes once. A new container is made
//! only while no publish of the old one is in doubt. What cannot be told is unknown.

use core::time::Duration;

use baepo_sdk::{Failure, Text, run};
use serde::Deserialize;

use crate::errors::{Reaction, Refusal, Setback};
use crate::post::Post;
use crate::request::Api;
use crate::response::{self, Id, Status, StatusCode};
use crate::timestamp;

/// How often the same container is published.
const ROUNDS: usize = 3;
/// Between the looks at a container; a publish that timed out may still be under way.
const LOOK_PAUSES_S: [u64; 5] = [0, 5, 5, 10, 20];
/// Meta's list of posts may lag behind.
const FIND_PAUSES_S: [u64; 2] = [0, 3];
/// Meta's clock is not ours.
const CLOCK_SKEW_MS: u64 = 60_000;

/// The id of the post, if it could be found out.
///
/// # Errors
/// Either nothing is out, or the failure is [`Failure::Unknown`].
pub fn publish(api: &Api, post: &Post<'_>, container: &str) -> Result<Option<String>, Setback> {
    let started_ms = run::now();
    let mut end = Ending {
        place: post.place(),
        doubt: None,
    };
    let mut last = None;
    for _ in 0..ROUNDS {
        let refusal = match response::read::<Id>(api.publish(container).send()) {
            Ok(Id { id }) => return Ok(Some(id)),
            Err(refusal) => refusal,
        };
        run::warn(format!(
            "publish of {container}: {}",
            refusal.message.english
        ));
        if refusal.is_certain() && end.doubt.is_none() {
            return Err(end.refused(refusal));
        }
        end.note(&refusal);
        match look(api, container) {
            Sight::Published => return Ok(find(api, &post.caption, started_ms)),
            Sight::Lost(reason) => return Err(Setback::NewContainer(reason)),
            Sight::CannotTell(reason) => return Err(unknown(&[&refusal.message, &reason])),
            Sight::Waiting if refusal.may_pass() => last = Some(refusal),
            Sight::Waiting => return Err(end.refused(refusal)),
        }
    }
    Err(last.map_or_else(|| unknown(&[]), |refusal| end.refused(refusal)))
}

/// What a publish that did not succeed ends as.
struct Ending {
    place: String,
    /// The first publish that may have acted, though no look has found it yet.
    doubt: Option<Text>,
}

impl Ending {
    fn note(&mut self, refusal: &Refusal) {
        if refusal.reaction == Reaction::Doubt && self.doubt.is_none() {
            self.doubt = Some(refusal.message.clone());
        }
    }

    fn refused(&self, refusal: Refusal) -> Setback {
        match &self.doubt {
            Some(doubt) => unknown(&[doubt, &refusal.message]),
            None => refusal.into_setback(&self.place),
        }
    }
}

fn unknown(reasons: &[&Text]) -> Setback {
    let text = Text::new(
        "인스타그램에 올라갔는지 확인하지 못했습니다. 앱에서 확인해 주세요.",
        "Whether it is on Instagram could not be found out. Please look in the app.",
    );
    let text = reasons
        .iter()
        .fold(text, |text, reason| text.quoting("–").then(reason));
    Setback::Final(Failure::Unknown(text.into()))
}

enum Sight {
    Published,
    /// Ready and not published, twice with a pause between.
    Waiting,
    /// Of no use any more, and never published.
    Lost(Text),
    CannotTell(Text),
}

fn look(api: &Api, container: &str) -> Sight {
    let mut waiting = false;
    let mut reason = Text::new("", "");
    for pause in LOOK_PAUSES_S {
        pause_for(pause);
        let status = match response::read::<Status>(api.status(container).send()) {
            Ok(status) => status,
            Err(refusal) => {
                reason = refusal.message;
                continue;
            }
        };
        match status.code {
            StatusCode::Published => return Sight::Published,
            StatusCode::Error | StatusCode::Expired => {
                return Sight::Lost(status.refusal().message);
            }
            StatusCode::Finished if waiting => return Sight::Waiting,
            StatusCode::Finished => waiting = true,
            StatusCode::InProgress => reason = Reaction::NotReady.text(),
        }
    }
    Sight::CannotTell(reason)
}

#[derive(Deserialize)]
struct Recent {
    data: Vec<Media>,
}

#[derive(Deserialize)]
struct Media {
    id: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    timestamp: String,
}

/// The post that went out while nobody was listening; `None` if it cannot be told from others.
fn find(api: &Api, caption: &str, started_ms: u64) -> Option<String> {
    for pause in FIND_PAUSES_S {
        pause_for(pause);
        match response::read::<Recent>(api.recent().send()) {
            Ok(recent) => {
                if let Some(id) = pick(recent.data, caption, started_ms) {
                    return Some(id);
                }
            }
            Err(refusal) => run::warn(format!("the list of posts: {}", refusal.message.english)),
        }
    }
    run::warn("the post is published, but which one it is cannot be told");
    None
}

/// The newest one of this caption; or the only one that is new, as Meta may change a caption.
fn pick(posts: Vec<Media>, caption: &str, started_ms: u64) -> Option<String> {
    let since_ms = started_ms.saturating_sub(CLOCK_SKEW_MS);
    let is_new =
        |post: &Media| timestamp::unix_ms(&post.timestamp).is_some_and(|at| at >= since_ms);
    let mut new: Vec<Media> = posts.into_iter().filter(is_new).collect();
    if let Some(same) = new
        .iter()
        .position(|post| same_words(&post.caption, caption))
    {
        return Some(new.swap_remove(same).id);
    }
    if new.len() == 1 {
        new.pop().map(|post| post.id)
    } else {
        None
    }
}

fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

fn pause_for(seconds: u64) {
    if seconds > 0 {
        run::sleep(Duration::from_secs(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts(of: &[(&str, &str, &str)]) -> Vec<Media> {
        let media = |(id, caption, timestamp): &(&str, &str, &str)| Media {
            id: (*id).into(),
            caption: (*caption).into(),
            timestamp: (*timestamp).into(),
        };
        of.iter().map(media).collect()
    }

    /// 2026-03-02T03:00:00Z.
    const NOW_MS: u64 = 1_772_420_400_000;

    #[test]
    fn the_post_is_known_by_its_caption() {
        let posts = posts(&[
            ("3", "other", "2026-03-02T03:00:05+0000"),
            ("2", "spring\nsale ", "2026-03-02T03:00:04+0000"),
            ("1", "spring sale", "2026-03-01T03:00:04+0000"),
        ]);
        assert_eq!(pick(posts, "spring sale", NOW_MS).as_deref(), Some("2"));
    }

    #[test]
    fn an_older_post_of_the_same_caption_is_another_one() {
        let posts = posts(&[("1", "spring sale", "2026-03-01T03:00:04+0000")]);
        assert_eq!(pick(posts, "spring sale", NOW_MS), None);
    }

    #[test]
    fn without_the_caption_only_a_single_new_post_is_ours() {
        let one = ("2", "changed", "2026-03-02T02:59:30+0000");
        let other = ("3", "another", "2026-03-02T03:00:30+0000");
        assert_eq!(
            pick(posts(&[one]), "spring sale", NOW_MS).as_deref(),
            Some("2")
        );
        assert_eq!(pick(posts(&[one, other]), "spring sale", NOW_MS), None);
    }
}
