//! Free space, and how long it lasts.

use std::{io, path::Path};

use muster_api::doctor::Finding;

use super::{fail, ok, warn};
use crate::output;

/// Below this, the next write of any size may fail, in bytes.
const FULL_BYTES: u64 = 128 << 20;

/// A disk that is full sooner than this should be looked at, in days.
const SOON_DAYS: f64 = 30.0;

const WHY: &str = "On a full disk nothing more is stored: state, history and the audit log stop.";

/// What the file system of a directory says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Space {
    pub(super) free_bytes: u64,
    pub(super) total_bytes: u64,
}

impl Space {
    /// Asks the file system.
    pub(super) fn of(directory: &Path) -> io::Result<Self> {
        let numbers = rustix::fs::statvfs(directory)?;
        let bytes = |blocks: u64| blocks.saturating_mul(numbers.f_frsize);
        Ok(Self { free_bytes: bytes(numbers.f_bavail), total_bytes: bytes(numbers.f_blocks) })
    }
}

/// Judges free space; `bytes_per_day` is what history adds, where that is known.
pub(super) fn check(space: &io::Result<Space>, bytes_per_day: Option<f64>) -> Finding {
    let Space { free_bytes, total_bytes } = match space {
        Ok(space) => *space,
        Err(error) => {
            let what = format!("The file system of the data directory does not say how full it is: {error}.");
            return warn("disk", what, WHY, "Check that the data directory is mounted and can be read.");
        }
    };
    let amounts = format!("{} of {} are free", output::bytes(free_bytes as f64), output::bytes(total_bytes as f64));
    let remedy = "Free some space, move the data directory, or shorten the retention; `muster history stats` says what it costs.";
    let days = bytes_per_day.filter(|rate| *rate > 0.0).map(|rate| free_bytes as f64 / rate);
    match days {
        _ if free_bytes < FULL_BYTES => fail("disk", format!("{amounts}: almost nothing."), WHY, remedy),
        Some(days) if days < SOON_DAYS => {
            warn("disk", format!("{amounts}, which lasts for {days:.0} days at the present rate."), WHY, remedy)
        }
        Some(days) if days < 3650.0 => {
            ok("disk", format!("{amounts}; history alone would take {days:.0} days to fill it."))
        }
        Some(_) | None => ok("disk", format!("{amounts}.")),
    }
}

#[cfg(test)]
mod tests {
    use muster_api::doctor::FindingLevel;

    use super::*;

    #[test]
    fn a_disk_is_judged_by_what_is_left_and_how_long_that_lasts() {
        let check = |free_bytes, rate, level, words: &str| {
            let finding = super::check(&Ok(Space { free_bytes, total_bytes: 1 << 40 }), rate);
            assert_eq!(finding.level, level, "{finding:?}");
            assert!(finding.what.contains(words), "{finding:?}");
        };
        check(100 << 30, Some(1e6), FindingLevel::Ok, "100 GiB of 1.0 TiB");
        check(10 << 30, Some(1e9), FindingLevel::Warn, "11 days");
        check(10 << 30, None, FindingLevel::Ok, "10.0 GiB");
        check(1 << 20, None, FindingLevel::Fail, "almost nothing");
        let unknown = super::check(&Err(io::ErrorKind::PermissionDenied.into()), None);
        assert_eq!(unknown.level, FindingLevel::Warn);
    }
}
