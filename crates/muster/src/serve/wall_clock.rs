//! A wrong wall clock is noticed before it writes wrong times.

use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use muster_estate::Snapshot;
use tracing::warn;

/// Backwards steps smaller than this are what time synchronisation does.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(2);

/// Refuses a clock that stands before this version was made: a machine without a battery starts in 1970.
pub(super) fn check(now: Timestamp) -> Result<(), String> {
    let made = date(2026, 1, 1).at(0, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a fixed date is valid").timestamp();
    if now >= made {
        return Ok(());
    }
    Err(format!(
        "the system clock says {now}, which is before this version was made; set the clock (for example with `timedatectl`) and start again"
    ))
}

/// Says so when the stored state is from the future: the clock was ahead then, or is behind now.
pub(super) fn warn_if_behind(snapshot: &Snapshot, now: Timestamp) {
    let newest = snapshot.sources().filter_map(|source| source.last_seen).max();
    if let Some(behind) = newest.and_then(|newest| lag(newest, now)) {
        warn!(
            clock = %now, behind_seconds = behind.as_secs(),
            "the system clock stands before the newest stored report; check it, since new samples before that time replace stored ones"
        );
    }
}

fn lag(newest: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    let behind = newest.duration_since(now);
    (behind > TOLERANCE).then_some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_in_the_seventies_is_refused() {
        let error = check(Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(error.contains("1970-01-01") && error.contains("set the clock"), "{error}");
        assert_eq!(check("2026-06-01T00:00:00Z".parse().unwrap()), Ok(()));
    }

    #[test]
    fn a_clock_behind_the_stored_state_is_noticed() {
        let newest: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
        assert_eq!(lag(newest, newest - SignedDuration::from_secs(1)), None);
        assert_eq!(lag(newest, newest - SignedDuration::from_hours(1)), Some(SignedDuration::from_hours(1)));
    }
}
