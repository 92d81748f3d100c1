//! A secret is renewed as its manifest says.

use baepo_domain::model::attempt::AccountView;
use baepo_domain::ports::RenewError;
use serde_json::json;

use super::call_fixture::listening_provider;
use super::support::{Guest, RuntimeFixture, small};

const RENEWED: Guest = Guest {
    imports: "",
    declares: "",
    distribute: "",
    manifest: r#"
        [[secrets]]
        name = "token"
        description = ""
        example = ""
        [secrets.refresh]
        url = "https://shop.example/refresh"
        secret_query = "old"
        when = { login = "shop" }
    "#,
};

fn account(login: &str) -> AccountView {
    let settings = json!({"login": login});
    AccountView {
        settings: settings.as_object().expect("an object").clone(),
        secrets: [("token".to_owned(), "canary-71c2".into())].into(),
    }
}

#[tokio::test]
async fn the_refresh_request_carries_the_old_value() {
    let (port, mut requests) = listening_provider().await;
    let fixture = RuntimeFixture::with_provider(small(), port);
    let held = fixture.hold(&RENEWED).await;
    let renewed = held.renew("token", &account("shop")).await;
    assert_eq!(
        requests.try_recv().as_deref(),
        Ok("/refresh?old=canary-71c2")
    );
    let Err(RenewError::Unavailable(why)) = renewed else {
        panic!("`ok` is no token")
    };
    assert_eq!(
        why,
        "the answer of shop.example has no token that can be sent"
    );
}

#[tokio::test]
async fn a_secret_without_refresh_spec_is_not_sent() {
    let (port, mut requests) = listening_provider().await;
    let fixture = RuntimeFixture::with_provider(small(), port);
    let held = fixture.hold(&RENEWED).await;
    for (secret, login) in [("token", "elsewhere"), ("another", "shop")] {
        let refused = held.renew(secret, &account(login)).await;
        let Err(RenewError::Refused(why)) = refused else {
            panic!("{secret} of {login} is not renewed")
        };
        let wanted = format!("does not say how the secret {secret} is renewed");
        let detail = why.detail().expect("which, for operators");
        assert!(detail.contains(&wanted), "{detail}");
    }
    assert!(requests.try_recv().is_err(), "nothing arrived");
}
