//! Connected infrastructure on the wire. Grouping, naming and what is hidden are the estate's; here
//! rows are only written down.

use jiff::Timestamp;
use muster_api::infrastructure::{ConnectedSystem, InfrastructureStatus, Surface, SurfaceAction};
use muster_estate::{ActiveSystem, InfrastructureRow, Snapshot, System, connected_infrastructure};
use muster_model::{IgnorableKind, IgnoredMachine, SourceKind};

/// The connected infrastructure: systems, then what is ignored, each by name.
pub(crate) fn rows(snapshot: &Snapshot, ignored: &[IgnoredMachine]) -> Vec<ConnectedSystem> {
    let rows = connected_infrastructure(snapshot, ignored);
    let written = rows.iter().map(|row| match row {
        InfrastructureRow::Active(active) => active_row(snapshot, active),
        InfrastructureRow::Ignored(machine) => ignored_row(machine),
    });
    written.collect()
}

/// A machine of which one connection is ignored.
pub(crate) fn ignored_row(machine: &IgnoredMachine) -> ConnectedSystem {
    let IgnoredMachine { kind, control_id, source, name, hostname, resource: _, ignored_at, ignored_by } = machine;
    ConnectedSystem {
        id: format!("ignored:{kind}:{control_id}"),
        name: name.clone(),
        system_type: None,
        hostname: hostname.clone(),
        status: InfrastructureStatus::Ignored,
        health_status: None,
        last_seen: None,
        removed_at: Some(ignored_at.as_millisecond()),
        removed_by: Some(ignored_by.clone()),
        version: None,
        linked_node_id: None,
        scope_agent_id: None,
        resource_ids: Vec::new(),
        surfaces: vec![ignored_surface(*kind, control_id, name)],
        explanation: format!("{ignored_by} wants {source} ignored; its reports are refused."),
    }
}

fn active_row(snapshot: &Snapshot, active: &ActiveSystem<'_>) -> ConnectedSystem {
    let ActiveSystem { system, surfaces, linked_node } = active;
    let System { id, name, system_type, hostname, status, version, members, explanation, .. } = system;
    ConnectedSystem {
        id: id.to_string(),
        name: name.to_string(),
        system_type: Some(system_type.as_str().to_owned()),
        hostname: hostname.as_ref().map(ToString::to_string),
        status: InfrastructureStatus::Active,
        health_status: Some(*status),
        last_seen: snapshot.system_last_seen(system).map(Timestamp::as_millisecond),
        removed_at: None,
        removed_by: None,
        version: version.clone(),
        linked_node_id: *linked_node,
        scope_agent_id: active.agent_id().map(str::to_owned),
        resource_ids: members.clone(),
        surfaces: surfaces.iter().map(|surface| active_surface(surface)).collect(),
        explanation: explanation.clone(),
    }
}

fn active_surface(surface: &muster_estate::Surface) -> Surface {
    let control = surface.control();
    Surface {
        id: surface.id.to_string(),
        kind: surface.kind,
        label: surface.label.to_string(),
        control_id: control.map(|(_, id)| id.to_owned()),
        action: control.map(|_| SurfaceAction::StopMonitoring),
        id_label: id_label(surface.kind).to_owned(),
        id_value: surface.id.to_string(),
    }
}

fn ignored_surface(kind: IgnorableKind, control_id: &str, name: &str) -> Surface {
    Surface {
        id: control_id.to_owned(),
        kind: kind.source_kind(),
        label: name.to_owned(),
        control_id: Some(control_id.to_owned()),
        action: Some(SurfaceAction::AllowReconnect),
        id_label: id_label(kind.source_kind()).to_owned(),
        id_value: control_id.to_owned(),
    }
}

/// What the id of a surface names.
fn id_label(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Agent => "Agent ID",
        SourceKind::Docker => "Docker host ID",
        SourceKind::Kubernetes => "Cluster ID",
        SourceKind::Proxmox => "Node ID",
        SourceKind::Pbs | SourceKind::Pmg => "Instance ID",
        SourceKind::Truenas => "Host name",
        SourceKind::Vmware => "Managed object ID",
    }
}
