use serde_json::json;

use super::*;
use crate::model::text::Language;
use crate::model::web_address;

fn declared() -> Value {
    json!({
        "urls": ["https://blog.example/{blogId}/{#}"],
        "alternates": [
            "https://m.blog.example/{blogId}/{#}",
            "https://blog.example/View.do?blogId={blogId}&logNo={#}",
            "https://blog.example/{blogId}?logNo={#}",
        ],
        "ignore_case": true,
        "short": {"hosts": ["blg.example"], "ko": "짧은 주소입니다.", "en": "It is short."},
    })
}

fn post(address: &str) -> Result<ConfirmedPost, InvalidPostUrl> {
    let spec: ConfirmSpec = serde_json::from_value(declared()).expect("a spec");
    let settings = json!({"blogId": "ondam"});
    let settings = settings.as_object().expect("an object");
    spec.post(&web_address::parse(address).expect("an address"), settings)
}

#[test]
fn a_post_is_kept_under_one_address_however_it_is_pasted() {
    for address in [
        "https://blog.example/ondam/223456",
        "https://blog.example/ondam/223456/?from=app#top",
        "http://blog.example/ondam/223456",
        "HTTPS://BLOG.Example/Ondam/223456",
        "  blog.example/ondam/223456\n",
        "https://blog.example:443/%6Fndam/223456",
        "m.blog.example/ondam/223456?referrerCode=1",
        "https://blog.example/view.do?logNo=223456&redirect=Dlog&BLOGID=ondam&from=x",
        "https://blog.example/ondam?Redirect=Log&logNo=223456",
        "https://blog.example/ondam/?logNo=223456",
    ] {
        let post = post(address).expect(address);
        assert_eq!(post.url, "https://blog.example/ondam/223456", "{address}");
        assert_eq!(post.external_id.as_deref(), Some("223456"), "{address}");
    }
}

#[test]
fn an_address_of_another_post_is_refused_with_the_right_form() {
    for address in [
        "https://blog.example/other/223456",
        "https://blog.example/ondam",
        "https://blog.example/ondam/draft",
        "https://blog.example.evil.example/ondam/223456",
        "https://user@blog.example/ondam/223456",
        "https://blog.example:8443/ondam/223456",
        "https://blog.example/ondam/2/3",
        "https://blog.example/ondam%2F223456",
        "https://blog.example/View.do?blogId=other&logNo=223456",
        "https://blog.example/View.do?blogId=ondam&logNo=1&logNo=2",
        "https://blog.example/View.do?blogId=ondam",
        "https://blog.example/ondam?logNo=",
    ] {
        let expected = vec!["https://blog.example/ondam/123456789".to_owned()];
        assert_eq!(
            post(address),
            Err(InvalidPostUrl::Other { expected }),
            "{address}"
        );
    }
}

#[test]
fn a_short_address_is_refused_with_the_way_to_a_long_one() {
    let refused = post("https://blg.example/AbCd").expect_err("it is short");
    assert!(
        matches!(refused, InvalidPostUrl::Short(reader_text) if reader_text.get(Language::English) == "It is short.")
    );
}

#[test]
fn case_counts_unless_declared_insensitive() {
    let spec = json!({"urls": ["https://blog.example/{blogId}/{#}"]});
    let spec: ConfirmSpec = serde_json::from_value(spec).expect("a spec");
    let settings = json!({"blogId": "ondam"});
    let settings = settings.as_object().expect("an object");
    let ask = |address: &str| spec.post(&address.parse().expect("an address"), settings);
    assert!(ask("https://blog.example/ondam/1").is_ok());
    assert!(ask("https://blog.example/Ondam/1").is_err());
}

#[test]
fn without_addresses_any_https_address_will_do() {
    let any = ConfirmSpec::default();
    let ask = |address: &str| any.post(&address.parse().expect("one"), &Map::new());
    let post = ask("https://a.example/x?y=1").expect("a post");
    assert_eq!(post.url, "https://a.example/x?y=1");
    assert_eq!(post.external_id, None);
    assert!(ask("http://a.example/x").is_err());
}

#[test]
fn an_address_that_cannot_be_matched_is_refused_when_it_is_declared() {
    for text in [
        "http://a.example/x",
        "https://a.example",
        "https://{host}/x",
        "https://a.example/x{#}",
        "https://a.example/x?id=a{#}",
    ] {
        assert!(PostAddress::try_from(text.to_owned()).is_err(), "{text}");
    }
    for spec in [
        json!({"urls": [], "alternates": ["https://a.example/{#}"]}),
        json!({"urls": ["https://a.example/{#}"], "alternates": ["https://a.example/x"]}),
    ] {
        assert!(serde_json::from_value::<ConfirmSpec>(spec).is_err());
    }
}
