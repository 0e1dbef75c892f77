//! Who speaks for the memory and disk of a node: the agent that stands on it, before its platform.
//!
//! The agent is a member of the same row, by link and never by name alone; its readings win by precedence.
//! Here the labels follow them.

use muster_model::{Facet, MemorySource, SourceFreshness, SourceId, SourceKind};

use crate::resource::Member;

/// What a node's disk is taken from where an agent tells it.
const AGENT: &str = "agent";

/// A node's facts with the labels of what its agent tells; `None` for a host that is no node or has no current agent.
pub(super) fn merge(members: &[Member], freshness: impl Fn(&SourceId) -> SourceFreshness) -> Option<Facet> {
    let is_agent = |member: &&Member| {
        member.source.kind() == SourceKind::Agent && freshness(&member.source) == SourceFreshness::Online
    };
    let mut facets = members.iter().flat_map(|member| &member.record.facets);
    let node = facets.find_map(|facet| facet.as_node())?;
    let agent = members.iter().find(is_agent)?;
    let host = agent.record.facets.iter().find_map(|facet| facet.as_host())?;
    let mut node = Box::new(node.clone());
    if host.memory.total_bytes.is_some() {
        node.memory_source = Some(MemorySource::Agent);
    }
    if host.disk_bytes.is_some() {
        node.disk_source = Some(AGENT.to_owned());
    }
    Some(Facet::Node(node))
}
