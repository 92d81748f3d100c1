//! Public keys as cosign and OpenSSL write them: `-----BEGIN PUBLIC KEY-----`.

use std::fmt;
use std::path::{Path, PathBuf};

use baepo_domain::model::signature::KeyName;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use spki::der::DecodePem as _;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};

use super::config::KeySource;

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// A file that is larger holds no public key.
const KEY_BYTES: u64 = 64 << 10;

/// A key that verifies signatures.
pub(super) struct PublicKey(UnparsedPublicKey<Vec<u8>>);

/// Why a key of `signatures.keys` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    #[error("the public key {name} of signatures.keys cannot be read from {}", file.display())]
    Unreadable {
        name: KeyName,
        file: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the public key {0} of signatures.keys is no PEM text that begins with -----BEGIN PUBLIC KEY-----: \
         give the file cosign.pub, which `cosign generate-key-pair` writes"
    )]
    NotPem(KeyName),
    #[error(
        "the public key {0} of signatures.keys is of a kind that is not verified: give one of ECDSA P-256, which \
         `cosign generate-key-pair` makes, Ed25519, or RSA with 2048 to 8192 bits"
    )]
    Kind(KeyName),
}

impl PublicKey {
    pub(super) fn read(name: &KeyName, source: &KeySource) -> Result<Self, PublicKeyError> {
        match source {
            KeySource::Pem(text) => Self::parse(name, text),
            KeySource::File(file) => {
                let text = read_bounded(file).map_err(|source| PublicKeyError::Unreadable {
                    name: name.clone(),
                    file: file.clone(),
                    source,
                })?;
                Self::parse(name, &text)
            }
        }
    }

    fn parse(name: &KeyName, text: &str) -> Result<Self, PublicKeyError> {
        let key = SubjectPublicKeyInfoOwned::from_pem(text.trim());
        let key = key.map_err(|_| PublicKeyError::NotPem(name.clone()))?;
        let curve = key.algorithm.parameters.as_ref();
        let curve = curve.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
        let algorithm: &'static dyn VerificationAlgorithm = match (key.algorithm.oid, curve) {
            (EC, Some(P256)) => &ECDSA_P256_SHA256_ASN1,
            (ED, _) => &ED25519,
            (RSA, _) => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(PublicKeyError::Kind(name.clone())),
        };
        let bytes = key.subject_public_key.raw_bytes().to_vec();
        Ok(Self(UnparsedPublicKey::new(algorithm, bytes)))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

fn read_bounded(file: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(file)?;
    file.take(KEY_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
