//! Records on their way from one resource to another, because a person said so.
//!
//! A split makes it, and so does the replay of one; both sides must come out alike. What is not named stays.

use jiff::Timestamp;
use muster_model::{Evidence, RecordRef, ResourceId};

use crate::estate::Estate;

/// Who leaves whom.
pub(crate) struct Parting<'a> {
    pub(crate) survivor: Side,
    pub(crate) departed: Side,
    pub(crate) records: &'a [RecordRef],
    /// Why they are where they go.
    pub(crate) evidence: Evidence,
    pub(crate) at: Timestamp,
}

/// One of the two resources.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub(crate) id: ResourceId,
    pub(crate) first_seen_at: Timestamp,
}

impl Estate {
    /// Moves the records, and what their sources know of whose they are.
    pub(crate) fn part(&mut self, parting: &Parting<'_>) {
        self.registry.part(parting);
        for id in [parting.survivor.id, parting.departed.id] {
            self.readdress(id);
        }
    }

    /// Tells the sources whose their records are. A former id may have led here and leads elsewhere now.
    fn readdress(&mut self, id: ResourceId) {
        let Self { registry, sources, .. } = self;
        let Some(resource) = registry.get(id) else { return };
        for member in &resource.members {
            let Some(source) = sources.get_mut(&member.source) else { continue };
            if let Some(listed) = source.listed.get_mut(&member.record.key) {
                listed.resource = id;
            }
            // Samples of the next report have to find their resources anew.
            source.roster = std::sync::Arc::default();
        }
        for former in &resource.former {
            if let Some(owner) = sources.get_mut(&former.source).and_then(|source| source.gone.get_mut(&former.key)) {
                *owner = id;
            }
        }
    }
}
