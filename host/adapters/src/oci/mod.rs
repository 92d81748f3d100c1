//! Components in OCI registries, in the layouts that `wkg` and `wash` push. Only pulls; reads nothing of a
//! component.

mod config;
mod logins;
mod manifest;
mod session;
mod signatures;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use baepo_domain::model::id::Digest;
use baepo_domain::model::oci_reference::{OciReference, OciVersion, Transport};
use baepo_domain::ports::{ComponentSource, Image, PullError};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client};

pub use self::config::OciConfig;
use self::logins::login;
use self::session::{Session, may_follow};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Registries send to a store of blobs, which may send to a region of it.
const REDIRECTS: usize = 3;

/// Registries, as the configuration lets them be used.
pub struct OciRegistries {
    config: OciConfig,
    /// The largest component that is pulled.
    component_bytes: u64,
    tls: Client,
    plain: Client,
}

/// Why registries cannot be reached at all.
#[derive(Debug, thiserror::Error)]
pub enum OciConfigError {
    #[error("cannot read oci.root_certificate {}", file.display())]
    Certificate {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("oci.root_certificate {} is no PEM file with certificates", .0.display())]
    NoCertificate(PathBuf),
    #[error("the HTTP client of registries cannot be made")]
    Client(#[from] reqwest::Error),
}

impl OciRegistries {
    /// Registries from which components of at most that size are pulled; nothing is sent yet.
    ///
    /// # Errors
    /// See [`OciConfigError`].
    pub fn new(config: &OciConfig, component_bytes: u64) -> Result<Self, OciConfigError> {
        // Another client in this process may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut tls = client(Transport::Tls).https_only(true);
        if let Some(file) = &config.root_certificate {
            tls = tls.tls_certs_merge(certificates(file)?);
        }
        Ok(Self {
            config: config.clone(),
            component_bytes,
            tls: tls.build()?,
            plain: client(Transport::PlainOnLoopback).build()?,
        })
    }

    fn session(
        &self,
        reference: &OciReference,
        transport: Transport,
    ) -> Result<Session<'_>, PullError> {
        let registry = reference.registry().to_ascii_lowercase();
        let allowed = &self.config.registries;
        if allowed
            .as_ref()
            .is_some_and(|allowed| !allowed.contains(&registry))
        {
            return Err(PullError::Refused(format!(
                "the registry {registry} is not among oci.registries"
            )));
        }
        if transport == Transport::PlainOnLoopback && !reference.is_on_loopback() {
            return Err(PullError::Refused(format!(
                "{registry} is not on this machine (localhost, 127.0.0.1 or [::1]): without TLS anybody on the way \
                 could exchange the component and read the login"
            )));
        }
        let file = self.config.auth_file.as_ref();
        let login = file.map(|file| login(file, &registry)).transpose();
        let login = login
            .map_err(|error| PullError::Refused(error.to_string()))?
            .flatten();
        let http = match transport {
            Transport::Tls => &self.tls,
            Transport::PlainOnLoopback => &self.plain,
        };
        Ok(Session::new(http, reference, transport, login))
    }

    async fn within_time_limit<T>(
        &self,
        reference: &OciReference,
        work: impl Future<Output = Result<T, PullError>>,
    ) -> Result<T, PullError> {
        let limit = self.config.time_limit;
        tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
            Err(PullError::Unavailable(format!(
                "{} did not answer within the {} ms of oci.time_limit_ms",
                reference.registry(),
                limit.as_millis()
            )))
        })
    }

    async fn look_up(
        &self,
        reference: &OciReference,
        transport: Transport,
    ) -> Result<Image, PullError> {
        let mut session = self.session(reference, transport)?;
        let path = match reference.version() {
            OciVersion::Tag(tag) => format!("manifests/{tag}"),
            OciVersion::Digest(digest) => format!("manifests/sha256:{digest}"),
        };
        let accept = format!("{}, {}", manifest::IMAGE, manifest::INDEX);
        let found = session
            .get(&path, &accept, manifest::MANIFEST_BYTES)
            .await?;
        let answer = found.ok_or_else(|| {
            let (registry, repository) = (reference.registry(), reference.repository());
            PullError::Refused(format!("{registry} has no {repository} of {path}"))
        })?;
        // What the bytes are, not what the registry calls them.
        let digest = Digest::of(&answer.bytes);
        if let OciVersion::Digest(asked) = reference.version()
            && *asked != digest
        {
            return Err(PullError::Rejected(format!(
                "{} has another manifest under sha256:{asked}: one with the digest sha256:{digest}",
                reference.registry()
            )));
        }
        let (component, bytes) = manifest::component(&answer.media_type, &answer.bytes)
            .map_err(|why| PullError::Rejected(format!("{}: {why}", reference.at(digest))))?;
        if bytes > self.component_bytes {
            return Err(PullError::Rejected(format!(
                "the component has {bytes} bytes, more than the {} of runtime.component_bytes",
                self.component_bytes
            )));
        }
        let signatures = signatures::signatures(&mut session, digest).await?;
        Ok(Image {
            reference: reference.at(digest),
            transport,
            manifest: answer.bytes,
            component,
            bytes,
            signatures,
        })
    }
}

#[async_trait]
impl ComponentSource for OciRegistries {
    async fn resolve(
        &self,
        reference: &OciReference,
        transport: Transport,
    ) -> Result<Image, PullError> {
        let work = self.look_up(reference, transport);
        self.within_time_limit(reference, work).await
    }

    async fn fetch(&self, image: &Image) -> Result<Vec<u8>, PullError> {
        let reference = &image.reference;
        let mut session = self.session(reference, image.transport)?;
        let work = session.blob(image.component, image.bytes);
        self.within_time_limit(reference, work).await
    }
}

fn client(transport: Transport) -> reqwest::ClientBuilder {
    let follow = move |attempt: Attempt<'_>| {
        if attempt.previous().len() > REDIRECTS {
            return attempt.error("it redirects more than three times");
        }
        match may_follow(transport, attempt.url()) {
            true => attempt.follow(),
            false => attempt.error("it redirects to an address without TLS"),
        }
    };
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::custom(follow))
        .no_proxy()
}

fn certificates(file: &std::path::Path) -> Result<Vec<Certificate>, OciConfigError> {
    let pem = std::fs::read(file).map_err(|source| OciConfigError::Certificate {
        file: file.to_owned(),
        source,
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(OciConfigError::NoCertificate(file.to_owned())),
    }
}
