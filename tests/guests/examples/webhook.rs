//! A channel that nobody knew: posts the event as JSON to a path that the owner names.

use baepo_sdk::http::{self, Repeat};
use baepo_sdk::{
    Channel, Content, Failure, Finding, Job, NoOptions, Outcome, Preview, Receipt, Withdraw,
    account, html, text,
};
use serde_json::{Value, json};

struct Webhook;

impl Channel for Webhook {
    type Options = NoOptions;

    fn check(content: &Content, _: &NoOptions) -> Vec<Finding> {
        if content.title.chars().count() <= 100 {
            return Vec::new();
        }
        let message = text("제목은 100자까지입니다.", "A title has 100 characters.");
        vec![Finding::error("/title", message)]
    }

    fn distribute(job: Job<NoOptions>) -> Result<Outcome, Failure> {
        let (content, key) = (&job.content, &job.idempotency_key);
        let event = json!({ "title": content.title, "body": content.body,
                            "link": content.link, "idempotencyKey": key });
        let answer = http::post(address()?, Repeat::Idempotent)
            .header("Idempotency-Key", key)
            .bearer("hookToken")
            .json(&event)
            .send()?;
        let posted: Value = answer.success()?.json()?;
        Ok(Outcome::live(posted["id"].as_str(), posted["url"].as_str()))
    }
}

impl Preview for Webhook {
    fn render(content: &Content, _: &NoOptions) -> String {
        let title = html::escape(&content.title);
        format!("<h2>{title}</h2>{}", html::paragraph(&content.body))
    }
}

impl Withdraw for Webhook {
    fn withdraw(_: &str, receipt: &Receipt) -> Result<(), Failure> {
        let id = receipt.external_id.as_deref().unwrap_or_default();
        let url = format!("{}/{}", address()?, http::encode(id));
        let request = http::delete(url, Repeat::Idempotent).bearer("hookToken");
        match request.send()? {
            gone if matches!(gone.status, 404 | 410) => Ok(()),
            answer => answer.success().map(drop),
        }
    }
}

fn address() -> Result<String, Failure> {
    account::required("path").map(|path| format!("https://hooks.example/{path}"))
}

baepo_sdk::channel!(Webhook: preview, withdraw);
