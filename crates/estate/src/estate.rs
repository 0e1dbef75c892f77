//! The canonical state of one tenant and the few things that may be done to it.
//!
//! The engine owns it and calls it, one call at a time. Every method is a plain function of the state, the input and
//! `now`; nothing here reads a clock, a file or the network. The work is in the modules named after it: [`crate::apply`]
//! for reports, [`crate::judge`] for silence, [`crate::restore`] for the log, [`crate::publish`] for snapshots.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use muster_model::{LogEntry, Metric, ResourceChange, ResourceId, Revision, SampleValue, SourceId, TenantId};

use crate::{
    publish::Publisher,
    registry::Registry,
    rejected::Rejected,
    snapshot::Snapshot,
    source::{Source, SourceState},
};

/// The only mutable canonical state of a tenant.
#[derive(Debug)]
pub struct Estate {
    pub(crate) tenant: TenantId,
    pub(crate) revision: Revision,
    pub(crate) sources: BTreeMap<SourceId, Source>,
    pub(crate) registry: Registry,
    /// Counts sweeps that brought readings.
    pub(crate) readings_sequence: u64,
    pub(crate) publisher: Publisher,
}

/// What a call did.
#[derive(Debug, Default, PartialEq)]
pub struct Applied {
    /// New entries of the log, in order; to be stored before anybody is told that the report was taken.
    pub entries: Vec<LogEntry>,
    /// New rows of the timeline, at most one for each resource.
    pub changes: Vec<ResourceChange>,
    /// What was measured, by resource: at most one value for each resource and metric, and only where this source is
    /// the strongest current one that has it.
    pub samples: Vec<BoundSample>,
    /// Parts of the report that were left out.
    pub rejected: Vec<Rejected>,
}

/// A sample that found its resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundSample {
    /// What was measured, by today's id.
    pub resource: ResourceId,
    /// Which of its metrics.
    pub metric: Metric,
    /// The value or why there is none.
    pub value: SampleValue,
}

impl Estate {
    /// An estate of which nothing is known yet.
    pub fn new(tenant: TenantId) -> Self {
        Self {
            publisher: Publisher::new(tenant.clone()),
            tenant,
            revision: Revision::ZERO,
            sources: BTreeMap::new(),
            registry: Registry::default(),
            readings_sequence: 0,
        }
    }

    /// The last revision that was given to a log entry.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The sources that have reported, in order of their ids.
    pub fn sources(&self) -> impl Iterator<Item = &SourceState> {
        self.sources.values().filter(|source| !source.is_dismissed()).map(|source| &*source.state)
    }

    /// The published form of the state. Rows, and the whole facts plane where no fact changed, are shared with the
    /// snapshot before; when nothing was heard since, it is that snapshot.
    pub fn snapshot(&mut self, now: Timestamp) -> Arc<Snapshot> {
        let Self { revision, sources, registry, readings_sequence, publisher, .. } = self;
        publisher.publish(*revision, *readings_sequence, registry, sources, now)
    }
}
