//! Connected infrastructure: every system with the ways in which it is connected, and the machines that
//! people ignore.
//!
//! A pure function of the snapshot's systems and the list of what is ignored. Grouping, names and health are those of the
//! systems; nothing is guessed here. A row that has no connection left is hidden: the ignored rows tell of it.

use std::collections::{BTreeMap, BTreeSet};

use muster_model::{IgnorableKind, IgnoredMachine, ResourceId, SourceKind};

use crate::{
    snapshot::Snapshot,
    systems::{Surface, System},
};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub enum InfrastructureRow<'a> {
    /// A system that something reports.
    Active(ActiveSystem<'a>),
    /// A machine of which one connection is ignored.
    Ignored(&'a IgnoredMachine),
}

/// A system and what of it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveSystem<'a> {
    /// The system.
    pub system: &'a System,
    /// Its connections that are not ignored: the leading one of each kind, in the order of R-174.
    pub surfaces: Vec<&'a Surface>,
    /// The platform's node that its agent runs on, where both report it.
    pub linked_node: Option<ResourceId>,
}

impl ActiveSystem<'_> {
    /// The agent that reports it.
    pub fn agent_id(&self) -> Option<&str> {
        let agent = self.surfaces.iter().find(|surface| surface.kind == SourceKind::Agent)?;
        Some(agent.id.as_str())
    }
}

/// The rows: systems before ignored machines, each by name without case, then by id.
pub fn connected_infrastructure<'a>(
    snapshot: &'a Snapshot,
    ignored: &'a [IgnoredMachine],
) -> Vec<InfrastructureRow<'a>> {
    let silenced: BTreeSet<_> = ignored.iter().map(|machine| &machine.source).collect();
    let systems = snapshot.systems().iter().filter_map(|system| {
        let is_heard = |surface: &&Surface| !silenced.contains(&surface.source);
        active(snapshot, system, system.surfaces.iter().filter(is_heard))
    });
    let mut systems: Vec<_> = systems.collect();
    systems.sort_by_cached_key(|row| (row.system.name.to_lowercase(), row.system.id.clone()));
    let mut ignored: Vec<_> = ignored.iter().collect();
    ignored.sort_by_cached_key(|machine| (machine.name.to_lowercase(), machine.kind, machine.control_id.clone()));
    let ignored = ignored.into_iter().map(InfrastructureRow::Ignored);
    systems.into_iter().map(InfrastructureRow::Active).chain(ignored).collect()
}

/// The connection that can be ignored under a control id, with its system, if something reports by it.
pub fn controlled<'a>(
    snapshot: &'a Snapshot,
    kind: IgnorableKind,
    control_id: &str,
) -> Option<(&'a System, &'a Surface)> {
    let each =
        snapshot.systems().iter().flat_map(|system| system.surfaces.iter().map(move |surface| (system, surface)));
    each.into_iter().find(|(_, surface)| surface.control() == Some((kind, control_id)))
}

fn active<'a>(
    snapshot: &Snapshot,
    system: &'a System,
    heard: impl Iterator<Item = &'a Surface>,
) -> Option<ActiveSystem<'a>> {
    let mut by_kind: BTreeMap<u8, &Surface> = BTreeMap::new();
    for surface in heard {
        by_kind.entry(place(surface.kind)).or_insert(surface);
    }
    let surfaces: Vec<_> = by_kind.into_values().collect();
    let has_agent = surfaces.iter().any(|surface| surface.kind == SourceKind::Agent);
    let is_node = |id: &&ResourceId| snapshot.get(**id).is_some_and(|row| row.is_reported_by(SourceKind::Proxmox));
    let linked_node = system.members.iter().find(is_node).copied().filter(|_| has_agent);
    (!surfaces.is_empty()).then_some(ActiveSystem { system, surfaces, linked_node })
}

/// Where a kind stands among the connections of a system.
fn place(kind: SourceKind) -> u8 {
    match kind {
        SourceKind::Agent => 0,
        SourceKind::Docker => 1,
        SourceKind::Kubernetes => 2,
        SourceKind::Proxmox => 3,
        SourceKind::Pbs => 4,
        SourceKind::Pmg => 5,
        SourceKind::Truenas => 6,
        SourceKind::Vmware => 7,
    }
}
