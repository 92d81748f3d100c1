//! An answer in an encoding that was not requested.

use std::io::{self, Write as _};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// How an answer is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    /// With zlib's header, as RFC 9110 has it.
    Deflate,
    /// Without it, as some send it.
    RawDeflate,
    Brotli,
    Zstd,
    /// Plain, behind a byte order mark.
    Bom,
}

impl Encoding {
    pub(super) const NAMES: &'static str = "gzip, deflate, raw-deflate, br, zstd or bom";

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "raw-deflate" => Self::RawDeflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            "bom" => Self::Bom,
            _ => return None,
        })
    }

    fn header(self) -> Option<&'static str> {
        match self {
            Self::Gzip => Some("gzip"),
            Self::Deflate | Self::RawDeflate => Some("deflate"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::Bom => None,
        }
    }

    fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let level = Compression::default();
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::RawDeflate => {
                let mut encoder = DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Brotli => {
                let mut encoded = Vec::new();
                brotli::BrotliCompress(&mut &bytes[..], &mut encoded, &Default::default())?;
                Ok(encoded)
            }
            Self::Zstd => Ok(compress_to_vec(bytes, CompressionLevel::Fastest)),
            Self::Bom => Ok([b"\xef\xbb\xbf", bytes].concat()),
        }
    }

    /// The same answer, encoded; as it is where that fails, which it does not in memory.
    pub(super) fn of(self, response: Response, body: &Bytes) -> Response {
        let (mut head, _) = response.into_parts();
        let Ok(encoded) = self.encode(body) else {
            return Response::from_parts(head, Body::from(body.clone()));
        };
        head.headers.remove(header::CONTENT_LENGTH);
        if let Some(name) = self.header() {
            let name = HeaderValue::from_static(name);
            head.headers.insert(header::CONTENT_ENCODING, name);
        }
        Response::from_parts(head, Body::from(encoded))
    }
}
