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

/// One source's readings of one sweep: a column for each metric, one behind the other in one piece of memory, so that the
/// readings of a record lie close together where a source has few records.
#[derive(Debug)]
pub(crate) struct Block {
    roster: Arc<Roster>,
    at: Timestamp,
    /// Which columns there are, in their order.
    metrics: Metrics,
    /// By column and place; not a number where there is no value. It never leaves this module as a number.
    values: Box<[f64]>,
    /// By column and place; beside a missing value, why it is missing.
    reasons: Box<[Option<UnknownReason>]>,
}

impl Block {
    /// An empty block of these metrics for the records of one report, measured at `at` by the source's clock.
    pub(crate) fn new(roster: Arc<Roster>, at: Timestamp, metrics: Metrics) -> Self {
        let cells = roster.resources.len() * metrics.len();
        let (values, reasons) = (vec![f64::NAN; cells].into(), vec![None; cells].into());
        Self { roster, at, metrics, values, reasons }
    }

    /// Puts a value in its place. Says whether the place was free; a metric that is none of the block's has no place.
    pub(crate) fn set(&mut self, place: usize, metric: Metric, value: SampleValue) -> bool {
        let Some(cell) = self.cell(place, metric).filter(|cell| self.at_cell(*cell).is_none()) else { return false };
        match value {
            SampleValue::Value(value) => self.values[cell] = value,
            SampleValue::Unknown(reason) => self.reasons[cell] = Some(reason),
        }
        true
    }

    /// What was measured of any record.
    pub(crate) fn metrics(&self) -> Metrics {
        self.metrics
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
        self.at_cell(self.cell(place, metric)?)
    }

    fn cell(&self, place: usize, metric: Metric) -> Option<usize> {
        let column = self.metrics.rank(metric)?;
        Some(column * self.roster.resources.len() + place)
    }

    fn at_cell(&self, cell: usize) -> Option<SampleValue> {
        let value = self.values[cell];
        let known = (!value.is_nan()).then_some(SampleValue::Value(value));
        known.or_else(|| self.reasons[cell].map(SampleValue::Unknown))
    }

    /// The resources that were measured, as they were bound then.
    pub(crate) fn resources(&self) -> impl Iterator<Item = ResourceId> {
        self.roster.resources.iter().flatten().copied()
    }
}

/// A set of metrics: one bit for each stored code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Metrics(u64);

impl Metrics {
    /// The set with one more.
    pub(crate) fn with(self, metric: Metric) -> Self {
        Self(self.0 | 1 << metric.code())
    }

    /// What is in one of the two.
    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn contains(self, metric: Metric) -> bool {
        self.0 >> metric.code() & 1 == 1
    }

    /// How many of the set come before the metric; `None` when the set does not have it.
    pub(crate) fn rank(self, metric: Metric) -> Option<usize> {
        let before = self.0 & ((1 << metric.code()) - 1);
        self.contains(metric).then_some(before.count_ones() as usize)
    }

    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// All of the set, in the order of their codes.
    pub(crate) fn iter(self) -> impl Iterator<Item = Metric> {
        Metric::ALL.iter().copied().filter(move |metric| self.contains(*metric))
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
        let metrics = Metrics::default().with(Metric::Cpu);
        let mut block = Block::new(roster, Timestamp::UNIX_EPOCH, metrics);
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
    fn a_set_of_metrics_keeps_their_order() {
        let all = Metric::ALL.iter().fold(Metrics::default(), |set, metric| set.with(*metric));
        assert!(all.iter().eq(Metric::ALL.iter().copied()), "every code has a bit of its own");
        assert!(Metric::ALL.iter().enumerate().all(|(rank, metric)| all.rank(*metric) == Some(rank)));
        let some = Metrics::default().with(Metric::Swap).with(Metric::Cpu);
        assert_eq!(some.iter().collect::<Vec<_>>(), [Metric::Cpu, Metric::Swap]);
        assert_eq!((some.rank(Metric::Swap), some.rank(Metric::Memory), some.len()), (Some(1), None, 2));
        assert_eq!(some.union(Metrics::default().with(Metric::Memory)).rank(Metric::Swap), Some(2));
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
