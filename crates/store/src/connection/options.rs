//! Options of a connection as they are stored. Whoever chooses them is held to every word; what is stored may have been
//! written by a newer version, and polling goes on with what this one understands (D-15).

use muster_model::PveOptions;
use serde_json::{Map, Value};

/// What can be understood. What this version does not know, or may not be, is as if nobody had chosen it.
pub(super) fn understood(stored: &str) -> PveOptions {
    let Ok(Value::Object(groups)) = serde_json::from_str(stored) else { return PveOptions::default() };
    let mut options = PveOptions::default();
    for (group, chosen) in groups {
        let Value::Object(chosen) = chosen else { continue };
        for (name, value) in chosen {
            options = with(options, &group, &name, value).unwrap_or(options);
        }
    }
    options
}

/// The options with one more choice; `None` where there is no such choice.
fn with(options: PveOptions, group: &str, name: &str, value: Value) -> Option<PveOptions> {
    let mut written = serde_json::to_value(options).ok()?;
    let groups = written.as_object_mut()?;
    let group = groups.entry(group).or_insert_with(|| Value::Object(Map::new()));
    group.as_object_mut()?.insert(name.to_owned(), value);
    serde_json::from_value(written).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_newer_version_wrote_everything_counts_that_can_be_understood() {
        // D-15
        let newer = r#"{"guestAgent":{"retries":2,"parallel":99,"retry":1},"disks":7,"tapes":{"enabled":true},
                        "zfs":{"enabled":false}}"#;
        assert!(serde_json::from_str::<PveOptions>(newer).is_err());
        let expected = r#"{"guestAgent":{"retries":2},"zfs":{"enabled":false}}"#;
        let expected: PveOptions = serde_json::from_str(expected).unwrap();
        assert_eq!(understood(newer), expected);
        assert_eq!(understood(&serde_json::to_string(&expected).unwrap()), expected);
    }

    #[test]
    fn what_cannot_be_read_at_all_chooses_nothing() {
        for unreadable in ["", "[]", "null", "{"] {
            assert_eq!(understood(unreadable), PveOptions::default(), "{unreadable}");
        }
    }
}
