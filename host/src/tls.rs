//! TLS for the clients of this process.

/// Installs the cryptography of every TLS connection of this process: ring, which builds without cmake
/// and an assembler. Further calls do nothing.
pub fn install_provider() {
    // It fails when a provider is installed already, which is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
