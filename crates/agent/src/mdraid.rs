//! Linux software RAID, from `/proc/mdstat`. A machine without it has no such file and no arrays.

use std::io;

use muster_model::{PoolState, Status, StoragePoolFacet};

use crate::{
    read::{Files, ReadError},
    udev::Properties,
    words,
};

/// One array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Array {
    /// Device name, such as `md0`.
    pub(crate) name: String,
    /// The array's own id, where udev has it; names such as `md127` may change with a restart.
    pub(crate) uuid: Option<String>,
    pub(crate) facet: StoragePoolFacet,
}

impl Array {
    /// Names it among the machine's arrays.
    pub(crate) fn key(&self) -> String {
        format!("md:{}", self.uuid.as_ref().unwrap_or(&self.name))
    }

    /// How the state of an array reads as health.
    pub(crate) fn status(&self) -> Status {
        match self.facet.state {
            PoolState::Healthy | PoolState::Checking => Status::Online,
            PoolState::Recovering | PoolState::Degraded => Status::Warning,
            PoolState::Failed | PoolState::Inactive => Status::Offline,
            PoolState::Unknown => Status::Unknown,
        }
    }
}

/// All arrays, in order of name.
pub(crate) fn arrays(files: &Files<'_>) -> Result<Vec<Array>, ReadError> {
    let path = files.roots.proc("mdstat");
    let content = match files.bytes(&path) {
        Ok(content) => content,
        Err(ReadError::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut arrays =
        parse(&words::lossy(&content)).ok_or(ReadError::Malformed { path, expected: "arrays with a state" })?;
    for array in &mut arrays {
        let number = files.attribute(&files.roots.sys("block").join(&array.name).join("dev"));
        array.uuid = number.and_then(|number| Properties::of_block(files, &number).get("MD_UUID").map(str::to_owned));
    }
    arrays.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(arrays)
}

/// An array is a line `NAME : STATE …` and the indented lines below it.
fn parse(text: &str) -> Option<Vec<Array>> {
    let mut arrays: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let indented = line.starts_with([' ', '\t']);
        match arrays.last_mut() {
            Some((_, details)) if indented => details.push(line.trim()),
            Some(_) | None if line.starts_with("Personalities") || line.starts_with("unused devices") => {}
            Some(_) | None => arrays.push((line, Vec::new())),
        }
    }
    arrays.into_iter().map(|(head, details)| array(head, &details)).collect()
}

fn array(head: &str, details: &[&str]) -> Option<Array> {
    let (name, rest) = head.split_once(" : ")?;
    let mut words =
        rest.split_whitespace().filter(|word| !matches!(*word, "(read-only)" | "(auto-read-only)")).peekable();
    let activity = words.next()?;
    let layout = words.next_if(|word| !word.contains('[')).map(str::to_owned);
    let mut members: Vec<String> = words.filter_map(working_member).collect();
    members.sort();
    let redundancy = details.iter().find_map(|line| Redundancy::parse(line));
    let facet = StoragePoolFacet {
        technology: "md".to_owned(),
        state: state(activity, layout.as_deref(), redundancy, Work::parse(details)),
        layout,
        total_bytes: details.iter().find_map(|line| size_bytes(line)),
        members,
        members_expected: redundancy.map(|redundancy| redundancy.wanted),
    };
    Some(Array { name: name.trim().to_owned(), uuid: None, facet })
}

/// A member that holds data: neither faulty, nor spare, nor journal.
fn working_member(word: &str) -> Option<String> {
    let (name, flags) = word.split_once('[')?;
    let idle = ["(F)", "(S)", "(J)"].into_iter().any(|flag| flags.contains(flag));
    (!idle).then(|| name.to_owned())
}

fn size_bytes(line: &str) -> Option<u64> {
    let (kibibytes, rest) = line.split_once(' ')?;
    rest.starts_with("blocks").then(|| kibibytes.parse::<u64>().ok()?.checked_mul(1024)).flatten()
}

/// How many members should work, and how many do: `[3/2]`. Arrays without redundancy do not print it.
#[derive(Debug, Clone, Copy)]
struct Redundancy {
    wanted: u32,
    working: u32,
}

impl Redundancy {
    fn parse(line: &str) -> Option<Self> {
        line.split_whitespace().find_map(|word| {
            let (wanted, working) = word.strip_prefix('[')?.strip_suffix(']')?.split_once('/')?;
            Some(Self { wanted: wanted.parse().ok()?, working: working.parse().ok()? })
        })
    }

    fn missing(self) -> u32 {
        self.wanted.saturating_sub(self.working)
    }

    /// How many members the layout can lose. For raid10, the most it can lose when luck has it.
    fn tolerance(self, layout: Option<&str>) -> u32 {
        match layout {
            Some("raid1") => self.wanted.saturating_sub(1),
            Some("raid4" | "raid5") => 1,
            Some("raid6") => 2,
            Some("raid10") => self.wanted / 2,
            _ => 0,
        }
    }
}

/// What the array is doing to itself, or is waiting to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Reads everything and compares; a routine.
    Check,
    /// Makes members agree, or fills a new one.
    Rebuild,
}

impl Work {
    /// Progress reads `[>…]  resync =  1.0% (…)`, waiting `resync=DELAYED`.
    fn parse(details: &[&str]) -> Option<Self> {
        let verb = |line: &&str| line.split(|c: char| !c.is_ascii_alphabetic()).find_map(Self::from_verb);
        let progress = |line: &&&str| {
            line.starts_with('[') || line.contains("=DELAYED") || line.contains("=PENDING") || line.contains("=REMOTE")
        };
        details.iter().filter(progress).find_map(verb)
    }

    fn from_verb(verb: &str) -> Option<Self> {
        match verb {
            "check" | "repair" => Some(Self::Check),
            "resync" | "recovery" | "reshape" => Some(Self::Rebuild),
            _ => None,
        }
    }
}

/// During the first resync of a mirror all members count as working although they do not agree yet: work in progress
/// says more than the counters, except that members beyond the layout's tolerance are lost.
fn state(activity: &str, layout: Option<&str>, redundancy: Option<Redundancy>, work: Option<Work>) -> PoolState {
    let missing = redundancy.map_or(0, Redundancy::missing);
    let tolerance = redundancy.map_or(0, |redundancy| redundancy.tolerance(layout));
    match (activity, work) {
        ("broken", _) => PoolState::Failed,
        ("inactive", _) => PoolState::Inactive,
        ("active", _) if missing > tolerance => PoolState::Failed,
        ("active", Some(Work::Rebuild)) => PoolState::Recovering,
        ("active", Some(Work::Check) | None) if missing > 0 => PoolState::Degraded,
        ("active", Some(Work::Check)) => PoolState::Checking,
        ("active", None) => PoolState::Healthy,
        _ => PoolState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    macro_rules! recorded {
        ($name:literal) => {
            include_str!(concat!("../tests/fixtures/mdraid/mdstat_", $name, ".txt"))
        };
    }

    #[test]
    fn recorded_states() {
        use PoolState as P;
        let check = |text: &str, expected: &[(&str, PoolState)]| {
            let arrays = parse(text).unwrap();
            let states: Vec<_> = arrays.iter().map(|array| (array.name.as_str(), array.facet.state)).collect();
            assert_eq!(states, expected);
        };
        check(recorded!("clean"), &[("md1", P::Healthy), ("md0", P::Healthy)]);
        check(recorded!("check"), &[("md1", P::Healthy), ("md0", P::Checking)]);
        check(recorded!("initial_resync"), &[("md1", P::Recovering), ("md0", P::Recovering)]);
        check(recorded!("degraded_recovering"), &[("md1", P::Recovering), ("md0", P::Degraded)]);
        check(recorded!("degraded_removed"), &[("md1", P::Recovering), ("md0", P::Degraded)]);
        check(recorded!("raid5_second_failure_refused"), &[("md1", P::Recovering), ("md0", P::Degraded)]);
        check(recorded!("raid10_ro_raid0"), &[("md3", P::Healthy), ("md2", P::Healthy)]);
        check(recorded!("raid6_one_failed"), &[("md5", P::Degraded)]);
        check(recorded!("raid6_two_failed"), &[("md5", P::Degraded)]);
        check(recorded!("raid6_broken"), &[("md5", P::Failed)]);
        check(recorded!("inactive"), &[("md5", P::Inactive)]);
        check(recorded!("resync_delayed_writemostly"), &[("md1", P::Recovering), ("md0", P::Recovering)]);
        check(recorded!("resync_pending_autoro"), &[("md1", P::Recovering), ("md0", P::Recovering)]);
    }

    #[test]
    fn facts_of_an_array() {
        let arrays = parse(recorded!("degraded_recovering")).unwrap();
        let facet = &arrays[0].facet;
        assert_eq!(facet.layout.as_deref(), Some("raid5"));
        assert_eq!(facet.members, ["sdd", "sde", "sdf"]);
        assert_eq!(facet.members_expected, Some(3));
        assert_eq!(facet.total_bytes, Some(389_120 * 1024));
        let inactive = &parse(recorded!("inactive")).unwrap()[0].facet;
        assert_eq!((inactive.layout.as_deref(), inactive.members_expected), (None, None));
    }

    #[test]
    fn more_lost_than_the_layout_can_bear_has_failed() {
        let text = "md0 : active raid5 sda[0]\n      100 blocks level 5 [3/1] [U__]\n";
        assert_eq!(parse(text).unwrap()[0].facet.state, PoolState::Failed);
    }

    #[test]
    fn health_follows_the_state() {
        let status = |text: &str| parse(text).unwrap().iter().map(Array::status).collect::<Vec<_>>();
        assert_eq!(status(recorded!("check")), [Status::Online, Status::Online]);
        assert_eq!(status(recorded!("raid6_one_failed")), [Status::Warning]);
        assert_eq!(status(recorded!("raid6_broken")), [Status::Offline]);
        assert_eq!(status("md0 : puzzled raid1 sda[0]\n"), [Status::Unknown]);
    }

    #[test]
    fn no_arrays_and_no_sense_are_different() {
        assert_eq!(parse("Personalities : \nunused devices: <none>\n"), Some(vec![]));
        assert_eq!(parse("md0 active raid1"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[md0-9 :\\[\\]/()a-z\n\t=%_U]{0,200}", noise in ".{0,100}") {
            parse(&text);
            parse(&noise);
        }
    }
}
