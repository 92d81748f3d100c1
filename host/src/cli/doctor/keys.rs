//! Keys that several hosts must share. A host that finds none makes its own without a word, and only
//! later other hosts refuse its tokens, or cannot open the secrets that it sealed.

use std::path::Path;

use baepo_adapters::Check;

use crate::config::{Config, Role, StoreUrl};
use crate::data::DataFolder;

/// The keys that the first start would make although other hosts have them already.
pub fn check(config: &Config) -> Vec<Check> {
    let data = DataFolder::at(&config.server.data);
    let mut checks = Vec::new();
    if config.server.role != Role::All && config.server.jwks.is_none() {
        let advice = "the event and the distribution services must sign with the same key: copy it \
                      from one that has run, mode 0600";
        let key = config.server.token_key_file(&data);
        checks.push(shared("token key", &key, advice));
    }
    if matches!(config.store.url, StoreUrl::Postgres(_)) {
        let advice = "all hosts on this PostgreSQL must have the same key: copy it from one that \
                      has run, mode 0600, or the secrets of owners cannot be opened here";
        let key = config.server.vault_key_file(&data);
        checks.push(shared("vault key", &key, advice));
    }
    checks
}

fn shared(subject: &str, file: &Path, advice: &str) -> Check {
    let file_text = file.display();
    if file.exists() {
        Check::good(subject, file_text.to_string())
    } else {
        let found = format!("{file_text} does not exist: the first start makes it");
        Check::warning(subject, found, advice)
    }
}

#[cfg(test)]
mod tests {
    use baepo_adapters::Verdict;

    use super::*;

    #[test]
    fn a_missing_shared_key_is_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data = folder.path().to_owned();
        assert!(check(&config).is_empty(), "a host alone shares none");

        config.server.role = Role::Distribution;
        config.store.url = "postgres://localhost/baepo".parse().unwrap();
        let verdicts = |checks: Vec<Check>| checks.into_iter().map(|check| check.verdict);
        assert!(verdicts(check(&config)).eq([Verdict::Warning; 2]));
        for key in ["token.key", "vault.key"] {
            std::fs::write(folder.path().join(key), "").unwrap();
        }
        assert!(verdicts(check(&config)).eq([Verdict::Good; 2]));
    }
}
