//! Connections and probes as tables.

use jiff::Timestamp;
use muster_api::connection::{CallOutcome, CallProbe, CertificateProbe, Connection, EndpointProbe, ProbeResult};

use crate::{commands::resources::ago, output};

/// Connections, one a line.
pub(super) fn connections(connections: &[Connection], now: Timestamp) -> String {
    let header = ["name", "state", "every", "last success", "sees", "trouble", "id"];
    let rows = connections.iter().map(|connection| {
        [
            connection.name.clone(),
            state(connection).to_owned(),
            output::span(connection.poll.interval_seconds.into()),
            connection.poll.last_success_at.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
            sees(connection),
            trouble(connection),
            connection.id.to_string(),
        ]
    });
    output::table(header, rows)
}

/// What a probe found: entry points, what is wrong, each call, and the commands that would grant what is missing.
pub(super) fn probe(result: &ProbeResult) -> String {
    let mut parts = vec![endpoints(&result.endpoints)];
    if let Some(failure) = &result.failure {
        parts.push(output::plain(&failure.message));
    }
    if result.version.is_some() || !result.nodes.is_empty() {
        parts.push(platform(result));
    }
    if !result.calls.is_empty() {
        parts.push(calls(&result.calls));
    }
    let grants = grants(&result.calls);
    if !grants.is_empty() {
        parts.push(format!("To see all of it, run on one of the nodes:\n{}", grants.join("\n")));
    }
    parts.join("\n\n")
}

/// How many calls answer with all, and how many there are that could.
pub(super) fn granted(calls: &[CallProbe]) -> (usize, usize) {
    let there = calls.iter().filter(|call| call.state != CallOutcome::Absent);
    (calls.iter().filter(|call| call.state == CallOutcome::Granted).count(), there.count())
}

fn state(connection: &Connection) -> &'static str {
    let poll = &connection.poll;
    match (connection.enabled, &poll.last_error, poll.last_success_at) {
        (false, _, _) => "disabled",
        (true, Some(_), _) => "failing",
        (true, None, None) => "not tried yet",
        (true, None, Some(_)) if connection.observed.degraded => "partial",
        (true, None, Some(_)) => "working",
    }
}

fn sees(connection: &Connection) -> String {
    let counts = connection.observed.counts.iter().map(|(what, count)| format!("{count} {what}"));
    counts.collect::<Vec<_>>().join(", ")
}

fn trouble(connection: &Connection) -> String {
    let observed = &connection.observed;
    match (&connection.poll.last_error, observed.issues.first()) {
        (Some(error), _) => format!("{}: {}", error.category, error.message),
        (None, Some(issue)) if observed.issue_count > 1 => {
            format!("{} (and {} more)", issue.message, observed.issue_count - 1)
        }
        (None, Some(issue)) => issue.message.clone(),
        (None, None) => String::new(),
    }
}

fn endpoints(endpoints: &[EndpointProbe]) -> String {
    let header = ["address", "certificate", "SHA-256", "trouble"];
    let rows = endpoints.iter().map(|endpoint| {
        let certificate = endpoint.certificate.as_ref();
        [
            endpoint.endpoint.clone(),
            certificate.map_or_else(|| "none".to_owned(), |certificate| believed(certificate).to_owned()),
            certificate.map(|certificate| certificate.fingerprint.clone()).unwrap_or_default(),
            endpoint.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default(),
        ]
    });
    output::table(header, rows)
}

fn believed(certificate: &CertificateProbe) -> &'static str {
    match (certificate.pinned, certificate.trusted) {
        (true, _) => "pinned",
        (false, true) => "trusted",
        (false, false) => "not trusted",
    }
}

fn platform(result: &ProbeResult) -> String {
    let version = result.version.as_deref().unwrap_or("unknown");
    let cluster = result.cluster.as_deref().map_or_else(String::new, |cluster| format!(", cluster {cluster}"));
    output::plain(&format!("Version {version}{cluster}, nodes: {}", result.nodes.join(", ")))
}

fn calls(calls: &[CallProbe]) -> String {
    let rows = calls.iter().map(|call| {
        [
            outcome(call.state).to_owned(),
            call.call.clone(),
            call.right.clone(),
            match call.state {
                CallOutcome::Granted | CallOutcome::Absent => String::new(),
                CallOutcome::Refused | CallOutcome::Partial | CallOutcome::Failed => call.without.clone(),
            },
        ]
    });
    output::table(["state", "call", "right", "stays empty"], rows)
}

fn outcome(outcome: CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Granted => "granted",
        CallOutcome::Refused => "refused",
        CallOutcome::Partial => "partial",
        CallOutcome::Absent => "not there",
        CallOutcome::Failed => "failed",
    }
}

/// Each command once, in the order of the calls.
fn grants(calls: &[CallProbe]) -> Vec<String> {
    let mut grants: Vec<String> = Vec::new();
    for grant in calls.iter().filter_map(|call| call.grant.as_deref()) {
        let grant: String = grant.lines().map(output::plain).collect::<Vec<_>>().join("\n");
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    grants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doctor_says_each_command_once() {
        let call = |state, grant: Option<&str>| CallProbe {
            call: "GET /nodes/{node}/disks/list".into(),
            right: "Sys.Audit on /nodes/{node}".into(),
            state,
            detail: None,
            without: "physical disks".into(),
            grant: grant.map(Into::into),
        };
        let grant = "pveum acl modify / --users monitor@pve --roles PVEAuditor";
        let calls = vec![
            call(CallOutcome::Granted, None),
            call(CallOutcome::Refused, Some(grant)),
            call(CallOutcome::Partial, Some(grant)),
            call(CallOutcome::Absent, None),
        ];
        assert_eq!(granted(&calls), (1, 3));
        let result =
            ProbeResult { endpoints: vec![], version: None, cluster: None, nodes: vec![], failure: None, calls };
        let shown = probe(&result);
        assert_eq!(shown.matches(grant).count(), 1, "{shown}");
        assert_eq!(shown.matches("physical disks").count(), 2, "{shown}");
    }
}
