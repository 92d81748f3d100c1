//! Public keys from a JWKS file (RFC 7517), by key id.

use std::path::{Path, PathBuf};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};

/// Why a file's keys are not used.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    #[error("the key set {path} cannot be read")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// Never quotes the file, which may hold a private key by mistake.
    #[error("the key set {path} is not usable: {problem}")]
    Malformed { path: PathBuf, problem: String },
}

/// The keys of one file.
pub(super) struct Jwks(Vec<PublicKey>);

struct PublicKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Jwks {
    pub(super) fn load(path: &Path) -> Result<Self, JwksError> {
        let text = std::fs::read_to_string(path).map_err(|source| JwksError::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|problem| JwksError::Malformed {
            path: path.to_owned(),
            problem,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let place = |error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            format!("not a JSON Web Key Set, line {line} column {column}")
        };
        let set: JwkSet = serde_json::from_str(text).map_err(place)?;
        let keys = set.keys.iter().enumerate();
        let keys = keys.map(|(index, jwk)| {
            public_key(jwk).map_err(|problem| format!("keys[{index}]: {problem}"))
        });
        let keys: Vec<PublicKey> = keys.collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err("it has no key".to_owned());
        }
        Ok(Self(keys))
    }

    /// The key with this id; without an id the only key that there is.
    pub(super) fn find(&self, id: Option<&str>) -> Option<(&DecodingKey, Algorithm)> {
        let found = match (id, self.0.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        found.map(|found| (&found.key, found.algorithm))
    }
}

/// One algorithm per kind of key: a token cannot choose another one for it.
fn public_key(jwk: &Jwk) -> Result<PublicKey, String> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::OctetKey(_) => {
            return Err("a symmetric key does not belong into a set of public keys".to_owned());
        }
        _ => return Err("only Ed25519, RS256 and ES256 are supported".to_owned()),
    };
    let declared = jwk
        .common
        .key_algorithm
        .map(|declared| declared.to_string());
    let name = format!("{algorithm:?}");
    if declared.as_ref().is_some_and(|declared| *declared != name) {
        return Err(format!("its `alg` must be {name}"));
    }
    let key = DecodingKey::from_jwk(jwk).map_err(|_| "its numbers are not valid".to_owned())?;
    Ok(PublicKey {
        id: jwk.common.key_id.clone(),
        algorithm,
        key,
    })
}
