//! Makes a container ready to be published. Nothing here is visible to the public, so all of it
//! may be repeated; but a film is uploaded once, and polled for as long as Meta works on it.

use core::num::NonZeroU64;
use core::time::Duration;

use baepo_sdk::{MediaKind, Text, run, text};

use crate::errors::{ApiError, PublishError, Reaction};
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
const MIN_REPORTED_PAUSE: Duration = Duration::from_secs(30);
/// A container lives 24 hours [Meta]; one that is older than this is not published any more.
const CONTAINER_LIFETIME: Duration = Duration::from_secs(23 * 60 * 60);

/// A container that is `FINISHED`.
#[derive(Debug)]
pub struct Ready {
    pub id: String,
    /// When it was asked for, in Unix milliseconds: no post of it is older.
    pub created_ms: u64,
}

impl Ready {
    /// Whether it has expired or is about to, as after a long outage of the host.
    pub fn is_stale(&self) -> bool {
        elapsed_since(self.created_ms) >= CONTAINER_LIFETIME
    }
}

/// Everything of the post, prepared.
pub fn prepare(api: &Api, post: &Post<'_>) -> Result<Ready, PublishError> {
    let caption = &post.caption;
    match &post.shape {
        Shape::Image(image) => prepare_item(api, &Container::image(image.media, caption), *image),
        Shape::Reel {
            video,
            share_to_feed,
        } => prepare_item(
            api,
            &Container::reel(video.media, caption, *share_to_feed),
            *video,
        ),
        Shape::Carousel(items) => carousel(api, items, caption),
    }
}

fn carousel(api: &Api, items: &[Item<'_>], caption: &str) -> Result<Ready, PublishError> {
    let children: Vec<String> = items
        .iter()
        .map(|item| prepare_item(api, &Container::child(*item), *item).map(|child| child.id))
        .collect::<Result<_, _>>()?;
    create_and_wait(
        api,
        &Container::carousel(&children, caption),
        IMAGE_PAUSES_S,
    )
    .map_err(|api_error| api_error.into_publish_error("/media"))
}

/// A container of one file, which Meta fetches: that step alone is tried again if it cannot.
fn prepare_item(
    api: &Api,
    container: &Container<'_>,
    item: Item<'_>,
) -> Result<Ready, PublishError> {
    let pauses = if item.media.kind == MediaKind::Video {
        VIDEO_PAUSES_S
    } else {
        IMAGE_PAUSES_S
    };
    let mut attempt = create_and_wait(api, container, pauses);
    for pause in FETCH_PAUSES_S {
        match &attempt {
            Err(api_error) if api_error.reaction == Reaction::CannotFetch => {
                run::warn(format!(
                    "Meta could not fetch {}: {}",
                    item.json_pointer(),
                    api_error.message.log_line()
                ));
                run::sleep(Duration::from_secs(*pause));
                attempt = create_and_wait(api, container, pauses);
            }
            _ => break,
        }
    }
    attempt.map_err(|api_error| api_error.into_publish_error(&item.json_pointer()))
}

fn create_and_wait(
    api: &Api,
    container: &Container<'_>,
    pauses_s: &[u64],
) -> Result<Ready, ApiError> {
    let created_ms = run::now();
    let Id { id } = response::read(api.create(container).send())?;
    wait_until_finished(api, &id, created_ms, pauses_s)?;
    Ok(Ready { id, created_ms })
}

/// Polls until Meta has processed the file, for as long as the container lives. One that cannot be
/// read is polled on for as long as Meta's reads may lag behind: a fresh one may be missing for
/// minutes (100/33), and a look that fails says nothing about the file.
fn wait_until_finished(
    api: &Api,
    container: &str,
    created_ms: u64,
    pauses_s: &[u64],
) -> Result<(), ApiError> {
    let last = pauses_s.last().copied().unwrap_or(60);
    let mut pauses_s = pauses_s.iter().copied().chain(core::iter::repeat(last));
    let mut is_reported = false;
    let mut unread_since = None;
    loop {
        let mut pause = Duration::from_secs(pauses_s.next().unwrap_or(last));
        let why = match response::read::<Status>(api.status(container).send()) {
            Ok(status) => {
                unread_since = None;
                match status.code {
                    StatusCode::Finished | StatusCode::Published => return Ok(()),
                    StatusCode::Error => return Err(status.api_error()),
                    StatusCode::Expired => return Err(expired()),
                    StatusCode::InProgress => still_processing(),
                }
            }
            Err(api_error) if api_error.is_retryable() => {
                let since = *unread_since.get_or_insert_with(run::now);
                pause = pause.max(Duration::from_millis(
                    api_error.wait_ms.map_or(0, NonZeroU64::get),
                ));
                let left = api.read_lag().saturating_sub(elapsed_since(since));
                if left.is_zero() || (api_error.wait_ms.is_some() && pause > left) {
                    return Err(api_error);
                }
                pause = pause.min(left);
                api_error
            }
            Err(api_error) => return Err(api_error),
        };
        if elapsed_since(created_ms) >= CONTAINER_LIFETIME {
            return Err(why);
        }
        if pause >= MIN_REPORTED_PAUSE && !is_reported {
            is_reported = true;
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

fn expired() -> ApiError {
    ApiError::new(
        Reaction::NewContainer,
        &Text::new("", "").detail("Instagram: EXPIRED"),
    )
}

fn still_processing() -> ApiError {
    ApiError::new(
        Reaction::NotReady,
        &Text::new("", "").detail("Instagram: IN_PROGRESS"),
    )
}
