//! Secrets at rest: XChaCha20-Poly1305 under a ring of keys.
//!
//! A sealed secret is `version (1) | key id (4, big endian) | nonce (24) | ciphertext and tag`.
//! Owner, channel and name are its associated data, so that a row moved to another owner, channel
//! or name does not open. The newest key (the highest id) seals, every key opens: to rotate, add
//! a key; to retire one, seal again what it sealed and then take it away.

use std::collections::BTreeMap;

use baepo_domain::model::account::SealedSecret;
use baepo_domain::model::id::{ChannelId, OwnerId};
use baepo_domain::ports::{Vault, VaultError};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret as _, SecretString};

use crate::secret_file::{SecretFile, SecretFileError, random_key};

/// The name of a key in the ring. Later keys have higher ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub u32);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Seals with the newest key of a ring and opens with any.
pub struct KeyringVault {
    newest: (KeyId, XChaCha20Poly1305),
    keys: BTreeMap<KeyId, XChaCha20Poly1305>,
}

/// What a sealed secret begins with, so that another layout can follow one day.
const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

impl KeyringVault {
    /// A vault with these keys. `None` when there is none, or two of the same id: which of them
    /// seals would then be chance.
    #[must_use]
    pub fn new(keys: Vec<(KeyId, [u8; 32])>) -> Option<Self> {
        let count = keys.len();
        let keys: BTreeMap<KeyId, XChaCha20Poly1305> = keys
            .into_iter()
            .map(|(id, key)| (id, XChaCha20Poly1305::new(&Key::from(key))))
            .collect();
        let (newest, cipher) = keys.last_key_value()?;
        let newest = (*newest, cipher.clone());
        (keys.len() == count).then_some(Self { newest, keys })
    }

    /// A vault with the keys in the file at `path`. At the first start there is none: then it is
    /// made, with one key from the operating system and mode 0600.
    ///
    /// # Errors
    /// See [`SecretFileError`]; a file that others can read is refused.
    pub fn load_or_create(path: &std::path::Path) -> Result<Self, SecretFileError> {
        let first_key = || format!("{HEADING}1 {}\n", hex::encode(random_key()));
        KEY_FILE.load_or_create(path, first_key, parse)
    }
}

impl Vault for KeyringVault {
    fn seal(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        secret: &SecretString,
    ) -> SealedSecret {
        let (key_id, cipher) = &self.newest;
        let nonce = fresh_nonce();
        let msg = secret.expose_secret().as_bytes();
        let aad = &associated_data(owner, channel, name);
        let ciphertext = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg, aad })
            .expect("a secret is shorter than 256 GiB, the most that the cipher takes");
        let key_id = key_id.0.to_be_bytes();
        SealedSecret([&[VERSION], &key_id[..], &nonce, &ciphertext].concat())
    }

    fn open(
        &self,
        owner: &OwnerId,
        channel: &ChannelId,
        name: &str,
        sealed: &SealedSecret,
    ) -> Result<SecretString, VaultError> {
        let SealedParts {
            key_id,
            nonce,
            ciphertext: msg,
        } = SealedParts::of(&sealed.0)?;
        let no_key = || VaultError(format!("key {key_id} is not in the key ring"));
        let cipher = self.keys.get(&key_id).ok_or_else(no_key)?;
        let aad = &associated_data(owner, channel, name);
        let secret = cipher
            .decrypt(&XNonce::from(nonce), Payload { msg, aad })
            .map_err(|_| VaultError("it was changed, or sealed for something else".to_owned()))?;
        let secret = String::from_utf8(secret)
            .map_err(|_| VaultError("what was sealed is not text".to_owned()))?;
        Ok(secret.into())
    }
}

/// Without its keys the stored secrets cannot be read.
const KEY_FILE: SecretFile = SecretFile {
    name: "key file",
    when_copied: "add a new key and let owners connect their accounts again",
};
const HEADING: &str = "# Baepo's key ring: the owners' secrets are sealed with these keys and are lost without them.\n\
                       # A line per key: id, then 64 hexadecimal digits. The highest id seals, all of them open.\n";

/// The keys in a file. The problem never quotes a line, which may hold a key.
fn parse(text: &str) -> Result<KeyringVault, String> {
    let keys = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let rule = "an id and 64 hexadecimal digits";
            let number = index + 1;
            parse_key(line).ok_or_else(|| format!("a key ring: line {number} is not {rule}"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let no_newest = "a key ring: it has no key, or two of the same id";
    KeyringVault::new(keys).ok_or_else(|| no_newest.to_owned())
}

fn parse_key(line: &str) -> Option<(KeyId, [u8; 32])> {
    let (id, digits) = line.trim().split_once(' ')?;
    let mut key = [0; 32];
    hex::decode_to_slice(digits.trim(), &mut key).ok()?;
    Some((KeyId(id.parse().ok()?), key))
}

struct SealedParts<'a> {
    key_id: KeyId,
    nonce: [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
}

impl<'a> SealedParts<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, VaultError> {
        let malformed = || VaultError("it is not a sealed secret of this version".to_owned());
        let bytes = bytes.strip_prefix(&[VERSION]).ok_or_else(malformed)?;
        let (key_id, bytes) = bytes
            .split_first_chunk::<KEY_ID_BYTES>()
            .ok_or_else(malformed)?;
        let (nonce, ciphertext) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(malformed)?;
        let key_id = KeyId(u32::from_be_bytes(*key_id));
        Ok(Self {
            key_id,
            nonce: *nonce,
            ciphertext,
        })
    }
}

/// From the operating system and not from a seeded `Chance`: a nonce that comes twice under one
/// key gives the secrets away, and a seed that is used again, by a test, a replay or a restored
/// machine, would bring the same nonces again.
fn fresh_nonce() -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    UnwrapErr(SysRng).fill_bytes(&mut nonce);
    nonce
}

/// Each part with its length before it, so that no two places have the same bytes.
fn associated_data(owner: &OwnerId, channel: &ChannelId, name: &str) -> Vec<u8> {
    [owner.as_str(), channel.as_str(), name]
        .into_iter()
        .flat_map(|part| {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
            length.into_iter().chain(part.bytes())
        })
        .collect()
}

#[cfg(test)]
mod tests;
