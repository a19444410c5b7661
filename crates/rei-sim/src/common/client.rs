//! The HTTP client of the simulators and of their tests.

use rustls::crypto::ring;

/// A client with nothing special about it. TLS needs a crypto provider in the process: ring, if none is chosen yet.
pub fn client() -> reqwest::Client {
    // An error means that a provider is installed already, which is all that is wanted.
    let _installed = ring::default_provider().install_default();
    reqwest::Client::new()
}
