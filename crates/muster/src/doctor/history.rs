//! The metrics history: whether it is written, and whether all of it can be read.

use muster_api::{
    doctor::Finding,
    history_stats::{RemoteHealth, ShippingState},
};
use muster_history::Stats;

use super::{fail, ok, warn};
use crate::output;

/// Judges what the history says of itself.
pub(super) fn check(stats: &Stats) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(error) = &stats.last_error {
        let why = "What was measured since is in memory only, and lost with a restart.";
        let remedy = "The reason is in the message; most often the disk is full or was made read-only.";
        findings.push(fail("history.writes", format!("The last write failed: {error}."), why, remedy));
    }
    let damaged = stats.damaged_blocks + stats.damaged_logs + stats.lost_resources;
    if damaged > 0 {
        let what = format!("{} cannot be read.", output::count(damaged, "stored part"));
        let why = "Charts show a gap there. A disk that damages files damages more.";
        let remedy =
            "Run `muster history verify`, check the disk's health, and restore a backup where the gap matters.";
        findings.push(warn("history.damage", what, why, remedy));
    }
    if stats.lost_samples > 0 {
        let what = format!("{} were lost since the start.", output::count(stats.lost_samples, "sample"));
        let why = "They could not be written for so long that memory had to let go of them.";
        findings.push(warn(
            "history.lost",
            what,
            why,
            "Find out why writing failed: see the log and `muster doctor`'s other findings.",
        ));
    }
    if findings.is_empty() {
        let size = output::bytes(stats.size_bytes() as f64);
        findings
            .push(ok("history", format!("{} series, {size}, all of it readable as far as it was read.", stats.series)));
    }
    findings
}

/// Judges shipping to a store elsewhere.
pub(super) fn remote(health: &RemoteHealth) -> Finding {
    let detail = health.detail.as_deref().unwrap_or("no reason was given");
    let why = "What is not shipped exists on this machine only.";
    match health.state {
        ShippingState::Idle | ShippingState::Sending => ok("history.remote", "The remote store takes what it is sent."),
        ShippingState::Retrying => {
            let what = format!("The remote store does not take samples just now: {detail}.");
            warn("history.remote", what, why, "Check that it runs and can be reached; shipping goes on by itself.")
        }
        ShippingState::Stopped => {
            let what = format!("Shipping to the remote store has stopped: {detail}.");
            fail(
                "history.remote",
                what,
                why,
                "Correct the address or the credentials in the section [history], and restart.",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use muster_api::doctor::FindingLevel;

    use super::*;

    #[test]
    fn trouble_is_told_apart() {
        let check = |change: fn(&mut Stats), expected: &[(&str, FindingLevel)]| {
            let mut stats = Stats::default();
            change(&mut stats);
            let found = super::check(&stats);
            let found: Vec<_> = found.iter().map(|finding| (finding.check.as_str(), finding.level)).collect();
            assert_eq!(found, expected);
        };
        check(|_| {}, &[("history", FindingLevel::Ok)]);
        check(|stats| stats.last_error = Some("disk full".into()), &[("history.writes", FindingLevel::Fail)]);
        check(|stats| stats.damaged_logs = 1, &[("history.damage", FindingLevel::Warn)]);
    }
}
