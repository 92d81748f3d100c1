//! Components are pulled from a real registry, `docker-registry`, and signatures of images are verified.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use axum::Router;
use baepo_domain::model::id::Digest;
use baepo_domain::model::signature::Unsigned;
use baepo_test_services::{OciRegistry, SIGN_PREDICATE, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use it::{ApiResponse, Cosign, Host, HostBuilder, Layout, Repository, guest};
use serde_json::{Value, json};

use crate::signatures::host_with;

fn component() -> Vec<u8> {
    std::fs::read(guest("echo")).unwrap()
}

fn plain_host() -> HostBuilder {
    Host::builder().components([])
}

/// The reason in a refusal of that type.
fn reason(answer: ApiResponse, kind: &str) -> String {
    let ApiResponse { body, .. } = answer;
    assert_eq!(
        body["type"],
        format!("urn:baepo:problem:{kind}"),
        "{body:#}"
    );
    body["reason"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_installed_by_tag_and_by_digest_in_every_layout() {
    let registry = OciRegistry::start().unwrap();
    let repository = Repository::open(&registry, "channels/echo");
    for layout in [Layout::Wkg, Layout::OldWash] {
        let image = repository.push("1.2.0", layout, &component()).await;
        let host = plain_host().start().await;
        let operator = host.operator();
        let by_tag = operator
            .pull_insecurely("echo", &repository.reference(":1.2.0"))
            .await;
        let release = by_tag.expect(201);
        assert_eq!(release["state"], "NEEDS_APPROVAL");
        assert_eq!(release["digest"], Digest::of(&component()).to_string());
        let resolved = format!("{}@sha256:{image}", repository.reference(":1.2.0"));
        assert_eq!(release["source"], resolved);
        assert_eq!(release["signedBy"], Value::Null);
        let pinned = repository.reference(&format!("@sha256:{image}"));
        let by_digest = operator.pull_insecurely("echo", &pinned).await;
        assert_eq!(by_digest.expect(200)["digest"], release["digest"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_no_component_is_refused_with_the_reason() {
    let registry = OciRegistry::start().unwrap();
    let repository = Repository::open(&registry, "echo");
    repository.push("1", Layout::Wkg, b"no component").await;
    let host = plain_host().start().await;
    let operator = host.operator();
    let pull = async |version: &str| {
        let reference = repository.reference(version);
        operator.pull_insecurely("echo", &reference).await
    };
    let missing = reason(pull(":2").await, "pull-refused");
    assert!(missing.contains("has no echo of manifests/2"), "{missing}");
    let digest = Digest::of(b"another image");
    let missing = reason(pull(&format!("@sha256:{digest}")).await, "pull-refused");
    assert!(missing.contains("has no echo"), "{missing}");
    let _ = pull(":1").await.expect(422);
    let rejected = operator.rejected().await;
    assert_eq!(
        rejected[0]["source"].as_str().unwrap()[..6],
        *"oci://",
        "{rejected:#?}"
    );
    let unnamed = pull("").await.expect(422);
    assert_eq!(unnamed["errors"][0]["at"], "/reference", "{unnamed:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_too_large_is_not_downloaded() {
    let registry = OciRegistry::start().unwrap();
    let repository = Repository::open(&registry, "echo");
    repository.push("1", Layout::Wkg, &[0; 2_000]).await;
    let host = plain_host().config(|config| config.runtime.component_bytes = 1_999);
    let host = host.start().await;
    let answer = host
        .operator()
        .pull_insecurely("echo", &repository.reference(":1"))
        .await;
    let large = reason(answer, "release-rejected");
    assert!(
        large.contains("has 2000 bytes, more than the 1999 of runtime.component_bytes"),
        "{large}"
    );
}

/// Answers every manifest with that one, and every blob with other bytes than were asked for.
async fn lying_registry(manifest: Value) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route(
            "/v2/echo/manifests/{version}",
            axum::routing::get(async move || manifest.to_string()),
        )
        .route(
            "/v2/echo/blobs/{digest}",
            axum::routing::get(async || "other bytes".to_owned()),
        );
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("oci://{address}/echo")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_gives_other_bytes_than_were_asked_for_is_caught() {
    let digest = Digest::of(b"right bytes");
    let layer =
        json!({"mediaType": "application/wasm", "digest": format!("sha256:{digest}"), "size": 11});
    let reference = lying_registry(json!({"layers": [layer]})).await;
    let host = plain_host().start().await;
    let operator = host.operator();
    let pinned = format!("{reference}@sha256:{digest}");
    let manifest = reason(
        operator.pull_insecurely("echo", &pinned).await,
        "release-rejected",
    );
    assert!(
        manifest.contains("has another manifest under sha256:"),
        "{manifest}"
    );
    let tag = format!("{reference}:1");
    let blob = reason(
        operator.pull_insecurely("echo", &tag).await,
        "release-rejected",
    );
    assert!(
        blob.contains("has other content than its digest says"),
        "{blob}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn http_is_spoken_to_loopback_alone_and_only_when_asked_for() {
    let registry = OciRegistry::start().unwrap();
    let repository = Repository::open(&registry, "echo");
    repository.push("1", Layout::Wkg, &component()).await;
    let host = plain_host().start().await;
    let operator = host.operator();
    let answer = operator.pull("echo", &repository.reference(":1")).await;
    let plain = reason(answer, "registry-unavailable");
    assert!(plain.contains("is asked with --insecure"), "{plain}");
    let far = operator
        .pull_insecurely("echo", "oci://registry.example/echo:1")
        .await;
    let far = reason(far, "pull-refused");
    assert!(
        far.contains("registry.example is not on this machine"),
        "{far}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_registries_that_are_listed_are_asked() {
    let host = plain_host().config(|config| {
        config.oci.registries = Some(["registry.example".to_owned()].into());
    });
    let host = host.start().await;
    let answer = host.operator().pull("echo", "oci://10.0.0.1/echo:1").await;
    let other = reason(answer, "pull-refused");
    assert!(
        other.contains("10.0.0.1 is not among oci.registries"),
        "{other}"
    );
}

/// A file as `docker login` writes it.
fn logins(folder: &Path, registry: &OciRegistry, password: &str) -> std::path::PathBuf {
    let (user, _) = OciRegistry::LOGIN;
    let auth = STANDARD.encode(format!("{user}:{password}"));
    let file = folder.join("config.json");
    let text = json!({"auths": {registry.host(): {"auth": auth}}}).to_string();
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_with_tls_and_login_needs_its_authority_and_the_login() {
    let registry = OciRegistry::start_with_tls_and_login().unwrap();
    let repository = Repository::with_login(&registry, "echo");
    repository.push("1", Layout::Wkg, &component()).await;
    let folder = tempfile::tempdir().unwrap();
    let (_, password) = OciRegistry::LOGIN;
    let pull = async |host: HostBuilder| {
        let host = Box::pin(host.start()).await;
        host.operator()
            .pull("echo", &repository.reference(":1"))
            .await
    };
    let trusting = || {
        plain_host()
            .config(|config| config.oci.root_certificate = Some(registry.root_certificate()))
    };

    let right = logins(folder.path(), &registry, password);
    let host = plain_host().config(|config| config.oci.auth_file = Some(right.clone()));
    let stranger = reason(pull(host).await, "registry-unavailable");
    assert!(stranger.contains("oci.root_certificate"), "{stranger}");
    let nobody = reason(pull(trusting()).await, "pull-refused");
    assert!(
        nobody.contains("lets nobody pull echo without a login"),
        "{nobody}"
    );
    let host = trusting().config(|config| config.oci.auth_file = Some(right));
    assert_eq!(pull(host).await.expect(201)["state"], "NEEDS_APPROVAL");
    let wrong = logins(folder.path(), &registry, "another");
    let host = trusting().config(|config| config.oci.auth_file = Some(wrong));
    let refused = reason(pull(host).await, "pull-refused");
    assert!(
        refused.contains("does not let robot pull echo"),
        "{refused}"
    );
    assert!(!refused.contains("another"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_let_in_by_a_signature_of_either_version_of_cosign() {
    let registry = OciRegistry::start().unwrap();
    let key = SigningKey::generate();
    for (name, cosign) in [("two", Cosign::V2), ("three", Cosign::V3)] {
        let repository = Repository::open(&registry, name);
        let image = repository.push("1", Layout::Wkg, &component()).await;
        let reference = repository.reference(":1");
        let host = host_with(Unsigned::Refused, &[("release", &key)])
            .start()
            .await;
        let operator = host.operator();
        let unsigned = reason(
            operator.pull_insecurely("echo", &reference).await,
            "release-rejected",
        );
        assert!(unsigned.contains("it has no signature"), "{unsigned}");
        repository.sign(image, &key, cosign).await;
        let signed = operator.pull_insecurely("echo", &reference).await;
        let signed = signed.expect(200);
        assert_eq!(signed["state"], "NEEDS_APPROVAL", "{cosign:?}");
        assert_eq!(signed["signedBy"], "release");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_with_signatures_that_do_not_hold_is_rejected_under_every_policy() {
    let registry = OciRegistry::start().unwrap();
    let (key, stranger) = (SigningKey::generate(), SigningKey::generate());
    let other = Digest::of(b"another image");
    for (policy, name) in [
        (Unsigned::Refused, "required"),
        (Unsigned::Accepted, "optional"),
    ] {
        let repository = Repository::open(&registry, name);
        let host = host_with(policy, &[("release", &key)]).start().await;
        let image = repository.push("1", Layout::Wkg, &component()).await;
        let expect_rejected = async |what: &str| {
            let answer = host
                .operator()
                .pull_insecurely("echo", &repository.reference(":1"))
                .await;
            let reason = reason(answer, "release-rejected");
            assert!(
                reason.contains("none of its 1 signatures"),
                "{what}: {reason}"
            );
        };
        repository
            .attach_bundle(
                image,
                &key.statement_bundle(&other.to_string(), SIGN_PREDICATE),
            )
            .await;
        expect_rejected("a statement of another image").await;
        let scanned = key.statement_bundle(
            &image.to_string(),
            "https://cosign.sigstore.dev/attestation/vuln/v1",
        );
        repository.attach_bundle(image, &scanned).await;
        expect_rejected("a statement of another kind").await;
        repository.sign(image, &stranger, Cosign::V3).await;
        expect_rejected("another key").await;
    }
    let repository = Repository::open(&registry, "claims");
    let host = host_with(Unsigned::Refused, &[("release", &key)])
        .start()
        .await;
    let image = repository.push("1", Layout::Wkg, &component()).await;
    let (of_other, signature) = key.claim(&other.to_string());
    let (of_image, _) = key.claim(&image.to_string());
    for payload in [of_other, of_image] {
        repository.attach_claim(image, &payload, &signature).await;
        let answer = host
            .operator()
            .pull_insecurely("echo", &repository.reference(":1"))
            .await;
        let reason = reason(answer, "release-rejected");
        assert!(reason.contains("none of its 1 signatures"), "{reason}");
    }
}
