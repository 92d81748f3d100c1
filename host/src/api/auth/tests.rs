use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use baepo_adapters::SecretFileError;
use baepo_domain::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{InvalidToken, IssueError, JwksError, Role, Tokens};
use crate::api::testing::TestApi;

const SECRET: [u8; 32] = [7; 32];

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn signed(claims: &Value) -> String {
    let key = EncodingKey::from_secret(&SECRET);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

fn claims() -> Value {
    json!({"sub": "shop-1", "role": "owner", "iss": "baepo", "aud": "baepo", "exp": 1_800_000_060})
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[test]
fn an_issued_token_is_valid_until_it_expires() {
    let tokens = Tokens::hs256(&SECRET);
    let token = tokens
        .issue("shop-1", Role::Owner, Duration::from_secs(60), now())
        .unwrap();
    let caller = tokens.verify(&token, now()).unwrap();
    assert_eq!(
        (caller.subject.as_str(), caller.role),
        ("shop-1", Role::Owner)
    );
    let last = Timestamp::from_second(1_800_000_059).unwrap();
    assert!(tokens.verify(&token, last).is_ok());
    let expired = Timestamp::from_second(1_800_000_060).unwrap();
    assert_eq!(tokens.verify(&token, expired), Err(InvalidToken::Expired));
}

#[test]
fn a_header_with_unknown_critical_extensions_is_refused() {
    let tokens = Tokens::hs256(&SECRET);
    let key = EncodingKey::from_secret(&SECRET);
    for crit in [vec!["b64".to_owned()], vec!["exp".to_owned()], vec![]] {
        let header = Header {
            crit: Some(crit),
            ..Header::new(Algorithm::HS256)
        };
        let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
        assert_eq!(tokens.verify(&token, now()), Err(InvalidToken::Critical));
    }
}

#[test]
fn every_claim_is_checked() {
    let tokens = Tokens::hs256(&SECRET);
    assert!(tokens.verify(&signed(&claims()), now()).is_ok());
    for (name, value, expected) in [
        ("iss", json!("somebody"), InvalidToken::Issuer),
        ("aud", json!("else"), InvalidToken::Audience),
        ("role", json!("king"), InvalidToken::Malformed),
        ("exp", json!("soon"), InvalidToken::Malformed),
        ("nbf", json!(1_800_000_001), InvalidToken::NotYetValid),
    ] {
        let token = signed(&claims_with(name, value));
        assert_eq!(tokens.verify(&token, now()), Err(expected), "{name}");
    }
    for name in ["sub", "role", "iss", "aud", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        let verified = tokens.verify(&signed(&claims), now());
        assert_eq!(verified, Err(InvalidToken::Malformed), "without {name}");
    }
    let several = claims_with("aud", json!(["other", "baepo"]));
    assert!(tokens.verify(&signed(&several), now()).is_ok());
}

#[test]
fn a_token_with_another_key_or_algorithm_is_refused() {
    let tokens = Tokens::hs256(&SECRET);
    let token = signed(&claims());
    let other = Tokens::hs256(&[8; 32]);
    assert_eq!(other.verify(&token, now()), Err(InvalidToken::Signature));
    let (_, rest) = token.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    assert!(tokens.verify(&unsigned, now()).is_err());
    let key = EncodingKey::from_secret(&SECRET);
    let longer = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &claims(), &key).unwrap();
    assert_eq!(tokens.verify(&longer, now()), Err(InvalidToken::Signature));
}

#[test]
fn the_secret_is_created_once_and_readable_by_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.key");
    let first = Tokens::load_or_create(&path).unwrap();
    let token = first
        .issue("jan", Role::Operator, Duration::from_secs(60), now())
        .unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let second = Tokens::load_or_create(&path).unwrap();
    assert!(second.verify(&token, now()).is_ok());

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = Tokens::load_or_create(&path).err().unwrap();
    assert!(
        matches!(error, SecretFileError::Exposed { mode: 0o640, .. }),
        "{error}"
    );
}

/// RFC 8037, appendix A: a public key that everybody knows the private one of.
const ED25519_PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED25519_PRIVATE: &str = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

fn jwks_file(keys: &Value) -> (tempfile::TempDir, Result<Tokens, JwksError>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, json!({ "keys": keys }).to_string()).unwrap();
    let tokens = Tokens::from_jwks(&path);
    (folder, tokens)
}

#[test]
fn tokens_of_another_issuer_are_verified_with_its_public_key() {
    let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": ED25519_PUBLIC});
    let (_folder, tokens) = jwks_file(&json!([key]));
    let tokens = tokens.unwrap();
    let private = EncodingKey::from_ed_der(&hex::decode(ED25519_PRIVATE).unwrap());
    let sign = |id: Option<&str>| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = id.map(str::to_owned);
        jsonwebtoken::encode(&header, &claims(), &private).unwrap()
    };
    assert!(tokens.verify(&sign(Some("k1")), now()).is_ok());
    assert!(tokens.verify(&sign(None), now()).is_ok());
    assert_eq!(
        tokens.verify(&sign(Some("k2")), now()),
        Err(InvalidToken::Signature)
    );
    // Signed with the public key as if it were a shared secret.
    assert!(tokens.verify(&signed(&claims()), now()).is_err());
    let issued = tokens.issue("shop-1", Role::Owner, Duration::from_secs(1), now());
    assert!(matches!(issued, Err(IssueError::PublicKeysOnly)));
}

#[test]
fn a_key_set_with_a_symmetric_key_or_none_is_refused() {
    let symmetric = json!([{"kty": "oct", "k": "c2VjcmV0"}]);
    let other_curve = json!([{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}]);
    for keys in [symmetric, other_curve, json!([])] {
        assert!(
            matches!(jwks_file(&keys).1, Err(JwksError::Malformed { .. })),
            "{keys}"
        );
    }
}

#[tokio::test]
async fn a_request_without_a_valid_token_gets_401_with_an_example() {
    let api = TestApi::start().await;
    for header in [None, Some("Basic abc"), Some("Bearer abc"), Some("bearer ")] {
        let request = Request::get("/api/events");
        let request = match header {
            Some(header) => request.header("authorization", header),
            None => request,
        };
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header:?}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert_eq!(answer.body["type"], "urn:baepo:problem:unauthenticated");
    }
}

#[tokio::test]
async fn an_insufficient_role_gets_403_with_the_needed_role() {
    let api = TestApi::start().await;
    let owner = api.owner(Method::GET, "/api/admin/channels", None).await;
    assert_eq!(owner.status, StatusCode::FORBIDDEN);
    assert_eq!(owner.body["neededRole"], "operator");
    let operator = api.operator(Method::GET, "/api/events").await;
    assert_eq!(operator.status, StatusCode::FORBIDDEN);
    assert_eq!(operator.body["neededRole"], "owner");
    let service = api.token("distribution", Role::Service);
    let answer = api.json(&service, Method::GET, "/api/channels", None).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
