//! What is installed: the component itself with signatures in headers, or where it lies in a registry.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use baepo_adapters::SIGNATURE_BYTES;
use baepo_domain::model::oci_reference::{OciReference, Transport};
use baepo_domain::model::signature::Signature;
use baepo_domain::model::text::Localized;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::api::error::{ErrorAt, Kind, Problem};
use crate::api::extract::{Body, Component};

/// The header of a signature: base64 of what `cosign sign-blob` signed, or of a Sigstore bundle.
pub const SIGNATURE_HEADER: &str = "baepo-signature";
/// The most signatures of one component.
const SIGNATURES: usize = 8;

/// A component, or where it lies.
#[derive(Debug)]
pub(super) enum InstallBody {
    Upload {
        component: Vec<u8>,
        signatures: Vec<Signature>,
    },
    Pull {
        reference: OciReference,
        transport: Transport,
    },
}

/// A component in an OCI registry, which the host pulls.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReleaseReference)]
pub(super) struct PullBody {
    /// `oci://REGISTRY/REPOSITORY@sha256:DIGEST`, or with `:TAG`.
    #[schema(example = "oci://registry.example/kakao-channel:1.2.0")]
    reference: String,
    /// Speak HTTP without TLS: for a registry on the host's own machine alone.
    #[serde(default)]
    insecure: bool,
}

impl<S: Send + Sync> FromRequest<S> for InstallBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if is_json(request.headers()) {
            let Body(body) = Body::<PullBody>::from_request(request, state).await?;
            return body.parsed();
        }
        let signatures = signatures(request.headers())?;
        let Component(component) = Component::from_request(request, state).await?;
        Ok(Self::Upload {
            component: component.into(),
            signatures,
        })
    }
}

impl PullBody {
    fn parsed(self) -> Result<InstallBody, Problem> {
        let parsed = self.reference.parse::<OciReference>();
        let reference = parsed.map_err(|wrong| {
            let message = Localized::new(
                "레지스트리의 컴포넌트를 이렇게 적습니다. 예: oci://registry.example/kakao-channel:1.2.0",
                format!("{wrong}. Example: oci://registry.example/kakao-channel:1.2.0"),
            );
            Problem::new(Kind::InvalidRequest, message.clone()).errors([ErrorAt {
                at: "/reference".to_owned(),
                message,
            }])
        })?;
        let transport = match self.insecure {
            true => Transport::PlainOnLoopback,
            false => Transport::Tls,
        };
        Ok(InstallBody::Pull {
            reference,
            transport,
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers
        .get(CONTENT_TYPE)
        .map(axum::http::HeaderValue::as_bytes);
    given.is_some_and(|given| given.to_ascii_lowercase().starts_with(b"application/json"))
}

fn signatures(headers: &HeaderMap) -> Result<Vec<Signature>, Problem> {
    let read = |value: &axum::http::HeaderValue| {
        let bytes = STANDARD.decode(value.as_bytes()).ok()?;
        (bytes.len() as u64 <= SIGNATURE_BYTES).then(|| Signature::from_bytes(bytes))
    };
    let given = headers.get_all(SIGNATURE_HEADER);
    let signatures: Option<Vec<_>> = given.iter().map(read).collect();
    signatures.filter(|all| all.len() <= SIGNATURES).ok_or_else(|| {
        let detail = Localized::new(
            "Baepo-Signature는 cosign sign-blob의 서명이나 Sigstore 번들을 base64로 적은 것이며 여덟 개까지입니다.",
            "A Baepo-Signature is a signature of cosign sign-blob or a Sigstore bundle in base64, at most 64 KiB, \
             and there are at most eight.",
        );
        Problem::new(Kind::MalformedRequest, detail)
    })
}
