//! Makes a container ready to be published. Nothing here is visible to the public, so all of it
//! may be repeated.

use core::time::Duration;

use baepo_sdk::{MediaKind, Text, run};

use crate::errors::{Reaction, Refusal, Setback};
use crate::post::{Item, Post, Shape};
use crate::request::{Api, Container};
use crate::response::{self, Id, Status, StatusCode};

/// Pictures are quick.
const IMAGE_PAUSES_S: &[u64] = &[1, 1, 2, 3, 5, 8, 10, 15, 15];
/// Meta's guide: once a minute, for five minutes at most.
const VIDEO_PAUSES_S: &[u64] = &[60, 60, 60, 60, 60];
/// Before asking Meta again to fetch a file that it could not fetch.
const FETCH_PAUSES_S: &[u64] = &[5, 15];

/// The id of a container that is `FINISHED`.
pub fn prepare(api: &Api, post: &Post<'_>) -> Result<String, Setback> {
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

fn carousel(api: &Api, items: &[Item<'_>], caption: &str) -> Result<String, Setback> {
    let children: Vec<String> = items
        .iter()
        .map(|item| fetched(api, &Container::child(*item), *item))
        .collect::<Result<_, _>>()?;
    ready(
        api,
        &Container::carousel(&children, caption),
        IMAGE_PAUSES_S,
    )
    .map_err(|refusal| refusal.into_setback("/media"))
}

/// A container of one file, which Meta fetches: that step alone is tried again if it cannot.
fn fetched(api: &Api, container: &Container<'_>, item: Item<'_>) -> Result<String, Setback> {
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
                    refusal.message.english
                ));
                run::sleep(Duration::from_secs(*pause));
                attempt = ready(api, container, pauses);
            }
            _ => break,
        }
    }
    attempt.map_err(|refusal| refusal.into_setback(&item.place()))
}

fn ready(api: &Api, container: &Container<'_>, pauses_s: &[u64]) -> Result<String, Refusal> {
    let Id { id } = response::read(api.create(container).send())?;
    wait(api, &id, pauses_s)?;
    Ok(id)
}

/// Polls until Meta has processed the file.
fn wait(api: &Api, container: &str, pauses_s: &[u64]) -> Result<(), Refusal> {
    let mut pauses = pauses_s.iter();
    loop {
        let status: Status = response::read(api.status(container).send())?;
        match status.code {
            StatusCode::Finished | StatusCode::Published => return Ok(()),
            StatusCode::Error => return Err(status.refusal()),
            StatusCode::Expired => return Err(expired()),
            StatusCode::InProgress => {}
        }
        let pause = pauses.next().ok_or_else(still_processing)?;
        run::sleep(Duration::from_secs(*pause));
    }
}

fn expired() -> Refusal {
    Refusal::new(
        Reaction::NewContainer,
        &Text::new(
            "준비한 게시물의 기한이 지났습니다.",
            "The container has expired.",
        ),
    )
}

fn still_processing() -> Refusal {
    Refusal::new(
        Reaction::NotReady,
        &Text::new("Instagram: IN_PROGRESS", "Instagram: IN_PROGRESS"),
    )
}
