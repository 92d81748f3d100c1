//! Client credentials and access tokens.

use reqwest::Method;

use super::{code, issue_token, partner};
use crate::support::{answer, fixture};

#[tokio::test]
async fn only_credentials_of_the_sandbox_get_a_token() {
    let fixture = fixture().await;
    for provider in ["uridongne-tv", "genie-tv", "ringo-biz"] {
        let (status, token) = issue_token(&fixture, provider, "sandbox-id", "sandbox-s").await;
        assert_eq!(status, 200);
        assert!(
            token["access_token"]
                .as_str()
                .unwrap()
                .starts_with("sandbox-kt-")
        );
        assert_eq!(token["token_type"], "Bearer");
        assert_eq!(token["expires_in"], 3_600);

        for (id, secret) in [("real-id", "sandbox-secret"), ("sandbox-id", "a-real-one")] {
            let (status, error) = issue_token(&fixture, provider, id, secret).await;
            assert_eq!((status, &error["error"]), (401, &"invalid_client".into()));
        }
    }
}

#[tokio::test]
async fn a_token_expires_after_an_hour() {
    let fixture = fixture().await;
    let genie = partner(&fixture, "genie-tv").await;

    fixture.advance_clock(3_590_000).await;
    assert_eq!(code(&genie.get("/campaigns/cp_1").await), "NOT_FOUND");
    fixture.advance_clock(10_000).await;
    let expired = genie.get("/campaigns/cp_1").await;
    assert_eq!((expired.0, code(&expired)), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn a_token_of_another_run_or_another_provider_is_unknown() {
    let (first, second) = (fixture().await, fixture().await);
    let token = issue_token(&first, "genie-tv", "sandbox-id", "sandbox-s").await;
    let token = token.1["access_token"].as_str().unwrap().to_owned();

    for (fixture, provider) in [(&second, "genie-tv"), (&first, "uridongne-tv")] {
        let path = format!("/{provider}/v1/campaigns/cp_1");
        let request = fixture.request(Method::GET, &path).bearer_auth(&token);
        let refused = answer(request.send().await.unwrap()).await;
        assert_eq!((refused.0, code(&refused)), (401, "UNAUTHORIZED"));
    }
}

#[tokio::test]
async fn every_request_requires_a_token() {
    let fixture = fixture().await;
    for path in ["/ringo-biz/v1/tones/tn_1", "/uridongne-tv/v1/nonsense"] {
        let refused = answer(fixture.request(Method::GET, path).send().await.unwrap()).await;
        assert_eq!((refused.0, code(&refused)), (401, "UNAUTHORIZED"));
    }
}
