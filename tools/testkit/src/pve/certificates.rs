//! The authority of a cluster, and what each node shows in a handshake.
//!
//! Keys come from the seed, and signatures with them are always the same: a cluster that is started again shows the
//! certificates that it showed before, so that pins hold. Nobody may use such keys for anything else.

use std::{collections::BTreeMap, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_ED25519,
    SerialNumber, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sha2::{Digest, Sha256};

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The year in which every certificate begins.
const BEGINS: i32 = 2025;

/// The year in which those end that have not ended.
const ENDS: i32 = 2045;

/// What an entry shows whoever comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The node's certificate, signed by the cluster's authority.
    #[default]
    Proper,
    /// A certificate of the same names and authority that has expired.
    Expired,
    /// A certificate that the node's name stands in, signed by itself with another key.
    Stranger,
    /// None: the port speaks plain HTTP.
    Plain,
}

/// A certificate as the API and clients tell it apart.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    pub(super) der: CertificateDer<'static>,
    pub(super) pem: String,
    /// SHA-256 over `der`: 32 upper-case pairs joined by colons.
    pub(super) fingerprint: String,
    pub(super) subject: String,
    pub(super) issuer: String,
    /// As the API lists them: addresses of version 6 in full.
    pub(super) names: Vec<String>,
    /// Unix seconds.
    pub(super) not_before: i64,
    /// Unix seconds.
    pub(super) not_after: i64,
}

/// The authority of a cluster.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(super) certificate: Certificate,
    seed: String,
}

/// What one node can show: each certificate, and how to speak TLS with it.
pub(super) struct NodeCertificates(BTreeMap<Shown, (Certificate, Arc<ServerConfig>)>);

impl Authority {
    /// The authority of the cluster of this name and seed.
    pub(super) fn of(cluster: &str, seed: u64) -> Self {
        let seed = format!("{cluster}/{seed}");
        let mut parameters = parameters(&seed, "authority", &[], ENDS);
        let unit = hex::encode(&digest(&seed, "unit")[..16]);
        parameters.distinguished_name.push(DnType::CommonName, "Proxmox Virtual Environment");
        parameters.distinguished_name.push(DnType::OrganizationalUnitName, unit.as_str());
        parameters.distinguished_name.push(DnType::OrganizationName, "PVE Cluster Manager CA");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(parameters, key(&seed, "authority")).expect("the names are plain");
        let name = format!("/CN=Proxmox Virtual Environment/OU={unit}/O=PVE Cluster Manager CA");
        let certificate = describe(issuer.der(), issuer.pem(), &name, &name, Vec::new(), ENDS);
        Self { issuer, certificate, seed }
    }

    /// What the node of this name can show.
    pub(super) fn certify(&self, node: &str, domain: &str) -> NodeCertificates {
        let full = format!("{node}.{domain}");
        let names = ["127.0.0.1", "::1", "localhost", node, &full].map(str::to_owned);
        let subject = format!("/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN={full}");
        let sign = |shown: Shown| {
            let ends = if shown == Shown::Expired { BEGINS + 1 } else { ENDS };
            let purpose = format!("{node}/{shown:?}");
            let mut parameters = parameters(&self.seed, &purpose, &names, ends);
            parameters.distinguished_name.push(DnType::OrganizationalUnitName, "PVE Cluster Node");
            parameters.distinguished_name.push(DnType::OrganizationName, "Proxmox Virtual Environment");
            parameters.distinguished_name.push(DnType::CommonName, full.as_str());
            let key = key(&self.seed, &purpose);
            let (signed, issuer) = match shown {
                Shown::Proper | Shown::Expired | Shown::Plain => {
                    (parameters.signed_by(&key, &self.issuer), &self.certificate.subject)
                }
                Shown::Stranger => {
                    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                    (parameters.self_signed(&key), &subject)
                }
            };
            let signed = signed.expect("the names are plain");
            let listed = names.iter().map(|name| if name == "::1" { in_full() } else { name.clone() });
            let certificate = describe(signed.der(), signed.pem(), &subject, issuer, listed.collect(), ends);
            let config = config(certificate.der.clone(), &key);
            (shown, (certificate, config))
        };
        NodeCertificates([Shown::Proper, Shown::Expired, Shown::Stranger].map(sign).into())
    }
}

impl NodeCertificates {
    /// The certificate that is shown, or that would be where none is.
    pub(super) fn certificate(&self, shown: Shown) -> &Certificate {
        &self.entry(shown).0
    }

    /// How to speak TLS with it. `None` where it is not spoken.
    pub(super) fn config(&self, shown: Shown) -> Option<Arc<ServerConfig>> {
        (shown != Shown::Plain).then(|| Arc::clone(&self.entry(shown).1))
    }

    fn entry(&self, shown: Shown) -> &(Certificate, Arc<ServerConfig>) {
        self.0.get(&shown).unwrap_or_else(|| &self.0[&Shown::Proper])
    }
}

/// SHA-256 over a certificate as people compare it: 32 upper-case pairs joined by colons.
pub(super) fn fingerprint(der: &[u8]) -> String {
    let pairs: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

fn in_full() -> String {
    "0000:0000:0000:0000:0000:0000:0000:0001".to_owned()
}

fn parameters(seed: &str, purpose: &str, names: &[String], ends: i32) -> CertificateParams {
    let mut parameters = CertificateParams::new(names).expect("the names are plain");
    parameters.not_before = date_time_ymd(BEGINS, 1, 1);
    parameters.not_after = date_time_ymd(ends, 1, 1);
    parameters.serial_number = Some(SerialNumber::from_slice(&digest(seed, purpose)[..8]));
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
}

fn describe(
    der: &CertificateDer<'_>,
    pem: String,
    subject: &str,
    issuer: &str,
    names: Vec<String>,
    ends: i32,
) -> Certificate {
    Certificate {
        der: der.clone().into_owned(),
        pem,
        fingerprint: fingerprint(der),
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        names,
        not_before: date_time_ymd(BEGINS, 1, 1).unix_timestamp(),
        not_after: date_time_ymd(ends, 1, 1).unix_timestamp(),
    }
}

fn config(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("the provider speaks them");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key);
    Arc::new(config.expect("the key belongs to the certificate"))
}

fn key(seed: &str, purpose: &str) -> KeyPair {
    let pkcs8 = [ED25519.as_slice(), &digest(seed, purpose)].concat();
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8), &PKCS_ED25519);
    key.expect("every 32 bytes are a key")
}

fn digest(seed: &str, purpose: &str) -> [u8; 32] {
    Sha256::digest(format!("{seed}/{purpose}")).into()
}
