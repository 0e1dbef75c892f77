//! What can be asked of a platform before there is a connection to it, and how a connection becomes a provider.

use std::sync::Arc;

use jiff::Timestamp;
use muster_outbound::{Fingerprint, Target};
use secrecy::SecretString;

use crate::{BoxFuture, Connection, Failure, Provider};

/// A platform: makes providers and probes.
pub trait Driver: Send + Sync + 'static {
    /// A provider for a connection with its secret. Nothing is dialled yet.
    ///
    /// # Errors
    /// When no client can be made of it.
    fn provider(&self, connection: &Connection, secret: SecretString) -> Result<Arc<dyn Provider>, Failure>;

    /// Tries a connection that need not exist: who answers, with which certificate, in which version, and what we may see.
    /// Without a secret only who answers. Every failure is part of the report.
    fn probe<'a>(&'a self, connection: &'a Connection, secret: Option<SecretString>) -> BoxFuture<'a, ProbeReport>;
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeReport {
    /// Each entry point, in the order of the connection.
    pub endpoints: Vec<EndpointFinding>,
    /// Version of the platform.
    pub version: Option<String>,
    /// Name of the cluster; absent for a node on its own.
    pub cluster: Option<String>,
    /// Names of its nodes.
    pub nodes: Vec<String>,
    /// Each call that we make, and whether we may; empty where nobody could be asked.
    pub calls: Vec<CallCheck>,
    /// Why the credentials were not accepted.
    pub failure: Option<Failure>,
}

/// What was found at one entry point.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointFinding {
    /// Where.
    pub endpoint: Target,
    /// Why it cannot be used as it is.
    pub failure: Option<Failure>,
    /// The certificate that it shows; shown also where it is not believed, so that it can be approved.
    pub certificate: Option<PeerCertificate>,
}

/// A certificate that somebody shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerCertificate {
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
    /// Whether the system's authorities vouch for it.
    pub trusted: bool,
    /// Whether it is one of the connection's pins.
    pub pinned: bool,
}

/// One call of the permission doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCheck {
    /// The call, such as `GET /nodes/{node}/disks/list`.
    pub call: String,
    /// The right that it needs, such as `Sys.Audit on /nodes/{node}`.
    pub right: String,
    /// What came of it.
    pub state: CallState,
    /// What stays empty without it, for people.
    pub without: String,
    /// The command that grants the right; absent where it is granted.
    pub grant: Option<String>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallState {
    /// It answered.
    Granted,
    /// It is refused, with the platform's own words.
    Refused(String),
    /// It answered, and something in the answer says that parts were left out.
    Partial(String),
    /// This platform does not have it.
    Absent,
    /// It failed for another reason.
    Failed(Failure),
}
