//! Signatures made here, as cosign makes them.

use baepo_domain::model::id::Digest;
use baepo_domain::model::signature::{KeyName, Signature, Signers};
use baepo_domain::ports::SignatureVerifier as _;
use baepo_test_services::{SIGN_PREDICATE, SigningKey};

use super::config::KeySource;
use super::*;

const BYTES: &[u8] = b"the manifest of an image, or a component";

/// A verifier that knows one key, `release`, and that key.
fn verifier() -> (CosignVerifier, SigningKey) {
    let key = SigningKey::generate();
    let verifier = CosignVerifier::new(&config(&key.public_pem())).unwrap();
    (verifier, key)
}

fn config(pem: &str) -> SignatureConfig {
    let name = KeyName::new("release").unwrap();
    SignatureConfig {
        keys: [(name, KeySource::Pem(pem.to_owned()))].into(),
        ..SignatureConfig::default()
    }
}

/// One of each kind, of these bytes.
fn signatures(key: &SigningKey, bytes: &[u8]) -> Vec<Signature> {
    let digest = Digest::of(bytes).to_string();
    let (payload, signature) = key.claim(&digest);
    vec![
        Signature::Detached(key.sign(bytes)),
        Signature::Bundle(key.blob_bundle(bytes)),
        Signature::Bundle(key.old_blob_bundle(bytes)),
        Signature::Claim { payload, signature },
        Signature::Bundle(key.statement_bundle(&digest, SIGN_PREDICATE)),
    ]
}

fn is_signed(verifier: &CosignVerifier, bytes: &[u8], signature: &Signature) -> bool {
    let Signers { keys, given } = verifier.signers(bytes, std::slice::from_ref(signature));
    assert_eq!(given, 1);
    !keys.is_empty()
}

#[test]
fn a_signature_of_every_kind_is_verified() {
    let (verifier, key) = verifier();
    for signature in signatures(&key, BYTES) {
        assert!(is_signed(&verifier, BYTES, &signature), "{signature:?}");
    }
    let all = verifier.signers(BYTES, &signatures(&key, BYTES));
    assert_eq!(all.keys, [KeyName::new("release").unwrap()].into());
    assert_eq!(all.given, 5);
}

#[test]
fn signatures_of_other_bytes_and_by_other_keys_are_of_nobody() {
    let (verifier, key) = verifier();
    let stranger = SigningKey::generate();
    let others = signatures(&key, b"other bytes");
    for signature in others.iter().chain(&signatures(&stranger, BYTES)) {
        assert!(!is_signed(&verifier, BYTES, signature), "{signature:?}");
    }
}

#[test]
fn a_payload_that_was_changed_after_signing_vouches_for_nothing() {
    let (verifier, key) = verifier();
    let (of_others, signature) = key.claim(&Digest::of(b"other bytes").to_string());
    let (payload, _) = key.claim(&Digest::of(BYTES).to_string());
    assert!(!is_signed(
        &verifier,
        BYTES,
        &Signature::Claim {
            payload,
            signature: signature.clone()
        }
    ));
    let unchanged = Signature::Claim {
        payload: of_others,
        signature,
    };
    assert!(is_signed(&verifier, b"other bytes", &unchanged));
}

#[test]
fn a_statement_of_another_kind_is_no_signature() {
    let (verifier, key) = verifier();
    let digest = Digest::of(BYTES).to_string();
    for predicate in [
        "https://slsa.dev/provenance/v1",
        "https://cosign.sigstore.dev/attestation/vuln/v1",
    ] {
        let bundle = Signature::Bundle(key.statement_bundle(&digest, predicate));
        assert!(!is_signed(&verifier, BYTES, &bundle), "{predicate}");
    }
}

#[test]
fn bytes_that_are_no_signature_vouch_for_nothing() {
    let (verifier, _) = verifier();
    for bytes in [
        &b""[..],
        b"\x30",
        b"{}",
        b"{\"dsseEnvelope\": 1}",
        b"{\"messageSignature\": {\"signature\": \"!\"}}",
    ] {
        assert!(!is_signed(
            &verifier,
            BYTES,
            &Signature::from_bytes(bytes.to_vec())
        ));
    }
}

#[test]
fn keys_of_openssl_verify_its_signatures() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("component"), BYTES).unwrap();
    for (key, digest) in [("rsa:2048", "sha256"), ("ed25519", "")] {
        let run = |arguments: &str| {
            let mut command = std::process::Command::new("openssl");
            let output = command
                .args(arguments.split_whitespace())
                .current_dir(&folder)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{arguments}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        match key.split_once(':') {
            Some((kind, bits)) => run(&format!(
                "genpkey -algorithm {kind} -pkeyopt rsa_keygen_bits:{bits} -out key"
            )),
            None => run(&format!("genpkey -algorithm {key} -out key")),
        }
        run("pkey -in key -pubout -out key.pub");
        let digest = if digest.is_empty() {
            String::new()
        } else {
            format!("-digest {digest}")
        };
        run(&format!(
            "pkeyutl -sign -inkey key -rawin {digest} -in component -out signature"
        ));
        let pem = std::fs::read_to_string(folder.path().join("key.pub")).unwrap();
        let signature = std::fs::read(folder.path().join("signature")).unwrap();
        let verifier = CosignVerifier::new(&config(&pem)).unwrap();
        assert!(
            is_signed(&verifier, BYTES, &Signature::Detached(signature)),
            "{key}"
        );
    }
}

#[test]
fn a_key_that_cannot_be_used_is_named() {
    for (pem, expected) in [
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "cosign generate-key-pair",
        ),
        // On P-384.
        (
            "-----BEGIN PUBLIC KEY-----\n\
             MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\
             AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\
             AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PUBLIC KEY-----",
            "of a kind that is not verified",
        ),
    ] {
        let error = CosignVerifier::new(&config(pem)).unwrap_err().to_string();
        assert!(
            error.contains("release") && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn signatures_are_read_beside_a_component() {
    let folder = tempfile::tempdir().unwrap();
    let (verifier, key) = verifier();
    let component = folder.path().join("echo.wasm");
    assert_eq!(signatures_beside(&component).unwrap(), []);
    let base64 = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(key.sign(BYTES))
    };
    std::fs::write(folder.path().join("echo.wasm.sig"), format!("{base64}\n")).unwrap();
    std::fs::write(
        folder.path().join("echo.wasm.sigstore.json"),
        key.blob_bundle(BYTES),
    )
    .unwrap();
    let found = signatures_beside(&component).unwrap();
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|signature| is_signed(&verifier, BYTES, signature))
    );

    std::fs::write(folder.path().join("echo.wasm.sig"), "no base64").unwrap();
    let error = signatures_beside(&component).unwrap_err().to_string();
    assert!(error.contains("echo.wasm.sig: neither"), "{error}");
}
