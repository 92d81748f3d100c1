use std::fs::Permissions;

use baepo_adapters::Verdict;

use super::*;

fn config(data: &Path) -> Config {
    let mut config = Config::default();
    config.server.data = data.to_owned();
    config
}

fn verdicts(checks: &[Check]) -> Vec<Verdict> {
    checks.iter().map(|check| check.verdict).collect()
}

#[test]
fn a_fresh_machine_passes_and_nothing_is_created() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder.path().join("deep/data"));
    for checks in [
        check_data(&config),
        check_keys(&config),
        check_channels(&config),
    ] {
        assert!(
            verdicts(&checks)
                .iter()
                .all(|verdict| *verdict == Verdict::Good),
            "{checks:?}"
        );
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_folder_readable_by_others_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let checks = check_data(&config(folder.path()));
    assert_eq!(checks[0].verdict, Verdict::Warning);
    assert!(checks[0].advice.as_ref().unwrap().contains("chmod 700"));

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let checks = check_data(&config(&file));
    assert_eq!(checks[0].verdict, Verdict::Bad);
}

#[test]
fn keys_are_validated_as_at_startup() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let data = DataFolder::at(folder.path());
    Tokens::load_or_create(&data.token_key()).unwrap();
    KeyringVault::load_or_create(&data.vault_key()).unwrap();
    assert_eq!(verdicts(&check_keys(&config)), [Verdict::Good; 2]);

    std::fs::set_permissions(data.token_key(), Permissions::from_mode(0o644)).unwrap();
    std::fs::write(data.vault_key(), "no key").unwrap();
    assert_eq!(verdicts(&check_keys(&config)), [Verdict::Bad; 2]);
}

#[test]
fn a_missing_shared_key_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.server.role = Role::Distribution;
    config.store.url = "postgres://localhost/baepo".parse().unwrap();
    assert_eq!(verdicts(&check_keys(&config)), [Verdict::Warning; 2]);
}

#[test]
fn components_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.server.channels = Some(folder.path().join("none"));
    assert_eq!(verdicts(&check_channels(&config)), [Verdict::Bad]);
    config.server.channels = Some(folder.path().to_owned());
    assert_eq!(verdicts(&check_channels(&config)), [Verdict::Warning]);
    for name in ["b.wasm", "a.wasm", "notes.txt"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let checks = check_channels(&config);
    assert_eq!(checks[0].found, "those of the store, and a, b");
}
