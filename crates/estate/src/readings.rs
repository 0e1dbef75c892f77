//! The readings plane (D-1): what each source measured in its last sweep, column by column.
//!
//! A report makes one block; the block before it is dropped whole, so that a value nobody reports any more is not
//! known any more. Blocks are shared between snapshots and never change. Which source speaks for a resource is decided
//! on reading, by the row's order of sources: nothing is copied when a source falls silent.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use muster_model::{Metric, NativeKey, ResourceId, SampleValue, SourceFreshness, UnknownReason};

/// Which records a source reported, in which order, and whose they are. Shared by all blocks of a source until its list
/// of records changes.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// By place in the report; `None` for a record that was refused.
    pub(crate) resources: Vec<Option<ResourceId>>,
    places: HashMap<NativeKey, u32>,
}

impl Roster {
    /// Notes the records of a report in order; a refused record has a place but no owner.
    pub(crate) fn new(owners: impl ExactSizeIterator<Item = Option<(NativeKey, ResourceId)>>) -> Self {
        let records = owners.len();
        let mut roster = Self { resources: Vec::with_capacity(records), places: HashMap::with_capacity(records) };
        for (place, owner) in (0..).zip(owners) {
            roster.resources.push(owner.as_ref().map(|(_, id)| *id));
            if let Some((key, _)) = owner {
                roster.places.insert(key, place);
            }
        }
        roster
    }
}

/// One source's readings of one sweep.
#[derive(Debug)]
pub(crate) struct Block {
    roster: Arc<Roster>,
    at: Timestamp,
    /// By metric code; absent where nobody measured that metric.
    columns: Vec<Option<Column>>,
}

/// One metric of all records of a block.
#[derive(Debug, Clone)]
struct Column {
    /// By place; not a number where there is no value. It never leaves this module as a number.
    values: Box<[f64]>,
    /// By place; beside a missing value, why it is missing.
    reasons: Box<[Option<UnknownReason>]>,
}

impl Block {
    /// An empty block for the records of one report, measured at `at` by the source's clock.
    pub(crate) fn new(roster: Arc<Roster>, at: Timestamp) -> Self {
        Self { roster, at, columns: Vec::new() }
    }

    /// Puts a value in its place. Says whether the place was free.
    pub(crate) fn set(&mut self, place: usize, metric: Metric, value: SampleValue) -> bool {
        let code = usize::from(metric.code());
        if self.columns.len() <= code {
            self.columns.resize(code + 1, None);
        }
        let column = self.columns[code].get_or_insert_with(|| Column::empty(self.roster.resources.len()));
        let free = column.get(place).is_none();
        if free {
            column.set(place, value);
        }
        free
    }

    /// When it was measured, by the source's clock.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// Where the record with this key stands.
    pub(crate) fn place(&self, key: &NativeKey) -> Option<usize> {
        self.roster.places.get(key).map(|place| *place as usize)
    }

    /// What was measured of the record at a place.
    pub(crate) fn get(&self, place: usize, metric: Metric) -> Option<SampleValue> {
        self.columns.get(usize::from(metric.code()))?.as_ref()?.get(place)
    }

    /// The resources that were measured, as they were bound then.
    pub(crate) fn resources(&self) -> impl Iterator<Item = ResourceId> {
        self.roster.resources.iter().flatten().copied()
    }
}

impl Column {
    fn empty(records: usize) -> Self {
        Self { values: vec![f64::NAN; records].into(), reasons: vec![None; records].into() }
    }

    fn set(&mut self, place: usize, value: SampleValue) {
        match value {
            SampleValue::Value(value) => self.values[place] = value,
            SampleValue::Unknown(reason) => self.reasons[place] = Some(reason),
        }
    }

    fn get(&self, place: usize) -> Option<SampleValue> {
        let value = self.values[place];
        let known = (!value.is_nan()).then_some(SampleValue::Value(value));
        known.or_else(|| self.reasons[place].map(SampleValue::Unknown))
    }
}

/// What one source has to say on a reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Offer<S> {
    pub(crate) from: S,
    pub(crate) freshness: SourceFreshness,
    pub(crate) value: SampleValue,
}

/// Who speaks, of offers that come strongest source first: a current source before a silent one, a value before
/// a reason for its absence, else the strongest.
pub(crate) fn best<S>(offers: impl Iterator<Item = Offer<S>>) -> Option<Offer<S>> {
    offers.min_by_key(|offer| (offer.freshness, matches!(offer.value, SampleValue::Unknown(_))))
}

#[cfg(test)]
mod tests {
    use muster_model::ResourceKind;

    use super::*;

    #[test]
    fn a_block_tells_value_reason_and_silence_apart() {
        // D-9
        let key = |name: &str| NativeKey::new(name).unwrap();
        let owner = |name: &str| Some((key(name), ResourceId::mint(ResourceKind::Agent, name)));
        let roster = Arc::new(Roster::new([owner("a"), None, owner("b")].into_iter()));
        let mut block = Block::new(roster, Timestamp::UNIX_EPOCH);
        assert!(block.set(0, Metric::Cpu, SampleValue::Value(0.0)));
        assert!(block.set(2, Metric::Cpu, SampleValue::Unknown(UnknownReason::NoBaseline)));
        assert!(!block.set(0, Metric::Cpu, SampleValue::Value(5.0)), "the first word counts");
        let get = |name: &str, metric| block.get(block.place(&key(name))?, metric);
        assert_eq!(get("a", Metric::Cpu), Some(SampleValue::Value(0.0)));
        assert_eq!(get("b", Metric::Cpu), Some(SampleValue::Unknown(UnknownReason::NoBaseline)));
        assert_eq!(get("a", Metric::Memory), None);
        assert_eq!(block.resources().count(), 2);
    }

    #[test]
    fn current_beats_silent_then_known_beats_unknown_then_the_strongest_speaks() {
        //
        use SourceFreshness::{Online, Stale};
        let unknown = SampleValue::Unknown(UnknownReason::NoBaseline);
        let check = |offers: &[(SourceFreshness, SampleValue)], expected: usize| {
            let offers = offers.iter().enumerate();
            let offers = offers.map(|(from, (freshness, value))| Offer { from, freshness: *freshness, value: *value });
            assert_eq!(best(offers).map(|offer| offer.from), Some(expected));
        };
        let known = SampleValue::Value(1.0);
        check(&[(Online, known), (Online, known)], 0);
        check(&[(Stale, known), (Online, known)], 1);
        check(&[(Online, unknown), (Online, known)], 1);
        check(&[(Stale, known), (Online, unknown)], 1);
    }
}
