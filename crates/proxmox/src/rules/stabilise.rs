//! Carries a good value of a guest's memory over a short spell of bad ones, so that a chart does not jump
//! to 100 % because the agent inside was busy.
//!
//! Decided by the last snapshots of the same guest, never by what the estate shows. A carried value keeps the time at
//! which it was measured, so that a chain of them ends.

use jiff::{SignedDuration, Timestamp};
use muster_model::{MemoryReliability, MemorySource};

use super::memory::Memory;

const LOW_TRUST_AGE: SignedDuration = SignedDuration::from_mins(2);
const FALSE_FULL_AGE: SignedDuration = SignedDuration::from_mins(10);
/// Points of percent below which two values are the same.
const SAME: f64 = 5.0;
const FULL: f64 = 99.0;
const NOT_FULL: f64 = 90.0;

/// What was known of a guest's memory at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MemorySnapshot {
    /// When its value was measured.
    pub(crate) measured_at: Timestamp,
    /// Whether the guest ran.
    pub(crate) running: bool,
    /// The value.
    pub(crate) memory: Memory,
    /// Why it is an earlier value.
    pub(crate) note: Option<Note>,
}

/// Why an earlier value was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Note {
    /// A trusted source gave way to a poor one and the value jumped.
    PreservedPreviousMemoryAfterRepeatedLowTrustPattern,
    /// A healthy guest is said to be full by a poor source.
    PreservedPreviousMemoryForHealthyGuestLowTrustFullUsage,
}

/// Signs that the agent inside a guest works. One is enough, and the status alone is, before anything was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AgentEvidence {
    pub(crate) status_says_so: bool,
    pub(crate) disk_from_agent: bool,
    pub(crate) metadata_known: bool,
}

impl AgentEvidence {
    /// Whether the agent counts as healthy.
    pub(crate) fn healthy(self) -> bool {
        self.status_says_so || self.disk_from_agent || self.metadata_known
    }
}

/// The value to show: the current one, or the one before where that is the better truth.
pub(crate) fn stabilise(
    current: Memory,
    running: bool,
    previous: Option<&MemorySnapshot>,
    agent_healthy: bool,
    now: Timestamp,
) -> MemorySnapshot {
    let fresh = MemorySnapshot { measured_at: now, running, memory: current, note: None };
    let Some(previous) = previous.filter(|previous| running && previous.running) else { return fresh };
    let (Some(before), Some(kept)) = (previous.memory.percent(), previous.memory.used) else { return fresh };
    let age = now.duration_since(previous.measured_at);
    let note = if low_trust_pattern(&current, previous, before, age) {
        Note::PreservedPreviousMemoryAfterRepeatedLowTrustPattern
    } else if agent_healthy && false_full(&current, previous, before, age) {
        Note::PreservedPreviousMemoryForHealthyGuestLowTrustFullUsage
    } else {
        return fresh;
    };
    let total = current.total.or(previous.memory.total);
    let memory = Memory::used(total, kept, MemorySource::PreviousSnapshot);
    MemorySnapshot { measured_at: previous.measured_at, running, memory, note: Some(note) }
}

/// Rule 1.
fn low_trust_pattern(current: &Memory, previous: &MemorySnapshot, before: f64, age: SignedDuration) -> bool {
    let trusted_before = previous.memory.source.reliability() == MemoryReliability::Trusted;
    let poor_now = match current.source.reliability() {
        MemoryReliability::Trusted => false,
        MemoryReliability::Fallback | MemoryReliability::Low => true,
    };
    let jumped = before == 0.0 || current.percent().is_none_or(|now| (now - before).abs() >= SAME);
    age <= LOW_TRUST_AGE && trusted_before && poor_now && jumped && same_total(current, previous) != Some(false)
}

/// Rule 2.
fn false_full(current: &Memory, previous: &MemorySnapshot, before: f64, age: SignedDuration) -> bool {
    let good_before = previous.memory.source.reliability() == MemoryReliability::Trusted
        || previous.memory.source == MemorySource::PreviousSnapshot;
    let poor_now = current.source.reliability() == MemoryReliability::Low;
    let jumped = current.percent().is_some_and(|now| now >= FULL && before < NOT_FULL && now - before >= SAME);
    age <= FALSE_FULL_AGE && good_before && poor_now && jumped && same_total(current, previous) == Some(true)
}

/// Whether both are known and equal; absent when one is unknown.
fn same_total(current: &Memory, previous: &MemorySnapshot) -> Option<bool> {
    Some(current.total? == previous.memory.total?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERN: Option<Note> = Some(Note::PreservedPreviousMemoryAfterRepeatedLowTrustPattern);
    const FALSE_FULL: Option<Note> = Some(Note::PreservedPreviousMemoryForHealthyGuestLowTrustFullUsage);

    #[test]
    fn repeated_low_trust_is_bridged_for_two_minutes() {
        // R-75, rule 1
        let check = |age, before: (u64, MemorySource), now: (u64, MemorySource), expected| {
            assert_eq!(note(age, before, now, false), expected, "{age} s: {before:?} -> {now:?}");
        };
        use MemorySource as S;
        check(120, (40, S::AvailableField), (95, S::StatusMem), PATTERN);
        check(121, (40, S::AvailableField), (95, S::StatusMem), None);
        check(10, (40, S::AvailableField), (45, S::StatusMem), PATTERN);
        check(10, (40, S::AvailableField), (44, S::StatusMem), None);
        check(10, (0, S::AvailableField), (1, S::StatusMem), PATTERN);
        check(10, (40, S::RrdMemused), (20, S::DerivedTotalMinusUsed), PATTERN);
        check(10, (40, S::StatusMem), (95, S::StatusFreemem), None);
        check(10, (40, S::Agent), (95, S::GuestAgentMeminfo), None);
    }

    #[test]
    fn a_healthy_guest_is_not_suddenly_full() {
        // R-75, rule 2
        let check = |age, before: (u64, MemorySource), now: (u64, MemorySource), expected| {
            assert_eq!(note(age, before, now, true), expected, "{age} s: {before:?} -> {now:?}");
        };
        use MemorySource as S;
        check(600, (89, S::PreviousSnapshot), (99, S::StatusMem), FALSE_FULL);
        check(601, (89, S::PreviousSnapshot), (99, S::StatusMem), None);
        check(300, (90, S::PreviousSnapshot), (100, S::StatusMem), None);
        check(300, (50, S::GuestAgentMeminfo), (98, S::StatusMem), None);
        check(300, (50, S::GuestAgentMeminfo), (100, S::DerivedTotalMinusUsed), None);
        check(300, (50, S::GuestAgentMeminfo), (100, S::StatusUnavailable), FALSE_FULL);
        assert_eq!(note(300, (50, S::GuestAgentMeminfo), (100, S::StatusMem), false), None);
    }

    #[test]
    fn nothing_is_carried_into_or_out_of_a_stop_or_another_size() {
        //
        let previous = snapshot(0, 40, MemorySource::AvailableField);
        let full = memory(100, MemorySource::StatusMem);
        let at = Timestamp::from_second(10).unwrap();
        assert_eq!(stabilise(full, false, Some(&previous), true, at).note, None);
        let stopped = MemorySnapshot { running: false, ..previous };
        assert_eq!(stabilise(full, true, Some(&stopped), true, at).note, None);
        let grown = Memory { total: Some(200), ..full };
        assert_eq!(stabilise(grown, true, Some(&previous), true, at).note, None);
        assert_eq!(stabilise(full, true, None, true, at).note, None);
    }

    #[test]
    fn a_carried_value_is_whole_and_a_chain_ends() {
        // rule 2 may chain while the value itself is at most ten minutes old.
        let mut shown = snapshot(0, 40, MemorySource::AvailableField);
        let mut carried = 0;
        for second in (30..1200).step_by(30) {
            let now = Timestamp::from_second(second).unwrap();
            shown = stabilise(memory(100, MemorySource::StatusMem), true, Some(&shown), true, now);
            if shown.note.is_none() {
                break;
            }
            carried += 1;
            assert_eq!((shown.memory.used, shown.memory.free()), (Some(40), Some(60)));
            assert_eq!(shown.memory.source, MemorySource::PreviousSnapshot);
        }
        assert_eq!(carried, 20);
    }

    #[test]
    fn one_sign_of_a_working_agent_is_enough() {
        //
        assert!(!AgentEvidence::default().healthy());
        assert!(AgentEvidence { status_says_so: true, ..AgentEvidence::default() }.healthy());
        assert!(AgentEvidence { disk_from_agent: true, ..AgentEvidence::default() }.healthy());
        assert!(AgentEvidence { metadata_known: true, ..AgentEvidence::default() }.healthy());
    }

    fn note(age: i64, before: (u64, MemorySource), now: (u64, MemorySource), healthy: bool) -> Option<Note> {
        let previous = snapshot(0, before.0, before.1);
        let at = Timestamp::from_second(age).unwrap();
        stabilise(memory(now.0, now.1), true, Some(&previous), healthy, at).note
    }

    fn snapshot(second: i64, used: u64, source: MemorySource) -> MemorySnapshot {
        let measured_at = Timestamp::from_second(second).unwrap();
        MemorySnapshot { measured_at, running: true, memory: memory(used, source), note: None }
    }

    fn memory(used: u64, source: MemorySource) -> Memory {
        Memory::used(Some(100), used, source)
    }
}
