//! Says what a group of rows is as a system, and why.

use muster_model::{SourceFreshness, SourceKind, Status};
use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use super::{Reason, ReasonKind, StatusReason, Surface, System, group::Group};
use crate::row::{Row, RowSource};

/// Describes one system.
pub(super) fn system(group: &Group<'_>) -> System {
    let leader = group.leader();
    let rows: Vec<&Row> = group.members.iter().map(|member| member.row).collect();
    let reasons = reasons(group);
    let status = rows.iter().map(|row| row.status).max_by_key(|status| badness(*status)).unwrap_or_default();
    System {
        id: group.id(),
        name: leader.row.display_name.clone(),
        system_type: leader.system_type,
        hostname: rows.iter().find_map(|row| row.hostname.clone()),
        status,
        source: single_source(&rows),
        version: agent_version(&rows).or_else(|| platform_version(&rows)),
        members: rows.iter().map(|row| row.id).collect(),
        surfaces: surfaces(&rows),
        explanation: explain(&reasons, rows.len()),
        reasons,
        status_reasons: status_reasons(&rows),
    }
}

/// Offline is worse than warning, warning than unknown, unknown than online.
fn badness(status: Status) -> u8 {
    match status {
        Status::Online => 0,
        Status::Unknown => 1,
        Status::Warning => 2,
        Status::Offline => 3,
    }
}

fn single_source(rows: &[&Row]) -> Option<SourceKind> {
    let mut kinds = rows.iter().flat_map(|row| row.sources.iter().map(|part| part.source.kind()));
    let first = kinds.next()?;
    kinds.all(|kind| kind == first).then_some(first)
}

fn surfaces(rows: &[&Row]) -> Vec<Surface> {
    let each = rows.iter().flat_map(|row| {
        row.sources.iter().map(|part| Surface {
            id: surface_id(row, part),
            kind: part.source.kind(),
            source: part.source.clone(),
            label: row.display_name.clone(),
            resource: row.id,
        })
    });
    let mut surfaces: Vec<_> = each.collect();
    surfaces.sort_by(|one, other| (one.kind.as_str(), &one.id).cmp(&(other.kind.as_str(), &other.id)));
    surfaces
}

/// By what people know a connection of its kind.
fn surface_id(row: &Row, part: &RowSource) -> SmolStr {
    match part.source.kind() {
        SourceKind::Agent => part.source.connection().into(),
        SourceKind::Truenas => row.hostname.clone().unwrap_or_else(|| part.key.as_str().into()),
        SourceKind::Docker
        | SourceKind::Kubernetes
        | SourceKind::Proxmox
        | SourceKind::Pbs
        | SourceKind::Pmg
        | SourceKind::Vmware => part.key.as_str().into(),
    }
}

fn agent_version(rows: &[&Row]) -> Option<String> {
    let hosts = rows.iter().flat_map(|row| row.facets.iter().filter_map(|entry| entry.facet.as_host()));
    hosts.into_iter().find_map(|host| host.agent_version.clone())
}

fn platform_version(rows: &[&Row]) -> Option<String> {
    let nodes = rows.iter().flat_map(|row| row.facets.iter().filter_map(|entry| entry.facet.as_node()));
    nodes.into_iter().find_map(|node| node.version.clone())
}

fn reasons(group: &Group<'_>) -> Vec<Reason> {
    if group.members.len() == 1 {
        return vec![Reason { kind: ReasonKind::Standalone, signal: SmolStr::new_static("single-top-level-view") }];
    }
    group.reasons.iter().cloned().collect()
}

fn explain(reasons: &[Reason], members: usize) -> String {
    if members == 1 {
        return "Nothing else was found to be the same system.".to_owned();
    }
    let each: Vec<_> = reasons.iter().map(|reason| format!("{} ({})", in_words(reason.kind), reason.signal)).collect();
    format!("{members} resources are one system: {}.", each.join(", "))
}

fn in_words(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Standalone => "nothing else belongs to it",
        ReasonKind::SharedIdentity => "they share an id",
        ReasonKind::IdentityMatch => "their identity matches",
        ReasonKind::ExactHostAttachment => "they stand on the same host",
        ReasonKind::HostnameFormAttachment => "their host names are forms of one name",
        ReasonKind::ExactIpAttachment => "they have the same address",
    }
}

fn status_reasons(rows: &[&Row]) -> Vec<StatusReason> {
    let sources = rows.iter().flat_map(|row| row.sources.iter()).filter_map(|part| {
        let kind = match part.status {
            SourceFreshness::Online => return None,
            SourceFreshness::Stale => "source-stale",
            SourceFreshness::Offline => "source-offline",
            SourceFreshness::Unknown => "source-unknown",
        };
        Some(StatusReason { kind, subject: part.source.to_smolstr() })
    });
    let members = rows.iter().filter_map(|row| {
        let kind = match row.reported_status {
            Status::Online | Status::Warning => return None,
            Status::Offline => "surface-offline",
            Status::Unknown => "surface-unknown",
        };
        Some(StatusReason { kind, subject: format_smolstr!("{}", row.id) })
    });
    let mut reasons: Vec<_> = sources.chain(members).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}
