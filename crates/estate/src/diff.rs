//! What is worth a line in the timeline: compares the row before with the row after.
//!
//! At most one change for each resource and call. When several things changed, the most telling kind wins: created,
//! removed, restart, status, relationship, configuration. Readings and last-seen times are not part of a row and so can
//! never make a change.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use muster_model::{
    ChangeId, ChangeKind, ChangeOrigin, Confidence, ResourceChange, ResourceId, Revision, SourceId, Status, TenantId,
};

use crate::row::Row;

const ABSENT: &str = "absent";

const DISMISSED: &str = "The connection that reported it was removed";

/// What brought the change about.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// A source's report.
    Report(SourceId),
    /// A source's silence.
    Silence {
        /// How it is put to people.
        reason: String,
    },
    /// Somebody let go of a source.
    Dismissal(SourceId),
}

/// A row with the status that the timeline knows.
pub(crate) struct Settled<'a> {
    pub(crate) row: &'a Row,
    pub(crate) status: Status,
}

/// Where and why a change happened.
pub(crate) struct Context<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) now: Timestamp,
    pub(crate) revision: Revision,
    pub(crate) cause: &'a Cause,
}

/// The change between two states of a resource, if it is worth telling.
pub(crate) fn change(
    context: &Context<'_>,
    before: Option<Settled<'_>>,
    after: Option<Settled<'_>>,
) -> Option<ResourceChange> {
    match (before, after) {
        (None, None) => None,
        (None, Some(new)) => Some(appeared(context, &new)),
        (Some(old), None) => Some(disappeared(context, &old)),
        (Some(old), Some(new)) => differs(context, &old, &new),
    }
}

/// The change of a resource that turned out to be another one.
pub(crate) fn absorbed(context: &Context<'_>, old: &Settled<'_>, survivor: ResourceId, why: &str) -> ResourceChange {
    let mut change = disappeared(context, old);
    change.reason = Some(format!("It is the same thing as {survivor}: {why}"));
    change.related_resources = vec![survivor];
    change
}

fn appeared(context: &Context<'_>, new: &Settled<'_>) -> ResourceChange {
    let mut change = blank(context, new.row.id, ChangeKind::StateTransition);
    (change.from, change.to) = (Some(ABSENT.into()), Some(new.status.to_string()));
    change.metadata.insert("changeType".into(), "resource_created".into());
    change
}

fn disappeared(context: &Context<'_>, old: &Settled<'_>) -> ResourceChange {
    let mut change = blank(context, old.row.id, ChangeKind::StateTransition);
    (change.from, change.to) = (Some(old.status.to_string()), Some(ABSENT.into()));
    change.metadata.insert("changeType".into(), "resource_removed".into());
    change
}

/// Whether a change says that a resource is there that was not.
pub(crate) fn is_creation(change: &ResourceChange) -> bool {
    change.from.as_deref() == Some(ABSENT)
}

/// Whether a change says that a resource is there no more.
pub(crate) fn is_removal(change: &ResourceChange) -> bool {
    change.to.as_deref() == Some(ABSENT)
}

fn differs(context: &Context<'_>, old: &Settled<'_>, new: &Settled<'_>) -> Option<ResourceChange> {
    let fields = changed_fields(old, new);
    if fields.is_empty() {
        return None;
    }
    let restarted = restarted_at(old.row, new.row);
    let mut change = if restarted.is_some() {
        let mut change = blank(context, new.row.id, ChangeKind::Restart);
        change.occurred_at = restarted.flatten();
        change
    } else if old.status != new.status {
        let mut change = blank(context, new.row.id, ChangeKind::StateTransition);
        (change.from, change.to) = (Some(old.status.to_string()), Some(new.status.to_string()));
        change
    } else if old.row.parent != new.row.parent {
        moved(context, old.row, new.row)
    } else {
        reconfigured(context, old.row, new.row)
    };
    change.metadata.insert("changedFields".into(), fields.join(","));
    Some(change)
}

fn moved(context: &Context<'_>, old: &Row, new: &Row) -> ResourceChange {
    let mut change = blank(context, new.id, ChangeKind::RelationshipChange);
    (change.from, change.to) = (old.parent.map(|id| id.to_string()), new.parent.map(|id| id.to_string()));
    change.related_resources = [old.parent, new.parent].into_iter().flatten().collect();
    change
}

fn reconfigured(context: &Context<'_>, old: &Row, new: &Row) -> ResourceChange {
    let mut change = blank(context, new.id, ChangeKind::ConfigUpdate);
    if old.name != new.name {
        (change.from, change.to) = (Some(old.name.to_string()), Some(new.name.to_string()));
    }
    change
}

fn blank(context: &Context<'_>, resource: ResourceId, kind: ChangeKind) -> ResourceChange {
    let Context { tenant, now, revision, cause } = context;
    let (origin, source, reason) = match cause {
        Cause::Report(source) => (ChangeOrigin::Diff, Some(source.clone()), None),
        Cause::Silence { reason } => (ChangeOrigin::Heuristic, None, Some(reason.clone())),
        Cause::Dismissal(source) => (ChangeOrigin::UserAction, Some(source.clone()), Some(DISMISSED.into())),
    };
    ResourceChange {
        id: ChangeId::derive(tenant, *revision, resource, kind),
        resource_id: resource,
        kind,
        observed_at: *now,
        occurred_at: None,
        from: None,
        to: None,
        origin,
        source,
        confidence: Confidence::High,
        actor: None,
        reason,
        related_resources: Vec::new(),
        metadata: BTreeMap::new(),
    }
}

/// The watched fields that differ.
fn changed_fields(old: &Settled<'_>, new: &Settled<'_>) -> Vec<&'static str> {
    let (was, is) = (old.row, new.row);
    let watched = [
        ("technology", was.technology != is.technology),
        ("name", was.name != is.name),
        ("status", old.status != new.status),
        ("parentId", was.parent != is.parent),
        ("tags", was.tags != is.tags),
        ("identity", was.identity != is.identity),
    ];
    let watched = watched.into_iter().filter_map(|(field, differs)| differs.then_some(field));
    watched.chain(changed_facets(was, is)).collect()
}

/// The kinds of facets about which a source says something else than before. A source that begins or ceases to speak of
/// a thing does not thereby change it.
fn changed_facets<'a>(was: &'a Row, is: &'a Row) -> impl Iterator<Item = &'static str> + 'a {
    is.facets.iter().filter_map(|new| {
        let same_facet =
            |old: &&crate::row::FacetEntry| old.source == new.source && old.facet.kind() == new.facet.kind();
        let old = was.facets.iter().find(same_facet)?;
        let differs = !Arc::ptr_eq(&old.facet, &new.facet) && old.facet != new.facet;
        differs.then(|| new.facet.kind().into())
    })
}

/// Whether a host was started anew by the word of the same source, and when, where it says so.
fn restarted_at(was: &Row, is: &Row) -> Option<Option<Timestamp>> {
    let boots = |row: &Row| {
        let host = |entry: &crate::row::FacetEntry| {
            let host = entry.facet.as_host()?;
            Some((entry.source.clone(), host.boot_id.clone()?, host.booted_at))
        };
        row.facets.iter().find_map(host)
    };
    let ((old_source, old_boot, _), (new_source, new_boot, booted_at)) = (boots(was)?, boots(is)?);
    (old_source == new_source && old_boot != new_boot).then_some(booted_at)
}
