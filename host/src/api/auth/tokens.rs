//! Tokens: issued and verified with a secret of this host, or verified with public keys of another
//! issuer.

use std::path::Path;
use std::time::Duration;

use baepo_adapters::{SecretFile, SecretFileError, random_key};
use baepo_domain::Timestamp;
use baepo_domain::model::time::after;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::jwks::{Jwks, JwksError};

/// What a token entitles to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A shop owner, or an app that acts for one: `sub` is the owner's id.
    Owner,
    /// Runs the host.
    Operator,
    /// Another part of the same system.
    Service,
}

impl Role {
    /// As in the claim `role`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Service => "service",
        }
    }
}

/// Who a valid token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub subject: String,
    pub role: Role,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// Why a token is not accepted. Never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    #[error("the token is not a JWT with the claims sub, role, iss, aud and exp")]
    Malformed,
    #[error(
        "the token's signature is invalid for this host's key; get one from where its \
         tokens come from: `baepo token --data DIR` with its own data folder, or --token-key with its key"
    )]
    Signature,
    /// RFC 7515, 4.1.11: what must be understood and is not.
    #[error("the token's `crit` header names unsupported JWS extensions")]
    Critical,
    #[error("the token's `iss` is not {ISSUER:?}")]
    Issuer,
    #[error("the token's `aud` is not {AUDIENCE:?}")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
}

/// Why this host issues no token.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("tokens are issued elsewhere: this host only has public keys")]
    PublicKeysOnly,
    #[error("the token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}

/// Verifies tokens, and issues them if it has a secret.
pub struct Tokens(Keys);

enum Keys {
    Hs256 {
        encoding: EncodingKey,
        decoding: DecodingKey,
    },
    Jwks(Jwks),
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: Role,
    iss: String,
    aud: Audience,
    /// Seconds since the epoch; the token is valid before.
    exp: i64,
    /// Seconds since the epoch; the token is valid from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
}

/// RFC 7519, 4.1.3: one or several.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

const ISSUER: &str = "baepo";
const AUDIENCE: &str = "baepo";

/// A reader of it can issue any token.
const SECRET_FILE: SecretFile = SecretFile {
    name: "token secret",
    when_copied: "delete it, start again and issue new tokens",
};

fn parse(text: &str) -> Result<[u8; 32], String> {
    let mut secret = [0; 32];
    let digits = "64 hexadecimal digits";
    hex::decode_to_slice(text.trim(), &mut secret).map_err(|_| digits.to_owned())?;
    Ok(secret)
}

impl Tokens {
    /// Signs and verifies with the secret in the file at `path`. A file that does not exist is
    /// created with 32 bytes from the operating system and mode 0600.
    ///
    /// # Errors
    /// See [`SecretFileError`]; a file that others can read is refused.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretFileError> {
        let new_secret = || format!("{}\n", hex::encode(random_key()));
        let secret = SECRET_FILE.load_or_create(path, new_secret, parse)?;
        Ok(Self::hs256(&secret))
    }

    /// [`Tokens::load_or_create`] without creating the file.
    ///
    /// # Errors
    /// See [`SecretFileError`].
    pub fn load(path: &Path) -> Result<Self, SecretFileError> {
        SECRET_FILE
            .load(path, parse)
            .map(|secret| Self::hs256(&secret))
    }

    /// Verifies with the public keys in a JWKS file (RFC 7517): Ed25519, RS256 and ES256.
    ///
    /// # Errors
    /// See [`JwksError`]; a file with a symmetric key is refused.
    pub fn from_jwks(path: &Path) -> Result<Self, JwksError> {
        Jwks::load(path).map(|keys| Self(Keys::Jwks(keys)))
    }

    /// Signs and verifies with this secret.
    #[must_use]
    pub fn hs256(secret: &[u8; 32]) -> Self {
        Self(Keys::Hs256 {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        })
    }

    /// A token for `subject`, valid from `now` for `ttl`, in whole seconds.
    ///
    /// # Errors
    /// [`IssueError::PublicKeysOnly`] with keys from a JWKS file.
    pub fn issue(
        &self,
        subject: &str,
        role: Role,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<String, IssueError> {
        let Keys::Hs256 { encoding, .. } = &self.0 else {
            return Err(IssueError::PublicKeysOnly);
        };
        let claims = Claims {
            sub: subject.to_owned(),
            role,
            iss: ISSUER.to_owned(),
            aud: Audience::One(AUDIENCE.to_owned()),
            exp: after(now, ttl).as_second(),
            nbf: None,
        };
        let header = Header::new(Algorithm::HS256);
        jsonwebtoken::encode(&header, &claims, encoding).map_err(IssueError::Signing)
    }

    /// Who the token stands for at `now`. There is no leeway.
    ///
    /// # Errors
    /// See [`InvalidToken`].
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, InvalidToken> {
        let (key, algorithm) = match &self.0 {
            Keys::Hs256 { decoding, .. } => (decoding, Algorithm::HS256),
            Keys::Jwks(keys) => {
                let header = jsonwebtoken::decode_header(token);
                let header = header.map_err(|_| InvalidToken::Malformed)?;
                let key = keys.find(header.kid.as_deref());
                key.ok_or(InvalidToken::Signature)?
            }
        };
        let data = jsonwebtoken::decode::<Claims>(token, key, &validation(algorithm));
        let data = data.map_err(|error| InvalidToken::from(error.kind()))?;
        if data.header.crit.is_some() {
            return Err(InvalidToken::Critical);
        }
        let claims = data.claims;
        let second = now.as_second();
        if claims.exp <= second {
            return Err(InvalidToken::Expired);
        }
        if claims.nbf.is_some_and(|from| second < from) {
            return Err(InvalidToken::NotYetValid);
        }
        Ok(Caller {
            subject: claims.sub,
            role: claims.role,
            expires_at: Timestamp::from_second(claims.exp).unwrap_or(Timestamp::MAX),
        })
    }
}

/// The algorithm is the key's, never the token's choice. `verify` compares the times with its own clock.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

impl From<&ErrorKind> for InvalidToken {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidSignature
            | ErrorKind::InvalidAlgorithm
            | ErrorKind::InvalidAlgorithmName => Self::Signature,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            _ => Self::Malformed,
        }
    }
}
