//! Tokens that the host obtains: how often it asks for one, and what a component learns of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;

use super::provider::{Provider, ScriptedResponse, ok};
use super::*;

const ID: &str = "canary id:1";
const SECRET: &str = "canary/secret&more";

/// What must be in nothing that a component sees.
const FORBIDDEN_TEXTS: [&str; 6] = [
    ID,
    SECRET,
    "canary-token",
    "canary%2Fsecret%26more",
    "canary+id%3A1",
    "Y2FuYXJ5",
];

/// A channel whose requests to the provider go with the token "partner".
fn scenario(egress: Egress) -> Scenario {
    let token = TokenSpec {
        name: "partner".to_owned(),
        url: "https://auth.example/token".parse().expect("a url"),
        client_id: "clientId".to_owned(),
        client_secret: "clientSecret".to_owned(),
        scope: Some("ads reports".to_owned()),
    };
    let requests = ["GET /v1/{id}", "POST /v1/posts"];
    let secrets = [("clientId", ID), ("clientSecret", SECRET)];
    Scenario {
        tokens: vec![token],
        grants: vec![grant(META, &requests, &["partner"])],
        secrets: secrets
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into(),
        ..Scenario::of(egress)
    }
}

fn scenario_with(provider: &Provider) -> Scenario {
    let config = rewritten(&format!("http://{}", provider.address));
    scenario(Egress::new(config).expect("a way out"))
}

fn with_partner(request: Request) -> Request {
    Request {
        credentials: vec!["bearer partner".to_owned()],
        ..request
    }
}

fn read() -> Request {
    with_partner(get(&format!("{META}/v1/7")))
}

/// Gives out numbered tokens that are good for an hour, and takes those from a number on. It
/// repeats what it was sent.
async fn partner(first_taken: &Arc<AtomicUsize>) -> Provider {
    let (given, first_taken) = (AtomicUsize::new(0), Arc::clone(first_taken));
    Provider::start(move |request| {
        if request.starts_with("POST /auth/token ") {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            let token =
                format!(r#"{{"access_token": "canary-token-{number}", "expires_in": 3600}}"#);
            return ScriptedResponse::Say(ok(&token));
        }
        let token = request
            .lines()
            .find_map(|line| line.strip_prefix("authorization: Bearer "));
        let token = token.unwrap_or_default();
        let number = token
            .strip_prefix("canary-token-")
            .and_then(|number| number.parse().ok());
        if number.is_some_and(|number: usize| number >= first_taken.load(Ordering::SeqCst)) {
            ScriptedResponse::Say(ok(&format!("taken: {token}")))
        } else {
            ScriptedResponse::Say(unauthorized())
        }
    })
    .await
}

fn unauthorized() -> String {
    "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_owned()
}

fn every_token() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

#[tokio::test]
async fn concurrent_requests_share_one_token_hidden_from_the_component() {
    let provider = partner(&every_token()).await;
    let scenario = scenario_with(&provider);
    let answers = join_all((0..20).map(|_| scenario.send(read()))).await;
    for answer in answers {
        let body = answer.expect("an answer").body.0;
        assert_eq!(body, b"taken: [secret]");
    }
    let requests = provider.requests();
    let questions: Vec<_> = requests
        .iter()
        .filter(|request| request.starts_with("POST /auth/token HTTP/1.1"))
        .collect();
    assert_eq!((questions.len(), requests.len()), (1, 21));
    // python3 -c "from base64 import b64encode as b; print(b(b'canary+id%3A1:canary%2Fsecret%26more'))"
    let basic = "authorization: Basic Y2FuYXJ5K2lkJTNBMTpjYW5hcnklMkZzZWNyZXQlMjZtb3Jl\r\n";
    assert!(questions[0].contains(basic), "{}", questions[0]);
    assert!(questions[0].contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(questions[0].ends_with("\r\n\r\ngrant_type=client_credentials&scope=ads+reports"));
}

#[tokio::test]
async fn a_token_is_refetched_a_minute_before_its_expiry() {
    let provider = partner(&every_token()).await;
    let passed = Arc::new(Mutex::new(Duration::ZERO));
    let time = {
        let passed = Arc::clone(&passed);
        move || Instant::now() + *passed.lock().expect("no panic")
    };
    let config = rewritten(&format!("http://{}", provider.address));
    let egress = Egress::with_time(config, addresses::not_public, Arc::new(time));
    let scenario = scenario(egress.expect("a way out"));
    let mut questions = Vec::new();
    for seconds in [0, 3_500, 3_541] {
        *passed.lock().expect("no panic") = Duration::from_secs(seconds);
        scenario.send(read()).await.expect("an answer");
        let request_lines = provider.request_lines();
        questions.push(
            request_lines
                .iter()
                .filter(|line| line.starts_with("POST /auth"))
                .count(),
        );
    }
    assert_eq!(questions, [1, 1, 2]);
}

#[tokio::test]
async fn a_rejected_cached_token_is_refetched_once() {
    let first_taken = every_token();
    let provider = partner(&first_taken).await;
    let scenario = scenario_with(&provider);
    scenario.send(read()).await.expect("an answer");

    first_taken.store(2, Ordering::SeqCst);
    let unsafe_one = with_partner(post(&format!("{META}/v1/posts")));
    let answer = scenario.send(unsafe_one).await.expect("an answer");
    assert_eq!(
        (answer.status, answer.body.0.as_slice()),
        (200, &b"taken: [secret]"[..])
    );

    first_taken.store(100, Ordering::SeqCst);
    assert_eq!(scenario.send(read()).await.expect("an answer").status, 401);
    let question = "POST /auth/token HTTP/1.1";
    let (look, act) = ("GET /meta/v1/7 HTTP/1.1", "POST /meta/v1/posts HTTP/1.1");
    assert_eq!(
        provider.request_lines(),
        [question, look, act, question, act, look, question, look]
    );
}

#[tokio::test]
async fn a_rejected_new_token_returns_the_provider_response() {
    let provider = partner(&Arc::new(AtomicUsize::new(100))).await;
    let answer = scenario_with(&provider)
        .send(read())
        .await
        .expect("an answer");
    assert_eq!(answer.status, 401);
    assert_eq!(provider.request_lines().len(), 2, "one token, one request");
}

/// The result of a request where the token endpoint answers this.
async fn without_a_token(
    answer: fn() -> ScriptedResponse,
) -> (Result<Response, SendError>, Vec<String>) {
    let provider = Provider::start(move |_| answer()).await;
    let request = Request {
        timeout_ms: Some(1_000),
        ..read()
    };
    let answer = scenario_with(&provider).send(request).await;
    (answer, provider.request_lines())
}

fn refusal() -> ScriptedResponse {
    let body = format!(r#"{{"error": "invalid_client", "error_description": "{ID} {SECRET}"}}"#);
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-length: ";
    ScriptedResponse::Say(format!("{head}{}\r\n\r\n{body}", body.len()))
}

#[tokio::test]
async fn refused_client_credentials_are_returned_as_a_401_response() {
    for answer in [refusal, || ScriptedResponse::Say(unauthorized())] {
        let (answer, request_lines) = without_a_token(answer).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 401);
        let body = String::from_utf8(answer.body.0).expect("text");
        let message = "auth.example refused the account's client credentials";
        assert!(body.contains(message), "{body}");
        for secret in FORBIDDEN_TEXTS {
            assert!(!body.contains(secret), "{body}");
        }
        assert_eq!(request_lines, ["POST /auth/token HTTP/1.1"]);
    }
}

#[tokio::test]
async fn a_request_without_its_token_is_not_sent() {
    let answers: [fn() -> ScriptedResponse; 6] = [
        || ScriptedResponse::Say("HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n".to_owned()),
        || ScriptedResponse::Say("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n".to_owned()),
        || ScriptedResponse::Say(super::provider::redirect(307, "https://elsewhere.example/")),
        || ScriptedResponse::Say(ok("canary-token")),
        || ScriptedResponse::SayAndClose(String::new()),
        || ScriptedResponse::SayAndHang(String::new()),
    ];
    for answer in answers {
        let (answer, request_lines) = without_a_token(answer).await;
        let Err(SendError::NotSent(why)) = answer else {
            panic!("nothing has reached the provider: {answer:?}")
        };
        assert!(why.starts_with("no token \"partner\": "), "{why}");
        assert!(why.contains("auth.example"), "{why}");
        for secret in FORBIDDEN_TEXTS {
            assert!(!why.contains(secret), "{why}");
        }
        assert_eq!(request_lines, ["POST /auth/token HTTP/1.1"]);
    }
}

#[tokio::test]
async fn requests_waiting_for_a_token_share_its_failure() {
    let away = "HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n";
    let provider = Provider::responding(away).await;
    let scenario = scenario_with(&provider);
    for answer in join_all((0..20).map(|_| scenario.send(read()))).await {
        assert!(matches!(answer, Err(SendError::NotSent(_))), "{answer:?}");
    }
    assert_eq!(provider.request_lines().len(), 1);
    let later = scenario.send(read()).await;
    assert!(later.is_err());
    assert_eq!(provider.request_lines().len(), 2, "it may be back");
}

#[tokio::test]
async fn token_requests_follow_the_egress_rules() {
    let mut inside = scenario(Egress::new(EgressConfig::default()).expect("a way out"));
    inside.tokens[0].url = "https://169.254.169.254/token".parse().expect("a url");
    assert_eq!(
        inside.denied(read()).await,
        "rule \"private address\": 169.254.169.254 is link-local (cloud metadata)"
    );

    let provider = partner(&every_token()).await;
    let mut scenario = scenario_with(&provider);
    scenario.grants[0].secrets.clear();
    assert_eq!(
        scenario.denied(read()).await,
        "rule \"credentials\": secret \"partner\" is not granted for https://graph.facebook.com"
    );
    let mut scenario = scenario_with(&provider);
    scenario.secrets.remove("clientSecret");
    assert_eq!(
        scenario.denied(read()).await,
        "rule \"credentials\": the account has no secret \"clientSecret\"; connect the account"
    );
    assert_eq!(provider.request_lines(), [""; 0]);
}

#[tokio::test]
async fn accounts_do_not_share_a_token() {
    let provider = partner(&every_token()).await;
    let mut scenario = scenario_with(&provider);
    scenario.send(read()).await.expect("an answer");
    let other = "another-secret".into();
    scenario.secrets.insert("clientSecret".to_owned(), other);
    scenario.send(read()).await.expect("an answer");
    let questions = |line: &&String| line.starts_with("POST /auth");
    assert_eq!(provider.request_lines().iter().filter(questions).count(), 2);
}
