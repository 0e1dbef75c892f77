//! How long a lane waits after a failure.
//!
//! The bulk lane tells whether the platform is there at all, so it is the one that goes on asking: at each of its moments
//! for the first failures, then at least half a minute apart, so that healing is seen within that. Lanes of details wait
//! twice as long after each failure, up to five minutes; one that looks rarely comes back sooner than it would have, unless
//! it was refused. Credentials that are refused are not tried again for a minute and more, since platforms lock accounts
//! and log each attempt; an edit tries at once.

use std::time::Duration;

use crate::FailureCategory;

/// Failures of the bulk lane after which it keeps its pace.
const STEADY_FAILURES: u32 = 6;

/// How far apart attempts of the bulk lane are from then on, where its interval is not longer.
const BULK_PAUSE: Duration = Duration::from_secs(30);

/// The wait after the first failure of a lane of details.
const FIRST_PAUSE: Duration = Duration::from_secs(10);

/// The wait after credentials were refused for the first time.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);

/// No wait is longer, where the lane's own interval is not.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What a lane is to its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its looks make the reports.
    Bulk,
    /// It adds to them.
    Detail,
}

/// How long to wait at least, after so many failures in a row of which this was the last.
pub(crate) fn pause(role: Role, every: Duration, failures: u32, category: FailureCategory) -> Duration {
    match (role, is_refusal(category)) {
        (Role::Bulk, true) => doubled(REFUSED_PAUSE, failures),
        (Role::Bulk, false) if failures <= STEADY_FAILURES => Duration::ZERO,
        (Role::Bulk, false) => BULK_PAUSE,
        (Role::Detail, true) => doubled(FIRST_PAUSE, failures).max(every),
        (Role::Detail, false) => doubled(FIRST_PAUSE, failures),
    }
}

/// Whether asking again would only be refused again, until somebody changes something.
fn is_refusal(category: FailureCategory) -> bool {
    match category {
        FailureCategory::Unauthorised | FailureCategory::Forbidden | FailureCategory::Secret => true,
        FailureCategory::Unreachable
        | FailureCategory::TimedOut
        | FailureCategory::Tls
        | FailureCategory::PinMismatch
        | FailureCategory::Api
        | FailureCategory::Malformed => false,
    }
}

fn doubled(first: Duration, failures: u32) -> Duration {
    let times = 1_u32 << failures.saturating_sub(1).min(16);
    first.saturating_mul(times).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERY: Duration = Duration::from_secs(10);

    #[test]
    fn the_bulk_lane_keeps_its_pace_and_then_slows_down_a_little() {
        let check = |failures, seconds| {
            let found = pause(Role::Bulk, EVERY, failures, FailureCategory::Unreachable);
            assert_eq!(found.as_secs(), seconds, "{failures} failures");
        };
        check(1, 0);
        check(6, 0);
        check(7, 30);
        check(1_000_000, 30);
    }

    #[test]
    fn refused_credentials_are_not_hammered() {
        let check = |failures, seconds| {
            let found = pause(Role::Bulk, EVERY, failures, FailureCategory::Unauthorised);
            assert_eq!(found.as_secs(), seconds, "{failures} failures");
        };
        check(1, 60);
        check(2, 120);
        check(3, 240);
        check(4, 300);
        check(u32::MAX, 300);
    }

    #[test]
    fn a_rare_lane_comes_back_sooner_unless_it_was_refused() {
        let rare = Duration::from_secs(1800);
        let check = |failures, category, seconds| {
            let found = pause(Role::Detail, rare, failures, category);
            assert_eq!(found.as_secs(), seconds, "{failures} failures, {category:?}");
        };
        check(1, FailureCategory::TimedOut, 10);
        check(5, FailureCategory::TimedOut, 160);
        check(9, FailureCategory::TimedOut, 300);
        check(1, FailureCategory::Forbidden, 1800);
    }

    proptest! {
        #[test]
        fn waits_never_shrink_with_failures_and_have_a_bound(failures in 1_u32..100, every in 1_u64..4000) {
            for category in [FailureCategory::Unreachable, FailureCategory::Unauthorised, FailureCategory::Forbidden] {
                for role in [Role::Bulk, Role::Detail] {
                    let every = Duration::from_secs(every);
                    let (now, next) = (pause(role, every, failures, category), pause(role, every, failures + 1, category));
                    prop_assert!(now <= next);
                    prop_assert!(next <= LONGEST_PAUSE.max(every));
                }
            }
        }
    }
}
