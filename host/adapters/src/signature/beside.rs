//! Signatures in files: beside a component, where `cosign sign-blob` was told to put them.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use baepo_domain::model::signature::Signature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The largest signature that is read; a bundle with certificate and log entry has about 10 KB.
pub const SIGNATURE_BYTES: u64 = 64 << 10;
/// Appended to the component's file name: `--output-signature`, and `--bundle`.
const ENDINGS: [&str; 2] = ["sig", "sigstore.json"];

/// The signatures in the files beside a component: `echo.wasm.sig` and `echo.wasm.sigstore.json`.
///
/// # Errors
/// One is there and cannot be read.
pub fn signatures_beside(component: &Path) -> io::Result<Vec<Signature>> {
    let mut found = Vec::new();
    for ending in ENDINGS {
        let mut file = component.as_os_str().to_owned();
        file.push(format!(".{ending}"));
        let file = PathBuf::from(file);
        if file.exists() {
            found.push(read_signature(&file)?);
        }
    }
    Ok(found)
}

/// A signature in a file: a bundle, or what `cosign sign-blob` printed.
///
/// # Errors
/// The file cannot be read, or is neither.
pub fn read_signature(file: &Path) -> io::Result<Signature> {
    let wrong = |why: &str| io::Error::other(format!("{}: {why}", file.display()));
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|error| wrong(&error.to_string()))?;
    opened.take(SIGNATURE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIGNATURE_BYTES {
        return Err(wrong("larger than 64 KiB, which no signature is"));
    }
    let Signature::Detached(text) = Signature::from_bytes(bytes.clone()) else {
        return Ok(Signature::Bundle(bytes));
    };
    let decoded = STANDARD.decode(text.trim_ascii());
    decoded
        .map(Signature::Detached)
        .map_err(|_| wrong("neither a signature in base64 nor a Sigstore bundle"))
}
