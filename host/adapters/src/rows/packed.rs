//! JSON that may be long, such as a provider's page: as it is, or compressed where that is shorter.

use std::cell::RefCell;
use std::io::Read as _;

use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

/// A value as JSON in bytes, of which the first says how the others are to be read.
#[derive(Debug, Clone)]
pub struct Packed<T>(pub T);

/// JSON follows.
const PLAIN: u8 = 0;
/// JSON follows, as a raw stream of DEFLATE.
const DEFLATED: u8 = 1;
/// What is shorter hardly gets any shorter, and is not worth the time.
const MIN_DEFLATE_BYTES: usize = 256;

fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, BoxDynError> {
    let mut plain = vec![PLAIN];
    serde_json::to_writer(&mut plain, value)?;
    if plain.len() < MIN_DEFLATE_BYTES {
        return Ok(plain);
    }
    Ok(deflate(&plain[1..]).unwrap_or(plain))
}

/// None when it would not get shorter.
fn deflate(json: &[u8]) -> Option<Vec<u8>> {
    thread_local! {
        /// Its tables are hundreds of kilobytes: to make them takes longer than to use them.
        static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
    }
    let mut deflated = Vec::with_capacity(json.len());
    deflated.push(DEFLATED);
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        // Only into the room that there is: what does not end there is longer.
        let status = compress.compress_vec(json, &mut deflated, FlushCompress::Finish);
        matches!(status, Ok(Status::StreamEnd)).then_some(deflated)
    })
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BoxDynError> {
    match bytes.split_first() {
        Some((&PLAIN, json)) => Ok(serde_json::from_slice(json)?),
        Some((&DEFLATED, deflated)) => {
            let mut json = Vec::new();
            DeflateDecoder::new(deflated).read_to_end(&mut json)?;
            Ok(serde_json::from_slice(&json)?)
        }
        Some((form, _)) => Err(format!("packed in a form that is not known, {form}").into()),
        None => Err("nothing is there to unpack".into()),
    }
}

impl<DB: Database, T> Type<DB> for Packed<T>
where
    [u8]: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <[u8]>::type_info()
    }

    fn compatible(given: &DB::TypeInfo) -> bool {
        <[u8]>::compatible(given)
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for Packed<T>
where
    &'r [u8]: Decode<'r, DB>,
    T: DeserializeOwned,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        unpack(<&[u8]>::decode(value)?).map(Self)
    }
}

impl<'q, DB: Database, T> Encode<'q, DB> for Packed<T>
where
    Vec<u8>: Encode<'q, DB>,
    T: Serialize,
{
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        pack(&self.0)?.encode(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(text: &str) -> (Vec<u8>, String) {
        let bytes = pack(&text).unwrap();
        let read = unpack(&bytes).unwrap();
        (bytes, read)
    }

    #[test]
    fn short_values_are_stored_plain() {
        let (bytes, read) = read_back("다 됐다");
        assert_eq!(bytes, "\0\"다 됐다\"".as_bytes());
        assert_eq!(read, "다 됐다");
    }

    #[test]
    fn long_values_are_compressed() {
        let page = "<p>가을맞이 전 메뉴 20% 할인</p>".repeat(1_000);
        let (bytes, read) = read_back(&page);
        assert!(bytes.len() < page.len() / 20, "{} bytes", bytes.len());
        assert_eq!(read, page);
    }

    #[test]
    fn incompressible_values_are_stored_plain() {
        // Each character once: nothing repeats.
        let page: String = ('가'..='힣').step_by(7).collect();
        let (bytes, read) = read_back(&page);
        assert!(bytes.len() <= page.len() + 3, "{} bytes", bytes.len());
        assert_eq!(read, page);
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        for damaged in [&b""[..], b"\0", b"\0{", b"\x01\xff\xff", b"\x07\"\""] {
            assert!(unpack::<String>(damaged).is_err(), "{damaged:?}");
        }
    }
}
