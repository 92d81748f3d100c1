//! What is new of a release, and how it is named.

use proptest::prelude::*;

use super::*;

const DEFAULTS: DeclaredLimits = DeclaredLimits {
    fuel: Some(1_000),
    active_time_ms: Some(1_000),
    memory_bytes: Some(1_000),
    table_elements: Some(1_000),
    instances: Some(64),
    host_calls: Some(1_000),
    log_bytes: Some(1_000),
    request_bytes: Some(1_000),
    response_bytes: Some(1_000),
    concurrency: Some(256),
    requests_per_second: Some(300),
};

fn asked(lines: &str) -> Permissions {
    let text = format!("id = \"paper\"\n{lines}\n[names]\nko = \"종이\"\nen = \"Paper\"\n");
    let manifest = Manifest::parse(&text).expect("a manifest");
    Permissions::of(&manifest, &DEFAULTS)
}

fn new(lines: &str, before: &str) -> Vec<String> {
    let new = asked(lines).beyond(&asked(before));
    new.iter().map(ToString::to_string).collect()
}

#[test]
fn each_kind_of_new_permission_has_a_name() {
    let before = "limits.fuel = 2000
        secrets = [{ name = \"key\", description = \"\", example = \"\" }]
        grants = [{ origin = \"https://a.example\", requests = [\"POST /v1/{id}\"], secrets = [\"key\"] }]";
    assert_eq!(new(before, before), [""; 0]);
    let after = "limits = { fuel = 3000, memory_bytes = 900 }
        secrets = [
            { name = \"key\", description = \"\", example = \"\",
              refresh = { url = \"https://a.example/renew\", secret_query = \"k\" } },
            { name = \"more\", description = \"\", example = \"\" }]
        tokens = [{ name = \"t\", url = \"https://b.example/\", client_id = \"key\", client_secret = \"more\" }]
        grants = [
            { origin = \"https://a.example\", requests = [\"POST /v1/posts\", \"GET /v1/{id}\"], secrets = [\"more\"] },
            { origin = \"https://b.example\", requests = [\"GET /**\"] }]";
    assert_eq!(
        new(after, before),
        [
            "attach more to GET /v1/{id} at https://a.example",
            "attach more to POST /v1/posts at https://a.example",
            "limit fuel 3,000",
            "refresh key at https://a.example/renew in k",
            "request GET /** at https://b.example",
            "request GET /v1/{id} at https://a.example",
            "secret more",
            "token t from https://b.example/ for key and more",
        ]
    );
}

#[test]
fn less_than_before_is_nothing_new() {
    let wide = "limits.fuel = 5000
        grants = [{ origin = \"https://a.example\", requests = [\"GET /v1/**\", \"POST /{any}\"] }]";
    let narrow = "limits.fuel = 4000
        grants = [{ origin = \"https://a.example:443\", requests = [\"POST /one\", \"GET /v1/{id}/x\"] }]";
    assert_eq!(new(narrow, wide), [""; 0]);
    assert_eq!(new("", wide), [""; 0]);
    assert_eq!(new(wide, narrow).len(), 3);
}

#[test]
fn a_name_shows_what_an_author_tried_to_hide() {
    let hidden = "secrets = [{ name = \"key\\u001b[2K\\r\", description = \"\", example = \"\" }]
        grants = [{ origin = \"https://a.example\", requests = [\"GET /\\u202eevil\", \"GET /a at https://b.example\"] }]";
    let names = new(hidden, "");
    assert_eq!(
        names,
        [
            r#"request "GET /\u{202e}evil" at https://a.example"#,
            r#"request "GET /a at https://b.example" at https://a.example"#,
            r#"secret "key\u{1b}[2K\r""#,
        ]
    );
}

#[test]
fn two_permissions_are_not_written_alike() {
    let attach = |secret: &str, request: &str| Permission::Attach {
        secret: secret.to_owned(),
        origin: "https://a.example".to_owned(),
        request: request.parse().expect("a pattern"),
    };
    let one = attach("key to GET /x", "GET /y");
    let other = attach("key", "GET /x to GET /y");
    assert_ne!(one.to_string(), other.to_string());
    let both = Permissions::from_iter([one, other]);
    assert_eq!(both.0.len(), 2, "neither hides the other");
}

fn pattern() -> impl Strategy<Value = RequestPattern> {
    let segment = prop_oneof![Just("{x}"), Just("a"), Just("b"), Just("")];
    let segments = proptest::collection::vec(segment, 0..4);
    (segments, any::<bool>()).prop_map(|(segments, below)| {
        let mut path = segments.join("/");
        if below {
            path += if path.is_empty() { "**" } else { "/**" };
        }
        format!("GET /{path}").parse().expect("a pattern")
    })
}

fn permission() -> impl Strategy<Value = Permission> {
    let origin = prop_oneof![Just("https://a.example"), Just("https://b.example")];
    let secret = prop_oneof![Just("key"), Just("key to GET /"), Just("more")];
    let limit = prop_oneof![Just("fuel"), Just("memory_bytes")];
    prop_oneof![
        (origin.clone(), pattern()).prop_map(|(origin, request)| Permission::Request {
            origin: origin.to_owned(),
            request,
        }),
        (secret.clone(), origin, pattern()).prop_map(|(secret, origin, request)| {
            Permission::Attach {
                secret: secret.to_owned(),
                origin: origin.to_owned(),
                request,
            }
        }),
        secret.prop_map(|name| Permission::Secret {
            name: name.to_owned(),
        }),
        (limit, 0..4_u64).prop_map(|(name, value)| Permission::Limit {
            name: name.to_owned(),
            value,
        }),
    ]
}

fn several() -> impl Strategy<Value = Vec<Permission>> {
    proptest::collection::vec(permission(), 0..8)
}

proptest! {
    #[test]
    fn the_same_in_another_order_and_less_of_it_are_nothing_new(asked in several(), kept in any::<u8>()) {
        let granted: Permissions = asked.iter().cloned().collect();
        let reversed: Permissions = asked.iter().rev().cloned().collect();
        prop_assert_eq!(&reversed, &granted);
        let is_kept = |(index, _): &(usize, &Permission)| kept & (1 << index) != 0;
        let less = asked.iter().enumerate().filter(is_kept).map(|(_, one)| one.clone());
        prop_assert_eq!(Permissions::from_iter(less).beyond(&granted), []);
    }

    #[test]
    fn new_permissions_once_granted_are_nothing_new(asked in several(), granted in several()) {
        let (asked, before) = (Permissions::from_iter(asked), Permissions::from_iter(granted.clone()));
        let new = asked.beyond(&before);
        let is_covered = |one: &Permission| granted.iter().any(|granted| granted.covers(one));
        prop_assert!(!new.iter().any(is_covered));
        let after = Permissions::from_iter(granted.into_iter().chain(new));
        prop_assert_eq!(asked.beyond(&after), []);
    }

    #[test]
    fn a_pattern_that_is_covered_means_no_other_request(
        one in pattern(),
        other in pattern(),
        path in proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("")], 0..5),
    ) {
        prop_assert!(one.covers(&one));
        let path = format!("/{}", path.join("/"));
        if one.covers(&other) && other.matches("GET", &path) {
            prop_assert!(one.matches("GET", &path), "{one} covers {other}, but not {path}");
        }
    }
}
