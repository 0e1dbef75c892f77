//! A certificate of our own, for those who have none: nobody vouches for it, so clients compare its fingerprint.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd};
use secrecy::{ExposeSecret, SecretString};

/// How long such a certificate holds: what browsers accept at most.
const LIFETIME: SignedDuration = SignedDuration::from_hours(397 * 24);

/// A client's clock may be behind ours.
const LEEWAY: SignedDuration = SignedDuration::from_hours(1);

/// A certificate and its key in PEM.
#[derive(Debug)]
pub struct PemPair {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: SecretString,
}

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
#[error("making a certificate for {}; each must be a host name or an address", names.join(", "))]
pub struct SelfSignedError {
    names: Vec<String>,
    #[source]
    cause: rcgen::Error,
}

/// Makes a key (ECDSA P-256) and a certificate for some names and addresses. The key's randomness is the system's.
///
/// # Errors
/// When a name cannot stand in a certificate.
pub fn self_signed(subject: &str, names: &[String], now: Timestamp) -> Result<PemPair, SelfSignedError> {
    let pair = KeyPair::generate().and_then(|key| {
        let certificate = certify(&key, subject, names, now)?;
        Ok(PemPair { certificate, key: key.serialize_pem().into() })
    });
    pair.map_err(|cause| SelfSignedError { names: names.to_vec(), cause })
}

/// Makes a certificate in PEM for a key that is there already, for some names and addresses.
///
/// # Errors
/// When the key is none of ours, or a name cannot stand in a certificate.
pub fn self_signed_with(
    key: &SecretString,
    subject: &str,
    names: &[String],
    now: Timestamp,
) -> Result<String, SelfSignedError> {
    let made = KeyPair::from_pem(key.expose_secret()).and_then(|key| certify(&key, subject, names, now));
    made.map_err(|cause| SelfSignedError { names: names.to_vec(), cause })
}

fn certify(key: &KeyPair, subject: &str, names: &[String], now: Timestamp) -> Result<String, rcgen::Error> {
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name.push(DnType::CommonName, subject);
    let ((from_year, from_month, from_day), (year, month, day)) = (date(now - LEEWAY), date(now + LIFETIME));
    parameters.not_before = date_time_ymd(from_year, from_month, from_day);
    parameters.not_after = date_time_ymd(year, month, day);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(parameters.self_signed(key)?.pem())
}

/// The day of a time, in UTC: such a certificate begins and ends at midnight.
fn date(at: Timestamp) -> (i32, u8, u8) {
    let date = at.to_zoned(TimeZone::UTC).date();
    let part = |part: i8| u8::try_from(part).expect("months and days count from 1");
    (date.year().into(), part(date.month()), part(date.day()))
}
