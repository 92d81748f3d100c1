//! An OCI registry: `docker-registry` from the PATH.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::certificate::make_certificate;
use crate::process::{Service, free_port, listens};
use crate::program::find_program;

/// How often a port that looked free may turn out to be taken.
const TRIES: usize = 5;
/// The line of htpasswd (bcrypt) for [`OciRegistry::LOGIN`].
const HTPASSWD: &str = "robot:$2b$05$6zbAjPUuMSQTgM7nAfZKMOucX8gmURtzrvtJaWt20Pj7vmslA7RAC\n";

/// A registry on this machine. What it holds is gone when it stops.
#[derive(Debug)]
pub struct OciRegistry {
    folder: TempDir,
    port: u16,
    access: Access,
    service: Option<Service>,
}

/// Who reaches it, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Anybody, without TLS.
    Open,
    /// With TLS, by a certificate for `localhost` that is its own authority, and a login.
    TlsAndLogin,
}

impl OciRegistry {
    /// User and password of a registry with a login.
    pub const LOGIN: (&'static str, &'static str) = ("robot", "registry-password");

    /// Starts one without TLS and login on a free port.
    ///
    /// # Errors
    /// Says what to install when there is no `docker-registry`, and what it printed when it does not
    /// come up.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with(Access::Open)
    }

    /// Starts one that speaks TLS alone and lets nobody in without [`OciRegistry::LOGIN`].
    ///
    /// # Errors
    /// As [`OciRegistry::start`], and says what to install when there is no `openssl`.
    pub fn start_with_tls_and_login() -> anyhow::Result<Self> {
        Self::start_with(Access::TlsAndLogin)
    }

    /// Host and port, as a reference has them.
    #[must_use]
    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Its address over HTTP.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = match self.access {
            Access::Open => "http",
            Access::TlsAndLogin => "https",
        };
        format!("{scheme}://{}", self.host())
    }

    /// The PEM file of who vouches for a registry with TLS.
    #[must_use]
    pub fn root_certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Stops it. Again does nothing.
    pub fn stop(&mut self) {
        if let Some(service) = self.service.take() {
            service.stop(Signal::TERM);
        }
    }

    fn start_with(access: Access) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("baepo-registry-")
            .tempdir()?;
        if access == Access::TlsAndLogin {
            make_certificate(folder.path())?;
            std::fs::write(folder.path().join("htpasswd"), HTPASSWD)?;
        }
        let mut registry = Self {
            folder,
            port: 0,
            access,
            service: None,
        };
        let mut tries = 1..=TRIES;
        loop {
            registry.port = free_port()?;
            match registry.launch() {
                Ok(service) => {
                    registry.service = Some(service);
                    return Ok(registry);
                }
                // Another process has taken the port meanwhile.
                Err(error) if error.to_string().contains("in use") && tries.next().is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn launch(&self) -> anyhow::Result<Service> {
        let folder = self.folder.path();
        let file = folder.join("registry.yml");
        std::fs::write(&file, self.configuration()).context("the registry's configuration")?;
        let mut command = Command::new(find_program("docker-registry", "docker-registry")?);
        command.arg("serve").arg(&file).current_dir(folder);
        let port = self.port;
        Service::start("docker-registry", &mut command, &folder.join("log"), || {
            listens(port)
        })
    }

    fn configuration(&self) -> String {
        let (folder, port) = (self.folder.path().display(), self.port);
        let open = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {folder}/data\nhttp:\n  addr: 127.0.0.1:{port}\n"
        );
        match self.access {
            Access::Open => open,
            Access::TlsAndLogin => format!(
                "{open}  tls:\n    certificate: {folder}/certificate.pem\n    key: {folder}/key.pem\n\
                 auth:\n  htpasswd:\n    realm: baepo\n    path: {folder}/htpasswd\n"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_listens_until_it_is_stopped() {
        let mut registry = OciRegistry::start().unwrap();
        let port = registry.port;
        assert!(listens(port));
        assert_eq!(registry.url(), format!("http://localhost:{port}"));
        registry.stop();
        registry.stop();
        assert!(!listens(port));
    }

    #[test]
    fn a_registry_with_tls_has_a_certificate() {
        let registry = OciRegistry::start_with_tls_and_login().unwrap();
        assert!(registry.url().starts_with("https://localhost:"));
        let certificate = std::fs::read_to_string(registry.root_certificate()).unwrap();
        assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    }
}
