//! Facts that can only be told where all sources of a thing meet: a disk's condition and risk, and who
//! speaks for the memory and disk of a node or guest.
//!
//! Called by [`crate::merge`] for each row. The sources' own facets stay whole beside it; what stands here is shown in
//! the place of the strongest of its kind.

pub(crate) mod disk;
mod node;
mod risk;

use std::sync::Arc;

use muster_model::{Facet, GuestFacet, ResourceKind, SourceFreshness, SourceId, Status};

use crate::{
    insider::{self, Insider},
    resource::Member,
};

/// The merged facet of a resource; `None` where it would say what its strongest source says.
pub(crate) fn facet(
    members: &[Member],
    insider: Option<&Insider>,
    freshness: impl Fn(&SourceId) -> SourceFreshness,
) -> Option<Arc<Facet>> {
    let kind = members.first()?.record.kind;
    let merged = if kind == ResourceKind::PhysicalDisk {
        disk::merge(members, freshness).map(Facet::PhysicalDisk)
    } else if kind == ResourceKind::Agent {
        node::merge(members, freshness)
    } else {
        insider.and_then(|insider| Some(insider::facet(guest(members)?, insider)))
    };
    let merged = merged?;
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
