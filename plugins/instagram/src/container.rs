//! Makes a container ready to be published. Nothing here is visible to the public, so all of it
//! may be repeated; but a film is uploaded once, and polled for as long as Meta works on it.

use core::num::NonZeroU64;
use core::time::Duration;

use baepo_sdk::{MediaKind, Text, run, text};

use crate::errors::{Reaction, Refusal, Setback};
use crate::post::{Item, Post, Shape};
use crate::request::{Api, Container};
use crate::response::{self, Id, Status, StatusCode};

/// Between two looks at a picture's container; the last one is repeated. Pictures are quick.
const IMAGE_PAUSES_S: &[u64] = &[1, 1, 2, 3, 5, 8, 10, 15, 15, 30, 60, 60, 120, 300, 600, 900];
/// The same for a film's. Meta's guide: once a minute at first; a reel takes many minutes.
const VIDEO_PAUSES_S: &[u64] = &[60, 60, 60, 60, 60, 120, 120, 300, 300, 600, 600, 900];
/// Before asking Meta again to fetch a file that it could not fetch.
const FETCH_PAUSES_S: &[u64] = &[5, 15];
/// From this pause on the owner is shown why nothing is out yet.
const WORTH_A_NOTE: Duration = Duration::from_secs(30);
/// A container lives 24 hours [Meta]; one that is older than this is not published any more.
const GOOD_FOR: Duration = Duration::from_secs(23 * 60 * 60);

/// A container that is `FINISHED`.
#[derive(Debug)]
pub struct Ready {
    pub id: String,
    /// When it was asked for, in Unix milliseconds: no post of it is older.
    pub made_ms: u64,
}

impl Ready {
    /// Whether it has expired or is about to, as after a long outage of the host.
    pub fn is_stale(&self) -> bool {
        elapsed_since(self.made_ms) >= GOOD_FOR
    }
}

/// Everything of the post, prepared.
pub fn prepare(api: &Api, post: &Post<'_>) -> Result<Ready, Setback> {
    let caption = &post.caption;
    match &post.shape {
        Shape::Image(image) => fetched(api, &Container::image(image.media, caption), *image),
        Shape::Reel {
            video,
            share_to_feed,
        } => fetched(
            api,
            &Container::reel(video.media, caption, *share_to_feed),
            *video,
        ),
        Shape::Carousel(items) => carousel(api, items, caption),
    }
}

fn carousel(api: &Api, items: &[Item<'_>], caption: &str) -> Result<Ready, Setback> {
    let children: Vec<String> = items
        .iter()
        .map(|item| fetched(api, &Container::child(*item), *item).map(|child| child.id))
        .collect::<Result<_, _>>()?;
    ready(
        api,
        &Container::carousel(&children, caption),
        IMAGE_PAUSES_S,
    )
    .map_err(|refusal| refusal.into_setback("/media"))
}

/// A container of one file, which Meta fetches: that step alone is tried again if it cannot.
fn fetched(api: &Api, container: &Container<'_>, item: Item<'_>) -> Result<Ready, Setback> {
    let pauses = if item.media.kind == MediaKind::Video {
        VIDEO_PAUSES_S
    } else {
        IMAGE_PAUSES_S
    };
    let mut attempt = ready(api, container, pauses);
    for pause in FETCH_PAUSES_S {
        match &attempt {
            Err(refusal) if refusal.reaction == Reaction::CannotFetch => {
                run::warn(format!(
                    "Meta could not fetch {}: {}",
                    item.place(),
                    refusal.message.in_log()
                ));
                run::sleep(Duration::from_secs(*pause));
                attempt = ready(api, container, pauses);
            }
            _ => break,
        }
    }
    attempt.map_err(|refusal| refusal.into_setback(&item.place()))
}

fn ready(api: &Api, container: &Container<'_>, pauses_s: &[u64]) -> Result<Ready, Refusal> {
    let made_ms = run::now();
    let Id { id } = response::read(api.create(container).send())?;
    wait(api, &id, made_ms, pauses_s)?;
    Ok(Ready { id, made_ms })
}

/// Polls until Meta has processed the file, for as long as the container lives. One that cannot be
/// read is polled on for as long as Meta's reads may lag behind: a fresh one may be missing for
/// minutes (100/33), and a look that fails says nothing about the file.
fn wait(api: &Api, container: &str, made_ms: u64, pauses_s: &[u64]) -> Result<(), Refusal> {
    let last = pauses_s.last().copied().unwrap_or(60);
    let mut pauses_s = pauses_s.iter().copied().chain(core::iter::repeat(last));
    let mut noted = false;
    let mut unread_since = None;
    loop {
        let mut pause = Duration::from_secs(pauses_s.next().unwrap_or(last));
        let why = match response::read::<Status>(api.status(container).send()) {
            Ok(status) => {
                unread_since = None;
                match status.code {
                    StatusCode::Finished | StatusCode::Published => return Ok(()),
                    StatusCode::Error => return Err(status.refusal()),
                    StatusCode::Expired => return Err(expired()),
                    StatusCode::InProgress => still_processing(),
                }
            }
            Err(refusal) if refusal.may_pass() => {
                let since = *unread_since.get_or_insert_with(run::now);
                pause = pause.max(Duration::from_millis(
                    refusal.wait_ms.map_or(0, NonZeroU64::get),
                ));
                let left = api.read_lag().saturating_sub(elapsed_since(since));
                if left.is_zero() || (refusal.wait_ms.is_some() && pause > left) {
                    return Err(refusal);
                }
                pause = pause.min(left);
                refusal
            }
            Err(refusal) => return Err(refusal),
        };
        if elapsed_since(made_ms) >= GOOD_FOR {
            return Err(why);
        }
        if pause >= WORTH_A_NOTE && !noted {
            noted = true;
            run::waiting(&text(
                "인스타그램이 게시물을 준비하고 있습니다. 준비되면 저절로 올라갑니다.",
                "Instagram is preparing the post. It goes out by itself as soon as it is ready.",
            ));
        }
        run::sleep(pause);
    }
}

fn elapsed_since(ms: u64) -> Duration {
    Duration::from_millis(run::now().saturating_sub(ms))
}

fn expired() -> Refusal {
    Refusal::new(
        Reaction::NewContainer,
        &Text::new("", "").detail("Instagram: EXPIRED"),
    )
}

fn still_processing() -> Refusal {
    Refusal::new(
        Reaction::NotReady,
        &Text::new("", "").detail("Instagram: IN_PROGRESS"),
    )
}
