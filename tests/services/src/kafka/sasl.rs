//! A broker's listener with TLS and passwords.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::jars::JAVA_PACKAGE;
use crate::process::free_port;
use crate::program::find_program;

/// A listener `SASL_SSL` with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. [`SaslListener::USER`] may do
/// anything, [`SaslListener::UNKNOWN_USER`] comes in and may do nothing.
#[derive(Debug)]
pub struct SaslListener {
    port: u16,
    keys: PathBuf,
    certificate: PathBuf,
}

impl SaslListener {
    pub const USER: &'static str = "baepo";
    pub const PASSWORD: &'static str = "a-password-for-tests";
    /// Knows only PLAIN, with the same password.
    pub const UNKNOWN_USER: &'static str = "stranger";

    /// With a certificate of its own for 127.0.0.1.
    pub(super) fn make(folder: &Path) -> anyhow::Result<Self> {
        let keytool = find_program("keytool", JAVA_PACKAGE)?;
        let sasl = Self {
            port: free_port()?,
            keys: folder.join("keys.p12"),
            certificate: folder.join("certificate.pem"),
        };
        run(Command::new(&keytool)
            .args(["-genkeypair", "-alias", "broker", "-keyalg", "RSA"])
            .args(["-dname", "CN=127.0.0.1", "-ext", "SAN=ip:127.0.0.1"])
            .args(["-validity", "7", "-storetype", "PKCS12"])
            .args(["-storepass", Self::PASSWORD, "-keystore"])
            .arg(&sasl.keys))?;
        run(Command::new(&keytool)
            .args(["-exportcert", "-rfc", "-alias", "broker"])
            .args(["-storepass", Self::PASSWORD, "-keystore"])
            .arg(&sasl.keys)
            .arg("-file")
            .arg(&sasl.certificate))?;
        Ok(sasl)
    }

    /// The listener's address.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The certificate that clients trust, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    pub(super) fn listener(&self) -> String {
        format!(",SASL_SSL://{}", self.bootstrap())
    }

    pub(super) fn properties(&self) -> String {
        let (user, stranger, password) = (Self::USER, Self::UNKNOWN_USER, Self::PASSWORD);
        let security = "org.apache.kafka.common.security";
        format!(
            "\
ssl.keystore.location={keys}
ssl.keystore.password={password}
ssl.key.password={password}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config={security}.plain.PlainLoginModule required \
user_{user}=\"{password}\" user_{stranger}=\"{password}\";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={security}.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={security}.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{user}
",
            keys = self.keys.display(),
        )
    }

    /// SCRAM's passwords are part of the cluster's data.
    pub(super) fn format_arguments() -> impl Iterator<Item = String> {
        let (user, password) = (Self::USER, Self::PASSWORD);
        ["SCRAM-SHA-256", "SCRAM-SHA-512"]
            .into_iter()
            .flat_map(move |mechanism| {
                let login = format!("{mechanism}=[name={user},password={password}]");
                ["--add-scram".to_owned(), login]
            })
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let done = command.output().context("cannot start java's keytool")?;
    if !done.status.success() {
        bail!(
            "java's keytool failed: {}",
            String::from_utf8_lossy(&done.stdout)
        );
    }
    Ok(())
}
