//! What one source samples in one go: its series in a fixed order, so that a sweep is one array of numbers.

use std::{collections::HashMap, fmt, ops::Range};

use muster_model::{Metric, ResourceId, SourceId, TenantId};

use crate::{codec::scale::Scale, grid::Period};

/// Names a plan that a [`History`](crate::History) interned. Valid for that history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanId(pub(crate) u32);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A series without its tenant: what is measured, of whom (D-11).
pub(crate) type Series = (ResourceId, Metric);

/// Names a resource of a tenant in stored data. Given once, never again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TrackId(pub(crate) u32);

impl TrackId {
    /// Tracks that share their blocks. Bounds what one merge holds back and rewrites.
    pub(crate) const PER_SHARD: u32 = 1024;

    pub(crate) fn shard(self) -> Shard {
        Shard(self.0 / Self::PER_SHARD)
    }

    /// Its place within the shard.
    pub(crate) fn slot(self) -> u32 {
        self.0 % Self::PER_SHARD
    }
}

/// A group of tracks whose blocks are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shard(pub(crate) u32);

impl Shard {
    pub(crate) fn track(self, slot: u32) -> TrackId {
        TrackId(self.0 * TrackId::PER_SHARD + slot)
    }
}

/// A plan as it is written down: with names, not with numbers that only this process knows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    pub(crate) id: PlanId,
    pub(crate) tenant: TenantId,
    pub(crate) source: SourceId,
    pub(crate) period: Period,
    /// `None` for a series that a newer version recorded and this one has no word for.
    pub(crate) series: Vec<Option<Series>>,
}

impl Definition {
    /// How the values of one column map to numbers. Columns without a metric are read past, whatever they hold.
    pub(crate) fn scale(&self, column: usize) -> Scale {
        self.series[column].map_or(Scale::Whole, |(_, metric)| Scale::of(metric))
    }
}

/// An interned plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) id: PlanId,
    pub(crate) tenant: TenantId,
    pub(crate) source: SourceId,
    pub(crate) period: Period,
    pub(crate) tracks: Vec<(TrackId, ResourceId)>,
    pub(crate) columns: Vec<PlanColumn>,
}

/// One series of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlanColumn {
    /// Place in [`Plan::tracks`].
    track: u32,
    /// `None` for a series that a newer version recorded.
    metric: Option<Metric>,
}

impl PlanColumn {
    pub(crate) fn metric(self) -> Option<Metric> {
        self.metric
    }
}

impl Plan {
    /// A plan from its definition; `track` names each resource.
    pub(crate) fn new(definition: &Definition, mut track: impl FnMut(ResourceId) -> TrackId) -> Self {
        let Definition { id, tenant, source, period, series } = definition;
        let (mut tracks, mut places) = (Vec::new(), HashMap::new());
        let columns = series.iter().map(|series| match series {
            Some((resource, metric)) => {
                let place = *places.entry(*resource).or_insert_with(|| {
                    tracks.push((track(*resource), *resource));
                    tracks.len() - 1
                });
                PlanColumn {
                    track: u32::try_from(place).expect("a plan has at most 2^20 series"),
                    metric: Some(*metric),
                }
            }
            None => PlanColumn { track: 0, metric: None },
        });
        let columns = columns.collect();
        Self { id: *id, tenant: tenant.clone(), source: source.clone(), period: *period, tracks, columns }
    }

    /// The series of a column, if this version has a word for it.
    pub(crate) fn series(&self, column: usize) -> Option<Series> {
        let PlanColumn { track, metric } = self.columns[column];
        metric.map(|metric| (self.tracks[track as usize].1, metric))
    }

    /// The track and the metric of a column, if this version has a word for it.
    pub(crate) fn cell(&self, column: usize) -> Option<(TrackId, Metric)> {
        let PlanColumn { track, metric } = self.columns[column];
        metric.map(|metric| (self.tracks[track as usize].0, metric))
    }

    /// Runs of columns that are of the same track, in the order of the columns.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (TrackId, Range<usize>)> {
        let mut next = 0;
        std::iter::from_fn(move || {
            while next < self.width() && self.columns[next].metric.is_none() {
                next += 1;
            }
            let first = next;
            let track = self.columns.get(first)?.track;
            let same = |column: &&PlanColumn| column.track == track && column.metric.is_some();
            next += self.columns[first..].iter().take_while(same).count();
            Some((self.tracks[track as usize].0, first..next))
        })
    }

    /// How the values of one column map to numbers. Columns without a metric are read past, whatever they hold.
    pub(crate) fn scale(&self, column: usize) -> Scale {
        self.columns[column].metric.map_or(Scale::Whole, Scale::of)
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Whether it samples exactly this.
    pub(crate) fn samples(&self, period: Period, series: &[Series]) -> bool {
        let same = |(column, theirs): (usize, &Series)| self.series(column).as_ref() == Some(theirs);
        self.period == period && self.width() == series.len() && series.iter().enumerate().all(same)
    }

    /// Whether it was made of this definition.
    pub(crate) fn is_defined_by(&self, definition: &Definition) -> bool {
        let Definition { id, tenant, source, period, series } = definition;
        let same = |(column, theirs): (usize, &Option<Series>)| self.series(column) == *theirs;
        (self.id, &self.tenant, &self.source, self.period) == (*id, tenant, source, *period)
            && self.width() == series.len()
            && series.iter().enumerate().all(same)
    }
}

/// Why a plan cannot be interned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A plan of nothing.
    #[error("interning a plan of source {source_id}: it has no series")]
    Empty {
        /// Whose.
        source_id: SourceId,
    },
    /// Two values for one series in one sweep.
    #[error("interning a plan of source {source_id}: it has {metric} of {resource} twice")]
    Duplicate {
        /// Whose.
        source_id: SourceId,
        /// Of whom.
        resource: ResourceId,
        /// What.
        metric: Metric,
    },
    /// More series than a plan may have.
    #[error("interning a plan of source {source_id}: {given} series are more than {}", PlanError::MOST_SERIES)]
    TooLarge {
        /// Whose.
        source_id: SourceId,
        /// How many.
        given: usize,
    },
    /// There are no numbers for plans left.
    #[error("interning a plan of source {source_id}: there are 2^32 plans already; move the history directory away")]
    Exhausted {
        /// Whose.
        source_id: SourceId,
    },
}

impl PlanError {
    /// The most series that one plan may have. A source with more makes several plans.
    pub const MOST_SERIES: usize = 1 << 20;
}
