//! The last decision about a memory, kept for an hour for people who ask why it is what it is, and whether the
//! log is to hear of it: only where another source speaks than before.

use jiff::{SignedDuration, Timestamp};
use muster_model::{MemoryAmounts, MemorySource};

use super::{memory::Memory, stabilise::Note};

/// How long a decision is told of that was not taken again.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// A decision about a memory, with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decision<Inputs> {
    pub(crate) at: Timestamp,
    pub(crate) memory: Memory,
    /// A more precise reason than the catalogue's, where there is one.
    pub(crate) reason: Option<&'static str>,
    /// Why it is an earlier value.
    pub(crate) note: Option<Note>,
    pub(crate) raw: Inputs,
}

/// The last decision about one memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kept<Inputs>(Option<Decision<Inputs>>);

/// Another source than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SourceChange {
    /// Absent at first.
    pub(crate) from: Option<MemorySource>,
    pub(crate) to: MemorySource,
}

impl<Inputs> Default for Kept<Inputs> {
    fn default() -> Self {
        Self(None)
    }
}

impl<Inputs> Kept<Inputs> {
    /// Keeps a decision, and says whether it names another source than the one before.
    pub(crate) fn keep(&mut self, decision: Decision<Inputs>) -> Option<SourceChange> {
        let from = self.0.as_ref().map(|before| before.memory.source);
        let to = decision.memory.source;
        self.0 = Some(decision);
        (from != Some(to)).then_some(SourceChange { from, to })
    }

    /// The decision, unless it is too old.
    pub(crate) fn get(&self, now: Timestamp) -> Option<&Decision<Inputs>> {
        self.0.as_ref().filter(|decision| now.duration_since(decision.at) <= KEPT)
    }
}

impl SourceChange {
    /// Whether somebody should hear of it: a measured source gave way to a poorer one. That there is a first one, and that
    /// a guest was started, is no loss of anything.
    pub(crate) fn is_loss(self) -> bool {
        let measured = |source| !matches!(source, MemorySource::PoweredOff | MemorySource::Unknown);
        self.to.is_fallback() && self.from.is_some_and(measured)
    }
}

impl Memory {
    /// As it is told.
    pub(crate) fn amounts(&self) -> MemoryAmounts {
        MemoryAmounts {
            total_bytes: self.total,
            used_bytes: self.used,
            free_bytes: self.free(),
            usage_percent: self.percent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_source_is_worth_a_line() {
        //
        let mut kept = Kept::default();
        let mut keep = |second, source| kept.keep(decision(second, source)).map(SourceChange::is_loss);
        assert_eq!(keep(0, MemorySource::AvailableField), Some(false), "the first is no loss");
        assert_eq!(keep(10, MemorySource::AvailableField), None);
        assert_eq!(keep(20, MemorySource::StatusMem), Some(true));
        assert_eq!(keep(30, MemorySource::StatusMem), None);
        assert_eq!(keep(40, MemorySource::PoweredOff), Some(false));
        assert_eq!(keep(50, MemorySource::StatusMem), Some(false), "it was started");
        assert_eq!(keep(60, MemorySource::AvailableField), Some(false));
    }

    #[test]
    fn a_decision_is_told_for_an_hour() {
        //
        let mut kept = Kept::default();
        kept.keep(decision(0, MemorySource::Agent));
        assert!(kept.get(at(3600)).is_some() && kept.get(at(3601)).is_none());
    }

    fn decision(second: i64, source: MemorySource) -> Decision<()> {
        Decision { at: at(second), memory: Memory::used(Some(100), 40, source), reason: None, note: None, raw: () }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}
