//! Signatures of components that are uploaded or lie in a folder; those of images are in `oci_registry`.

use baepo_adapters::KeySource;
use baepo_domain::model::signature::{KeyName, Unsigned};
use baepo_test_services::SigningKey;
use it::{Host, HostBuilder, guest};

/// A host that knows these keys.
pub fn host_with(policy: Unsigned, keys: &[(&str, &SigningKey)]) -> HostBuilder {
    let keys = keys.iter().map(|(name, key)| {
        let name = KeyName::new(name).unwrap();
        (name, KeySource::Pem(key.public_pem()))
    });
    let keys = keys.collect();
    Host::builder().components([]).config(|config| {
        config.signatures.policy = policy;
        config.signatures.keys = keys;
    })
}

fn component() -> Vec<u8> {
    std::fs::read(guest("echo")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_a_signature_is_rejected_where_one_is_required() {
    let key = SigningKey::generate();
    let host = host_with(Unsigned::Refused, &[("release", &key)])
        .start()
        .await;
    let operator = host.operator();
    let refused = operator.upload_bytes("echo", component()).await.expect(422);
    assert_eq!(refused["type"], "urn:baepo:problem:release-rejected");
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("it has no signature"), "{reason}");
    // Nothing of it was read: not even that it is none.
    let refused = operator
        .upload_bytes("echo", b"no component".to_vec())
        .await
        .expect(422);
    assert!(
        refused["reason"]
            .as_str()
            .unwrap()
            .contains("it has no signature"),
        "{refused:#}"
    );
    let rejected = operator.rejected().await;
    assert_eq!(rejected.len(), 2, "{rejected:#?}");

    let signed = operator
        .upload_signed("echo", component(), &key.sign(&component()))
        .await;
    assert_eq!(signed.expect(200)["state"], "NEEDS_APPROVAL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_does_not_hold_is_rejected_under_every_policy() {
    let key = SigningKey::generate();
    for policy in [Unsigned::Refused, Unsigned::Accepted] {
        let host = host_with(policy, &[("release", &key)]).start().await;
        let operator = host.operator();
        let of_others = key.sign(b"another component");
        let by_stranger = SigningKey::generate().sign(&component());
        for signature in [of_others, by_stranger, b"{}".to_vec()] {
            let refused = operator
                .upload_signed("echo", component(), &signature)
                .await
                .expect(422);
            let reason = refused["reason"].as_str().unwrap();
            assert!(reason.contains("none of its 1 signatures"), "{reason}");
        }
        let bundle = key.blob_bundle(&component());
        let signed = operator.upload_signed("echo", component(), &bundle).await;
        assert_eq!(signed.expect(200)["state"], "NEEDS_APPROVAL");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_upload_is_staged_where_signatures_are_optional() {
    let key = SigningKey::generate();
    let host = host_with(Unsigned::Accepted, &[("release", &key)])
        .start()
        .await;
    let staged = host.operator().upload_bytes("echo", component()).await;
    assert_eq!(staged.expect(201)["state"], "NEEDS_APPROVAL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_signed_by_its_own_keys_alone() {
    let (release, partner) = (SigningKey::generate(), SigningKey::generate());
    let host = host_with(
        Unsigned::Accepted,
        &[("release", &release), ("partner", &partner)],
    );
    let host = host.config(|config| {
        let partner = KeyName::new("partner").unwrap();
        config.signatures.channels = [("echo".parse().unwrap(), [partner].into())].into();
    });
    let host = host.start().await;
    let operator = host.operator();
    let signature = release.sign(&component());
    let refused = operator
        .upload_signed("echo", component(), &signature)
        .await
        .expect(422);
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("it is signed by release"), "{reason}");
    let refused = operator.upload_bytes("echo", component()).await.expect(422);
    let reason = refused["reason"].as_str().unwrap();
    assert!(
        reason.contains("signatures.channels.echo needs one by partner"),
        "{reason}"
    );
    let signed = operator
        .upload_signed("echo", component(), &partner.sign(&component()))
        .await;
    assert_eq!(signed.expect(200)["state"], "NEEDS_APPROVAL");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_s_components_are_signed_in_files_beside_them() {
    let key = SigningKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let signed = folder.path().join("echo.wasm");
    std::fs::write(&signed, component()).unwrap();
    std::fs::write(
        folder.path().join("echo.wasm.sigstore.json"),
        key.blob_bundle(&component()),
    )
    .unwrap();
    let unsigned = guest("echo_v2");
    let host = host_with(Unsigned::Refused, &[("release", &key)]);
    let host = host.components([signed, unsigned]).start().await;
    let releases = host.operator().releases("echo").await;
    assert_eq!(releases.len(), 1, "{releases:#?}");
    assert_eq!(releases[0]["source"], "folder");
    assert_eq!(releases[0]["signedBy"], "release");
    assert_eq!(releases[0]["state"], "ACTIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_release_stays_when_signatures_become_required() {
    let key = SigningKey::generate();
    let host = host_with(Unsigned::Accepted, &[("release", &key)]).components([guest("echo")]);
    let host = host.start().await;
    let host = host
        .restart_with(|config| config.signatures.policy = Unsigned::Refused)
        .await;
    let releases = host.operator().releases("echo").await;
    assert_eq!(releases[0]["state"], "ACTIVE", "{releases:#?}");
    let refused = host.operator().upload_bytes("echo", component()).await;
    let _ = refused.expect(422);
}
