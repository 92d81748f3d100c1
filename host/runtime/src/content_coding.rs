//! The codings of HTTP content (RFC 9110, 8.4): from the bytes on the wire to the content.
//!
//! The host requests none; some providers and their proxies use them all the same. Decoding has a
//! limit, so that a few bytes cannot become gigabytes.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

/// How many may be applied to one content.
const MAX_CODINGS: usize = 3;
/// What a window of Zstandard may take in memory, in bytes: what RFC 9659 allows in HTTP.
const ZSTD_WINDOW: u64 = 8 << 20;
const BUFFER_BYTES: usize = 4_096;

/// How a content is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    /// With the header of zlib, as the RFC has it, or without, as some send it.
    Deflate,
    Brotli,
    Zstd,
}

/// The codings of an answer are not all understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsupportedCoding {
    #[error("in an encoding that is not understood, {0:?}")]
    Unknown(String),
    #[error("in {0} encodings, one within the other, and {MAX_CODINGS} are understood")]
    TooMany(usize),
}

/// Longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Why there is no content.
#[derive(Debug)]
pub enum ContentDecodeError {
    TooLong,
    /// It is not in the coding that it names.
    Broken(io::Error),
}

impl Coding {
    fn named(name: &str) -> Option<Self> {
        match name {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The name in a header field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// What the bytes are, if that is at most `max_bytes` bytes.
    ///
    /// # Errors
    /// See [`ContentDecodeError`].
    pub fn decoded(self, bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, ContentDecodeError> {
        match self {
            Self::Gzip => read(MultiGzDecoder::new(bytes), max_bytes),
            Self::Deflate => match read(ZlibDecoder::new(bytes), max_bytes) {
                Err(ContentDecodeError::Broken(_)) => read(DeflateDecoder::new(bytes), max_bytes),
                decoded => decoded,
            },
            Self::Brotli => read(Decompressor::new(bytes, BUFFER_BYTES), max_bytes),
            Self::Zstd => zstd(bytes, max_bytes),
        }
    }
}

/// The codings that a field `content-encoding` names, the one that was applied last being the
/// first to undo.
///
/// # Errors
/// See [`UnsupportedCoding`].
pub fn codings<'a>(
    fields: impl Iterator<Item = &'a str>,
) -> Result<Vec<Coding>, UnsupportedCoding> {
    let names = fields
        .flat_map(|field| field.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity");
    let named = |name: String| Coding::named(&name).ok_or(UnsupportedCoding::Unknown(name));
    let mut codings: Vec<Coding> = names.map(named).collect::<Result<_, _>>()?;
    if codings.len() > MAX_CODINGS {
        return Err(UnsupportedCoding::TooMany(codings.len()));
    }
    codings.reverse();
    Ok(codings)
}

fn read(decoder: impl Read, max_bytes: usize) -> Result<Vec<u8>, ContentDecodeError> {
    let mut decoded = Vec::new();
    read_to(&mut decoded, decoder, max_bytes)?;
    Ok(decoded)
}

fn read_to(
    decoded: &mut Vec<u8>,
    decoder: impl Read,
    max_bytes: usize,
) -> Result<(), ContentDecodeError> {
    // One byte more than is allowed shows that it is too long.
    let room = (max_bytes - decoded.len()) as u64 + 1;
    let mut decoder = decoder.take(room);
    decoder
        .read_to_end(decoded)
        .map_err(ContentDecodeError::Broken)?;
    if decoded.len() > max_bytes {
        return Err(ContentDecodeError::TooLong);
    }
    Ok(())
}

/// Frames, one after the other.
fn zstd(mut bytes: &[u8], max_bytes: usize) -> Result<Vec<u8>, ContentDecodeError> {
    let mut decoded = Vec::new();
    while !bytes.is_empty() {
        let frame = StreamingDecoder::new_with_max_window_size(&mut bytes, ZSTD_WINDOW);
        let frame = frame.map_err(|error| ContentDecodeError::Broken(io::Error::other(error)))?;
        read_to(&mut decoded, frame, max_bytes)?;
    }
    Ok(decoded)
}

/// Text that begins with a byte order mark: as UTF-8, without the mark. `None`: there is none. A
/// content that is no text is looked at for the mark of UTF-8 alone, since the others are two bytes
/// that anything may begin with.
pub fn without_bom(body: &[u8], is_text: bool) -> Option<Vec<u8>> {
    let utf16 = |units: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = units.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        String::from_utf16_lossy(&units.collect::<Vec<_>>()).into_bytes()
    };
    match body {
        [0xef, 0xbb, 0xbf, text @ ..] => Some(text.to_vec()),
        [0xfe, 0xff, units @ ..] if is_text => Some(utf16(units, u16::from_be_bytes)),
        [0xff, 0xfe, units @ ..] if is_text => Some(utf16(units, u16::from_le_bytes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const TEXT: &[u8] = "가을맞이 전 메뉴 20% 할인".as_bytes();

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn both_forms_of_deflate_are_read() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(TEXT).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(TEXT).unwrap();
        for encoded in [zlib.finish().unwrap(), raw.finish().unwrap()] {
            assert_eq!(Coding::Deflate.decoded(&encoded, 100).unwrap(), TEXT);
        }
    }

    #[test]
    fn brotli_and_frames_of_zstandard_are_read() {
        let mut encoded = Vec::new();
        brotli::BrotliCompress(&mut &TEXT[..], &mut encoded, &Default::default()).unwrap();
        assert_eq!(Coding::Brotli.decoded(&encoded, 100).unwrap(), TEXT);
        let mut frames = compress_to_vec(TEXT, CompressionLevel::Fastest);
        frames.extend(compress_to_vec(&b"!"[..], CompressionLevel::Fastest));
        let both = [TEXT, b"!"].concat();
        assert_eq!(Coding::Zstd.decoded(&frames, 100).unwrap(), both);
        let decoded = Coding::Zstd.decoded(&frames, both.len() - 1);
        assert!(
            matches!(decoded, Err(ContentDecodeError::TooLong)),
            "{decoded:?}"
        );
    }

    #[test]
    fn an_oversized_zstandard_window_is_rejected() {
        // A frame without a size, whose window is 2 GiB (RFC 8878, 3.1.1.1.2).
        let decoded = Coding::Zstd.decoded(b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 1_000);
        assert!(
            matches!(decoded, Err(ContentDecodeError::Broken(_))),
            "{decoded:?}"
        );
    }

    #[test]
    fn a_decompression_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![0; 50 << 20]);
        assert!(bomb.len() < 100_000);
        let decoded = Coding::Gzip.decoded(&bomb, 10_000);
        assert!(
            matches!(decoded, Err(ContentDecodeError::TooLong)),
            "{decoded:?}"
        );
        let exactly = gzip(&[7; 10_000]);
        assert_eq!(
            Coding::Gzip.decoded(&exactly, 10_000).unwrap().len(),
            10_000
        );
    }

    #[test]
    fn codings_are_undone_from_the_last_to_the_first() {
        let named = |fields: &[&str]| codings(fields.iter().copied());
        let both = Ok(vec![Coding::Brotli, Coding::Gzip]);
        assert_eq!(named(&["gzip, br"]), both);
        assert_eq!(named(&["X-GZIP", " br , identity"]), both);
        assert_eq!(named(&["", "identity"]), Ok(Vec::new()));
        assert_eq!(
            named(&["compress"]).unwrap_err().to_string(),
            "in an encoding that is not understood, \"compress\""
        );
        assert_eq!(
            named(&["gzip,gzip", "gzip,gzip"]),
            Err(UnsupportedCoding::TooMany(4))
        );
    }

    #[test]
    fn a_byte_order_mark_is_removed() {
        assert_eq!(without_bom(b"\xef\xbb\xbf{}", false), Some(b"{}".to_vec()));
        let big = [0xfe, 0xff, 0xac, 0, 0, b'a'];
        let little = [0xff, 0xfe, 0, 0xac, b'a', 0];
        for text in [big, little] {
            assert_eq!(without_bom(&text, true), Some("가a".as_bytes().to_vec()));
            assert_eq!(without_bom(&text, false), None);
        }
        assert_eq!(without_bom(b"{}", true), None);
    }

    #[test]
    fn a_body_in_another_encoding_than_declared_is_broken() {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            let decoded = coding.decoded(b"\xffplainly not", 1_000);
            assert!(
                matches!(decoded, Err(ContentDecodeError::Broken(_))),
                "{coding:?}"
            );
        }
    }
}
