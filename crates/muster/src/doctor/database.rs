//! The state database: whether it answers, and whether this version may use it (D-15).

use muster_api::doctor::Finding;
use muster_store::StoredLevel;

use super::{fail, ok, warn};

const WHY: &str = "Without it nobody can sign in, and nothing that happens is remembered.";

/// Judges the level of a database.
pub(super) fn level(place: &str, found: Option<StoredLevel>, known: i64) -> Finding {
    let Some(StoredLevel { version, min_reader }) = found else {
        return ok("database", format!("{place} is reached; it is empty, and is set up with the first start."));
    };
    if min_reader > known {
        let what =
            format!("{place} has level {version}, for versions that know level {min_reader}; this one knows {known}.");
        return fail(
            "database",
            what,
            "This version would damage it.",
            "Start the newer version, or restore a backup from before the update.",
        );
    }
    match version.cmp(&known) {
        std::cmp::Ordering::Less => {
            let what =
                format!("{place} is reached; it has level {version} and is brought to {known} with the next start.");
            ok("database", what)
        }
        std::cmp::Ordering::Equal => ok("database", format!("{place} is reached and has level {version}.")),
        std::cmp::Ordering::Greater => {
            let what = format!("{place} has level {version}, which a newer version gave it; this one knows {known}.");
            warn(
                "database",
                what,
                "What the newer version stored is kept and not shown.",
                "Go back to the newer version when you can.",
            )
        }
    }
}

/// A database that does not answer.
pub(super) fn unreachable(place: &str, error: &str) -> Finding {
    let remedy = "Check that it runs, that this machine reaches it, and the credentials in `database.url`.";
    fail("database", format!("{place} does not answer: {error}."), WHY, remedy)
}

/// A database that answers and takes nothing.
pub(super) fn writes(last_error: Option<&str>) -> Option<Finding> {
    let error = last_error?;
    let remedy = "The reason is in the message; most often the disk is full or was made read-only.";
    Some(fail("database.writes", format!("The last write failed: {error}."), WHY, remedy))
}

#[cfg(test)]
mod tests {
    use muster_api::doctor::FindingLevel;

    use super::*;

    #[test]
    fn levels_are_judged_as_a_start_would() {
        // D-15
        let check = |version, min_reader, expected| {
            let found = level("sqlite:state.db", Some(StoredLevel { version, min_reader }), 5);
            assert_eq!(found.level, expected, "{found:?}");
        };
        check(5, 1, FindingLevel::Ok);
        check(4, 1, FindingLevel::Ok);
        check(6, 5, FindingLevel::Warn);
        check(6, 6, FindingLevel::Fail);
        assert_eq!(level("sqlite:state.db", None, 5).level, FindingLevel::Ok);
    }
}
