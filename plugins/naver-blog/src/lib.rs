//! Naver Blog: the post is prepared, and the owner posts it.
//!
//! Naver shut down its ways to write from outside in May 2020, and driving a logged-in browser in
//! the owner's name is not acceptable. So this channel sends nothing: it hands over all that the
//! owner needs, in the order they need it, and is live once they have confirmed the address.

mod check;
mod instructions;
mod pictures;
mod post;
mod preview;

use baepo_sdk::{
    Action, Channel, Content, Failure, Finding, Job, Outcome, PreparedAsset, Preview, account,
};
use serde::Deserialize;

use instructions::Steps;
use post::Post;

pub struct NaverBlog;

/// What an owner chooses per event.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    category: Option<String>,
}

impl Channel for NaverBlog {
    type Options = Options;

    fn check(content: &Content, _: &Options) -> Vec<Finding> {
        check::findings(content)
    }

    fn distribute(job: Job<Options>) -> Result<Outcome, Failure> {
        let blog_id = account::required("blogId")?;
        let post = Post::compose(&job.content);
        let steps = Steps {
            blog_id: &blog_id,
            category: job.options.category.as_deref(),
            post: &post,
        };
        Ok(Outcome::ActionRequired(Action {
            instructions: steps.text().into(),
            prepared: prepared(&post),
        }))
    }
}

impl Preview for NaverBlog {
    fn render(content: &Content, _: &Options) -> String {
        preview::mobile(&Post::compose(content))
    }
}

/// In the order in which the instructions name them.
fn prepared(post: &Post<'_>) -> Vec<PreparedAsset> {
    let asset = |name: &str, mime_type: &str, text: String| PreparedAsset {
        name: name.into(),
        mime_type: mime_type.into(),
        data: text.into_bytes(),
    };
    vec![
        asset("title.txt", "text/plain", post.title.clone()),
        asset("post.html", "text/html", post.html()),
        asset("post.txt", "text/plain", post.plain()),
        asset(
            "images.json",
            "application/json",
            pictures::list(&post.pictures),
        ),
        asset("tags.txt", "text/plain", post.tags.join(",")),
    ]
}

baepo_sdk::channel!(NaverBlog: preview);
