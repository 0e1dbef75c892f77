//! Which certificate an origin shows, believed or not: so that somebody can look at it and decide.
//!
//! The connection is used for nothing else: no byte of a request goes over it.

use std::{io, net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, IpAddr, ServerName, UnixTime},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Host;
use x509_parser::{certificate::X509Certificate, prelude::FromDer, time::ASN1Time};

use crate::{
    client::{Outbound, Time},
    error::OutboundError,
    failure,
    fingerprint::Fingerprint,
    lookup::Judged,
    target::Target,
    trust::{configured, system},
};

/// Names in a certificate are told no further than this, in characters.
const MOST_NAME: usize = 256;

/// What an origin shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    /// Its own certificate first, then those that vouch for each other.
    pub chain: Vec<ShownCertificate>,
    /// Why the system's authorities do not vouch for it; absent where they do.
    pub distrusted: Option<String>,
}

/// What stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCertificate {
    /// SHA-256 of it.
    pub fingerprint: Fingerprint,
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// From when it is good.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
}

impl Outbound {
    /// Looks at the certificates of an origin within the time that a connection is granted. The other side proves that it
    /// holds the key of the first.
    ///
    /// # Errors
    /// When nobody answers in time, or answers with something else than TLS or with a certificate that cannot be read.
    pub async fn peek(&self, target: &Target) -> Result<Peek, OutboundError> {
        let time = Time::starting_now(Arc::clone(&self.clock), self.limits.connect);
        let (name, tls) = (server_name(target)?, blind());
        let stand = async {
            let tcp = self.dial(target).await?;
            TlsConnector::from(Arc::new(tls)).connect(name.clone(), tcp).await
        };
        let stream = time.limit(target, stand).await?.map_err(|cause| failure::of_connection(target, cause))?;
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let shown: Option<Vec<_>> = chain.iter().map(shown).collect();
        let chain_shown = shown.filter(|shown| !shown.is_empty()).ok_or_else(|| unreadable(target))?;
        Ok(Peek { chain: chain_shown, distrusted: self.distrusted(&name, chain) })
    }

    async fn dial(&self, target: &Target) -> io::Result<TcpStream> {
        let port = target.url().port_or_known_default().unwrap_or_default();
        let addresses = match target.url().host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) => Judged(Arc::clone(&self.lookup)).addresses(name.to_owned()).await?,
            None => vec![],
        };
        let addresses: Vec<SocketAddr> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        TcpStream::connect(&addresses[..]).await
    }

    fn distrusted(&self, name: &ServerName<'_>, chain: &[CertificateDer<'_>]) -> Option<String> {
        let (first, others) = chain.split_first()?;
        let since = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(since));
        let judged = system(&Arc::new(ring::default_provider()))
            .and_then(|system| system.verify_server_cert(first, others, name, &[], now));
        judged.err().map(|why| why.to_string())
    }
}

fn server_name(target: &Target) -> Result<ServerName<'static>, OutboundError> {
    let no_tls = || OutboundError::NotTls { origin: target.origin() };
    if target.url().scheme() != "https" {
        return Err(no_tls());
    }
    match target.url().host().ok_or_else(no_tls)? {
        Host::Ipv4(address) => Ok(ServerName::IpAddress(IpAddr::V4(address.into()))),
        Host::Ipv6(address) => Ok(ServerName::IpAddress(IpAddr::V6(address.into()))),
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| no_tls()),
    }
}

fn shown(certificate: &CertificateDer<'_>) -> Option<ShownCertificate> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    Some(ShownCertificate {
        fingerprint: Fingerprint::of(certificate),
        subject: name(&read.subject().to_string()),
        issuer: name(&read.issuer().to_string()),
        not_before: moment(read.validity().not_before),
        not_after: moment(read.validity().not_after),
    })
}

fn name(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MOST_NAME).collect()
}

/// A certificate may name a year beyond all calendars.
fn moment(time: ASN1Time) -> Timestamp {
    Timestamp::from_second(time.timestamp()).unwrap_or(Timestamp::MAX)
}

fn unreadable(target: &Target) -> OutboundError {
    let cause = Error::InvalidCertificate(rustls::CertificateError::BadEncoding);
    OutboundError::Tls { origin: target.origin(), cause: cause.into() }
}

/// TLS that only looks.
fn blind() -> ClientConfig {
    configured(Arc::new(Blind(Arc::new(ring::default_provider()))))
}

/// Believes every certificate whose key the other side holds.
#[derive(Debug)]
struct Blind(Arc<CryptoProvider>);

impl ServerCertVerifier for Blind {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
