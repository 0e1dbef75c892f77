//! The one record of how polling of a connection goes (D-26): what came of each look goes in, [`Health`] comes out.
//!
//! Attempts, successes and errors are those of the bulk lane, which makes the reports. What lanes of details cannot see
//! stands among the issues of what was observed. No clock and no log here.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use muster_model::{Issue, IssueClass};

use crate::{Failure, FailureCategory, Health, Observed, Provider, degradation::Degradation, patience::Role};

/// How polling of one connection goes.
#[derive(Default)]
pub(crate) struct Record {
    poll: Health,
    /// What the lanes of details saw, or why they did not.
    details: BTreeMap<&'static str, Result<Observed, Failure>>,
    /// Counts its requests.
    provider: Option<Arc<dyn Provider>>,
    /// Requests of those before it.
    requests_before: u64,
}

impl Record {
    /// Counts the requests of another provider from now on.
    pub(crate) fn provided_by(&mut self, provider: Option<Arc<dyn Provider>>) {
        self.requests_before = self.requests();
        self.provider = provider;
    }

    /// Whoever is asked at the moment; `None` where nobody can be.
    pub(crate) fn provider(&self) -> Option<Arc<dyn Provider>> {
        self.provider.clone()
    }

    /// Forgets how it went: something else is polled now. Requests are counted on.
    pub(crate) fn begin_anew(&mut self) {
        self.poll = Health::default();
        self.details.clear();
    }

    /// Notes when the bulk lane is looked into next.
    pub(crate) fn plan(&mut self, next_at: Option<Timestamp>) {
        self.poll.next_at = next_at;
    }

    /// A look has begun.
    pub(crate) fn attempted(&mut self, role: Role, now: Timestamp) {
        match role {
            Role::Bulk => self.poll.last_attempt_at = Some(now),
            Role::Detail => {}
        }
    }

    /// A look worked.
    pub(crate) fn succeeded(&mut self, role: Role, lane: &'static str, observed: Observed, now: Timestamp) {
        match role {
            Role::Detail => drop(self.details.insert(lane, Ok(observed))),
            Role::Bulk => {
                self.poll.last_success_at = Some(now);
                self.poll.consecutive_failures = 0;
                self.poll.last_error = None;
                self.poll.observed = Observed { collected_at: observed.collected_at.or(Some(now)), ..observed };
            }
        }
    }

    /// A look failed. What was seen before stays, with its age.
    pub(crate) fn failed(&mut self, role: Role, lane: &'static str, failure: Failure, now: Timestamp) {
        match role {
            Role::Detail => drop(self.details.insert(lane, Err(failure))),
            Role::Bulk => {
                self.poll.consecutive_failures = self.poll.consecutive_failures.saturating_add(1);
                self.poll.last_error = Some((now, failure));
            }
        }
    }

    /// What everybody is shown.
    pub(crate) fn health(&self) -> Health {
        let mut health = Health { requests: self.requests(), ..self.poll.clone() };
        for (lane, seen) in &self.details {
            add(&mut health.observed, lane, seen);
        }
        health
    }

    /// What is wrong.
    pub(crate) fn degradation(&self) -> Degradation {
        if let Some((_, failure)) = &self.poll.last_error {
            return Degradation::Failing(failure.category);
        }
        let classes: BTreeSet<IssueClass> = self.health().observed.issues.iter().map(|issue| issue.class).collect();
        if classes.is_empty() { Degradation::None } else { Degradation::Partial(classes) }
    }

    fn requests(&self) -> u64 {
        self.requests_before + self.provider.as_ref().map_or(0, |provider| provider.requests())
    }
}

/// Adds what a lane of details saw. An issue that the bulk lane tells itself is told once.
fn add(observed: &mut Observed, lane: &str, seen: &Result<Observed, Failure>) {
    let failed;
    let issues = match seen {
        Ok(seen) => {
            for (what, count) in &seen.counts {
                observed.counts.entry(what).or_insert(*count);
            }
            &seen.issues
        }
        Err(failure) => {
            let class = class(failure.category);
            failed = vec![Issue { class, section: lane.to_owned(), message: failure.message.clone() }];
            &failed
        }
    };
    for issue in issues {
        let is_told = |told: &Issue| told.section == issue.section && told.class == issue.class;
        if !observed.issues.iter().any(is_told) {
            observed.issues.push(issue.clone());
        }
    }
}

/// A failure of a part, as an issue of the whole.
fn class(category: FailureCategory) -> IssueClass {
    match category {
        FailureCategory::Unauthorised | FailureCategory::Forbidden | FailureCategory::Secret => {
            IssueClass::PermissionDenied
        }
        FailureCategory::TimedOut => IssueClass::TimedOut,
        FailureCategory::Malformed => IssueClass::Malformed,
        FailureCategory::Unreachable | FailureCategory::Tls | FailureCategory::PinMismatch | FailureCategory::Api => {
            IssueClass::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_failure_keeps_what_was_seen_and_a_success_ends_it() {
        // D-26
        let mut record = Record::default();
        record.attempted(Role::Bulk, at(0));
        record.succeeded(Role::Bulk, "bulk", seen("guests", 7, &[]), at(1));
        for second in [10, 20] {
            record.attempted(Role::Bulk, at(second));
            record.failed(Role::Bulk, "bulk", failure(FailureCategory::Unreachable), at(second + 1));
        }
        let health = record.health();
        assert_eq!((health.last_attempt_at, health.last_success_at), (Some(at(20)), Some(at(1))));
        assert_eq!((health.consecutive_failures, health.observed.counts["guests"]), (2, 7));
        assert_eq!(health.last_error, Some((at(21), failure(FailureCategory::Unreachable))));
        assert_eq!(record.degradation(), Degradation::Failing(FailureCategory::Unreachable));

        record.succeeded(Role::Bulk, "bulk", seen("guests", 8, &[]), at(30));
        let health = record.health();
        assert_eq!((health.consecutive_failures, health.last_error), (0, None));
        assert_eq!(health.observed.collected_at, Some(at(30)));
        assert_eq!(record.degradation(), Degradation::None);
    }

    #[test]
    fn what_details_cannot_see_is_an_issue_and_no_failure() {
        let mut record = Record::default();
        let told = issue("disks", IssueClass::TimedOut);
        record.succeeded(Role::Bulk, "bulk", seen("guests", 7, std::slice::from_ref(&told)), at(0));
        record.failed(Role::Detail, "disks", failure(FailureCategory::TimedOut), at(1));
        record.failed(Role::Detail, "slow", failure(FailureCategory::Forbidden), at(1));
        record.succeeded(Role::Detail, "agents", seen("agents", 3, &[]), at(1));
        let health = record.health();
        assert_eq!((health.consecutive_failures, &health.last_error), (0, &None));
        assert_eq!(health.observed.counts["agents"], 3);
        let sections: Vec<_> = health.observed.issues.iter().map(|issue| issue.section.as_str()).collect();
        assert_eq!(sections, ["disks", "slow"], "what two lanes tell is told once");
        let classes = [IssueClass::PermissionDenied, IssueClass::TimedOut].into();
        assert_eq!(record.degradation(), Degradation::Partial(classes));

        record.succeeded(Role::Detail, "slow", seen("updates", 0, &[]), at(2));
        assert_eq!(record.health().observed.issues, [told]);
    }

    fn seen(what: &'static str, count: u32, issues: &[Issue]) -> Observed {
        Observed { collected_at: None, counts: [(what, count)].into(), issues: issues.to_vec() }
    }

    fn issue(section: &str, class: IssueClass) -> Issue {
        Issue { class, section: section.to_owned(), message: "no".to_owned() }
    }

    fn failure(category: FailureCategory) -> Failure {
        Failure { category, message: "no".to_owned() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }
}
