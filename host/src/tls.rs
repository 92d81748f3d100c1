//! TLS for the clients of this process.

/// Chooses the cryptography of every TLS connection of this process: ring, which needs neither
/// cmake nor an assembler to build. Calling it again changes nothing.
pub fn install_provider() {
    // Whoever was first chose the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
