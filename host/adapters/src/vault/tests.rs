use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

const OLD: (KeyId, [u8; 32]) = (KeyId(1), [1; 32]);
const NEW: (KeyId, [u8; 32]) = (KeyId(2), [2; 32]);

fn vault(keys: &[(KeyId, [u8; 32])]) -> KeyringVault {
    KeyringVault::new(keys.to_vec()).expect("keys with different ids")
}

fn owner(text: &str) -> OwnerId {
    text.parse().expect("an owner")
}

fn channel(text: &str) -> ChannelId {
    text.parse().expect("a channel")
}

fn seal(vault: &KeyringVault) -> SealedSecret {
    vault.seal(
        &owner("shop-1"),
        &channel("instagram"),
        "token",
        &"s3cret".into(),
    )
}

fn open(vault: &KeyringVault, sealed: &SealedSecret) -> Result<String, VaultError> {
    let secret = vault.open(&owner("shop-1"), &channel("instagram"), "token", sealed)?;
    Ok(secret.expose_secret().to_owned())
}

#[test]
fn a_sealed_secret_opens_again() {
    let vault = vault(&[OLD]);
    assert_eq!(open(&vault, &seal(&vault)).as_deref(), Ok("s3cret"));
}

#[test]
fn the_same_secret_seals_to_different_bytes() {
    let vault = vault(&[OLD]);
    assert_ne!(seal(&vault), seal(&vault));
}

#[test]
fn a_secret_opens_only_for_its_owner_channel_and_name() {
    let vault = vault(&[OLD]);
    let sealed = seal(&vault);
    let elsewhere = [
        ("shop-2", "instagram", "token"),
        ("shop-1", "instagra", "mtoken"),
        ("shop-1", "kakao-channel", "token"),
        ("shop-1", "instagram", "other"),
    ];
    for (of, on, name) in elsewhere {
        let opened = vault.open(&owner(of), &channel(on), name, &sealed);
        assert!(opened.is_err(), "{of} {on} {name}");
    }
}

#[test]
fn a_change_of_any_byte_is_detected() {
    let vault = vault(&[OLD, NEW]);
    let sealed = seal(&vault);
    for index in 0..sealed.0.len() {
        let mut changed = sealed.clone();
        changed.0[index] ^= 1;
        assert!(open(&vault, &changed).is_err(), "byte {index}");
    }
    for length in 0..sealed.0.len() {
        assert!(
            open(&vault, &SealedSecret(sealed.0[..length].to_vec())).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let before = vault(&[OLD]);
    let after = vault(&[NEW, OLD]);
    assert_eq!(open(&after, &seal(&before)).as_deref(), Ok("s3cret"));
    let error = open(&before, &seal(&after)).expect_err("sealed with a key that is not there");
    assert_eq!(
        error.to_string(),
        "a stored secret cannot be read: key 2 is not in the key ring"
    );
}

#[test]
fn a_key_ring_without_a_unique_newest_key_is_rejected() {
    assert!(KeyringVault::new(Vec::new()).is_none());
    assert!(KeyringVault::new(vec![OLD, OLD]).is_none());
}

#[test]
fn the_first_start_makes_a_key_file_for_its_owner_alone_and_later_ones_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vault.keys");
    let sealed = seal(&KeyringVault::load_or_create(&path).expect("a new file"));
    let mode = fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(folder.path()).expect("the folder").count(),
        1,
        "no draft is left"
    );
    let again = KeyringVault::load_or_create(&path).expect("the same file");
    assert_eq!(open(&again, &sealed).as_deref(), Ok("s3cret"));
}

#[test]
fn a_key_file_readable_by_others_is_refused_with_advice() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vault.keys");
    KeyringVault::load_or_create(&path).expect("a new file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a new mode");
    let error = KeyringVault::load_or_create(&path)
        .err()
        .expect("refused")
        .to_string();
    assert!(error.contains("mode 0640"), "{error}");
    assert!(
        error.contains(&format!("chmod 600 {}", path.display())),
        "{error}"
    );
}

#[test]
fn a_malformed_key_file_is_refused_without_quoting_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vault.keys");
    let long_key = "ab".repeat(40);
    for text in ["", "# only words\n", &format!("1 {long_key}\n"), "one 00\n"] {
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a new mode");
        let error = KeyringVault::load_or_create(&path)
            .err()
            .expect("refused")
            .to_string();
        assert!(error.contains("is not a key ring"), "{error}");
        assert!(!error.contains(&long_key), "{error}");
    }
}
