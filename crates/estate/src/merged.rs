//! Facts that can only be told where all sources of a thing meet: a disk's condition and risk, and who
//! speaks for the memory and disk of a node or guest.
//!
//! Called by [`crate::merge`] for each row. The sources' own facets stay whole beside it; what stands here is shown in
//! the place of the strongest of its kind.

pub(crate) mod disk;
mod node;
mod risk;

use std::sync::Arc;

use muster_model::{Facet, GuestFacet, PhysicalDiskFacet, ResourceKind, SourceFreshness, SourceId, Status};

use crate::{
    insider::{self, Insider},
    resource::Member,
};

/// The disk of all sources together, where the resource is one and somebody describes it.
pub(crate) fn disk(members: &[Member], freshness: impl Fn(&SourceId) -> SourceFreshness) -> Option<PhysicalDiskFacet> {
    let is_disk = members.first()?.record.kind == ResourceKind::PhysicalDisk;
    if is_disk { disk::merge(members, freshness) } else { None }
}

/// The merged facet of a resource; `None` where it would say what its strongest source says.
pub(crate) fn facet(
    members: &[Member],
    disk: Option<PhysicalDiskFacet>,
    insider: Option<&Insider>,
    freshness: impl Fn(&SourceId) -> SourceFreshness,
) -> Option<Arc<Facet>> {
    let merged = if let Some(disk) = disk {
        Facet::PhysicalDisk(Box::new(disk))
    } else if let Some(insider) = insider {
        insider::facet(guest(members)?, insider)
    } else {
        node::merge(members, freshness)?
    };
    let strongest = members.iter().flat_map(|member| &member.record.facets).find(|facet| facet.kind() == merged.kind());
    (strongest.is_none_or(|strongest| **strongest != merged)).then(|| Arc::new(merged))
}

/// What the agent inside a guest says of it.
pub(crate) fn insider(
    members: &[Member],
    agent: Option<&Member>,
    status: Status,
    freshness: impl Fn(&SourceId) -> SourceFreshness,
) -> Option<Insider> {
    let agent = agent?;
    let kind = members.first()?.record.kind;
    Insider::of(guest(members)?, kind, status, agent, freshness(&agent.source))
}

fn guest(members: &[Member]) -> Option<&GuestFacet> {
    members.iter().flat_map(|member| &member.record.facets).find_map(|facet| facet.as_guest())
}
