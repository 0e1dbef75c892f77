//! What stands in a certificate, for people.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use muster_outbound::Fingerprint;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

/// What stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its subject, such as `CN=muster.example.org`.
    pub subject: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Since when it holds.
    pub not_before: Timestamp,
    /// Until when it holds.
    pub not_after: Timestamp,
    /// Whether nobody but itself vouches for it.
    pub self_signed: bool,
    /// The SHA-256 of its DER form.
    pub fingerprint: Fingerprint,
}

/// Something is no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no X.509 certificate that can be read")]
pub struct InvalidCertificate;

impl Facts {
    /// Reads a certificate in DER form.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(der: &[u8]) -> Result<Self, InvalidCertificate> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| InvalidCertificate)?;
        let validity = certificate.validity();
        let at = |seconds| Timestamp::from_second(seconds).map_err(|_| InvalidCertificate);
        Ok(Self {
            subject: certificate.subject().to_string(),
            names: names(&certificate),
            not_before: at(validity.not_before.timestamp())?,
            not_after: at(validity.not_after.timestamp())?,
            self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            fingerprint: Fingerprint::of(der),
        })
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternative)) = certificate.subject_alternative_name() else { return Vec::new() };
    alternative.value.general_names.iter().filter_map(name).collect()
}

/// A name that a server can be reached by; mail addresses and the like are left out.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(octets).ok().map(|octets| Ipv4Addr::from(octets).into());
    v4().or_else(|| <[u8; 16]>::try_from(octets).ok().map(|octets| Ipv6Addr::from(octets).into()))
}
