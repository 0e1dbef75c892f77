//! From the records that speak for a resource to the row that is published of it.
//!
//! The members come strongest first, so every rule here is "the first who says something". That makes the row
//! independent of the order in which reports arrived. Facets are the sources' own, shared and whole; what several of
//! them only tell together stands beside them (see [`crate::merged`]).

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use muster_model::{Identity, PhysicalDiskFacet, Revision, SourceFreshness, SourceId, Status};

use crate::{
    coordinates::trimmed,
    merged,
    names::Names,
    resource::{Member, Resource},
    row::{FacetEntry, Row, RowSource},
};

/// Builds the row of a resource; `agent` is the one inside it, `freshness` says how current each source is.
pub(crate) fn row(
    resource: &Resource,
    agent: Option<&Member>,
    revision: Revision,
    freshness: impl Fn(&SourceId) -> SourceFreshness,
) -> Row {
    let members = &resource.members;
    let Names { name, display_name, hostname, platform_id, primary_id, sort_name } =
        Names::derive(resource.id, members);
    let disk = merged::disk(members, &freshness);
    let Health { reported, aged } = weighed(members, disk.as_ref(), &freshness);
    let insider = merged::insider(members, agent, reported, &freshness);
    Row {
        id: resource.id,
        kind: resource.id.kind(),
        name,
        display_name,
        hostname,
        platform_id,
        primary_id,
        technology: members.iter().find_map(|member| member.record.technology.clone()),
        status: aged,
        reported_status: reported,
        identity: Arc::new(identity(members)),
        parent: resource.parent,
        tags: tags(members),
        facets: facets(members),
        merged: merged::facet(members, disk, insider.as_ref(), &freshness),
        insider: insider.map(Arc::new),
        sources: sources(members, &freshness),
        revision,
        first_seen_at: resource.first_seen_at,
        changed_at: resource.changed_at(),
        child_count: resource.child_count,
        sort_name,
    }
}

/// A status as reported and what freshness leaves of it.
pub(crate) struct Health {
    pub(crate) reported: Status,
    pub(crate) aged: Status,
}

/// The status of the strongest current source that has one; a silent source speaks only when no current one does. A
/// resource of which somebody current says that it is down is down, whatever a silent agent said last.
pub(crate) fn health(members: &[Member], freshness: impl Fn(&SourceId) -> SourceFreshness) -> Health {
    weighed(members, merged::disk(members, &freshness).as_ref(), freshness)
}

fn weighed(
    members: &[Member],
    disk: Option<&PhysicalDiskFacet>,
    freshness: impl Fn(&SourceId) -> SourceFreshness,
) -> Health {
    let spoken = members.iter().filter(|member| member.record.status != Status::Unknown);
    // The first of the freshest: among equally fresh ones the order of precedence counts.
    let strongest = spoken.min_by_key(|member| freshness(&member.source));
    let word = strongest.map_or(Status::Unknown, |member| member.record.status);
    let reported = disk.map_or(word, |disk| merged::disk::status(word, disk));
    Health { reported, aged: reported.aged(members.iter().map(|member| freshness(&member.source))) }
}

fn identity(members: &[Member]) -> Identity {
    let mut each = members.iter().map(|member| trimmed(&member.record.identity));
    let mut identity = each.next().map(Cow::into_owned).unwrap_or_default();
    each.for_each(|other| identity.absorb(&other));
    identity
}

fn tags(members: &[Member]) -> BTreeSet<smol_str::SmolStr> {
    members.iter().flat_map(|member| member.record.tags.iter().cloned()).collect()
}

fn facets(members: &[Member]) -> Vec<FacetEntry> {
    let mut facets = Vec::with_capacity(members.iter().map(|member| member.record.facets.len()).sum());
    for member in members {
        let entry = |facet| FacetEntry { source: member.source.clone(), facet: Arc::clone(facet) };
        facets.extend(member.record.facets.iter().map(entry));
    }
    facets
}

fn sources(members: &[Member], freshness: impl Fn(&SourceId) -> SourceFreshness) -> Vec<RowSource> {
    let each = members.iter().map(|member| RowSource {
        source: member.source.clone(),
        key: member.record.key.clone(),
        evidence: member.evidence.clone(),
        origin: member.origin,
        status: freshness(&member.source),
    });
    each.collect()
}
