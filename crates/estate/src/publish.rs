//! Makes the next snapshot from the one before and what changed since. The cost follows the change, not the estate: an
//! unchanged row is shared, the order is patched instead of sorted anew, the index copies only its changed shards.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use muster_model::{ResourceId, Revision, SourceId, TenantId};

use crate::{
    facts::Facts,
    id_map::IdSet,
    registry::Registry,
    row::Row,
    snapshot::{Snapshot, SourcePlaces},
    source::{Source, SourceState},
};

/// The last published snapshot and what changed since.
#[derive(Debug)]
pub(crate) struct Publisher {
    last: Arc<Snapshot>,
    changed: IdSet,
    heard: bool,
    /// Where the memory of deltas begins.
    begin: Revision,
}

impl Publisher {
    pub(crate) fn new(tenant: TenantId) -> Self {
        let last = Arc::new(Snapshot::empty(tenant));
        Self { last, changed: IdSet::default(), heard: false, begin: Revision::ZERO }
    }

    /// Notes that a row differs from the published one.
    pub(crate) fn changed(&mut self, id: ResourceId) {
        self.changed.insert(id);
    }

    /// Notes that something was heard or judged: the picture is newer, even if nothing in it differs.
    pub(crate) fn heard(&mut self) {
        self.heard = true;
    }

    /// Goes on from a revision after a restart. What clients had before it cannot be compared with.
    pub(crate) fn begin(&mut self, start: Revision) {
        self.begin = start;
        self.heard = false;
    }

    /// The snapshot of the state as it is now.
    pub(crate) fn publish(
        &mut self,
        revision: Revision,
        readings_sequence: u64,
        registry: &Registry,
        sources: &BTreeMap<SourceId, Source>,
        now: Timestamp,
    ) -> Arc<Snapshot> {
        let facts_are_new = !self.changed.is_empty() || revision != self.last.revision();
        if !facts_are_new && !self.heard {
            return Arc::clone(&self.last);
        }
        let facts = if facts_are_new { self.facts(revision, registry) } else { Arc::clone(&self.last.facts) };
        let updated_at = if self.heard { Some(now) } else { self.last.updated_at() };
        let sources: Vec<_> =
            sources.values().filter(|source| !source.is_dismissed()).map(|source| Arc::clone(&source.state)).collect();
        let source_places = self.source_places(&sources);
        let tenant = self.last.tenant().clone();
        self.last = Arc::new(Snapshot { tenant, updated_at, facts, sources, source_places, readings_sequence });
        self.heard = false;
        Arc::clone(&self.last)
    }

    /// Shared for as long as they are the same sources.
    fn source_places(&self, sources: &[Arc<SourceState>]) -> Arc<SourcePlaces> {
        let last = &self.last.source_places;
        let is_in_place = |(source, place): (&Arc<SourceState>, u32)| last.get(&source.id) == Some(&place);
        if last.len() == sources.len() && sources.iter().zip(0..).all(is_in_place) {
            Arc::clone(last)
        } else {
            Arc::new(sources.iter().map(|source| source.id.clone()).zip(0..).collect())
        }
    }

    fn facts(&mut self, revision: Revision, registry: &Registry) -> Arc<Facts> {
        let before = &self.last.facts;
        let changed = std::mem::take(&mut self.changed);
        let row_of = |id: &ResourceId| registry.get(*id).filter(|resource| resource.id == *id)?.row.clone();
        let mut patch = Patch::default();
        let mut index = before.index.clone();
        for id in &changed {
            let (old, new) = (before.index.get(*id), row_of(id));
            patch.note(&before.rows, old, new.as_ref());
            match new {
                Some(row) => index.insert(row),
                None => index.remove(*id),
            }
        }
        let rows = patch.apply(&before.rows);
        let mut steps = before.steps.clone();
        // The first publication after a restart has nothing before it to differ from.
        if before.revision >= self.begin {
            steps.remember(before.revision, revision, changed.into_iter().collect());
        }
        Arc::new(Facts::new(revision, rows, index, registry, steps))
    }
}

/// How the ordered list of rows changes.
#[derive(Debug, Default)]
struct Patch {
    /// By place in the old list: another row, or none.
    replaced: BTreeMap<usize, Option<Arc<Row>>>,
    added: Vec<Arc<Row>>,
}

impl Patch {
    fn note(&mut self, rows: &[Arc<Row>], old: Option<&Arc<Row>>, new: Option<&Arc<Row>>) {
        let stays = old.zip(new).is_some_and(|(old, new)| old.order() == new.order());
        if let Some(old) = old {
            let place = rows.partition_point(|row| row.order() < old.order());
            self.replaced.insert(place, new.filter(|_| stays).cloned());
        }
        self.added.extend(new.filter(|_| !stays).cloned());
    }

    fn apply(mut self, old: &[Arc<Row>]) -> Vec<Arc<Row>> {
        self.added.sort_unstable_by(|one, other| one.order().cmp(&other.order()));
        let mut rows = Vec::with_capacity(old.len() + self.added.len());
        let mut done = 0;
        for row in &self.added {
            let place = old.partition_point(|other| other.order() < row.order());
            self.copy(old, done..place, &mut rows);
            rows.push(Arc::clone(row));
            done = place;
        }
        self.copy(old, done..old.len(), &mut rows);
        rows
    }

    fn copy(&self, old: &[Arc<Row>], range: std::ops::Range<usize>, rows: &mut Vec<Arc<Row>>) {
        let mut done = range.start;
        for (place, row) in self.replaced.range(range.clone()) {
            rows.extend_from_slice(&old[done..*place]);
            rows.extend(row.iter().cloned());
            done = place + 1;
        }
        rows.extend_from_slice(&old[done..range.end]);
    }
}
