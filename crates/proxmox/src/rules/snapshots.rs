//! Snapshots of a guest: how many, how old, and the newest of them.

use muster_model::{GuestSnapshot, GuestSnapshots};
use smol_str::SmolStr;

use crate::wire::guest::SnapshotRow;

/// How many snapshots of a guest are shown one by one; beyond that they are only counted.
const MOST_SHOWN: usize = 30;
/// How much of a description is kept, in characters.
const MOST_DESCRIBED: usize = 200;

/// The snapshots of a list, without the entry that stands for the present.
pub(crate) fn summed_up(rows: &[SnapshotRow]) -> GuestSnapshots {
    let mut real: Vec<&SnapshotRow> = rows.iter().filter(|row| row.is_snapshot()).collect();
    real.sort_by(|one, other| other.snaptime.cmp(&one.snaptime).then_with(|| one.name.cmp(&other.name)));
    let present = rows.iter().find(|row| !row.is_snapshot());
    GuestSnapshots {
        count: u32::try_from(real.len()).unwrap_or(u32::MAX),
        oldest_at: real.iter().filter_map(|row| row.snaptime).min(),
        newest_at: real.iter().filter_map(|row| row.snaptime).max(),
        current: present.and_then(|row| text(row.parent.as_ref())),
        newest: real.into_iter().take(MOST_SHOWN).map(snapshot).collect(),
    }
}

fn snapshot(row: &SnapshotRow) -> GuestSnapshot {
    let description = text(row.description.as_ref()).map(|text| text.chars().take(MOST_DESCRIBED).collect());
    GuestSnapshot {
        name: row.name.to_string(),
        taken_at: row.snaptime,
        parent: text(row.parent.as_ref()),
        description,
        with_memory: row.vmstate,
    }
}

fn text(text: Option<&SmolStr>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_no_snapshot() {
        let found = read(
            r#"[{"name":"one","snaptime":100,"vmstate":1,"description":" Before \n"},{"name":"two","snaptime":"200","parent":"one"},
                {"name":"current","running":1,"parent":"two","description":"You are here!"}]"#,
        );
        assert_eq!((found.count, found.current.as_deref()), (2, Some("two")));
        assert_eq!(found.oldest_at.map(jiff::Timestamp::as_second), Some(100));
        let names: Vec<_> = found.newest.iter().map(|one| (one.name.as_str(), one.with_memory)).collect();
        assert_eq!(names, [("two", None), ("one", Some(true))]);
        assert_eq!(found.newest[1].description.as_deref(), Some("Before"));
    }

    #[test]
    fn very_many_are_counted_and_not_all_shown() {
        let rows: Vec<String> = (1..=500).map(|at| format!(r#"{{"name":"s{at}","snaptime":{at}}}"#)).collect();
        let found = read(&format!("[{}]", rows.join(",")));
        assert_eq!((found.count, found.newest.len()), (500, MOST_SHOWN));
        assert_eq!(found.newest[0].name, "s500");
        assert_eq!(found.oldest_at.map(jiff::Timestamp::as_second), Some(1));
    }

    fn read(text: &str) -> GuestSnapshots {
        summed_up(&serde_json::from_str::<Vec<SnapshotRow>>(text).unwrap())
    }
}
