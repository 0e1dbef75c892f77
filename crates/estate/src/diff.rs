//! What is worth a line in the timeline: compares the row before with the row after.
//!
//! At most one change for each resource and call. When several things changed, the most telling kind wins: created,
//! removed, restart, status, relationship, configuration. Readings and last-seen times are not part of a row and so can
//! never make a change; what a source merely learns or forgets makes none either (see [`crate::told`]).

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::{
    ChangeId, ChangeKind, ChangeOrigin, Confidence, ResourceChange, ResourceId, Revision, SourceId, Status, TenantId,
};

use crate::{
    row::Row,
    told::{News, is_same_start},
};

const ABSENT: &str = "absent";

const RULED: &str = "A person ruled on who is who";

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
    /// Somebody does not want to hear a source any more.
    Ignored {
        /// Which one.
        source: SourceId,
        /// Who wanted it so.
        by: String,
    },
    /// Somebody ruled on who is who.
    Ruling {
        /// Who.
        by: String,
    },
}

impl Cause {
    /// Who brought it about, where somebody did and it is known who.
    fn actor(&self) -> Option<String> {
        match self {
            Self::Report(_) | Self::Silence { .. } | Self::Dismissal(_) => None,
            Self::Ignored { by, .. } | Self::Ruling { by } => Some(by.clone()),
        }
    }
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

/// The change between two states of a resource, if it is worth telling. `news` is what its sources say otherwise.
pub(crate) fn change(
    context: &Context<'_>,
    before: Option<Settled<'_>>,
    after: Option<Settled<'_>>,
    news: &News,
) -> Option<ResourceChange> {
    match (before, after) {
        (None, None) => None,
        (None, Some(new)) => Some(appeared(context, &new)),
        (Some(old), None) => Some(disappeared(context, &old)),
        (Some(old), Some(new)) => differs(context, &old, &new, news),
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

fn differs(context: &Context<'_>, old: &Settled<'_>, new: &Settled<'_>, news: &News) -> Option<ResourceChange> {
    let fields = changed_fields(old, new, news);
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
        if old.row.parent != new.row.parent {
            change.related_resources = parents(old.row, new.row);
        }
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
    change.related_resources = parents(old, new);
    change
}

/// From where to where it was moved.
fn parents(old: &Row, new: &Row) -> Vec<ResourceId> {
    [old.parent, new.parent].into_iter().flatten().collect()
}

fn reconfigured(context: &Context<'_>, old: &Row, new: &Row) -> ResourceChange {
    let mut change = blank(context, new.id, ChangeKind::ConfigUpdate);
    if old.name != new.name {
        (change.from, change.to) = (Some(old.name.to_string()), Some(new.name.to_string()));
    }
    change
}

/// A line that says nothing yet but where, when and why.
pub(crate) fn blank(context: &Context<'_>, resource: ResourceId, kind: ChangeKind) -> ResourceChange {
    let Context { tenant, now, revision, cause } = context;
    let (origin, source, reason) = match cause {
        Cause::Report(source) => (ChangeOrigin::Diff, Some(source.clone()), None),
        Cause::Silence { reason } => (ChangeOrigin::Heuristic, None, Some(reason.clone())),
        Cause::Dismissal(source) => (ChangeOrigin::UserAction, Some(source.clone()), Some(DISMISSED.into())),
        Cause::Ignored { source, by: _ } => {
            let reason = format!("{source} is ignored until somebody restores it");
            (ChangeOrigin::UserAction, Some(source.clone()), Some(reason))
        }
        Cause::Ruling { by: _ } => (ChangeOrigin::UserAction, None, Some(RULED.into())),
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
        actor: cause.actor(),
        reason,
        related_resources: Vec::new(),
        metadata: BTreeMap::new(),
    }
}

/// The watched fields that differ.
fn changed_fields(old: &Settled<'_>, new: &Settled<'_>, news: &News) -> Vec<&'static str> {
    let (was, is) = (old.row, new.row);
    let watched = [
        ("technology", was.technology != is.technology),
        ("name", was.name != is.name),
        ("status", old.status != new.status),
        ("parentId", was.parent != is.parent),
        ("tags", was.tags != is.tags),
        ("identity", news.identity),
    ];
    let watched = watched.into_iter().filter_map(|(field, differs)| differs.then_some(field));
    watched.chain(news.facets.iter().copied()).collect()
}

/// Whether it was started anew by the word of the same source, and when, where it says so.
fn restarted_at(was: &Row, is: &Row) -> Option<Option<Timestamp>> {
    host_restarted_at(was, is).or_else(|| guest_restarted_at(was, is).map(Some))
}

fn host_restarted_at(was: &Row, is: &Row) -> Option<Option<Timestamp>> {
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

/// A guest that was moved counts from its arrival, which is no start.
fn guest_restarted_at(was: &Row, is: &Row) -> Option<Timestamp> {
    let starts = |row: &Row| {
        let guest = |entry: &crate::row::FacetEntry| {
            let guest = entry.facet.as_guest()?;
            Some((entry.source.clone(), guest.node.clone(), guest.started_at?))
        };
        row.facets.iter().find_map(guest)
    };
    let ((old_source, old_node, before), (new_source, new_node, now)) = (starts(was)?, starts(is)?);
    let is_new = now > before && !is_same_start(before, now);
    (old_source == new_source && old_node == new_node && is_new).then_some(now)
}
