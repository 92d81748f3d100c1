//! Which of the account's posts is ours, when Meta's answer with its id was lost.
//!
//! A caption is no proof: two events may have the same, at once or days apart. A post is taken only if
//! it is the only one that can be ours: of the same caption, not older than our own container, and of
//! no other delivery of this account, as far as the host can know. Without that proof there is no id.

use core::time::Duration;

use baepo_sdk::{account, run, text};
use serde::Deserialize;

use crate::container::Ready;
use crate::request::Api;
use crate::response;
use crate::timestamp;

/// Meta's list lags behind, and another delivery of the account may get its own id meanwhile.
const PAUSES_S: [u64; 6] = [0, 2, 5, 15, 30, 60];
/// Meta's clock is not ours.
const CLOCK_SKEW_MS: u64 = 60_000;
/// From this pause on the owner is shown what is still open.
const MIN_REPORTED_PAUSE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
struct MediaList {
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

/// The post that this container became; `None` if it cannot be distinguished from others.
pub fn find_post(api: &Api, caption: &str, container: &Ready) -> Option<String> {
    let since_ms = container.created_ms.saturating_sub(CLOCK_SKEW_MS);
    let began_ms = run::now();
    for (attempt, pause) in PAUSES_S.map(Duration::from_secs).into_iter().enumerate() {
        let elapsed = Duration::from_millis(run::now().saturating_sub(began_ms));
        let pause = pause.min(api.read_lag().saturating_sub(elapsed));
        if attempt > 0 && pause.is_zero() {
            break;
        }
        if pause >= MIN_REPORTED_PAUSE {
            run::waiting(&text(
                "인스타그램에 올라갔습니다. 게시물의 주소를 찾고 있습니다.",
                "It is on Instagram. The post's address is being looked for.",
            ));
        }
        if !pause.is_zero() {
            run::sleep(pause);
        }
        match response::read::<MediaList>(api.recent().send()) {
            Ok(recent) => {
                let candidates = candidates(recent.data, caption, since_ms);
                if candidates.is_empty() {
                    continue;
                }
                if let Some(id) = single(account::attributable(&candidates, since_ms)) {
                    return Some(id);
                }
            }
            Err(api_error) => run::warn(format!(
                "the list of posts: {}",
                api_error.message.log_line()
            )),
        }
    }
    run::warn("the post is published, but which one it is cannot be told");
    None
}

/// Those that can be ours by what Meta shows.
fn candidates(posts: Vec<Media>, caption: &str, since_ms: u64) -> Vec<String> {
    let is_candidate = |post: &Media| {
        same_text(&post.caption, caption)
            && timestamp::unix_ms(&post.timestamp).is_some_and(|at| at >= since_ms)
    };
    let posts = posts.into_iter().filter(is_candidate);
    posts.map(|post| post.id).collect()
}

fn single(mut ids: Vec<String>) -> Option<String> {
    if ids.len() == 1 { ids.pop() } else { None }
}

fn same_text(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
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
    fn candidates_match_by_caption_and_time() {
        let posts = posts(&[
            ("4", "other", "2026-03-02T03:00:05+0000"),
            ("3", "spring\nsale ", "2026-03-02T03:00:04+0000"),
            ("2", "spring sale", "2026-03-02T03:00:00+0000"),
            ("1", "spring sale", "2026-03-02T02:59:59+0000"),
            ("0", "spring sale", "yesterday"),
        ]);
        assert_eq!(candidates(posts, "spring sale", NOW_MS), ["3", "2"]);
    }

    #[test]
    fn several_candidates_yield_no_post() {
        assert_eq!(single(vec!["3".into(), "2".into()]), None);
    }
}
