//! A provider that answers as it did when a journal was recorded.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Response, Uri};
use baepo_domain::model::journal::{Entry, Request, RequestOutcome, Step};
use baepo_runtime::egress::Rewrite;
use serde_json::json;
use url::Url;

use super::local::{rewrite, serve};

/// Gives every request the answer that the journal has for it, in the order of the journal where
/// the same one was sent more than once. Whatever is not in the journal asks for a token.
pub struct RecordedProvider {
    pub rewrites: Vec<Rewrite>,
    answers: RecordedAnswers,
}

type RecordedAnswers = Arc<Mutex<Vec<(RequestKey, RequestOutcome)>>>;

/// Method, host and path, body. Not the query: a secret may stand in it.
type RequestKey = (String, String, Vec<u8>);

impl RecordedProvider {
    pub async fn start(journal: &[Entry]) -> Self {
        let answers = RecordedAnswers::default();
        let router = Router::new().fallback(answer).with_state(answers.clone());
        let address = serve(router).await;
        let mut origins: Vec<String> = ORIGINS.map(str::to_owned).to_vec();
        let urls = sent(journal).map(|request| url(&request.url));
        // What the host answers itself has no host.
        let urls = urls.filter(Url::has_host);
        origins.extend(urls.map(|url| url.origin().ascii_serialization()));
        origins.sort();
        origins.dedup();
        let rewrites = origins.iter().map(|origin| {
            let host = url(origin).host_str().unwrap().to_owned();
            rewrite(origin, &format!("{address}/{host}"))
        });
        let rewrites = rewrites.collect();
        Self { rewrites, answers }
    }

    pub fn answers_as(&self, journal: &[Entry]) {
        *self.answers.lock().unwrap() = recorded_answers(journal);
    }
}

/// Where tokens come from: requests for them are in no journal.
const ORIGINS: [&str; 3] = [
    "https://partner.genie-tv.example",
    "https://partner.ringo-biz.example",
    "https://partner.uridongne-tv.example",
];

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn sent(journal: &[Entry]) -> impl Iterator<Item = &Request> {
    journal.iter().flat_map(|entry| match &entry.step {
        Step::Sent(requests) => requests.as_slice(),
        _ => &[],
    })
}

fn recorded_answers(journal: &[Entry]) -> Vec<(RequestKey, RequestOutcome)> {
    let answers = journal.iter().flat_map(|entry| match &entry.step {
        Step::Answered(answers) => answers.as_slice(),
        _ => &[],
    });
    let keys = sent(journal).map(|request| {
        let url = url(&request.url);
        let place = format!("/{}{}", url.host_str().unwrap_or_default(), url.path());
        let body = request.body.clone().unwrap_or_default().0;
        (request.method.clone(), place, body)
    });
    keys.zip(answers.cloned()).collect()
}

async fn answer(
    State(answers): State<RecordedAnswers>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response<Body> {
    let key = (method.to_string(), uri.path().to_owned(), body.to_vec());
    let mut answers = answers.lock().unwrap();
    let Some(index) = answers.iter().position(|(known, _)| *known == key) else {
        let token = json!({"access_token": "sandbox-token-of-the-recording", "expires_in": 86_400});
        return Response::new(token.to_string().into());
    };
    let RequestOutcome::Response(recorded) = answers.remove(index).1 else {
        panic!("{key:?} was not answered")
    };
    let mut response = Response::builder().status(recorded.status);
    for (name, value) in recorded.headers {
        response = response.header(name, value);
    }
    response.body(recorded.body.0.into()).unwrap()
}
