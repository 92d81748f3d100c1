//! Logins of registries, from a file in docker's format: `{"auths": {"registry.example": {"auth": "…"}}}`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use baepo_domain::model::options::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::secret_file::{SecretFile, SecretFileError};

const LOGINS: SecretFile = SecretFile {
    name: "file of registries' logins",
    when_copied: "change the passwords at the registries",
};

/// A user of a registry.
#[derive(Clone)]
pub(super) struct Login {
    pub user: String,
    pub password: Secret,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
}

#[derive(Deserialize)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// The login for that registry, if the file has one.
pub(super) fn login(file: &Path, registry: &str) -> Result<Option<Login>, SecretFileError> {
    let format = "what `docker login` writes: {\"auths\": {\"REGISTRY\": {\"auth\": \"BASE64\"}}}, each with \
                  user and password (a credential helper of docker is not asked)";
    LOGINS.load(file, |text| {
        let wrong = || format.to_owned();
        let config: DockerConfig = serde_json::from_str(text).map_err(|_| wrong())?;
        let mut entries = config.auths.into_iter();
        match entries.find(|(name, _)| host(name) == registry) {
            None => Ok(None),
            Some((_, auth)) => auth.login().ok_or_else(wrong).map(Some),
        }
    })
}

/// Some programs write an address where others write the host.
fn host(name: &str) -> &str {
    let name = name.trim_start_matches("https://");
    name.split('/').next().unwrap_or(name)
}

impl Auth {
    fn login(self) -> Option<Login> {
        if let (Some(user), Some(password)) = (self.username, self.password) {
            let password = Secret::from(password.as_str());
            return Some(Login { user, password });
        }
        let text = String::from_utf8(STANDARD.decode(self.auth?).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Login {
            user: user.to_owned(),
            password: password.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_login_is_found_by_its_registry() {
        let text = r#"{"auths": {
            "https://registry.example/v2/": {"auth": "cm9ib3Q6YTpi"},
            "localhost:5000": {"username": "me", "password": "secret"},
            "broken.example": {}
        }, "credsStore": "desktop"}"#;
        let file = file(text, 0o600);
        let found = login(file.path(), "registry.example").unwrap().unwrap();
        assert_eq!(
            (found.user.as_str(), found.password.expose()),
            ("robot", "a:b")
        );
        let found = login(file.path(), "localhost:5000").unwrap().unwrap();
        assert_eq!(
            (found.user.as_str(), found.password.expose()),
            ("me", "secret")
        );
        assert!(login(file.path(), "other.example").unwrap().is_none());
        let error = login(file.path(), "broken.example")
            .unwrap_err()
            .to_string();
        assert!(error.contains("docker login"), "{error}");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let file = file("{}", 0o644);
        let error = login(file.path(), "registry.example").unwrap_err();
        assert!(matches!(error, SecretFileError::Exposed { .. }), "{error}");
    }
}
