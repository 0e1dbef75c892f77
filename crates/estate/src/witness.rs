//! Who speaks of one row: each of its sources found once, for everything that an answer wants to know of them.
//!
//! Made by [`crate::Snapshot`] for its own readers and for those who write whole rows. Finding a source in a large estate
//! costs more than reading what it said, so nobody looks for it twice. It decides nothing about facts: those are merged
//! when a report arrives.

use jiff::Timestamp;
use muster_model::{Metric, NativeKey, Reading, SampleValue, SourceFreshness, SourceId, UnknownReason};

use crate::{
    insider::Insider,
    readings::{Block, Metrics, Offer, best},
    row::{Row, RowSource},
    source::SourceState,
};

/// A row's sources, strongest first.
#[derive(Debug)]
pub struct Witnesses<'a> {
    each: Vec<Witness<'a>>,
    /// The agent inside, as far as it speaks in the platform's place.
    inside: Option<(&'a Insider, Voice<'a>)>,
}

#[derive(Debug)]
struct Witness<'a> {
    part: &'a RowSource,
    last_seen: Option<Timestamp>,
    /// What it measured, unless it measures nothing of the row.
    voice: Option<Voice<'a>>,
}

/// One source's measurements of one row.
#[derive(Debug, Clone, Copy)]
struct Voice<'a> {
    source: &'a SourceId,
    freshness: SourceFreshness,
    block: &'a Block,
    place: usize,
}

impl<'a> Witnesses<'a> {
    /// The sources behind the parts of a row; `find` looks one up.
    pub(crate) fn find(row: &'a Row, find: impl Fn(&SourceId) -> Option<&'a SourceState>) -> Self {
        let inside = row.insider.as_deref().and_then(|insider| {
            let voice = Voice::new(&insider.source, &insider.key, find(&insider.source)?)?;
            Some((insider, voice)).filter(|(_, voice)| voice.freshness == SourceFreshness::Online)
        });
        let each = row.sources.iter().map(|part| Witness::new(part, find(&part.source))).collect();
        Self { each, inside }
    }

    /// When any of them last spoke of the row.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.each.iter().filter_map(|witness| witness.last_seen).max()
    }

    /// Every source's part in the row, and when it last spoke of it.
    pub fn parts(&self) -> impl Iterator<Item = (&'a RowSource, Option<Timestamp>)> {
        self.each.iter().map(|witness| (witness.part, witness.last_seen))
    }

    /// A current reading: of the strongest current source that has a value, else of a silent one with the time it was
    /// measured, else why there is none. Not reported when nobody spoke of it.
    pub fn reading(&self, metric: Metric) -> Reading<f64> {
        self.heard(metric).unwrap_or(Reading::Unknown { reason: UnknownReason::NotReported })
    }

    /// Everything that is known, or known to be unknown, of the row, in the order of the metrics.
    pub fn readings(&self) -> impl Iterator<Item = (Metric, Reading<f64>)> {
        let spoken = self.voices().fold(Metrics::default(), |all, voice| all.union(voice.block.metrics()));
        let told_inside = Insider::METRICS.into_iter().filter(|metric| self.heard_inside(*metric).is_some());
        let spoken = told_inside.fold(spoken, Metrics::with);
        spoken.iter().filter_map(|metric| Some((metric, self.heard(metric)?)))
    }

    /// What the best of them says of a metric; `None` when none speaks of it.
    fn heard(&self, metric: Metric) -> Option<Reading<f64>> {
        self.heard_inside(metric).or_else(|| self.heard_outside(metric))
    }

    fn heard_inside(&self, metric: Metric) -> Option<Reading<f64>> {
        let (insider, voice) = self.inside.as_ref()?;
        let value = insider.tell(metric, |metric| voice.block.get(voice.place, metric))?;
        Some(Reading::Known { value, at: voice.block.at(), source: voice.source.clone() })
    }

    fn heard_outside(&self, metric: Metric) -> Option<Reading<f64>> {
        let offers = self.voices().filter_map(|voice| {
            let value = voice.block.get(voice.place, metric)?;
            Some(Offer { from: voice, freshness: voice.freshness, value })
        });
        let Offer { from, value, .. } = best(offers)?;
        Some(match value {
            SampleValue::Unknown(reason) => Reading::Unknown { reason },
            SampleValue::Value(value) => Reading::Known { value, at: from.block.at(), source: from.source.clone() },
        })
    }

    fn voices(&self) -> impl Iterator<Item = Voice<'a>> {
        self.each.iter().filter_map(|witness| witness.voice)
    }
}

impl<'a> Witness<'a> {
    fn new(part: &'a RowSource, source: Option<&'a SourceState>) -> Self {
        let last_seen = source.and_then(|source| source.last_seen_of(&part.key));
        Self { part, last_seen, voice: source.and_then(|source| Voice::new(&part.source, &part.key, source)) }
    }
}

impl<'a> Voice<'a> {
    fn new(id: &'a SourceId, key: &NativeKey, source: &'a SourceState) -> Option<Self> {
        let block = source.readings.as_deref()?;
        Some(Self { source: id, freshness: source.freshness, block, place: block.place(key)? })
    }
}
