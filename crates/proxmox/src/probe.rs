//! What can be found out before there is a connection: who answers at each entry point, and what we may ask there.
//!
//! Called by the driver, for the form that sets a connection up and for its test. It changes nothing on the platform.

mod doctor;
mod sample;

use std::sync::Arc;

use futures::future::join_all;
use muster_collect::{Connection, EndpointFinding, Failure, FailureCategory, PeerCertificate, ProbeReport};
use muster_outbound::{Outbound, Peek, Target};
use muster_runtime::Clock;
use secrecy::SecretString;

use crate::client::{Client, failure_of, outbound};

/// Looks at every entry point and, with a secret, at what we may do.
pub(crate) async fn probe(
    connection: &Connection,
    secret: Option<SecretString>,
    clock: &Arc<dyn Clock>,
) -> ProbeReport {
    let mut report = match outbound(connection, Arc::clone(clock)) {
        Ok(outbound) => reached(connection, &outbound).await,
        Err(failure) => return with_failure(nothing(vec![]), failure),
    };
    let usable = report.endpoints.iter().any(|endpoint| endpoint.failure.is_none());
    let Some(secret) = secret.filter(|_| usable) else { return report };
    match Client::new(connection, secret, Arc::clone(clock)) {
        Ok(client) => doctor::examine(&client, connection, clock.as_ref(), &mut report).await,
        Err(failure) => report.failure = Some(failure),
    }
    report
}

async fn reached(connection: &Connection, outbound: &Outbound) -> ProbeReport {
    let findings = connection.endpoints.iter().map(|endpoint| finding(connection, outbound, endpoint));
    nothing(join_all(findings).await)
}

async fn finding(connection: &Connection, outbound: &Outbound, endpoint: &Target) -> EndpointFinding {
    let (failure, certificate) = match endpoint.url().scheme() {
        // Only what is on this machine is asked without TLS; it has nothing to show.
        "http" => (None, None),
        _ => match outbound.peek(endpoint).await {
            Ok(peek) => {
                let certificate = shown(connection, &peek);
                (disbelief(connection, endpoint, &peek, certificate.as_ref()), certificate)
            }
            Err(error) => (Some(failure_of(&error)), None),
        },
    };
    EndpointFinding { endpoint: endpoint.clone(), failure, certificate }
}

fn shown(connection: &Connection, peek: &Peek) -> Option<PeerCertificate> {
    let first = peek.chain.first()?;
    Some(PeerCertificate {
        fingerprint: first.fingerprint,
        subject: first.subject.clone(),
        issuer: first.issuer.clone(),
        not_before: first.not_before,
        not_after: first.not_after,
        trusted: peek.distrusted.is_none(),
        pinned: connection.pins.contains(&first.fingerprint),
    })
}

fn disbelief(
    connection: &Connection,
    endpoint: &Target,
    peek: &Peek,
    certificate: Option<&PeerCertificate>,
) -> Option<Failure> {
    let certificate = certificate.filter(|certificate| !certificate.trusted && !certificate.pinned)?;
    let (category, what) = if connection.pins.is_empty() {
        (FailureCategory::Tls, "no authority that this system trusts vouches for the certificate")
    } else {
        (FailureCategory::PinMismatch, "the certificate is none of the pinned ones")
    };
    let why = peek.distrusted.as_deref().unwrap_or_default();
    let message = format!(
        "{what} of {endpoint} ({why}); compare {} with the node's certificate and pin it",
        certificate.fingerprint
    );
    Some(Failure { category, message })
}

fn nothing(endpoints: Vec<EndpointFinding>) -> ProbeReport {
    ProbeReport { endpoints, version: None, cluster: None, nodes: vec![], calls: vec![], failure: None }
}

fn with_failure(report: ProbeReport, failure: Failure) -> ProbeReport {
    ProbeReport { failure: Some(failure), ..report }
}
