//! The system clock, against the database's and against what was stored.

use jiff::{SignedDuration, Timestamp};
use muster_api::doctor::Finding;

use super::{ok, warn};

/// What time synchronisation leaves, and more.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(30);

const WHY: &str = "Samples are stored under the time that this clock shows, and freshness is judged by it.";

/// Compares the clocks.
pub(super) fn check(now: Timestamp, database: Option<Timestamp>, newest_report: Option<Timestamp>) -> Vec<Finding> {
    let remedy = "Check time synchronisation on both machines, for example with `timedatectl`.";
    let mut findings = Vec::new();
    if let Some(behind) = newest_report.map(|newest| newest.duration_since(now)).filter(|it| *it > TOLERANCE) {
        let what = format!("The system clock is {} s behind the newest stored report.", behind.as_secs());
        findings.push(warn("clock", what, WHY, "Set the clock, for example with `timedatectl`."));
    }
    match database.map(|database| now.duration_since(database)) {
        Some(apart) if apart.abs() > TOLERANCE => {
            let what = format!("The system clock and the database's are {} s apart.", apart.abs().as_secs());
            findings.push(warn("clock", what, WHY, remedy));
        }
        Some(_) if findings.is_empty() => findings.push(ok("clock", "System clock, database and reports agree.")),
        None if findings.is_empty() => findings.push(ok("clock", "The system clock agrees with what is stored.")),
        Some(_) | None => {}
    }
    findings
}

#[cfg(test)]
mod tests {
    use muster_api::doctor::FindingLevel;

    use super::*;

    #[test]
    fn clocks_that_disagree_are_noticed() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let ago = |seconds| Some(now - SignedDuration::from_secs(seconds));
        let check = |database, newest, levels: &[FindingLevel]| {
            let found: Vec<_> = super::check(now, database, newest).iter().map(|finding| finding.level).collect();
            assert_eq!(found, levels);
        };
        check(ago(1), ago(10), &[FindingLevel::Ok]);
        check(None, None, &[FindingLevel::Ok]);
        check(ago(90), ago(10), &[FindingLevel::Warn]);
        check(ago(-90), ago(-3600), &[FindingLevel::Warn, FindingLevel::Warn]);
    }
}
