//! Connections, their health and probes as the API shows them. Never a secret.

use jiff::Timestamp;
use muster_api::connection::{
    CallOutcome, CallProbe, CertificateProbe, Connection, ConnectionAuth, EndpointProbe, ObservedSummary, PollError,
    PollSummary, ProbeResult,
};
use muster_collect::{CallCheck, CallState, EndpointFinding, Failure, Health, Observed, PeerCertificate, ProbeReport};
use muster_store::{ConnectionBody, Login, StoredConnection};
use serde_json::{Value, json};

use super::written;

/// Issues that are shown; how many there are stands beside them (D-26).
const SHOWN_ISSUES: usize = 3;

/// A connection and how polling goes, as far as anybody knows.
pub(crate) fn shown(stored: StoredConnection, health: Option<Health>) -> Connection {
    let StoredConnection { id, platform, body, sealed_secret: _, version, created_at, updated_at } = stored;
    let ConnectionBody { name, endpoints, login, pins, interval_seconds, is_enabled, options } = body;
    let (poll, observed) = summaries(health.unwrap_or_default(), interval_seconds);
    Connection {
        id: id.0,
        platform,
        name,
        endpoints,
        auth: match login {
            Login::Token { user, token } => ConnectionAuth::Token { user, token },
            Login::Password { user } => ConnectionAuth::Password { user },
        },
        pins,
        interval_seconds,
        enabled: is_enabled,
        options,
        source: id.source(platform),
        version,
        created_at,
        updated_at,
        poll,
        observed,
    }
}

/// What the audit log says of a connection.
pub(crate) fn facts(body: &ConnectionBody) -> Value {
    let ConnectionBody { name, endpoints, login, pins, interval_seconds, is_enabled, options } = body;
    let (user, token) = match login {
        Login::Token { user, token } => (user, Some(token)),
        Login::Password { user } => (user, None),
    };
    json!({
        "name": name, "endpoints": endpoints, "user": user, "token": token, "pins": pins,
        "intervalSeconds": interval_seconds, "enabled": is_enabled, "options": options,
    })
}

/// What a probe found. `now` is when.
pub(crate) fn probed(report: ProbeReport, now: Timestamp) -> ProbeResult {
    let ProbeReport { endpoints, version, cluster, nodes, calls, failure } = report;
    ProbeResult {
        endpoints: endpoints.into_iter().map(|finding| endpoint(finding, now)).collect(),
        version,
        cluster,
        nodes,
        failure: failure.map(|failure| error(now, failure)),
        calls: calls.into_iter().map(call).collect(),
    }
}

fn summaries(health: Health, interval_seconds: u32) -> (PollSummary, ObservedSummary) {
    let Health { last_attempt_at, last_success_at, next_at, consecutive_failures, last_error, observed, requests } =
        health;
    let poll = PollSummary {
        interval_seconds: interval_seconds.max(1),
        last_attempt_at,
        last_success_at,
        next_at,
        consecutive_failures,
        last_error: last_error.map(|(at, failure)| error(at, failure)),
    };
    let Observed { collected_at, counts, mut issues } = observed;
    let issue_count = u32::try_from(issues.len()).unwrap_or(u32::MAX);
    issues.truncate(SHOWN_ISSUES);
    let observed = ObservedSummary {
        collected_at,
        degraded: issue_count > 0,
        issue_count,
        issues,
        counts: counts.into_iter().map(|(what, count)| (what.to_owned(), count)).collect(),
        requests,
    };
    (poll, observed)
}

fn error(at: Timestamp, failure: Failure) -> PollError {
    let Failure { category, message } = failure;
    PollError { at, category: category.as_str().to_owned(), message }
}

fn endpoint(finding: EndpointFinding, now: Timestamp) -> EndpointProbe {
    let EndpointFinding { endpoint, failure, certificate } = finding;
    EndpointProbe {
        endpoint: written(&endpoint),
        failure: failure.map(|failure| error(now, failure)),
        certificate: certificate.map(shown_certificate),
    }
}

fn shown_certificate(certificate: PeerCertificate) -> CertificateProbe {
    let PeerCertificate { fingerprint, subject, issuer, not_before, not_after, trusted, pinned } = certificate;
    CertificateProbe { fingerprint: fingerprint.to_string(), subject, issuer, not_before, not_after, trusted, pinned }
}

fn call(check: CallCheck) -> CallProbe {
    let CallCheck { call, right, state, without, grant } = check;
    let (state, detail) = match state {
        CallState::Granted => (CallOutcome::Granted, None),
        CallState::Refused(words) => (CallOutcome::Refused, Some(words)),
        CallState::Partial(words) => (CallOutcome::Partial, Some(words)),
        CallState::Absent => (CallOutcome::Absent, None),
        CallState::Failed(failure) => (CallOutcome::Failed, Some(failure.message)),
    };
    CallProbe { call, right, state, detail, without, grant }
}

#[cfg(test)]
mod tests {
    use muster_collect::FailureCategory;
    use muster_model::{Issue, IssueClass};

    use super::*;

    #[test]
    fn a_summary_tells_three_issues_and_how_many_there_are() {
        // D-26
        let issue = |section: &str| Issue {
            class: IssueClass::TimedOut,
            section: section.to_owned(),
            message: "no".to_owned(),
        };
        let observed = Observed {
            collected_at: Some(Timestamp::UNIX_EPOCH),
            counts: [("guests", 7)].into(),
            issues: ["a", "b", "c", "d"].map(issue).into(),
        };
        let failure = Failure { category: FailureCategory::PinMismatch, message: "another one".to_owned() };
        let health = Health {
            consecutive_failures: 2,
            last_error: Some((Timestamp::UNIX_EPOCH, failure)),
            observed,
            requests: 9,
            ..Health::default()
        };
        let (poll, observed) = summaries(health, 10);
        let told = poll.last_error.unwrap();
        assert_eq!((told.category.as_str(), told.message.as_str()), ("pin_mismatch", "another one"));
        assert_eq!((poll.interval_seconds, poll.consecutive_failures), (10, 2));
        assert!(observed.degraded);
        assert_eq!((observed.issues.len(), observed.issue_count, observed.requests), (3, 4, 9));
        assert_eq!(observed.counts["guests"], 7);
        let (poll, observed) = summaries(Health::default(), 0);
        assert_eq!((poll.interval_seconds, observed.degraded, observed.collected_at), (1, false, None));
    }
}
