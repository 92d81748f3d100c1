//! Instagram: an image, a carousel or a reel through Meta's Graph API.
//!
//! Meta knows no idempotency key. What keeps a post from going out twice is that everything
//! before `media_publish` is invisible to the public and may be repeated, that a publish in doubt is
//! looked up before it is repeated, always with the same container (`publish.rs`), and that a post is
//! taken for ours only with proof (`find.rs`).

mod check;
mod container;
mod errors;
mod find;
mod post;
mod preview;
mod publish;
mod request;
mod response;
mod timestamp;

use core::time::Duration;

use baepo_sdk::{
    Channel, Content, Failure, Finding, Job, Outcome, Preview, Receipt, Withdraw, run, text,
};
use serde::Deserialize;

use errors::{PublishError, Reaction};
use post::Post;
use request::Api;

/// How often a container that Meta lost or spoiled is made anew.
const MAX_CONTAINERS: u32 = 3;
/// Meta asks for a pause before the next container.
const CONTAINER_RETRY_PAUSE: Duration = Duration::from_secs(5);

pub struct Instagram;

/// What an owner chooses per event.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    #[serde(default = "yes")]
    share_to_feed: bool,
}

fn yes() -> bool {
    true
}

impl Channel for Instagram {
    type Options = Options;

    fn check(content: &Content, _: &Options) -> Vec<Finding> {
        check::findings(content)
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let api = Api::from_settings()?;
        let post = Post::plan(&job.content, job.options.share_to_feed)
            .ok_or_else(|| Failure::Rejected(vec![check::no_media()]))?;
        response::quota(api.quota().send())?;

        let mut reason = Reaction::NewContainer.text();
        for _ in 0..MAX_CONTAINERS {
            match publish_once(&api, &post) {
                Ok(media) => return Ok(live(&api, media.as_deref())),
                Err(PublishError::Final(failure)) => return Err(failure),
                Err(PublishError::NewContainer(why)) => reason = why,
            }
            run::warn(format!("a new container is needed: {}", reason.log_line()));
            run::sleep(CONTAINER_RETRY_PAUSE);
        }
        Err(Failure::Unavailable(reason.into()))
    }
}

/// The id of the post, if it could be found out.
fn publish_once(api: &Api, post: &Post<'_>) -> Result<Option<String>, PublishError> {
    let container = container::prepare(api, post)?;
    publish::publish(api, post, &container)
}

/// The post is out: from here on nothing may fail.
fn live(api: &Api, media: Option<&str>) -> Outcome {
    let url = media.and_then(|media| response::permalink(api.permalink(media).send()));
    Outcome::live(media, url.as_deref())
}

impl Preview for Instagram {
    fn render(content: &Content, _: &Options) -> String {
        preview::card(content)
    }
}

impl Withdraw for Instagram {
    fn withdraw(_: &str, receipt: &Receipt) -> Result<(), Failure> {
        let api = Api::from_settings()?;
        match &receipt.external_id {
            Some(media) if api.can_delete() => response::deleted(api.delete(media).send()),
            Some(_) => Err(Failure::Failed(text(
                "Instagram 로그인으로 연결한 계정의 게시물은 여기서 지울 수 없습니다. 인스타그램 앱에서 직접 지워 주세요.",
                "A post of an account that is connected with Instagram Login cannot be deleted from here. Please delete it in the Instagram app.",
            ))),
            None => Err(Failure::Failed(text(
                "어느 게시물인지 확실하지 않아 지우지 않았습니다. 인스타그램 앱에서 이 이벤트의 글이 실린 게시물을 찾아 올라온 시각을 확인하고 직접 지워 주세요.",
                "It is not certain which post it is, so none was deleted. In the Instagram app, look for the post with this event's text, compare when it went out, and delete it there.",
            ))),
        }
    }
}

baepo_sdk::channel!(Instagram: preview, withdraw);
