//! Acts for the owner in the demo: pastes a prepared post into the blog's editor, which the sandbox
//! stands in for.

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::client::Client;

/// Whether the delivery has a prepared blog post.
pub(super) fn is_prepared(delivery: &Value) -> bool {
    delivery["channel"] == "naver-blog" && asset(delivery, "post.html").is_some()
}

/// Where the draft can be opened.
///
/// # Errors
/// When the editor does not take it.
pub(super) async fn paste(
    client: &Client,
    sandbox: &str,
    delivery: &Value,
) -> anyhow::Result<String> {
    let accounts = client.request(Method::GET, "/api/accounts/naver-blog");
    let account = client.send(accounts).await?;
    let blog = account["settings"]["blogId"].as_str();
    let blog = blog.context("the account has no blogId")?;
    let text = |name| asset(delivery, name).unwrap_or_default();
    let tags: Vec<&str> = text("tags.txt").split(',').map(str::trim).collect();
    let images: Value = serde_json::from_str(text("images.json")).unwrap_or(json!([]));
    let images = images.as_array().into_iter().flatten();
    let images: Vec<Value> = images
        .map(|image| json!({"url": image["url"], "altText": image["altText"]}))
        .collect();
    let draft = json!({
        "title": text("title.txt").trim(), "html": text("post.html"), "tags": tags, "images": images
    });
    let url = format!("{sandbox}/naver-blog/{blog}/drafts");
    let pasted = client
        .send(
            client
                .unauthenticated_request(Method::POST, &url)
                .json(&draft),
        )
        .await?;
    let link = pasted["editUrl"].as_str();
    Ok(link.unwrap_or(sandbox).to_owned())
}

/// The remaining steps for the owner; `confirm` is the command that submits the address of the post.
pub(super) fn next_steps(pasted: &anyhow::Result<String>, sandbox: &str, confirm: &str) -> String {
    let first = match pasted {
        Ok(_) => format!("It is in the blog's editor as a draft: publish it at {sandbox}/"),
        Err(error) => format!("Paste it into the blog's editor by hand ({error:#})"),
    };
    format!(
        "      1. {first}\n      2. Then say where it is:\n         {confirm} \\\n           \
         -H 'content-type: application/json' -d '{{\"url\": \"https://blog.naver.com/…\"}}'"
    )
}

fn asset<'a>(delivery: &'a Value, name: &str) -> Option<&'a str> {
    let prepared = delivery["action"]["prepared"].as_array()?;
    let asset = prepared.iter().find(|asset| asset["name"] == name)?;
    asset["text"].as_str()
}
