//! TLS: which certificate is shown, where it comes from, and when another one takes its place.
//!
//! The composition root loads [`Certificates`] from files, its own or those of [`self_signed`], and hands them to the
//! [`App`](crate::App); the server shakes hands with them and [`Certificates::watch`] looks after their files. Versions 1.2
//! and 1.3 are spoken, nothing older, over rustls with ring. Client certificates are not asked for.

mod certificates;
mod facts;
mod pair;
mod self_signed;

use std::sync::Arc;

use rustls::{ServerConfig, crypto::ring, version};
use tokio_rustls::TlsAcceptor;

pub use certificates::Certificates;
pub use facts::{Facts, InvalidCertificate};
pub use pair::{PairError, PairFiles};
pub use self_signed::{PemPair, SelfSignedError, self_signed, self_signed_with};

/// What shakes hands with clients.
pub(crate) fn acceptor(certificates: Arc<Certificates>) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .expect("the provider speaks both versions");
    let mut config = config.with_no_client_auth().with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
