//! Certificates of services that speak TLS.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::program::find_program;

/// Makes `key.pem`, and in `certificate.pem` a certificate of it for `localhost` that vouches for itself.
pub fn make_certificate(folder: &Path) -> anyhow::Result<()> {
    let output = Command::new(find_program("openssl", "openssl")?)
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .args(["-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        // A root that is also the server's certificate is refused when it calls itself one.
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(folder)
        .output()
        .context("cannot run openssl")?;
    if !output.status.success() {
        bail!("openssl: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
