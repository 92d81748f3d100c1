//! Answers in encodings that nobody asked for: decoded within the limit, or refused by name.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::provider::{Provider, ScriptedResponse};
use super::*;

const JSON: &str = r#"{"id":"17","caption":"가을맞이 전 메뉴 20% 할인"}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn brotli(mut bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut encoded, &Default::default()).expect("memory");
    encoded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// What comes of an answer with this body.
async fn answered(
    request: fn(&str) -> Request,
    encoding: &str,
    body: Vec<u8>,
) -> Result<Response, SendError> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let whole = [head.into_bytes(), body].concat();
    let provider = Provider::start(move |_| ScriptedResponse::SayBytes(whole.clone())).await;
    let scenario = Scenario::with(&provider);
    let path = if request("").method == "POST" {
        "/v1/posts"
    } else {
        "/v1/7"
    };
    scenario.send(request(&format!("{META}{path}"))).await
}

#[tokio::test]
async fn a_response_in_any_encoding_is_decoded() {
    let json = JSON.as_bytes();
    let marked = [b"\xef\xbb\xbf", json].concat();
    for (encoding, body) in [
        ("gzip", gzip(json)),
        ("X-GZip", gzip(json)),
        ("deflate", zlib(json)),
        ("deflate", deflate(json)),
        ("br", brotli(json)),
        ("zstd", zstd(json)),
        ("gzip, br", brotli(&gzip(json))),
        ("identity", marked.clone()),
        ("gzip", gzip(&marked)),
    ] {
        let answer = answered(get, encoding, body).await.expect(encoding);
        assert_eq!(String::from_utf8_lossy(&answer.body.0), JSON, "{encoding}");
        let names: Vec<&str> = answer
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["content-type"], "{encoding}");
    }
}

#[tokio::test]
async fn a_decompression_bomb_is_a_response_that_is_too_large() {
    let bomb = vec![b' '; 20 << 20];
    for (encoding, body) in [
        ("gzip", gzip(&bomb)),
        ("gzip, gzip", gzip(&gzip(&bomb))),
        ("deflate", zlib(&bomb)),
        ("br", brotli(&bomb)),
    ] {
        assert!(body.len() < 9_000 || encoding != "br", "{encoding}");
        let answer = answered(get, encoding, body).await;
        assert_eq!(answer, Err(SendError::TooLarge(10_000)), "{encoding}");
    }
}

#[tokio::test]
async fn an_unknown_encoding_is_named_and_in_doubt() {
    let doubt = |why: &str| {
        let why = format!("the answer of graph.facebook.com is {why}");
        Err(SendError::InDoubt(why))
    };
    assert_eq!(
        answered(post, "compress", b"x".to_vec()).await,
        doubt("in an encoding that is not understood, \"compress\"")
    );
    assert_eq!(
        answered(get, "gzip, gzip, gzip, gzip", b"x".to_vec()).await,
        doubt("in 4 encodings, one within the other, and 3 are understood")
    );
    let broken = answered(post, "gzip", b"plainly not".to_vec()).await;
    let Err(SendError::InDoubt(why)) = broken else {
        panic!("not in doubt: {broken:?}")
    };
    assert!(
        why.contains("is not in the encoding \"gzip\" that it names"),
        "{why}"
    );
}

#[tokio::test]
async fn a_secret_in_a_compressed_body_is_redacted() {
    let body = format!("{{\"t\":\"{}\"}}", CANARY.replace('/', "\\/"));
    for (encoding, body) in [
        ("gzip", gzip(body.as_bytes())),
        ("br", brotli(body.as_bytes())),
    ] {
        let answer = answered(get, encoding, body).await.expect(encoding);
        assert_eq!(
            String::from_utf8_lossy(&answer.body.0),
            r#"{"t":"[secret]"}"#
        );
    }
}
