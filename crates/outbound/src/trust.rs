//! Whether the other side is who it should be: verified as the system does, or by pinned certificates.

use std::{collections::BTreeSet, fmt, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;

use crate::fingerprint::Fingerprint;

/// Whom to believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Whoever has a certificate for the name from an authority that this system trusts.
    System,
    /// Whoever holds the key of this very certificate, whatever name or date stands in it, and nobody else.
    Pinned(Fingerprint),
    /// Whoever holds the key of one of these certificates, whatever name or date stands in it, and whomever the system
    /// trusts. Without any pin the system alone decides.
    PinnedAny {
        /// The certificates.
        pins: BTreeSet<Fingerprint>,
    },
}

impl Trust {
    /// TLS that believes whom this says.
    ///
    /// # Errors
    /// When the system's authorities decide and cannot be read.
    pub(crate) fn tls(self) -> Result<ClientConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let (pins, system) = match self {
            Self::System => (BTreeSet::new(), Some(system(&provider)?)),
            Self::Pinned(pin) => (BTreeSet::from([pin]), None),
            Self::PinnedAny { pins } if pins.is_empty() => (pins, Some(system(&provider)?)),
            // A machine without authorities can still compare certificates.
            Self::PinnedAny { pins } => (pins, system(&provider).ok()),
        };
        Ok(configured(Arc::new(Judge { pins, system, provider })))
    }
}

/// TLS that accepts one certificate and no other: for whoever brings an HTTP client of their own.
pub fn pinned_tls(pin: Fingerprint) -> ClientConfig {
    Trust::Pinned(pin).tls().expect("comparing one certificate needs no authorities")
}

/// What the system thinks of a certificate.
pub(crate) fn system(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    Ok(Arc::new(Verifier::new(Arc::clone(provider))?))
}

/// TLS whose certificates are judged by somebody.
pub(crate) fn configured(judge: Arc<dyn ServerCertVerifier>) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.expect("the provider speaks TLS 1.2 and 1.3");
    versions.dangerous().with_custom_certificate_verifier(judge).with_no_client_auth()
}

/// Why a certificate is not believed.
#[derive(Debug)]
pub(crate) struct Distrust {
    /// What was shown.
    pub(crate) found: Fingerprint,
    /// Whether there are pins, and it is none of them.
    pub(crate) pinned: bool,
    /// What the system thinks of it, where the system was asked.
    pub(crate) system: Option<Error>,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, pinned, system } = self;
        let verdict = if *pinned { "not the pinned one" } else { "not trusted" };
        write!(f, "the certificate is {verdict}: its SHA-256 is {found}")?;
        system.iter().try_for_each(|error| write!(f, "; {error}"))
    }
}

impl std::error::Error for Distrust {}

/// Compares the certificate, asks the system where it may decide, and checks that the other side holds the key.
#[derive(Debug)]
struct Judge {
    pins: BTreeSet<Fingerprint>,
    system: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = Fingerprint::of(end_entity);
        if self.pins.contains(&found) {
            return Ok(ServerCertVerified::assertion());
        }
        let ask = |system: &dyn ServerCertVerifier| {
            system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let system = match self.system.as_deref().map(ask) {
            Some(Ok(verified)) => return Ok(verified),
            Some(Err(why)) => Some(why),
            None => None,
        };
        let distrust = Distrust { found, pinned: !self.pins.is_empty(), system };
        Err(Error::Other(OtherError(Arc::new(distrust))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
