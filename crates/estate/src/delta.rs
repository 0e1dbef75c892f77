//! The memory of recent publications: which rows each of them changed or removed (D-25).

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{ResourceId, Revision};

use crate::row::Row;

/// Publications that are remembered; at four a second, about four minutes of uninterrupted change.
const MOST_STEPS: usize = 1024;

/// Ids that are remembered over all steps. Beyond it a client is better served with the whole state.
const MOST_IDS: usize = 200_000;

/// What differs between two revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    /// The revision that the client has.
    pub from: Revision,
    /// The revision that it will have.
    pub to: Revision,
    /// Rows that are new or different, in the order of [`crate::Snapshot::rows`].
    pub upserts: Vec<Arc<Row>>,
    /// Ids of rows that are gone, ascending.
    pub removes: Vec<ResourceId>,
}

/// One publication.
#[derive(Debug)]
struct Step {
    from: Revision,
    to: Revision,
    ids: Vec<ResourceId>,
}

/// The last publications, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    steps: Vec<Arc<Step>>,
    ids: usize,
}

impl Steps {
    /// Remembers a publication and forgets the oldest ones where there are too many.
    pub(crate) fn remember(&mut self, from: Revision, to: Revision, ids: Vec<ResourceId>) {
        self.ids += ids.len();
        self.steps.push(Arc::new(Step { from, to, ids }));
        let mut forgotten = 0;
        while self.steps.len() - forgotten > MOST_STEPS || self.ids > MOST_IDS {
            self.ids -= self.steps[forgotten].ids.len();
            forgotten += 1;
        }
        self.steps.drain(..forgotten);
    }

    /// Ids that changed or went after `since`; `None` when that is not remembered.
    pub(crate) fn since(&self, since: Revision) -> Option<BTreeSet<ResourceId>> {
        let first = self.steps.partition_point(|step| step.to <= since);
        let later = &self.steps[first..];
        let reaches_back = later.first().is_some_and(|step| step.from <= since);
        reaches_back.then(|| later.iter().flat_map(|step| step.ids.iter().copied()).collect())
    }
}
