//! Calls every function that the host offers, in every form: for tests of what the journal keeps.

use core::time::Duration;

use baepo_sdk::account::Digest;
use baepo_sdk::http::{self, Repeat};
use baepo_sdk::{Content, Failure, Finding, Job, NoOptions, Outcome, Receipt, account, run};

/// Longer than any sleep that keeps the instance.
const LONG: Duration = Duration::from_secs(3_600);

struct EveryImport;

impl baepo_sdk::Channel for EveryImport {
    type Options = NoOptions;

    fn check(_: &Content, _: &NoOptions) -> Vec<Finding> {
        Vec::new()
    }

    fn distribute(job: Job<NoOptions>) -> Result<Outcome, Failure> {
        let shop = account::setting("shop").unwrap_or_default();
        run::info(format!("begins at {} for {shop}", run::now()));
        let signed = sign(&shop);
        let prepared = send_all_forms(&job, &signed);
        run::waiting("waits for the morning");
        run::sleep(LONG);
        let posted = http::post("https://echo.example/v1/posts", Repeat::Unsafe)
            .bearer("apiKey")
            .json(&job.content.title)
            .send()?
            .success()?;
        let ids = ["first".to_owned(), "second".to_owned()];
        let own = account::attributable(&ids, job_time());
        let receipt = Receipt {
            external_id: own.first().cloned(),
            url: Some("https://echo.example/first".into()),
            estimated_reach: Some(42),
        };
        run::accepted(&receipt, "under review");
        run::sleep(Duration::from_secs(1));
        run::sleep(LONG);
        run::remark(&format!("{prepared} answers, {} bytes", posted.body.len()));
        Ok(Outcome::Live(receipt))
    }
}

fn job_time() -> u64 {
    run::now() - 60_000
}

/// Both algorithms, and a secret that is not declared.
fn sign(text: &str) -> String {
    let signatures = [
        account::sign("apiKey", Digest::HmacSha256, text.as_bytes()),
        account::sign("password", Digest::HmacSha1, text.as_bytes()),
        account::sign("undeclared", Digest::HmacSha1, text.as_bytes()),
    ];
    let lengths = signatures.map(|signature| signature.map_or(0, |bytes| bytes.len()));
    format!("{lengths:?}")
}

/// Every method, every kind of credential, every repeat, text and bytes; the last is not granted.
fn send_all_forms(job: &Job<NoOptions>, signed: &str) -> usize {
    let url = |part: &str| format!("https://echo.example/v1/{part}");
    let answers = http::send_all(&[
        http::get(url("read"))
            .query("signed", signed)
            .secret_query("key", "apiKey"),
        http::head(url("read")).bearer("apiKey"),
        http::post(url("made"), Repeat::Idempotent)
            .secret_header("x-api-key", "apiKey")
            .header("Idempotency-Key", &job.idempotency_key)
            .form(&[("title", &job.content.title)]),
        http::put(url("kept"), Repeat::Idempotent)
            .basic("apiKey", "password")
            .body("application/octet-stream", vec![0, 159, 146, 150])
            .timeout(Duration::from_secs(5)),
        http::patch(url("kept"), Repeat::Idempotent),
        http::delete(url("kept"), Repeat::Idempotent),
        http::get("https://elsewhere.example/"),
    ]);
    answers.iter().filter(|answer| answer.is_ok()).count()
}

baepo_sdk::channel!(EveryImport);
