//! Top-level systems on the wire. Grouping and naming are the estate's; here they are only
//! written down.

use jiff::Timestamp;
use muster_api::state::{ConnectedSystem, Surface};
use muster_estate::{Snapshot, System};

/// The connected infrastructure, sorted by name. A system without any surface left is hidden.
pub(crate) fn connected(snapshot: &Snapshot) -> Vec<ConnectedSystem> {
    let shown = snapshot.systems().iter().filter(|system| !system.surfaces.is_empty());
    let mut systems: Vec<ConnectedSystem> = shown.map(|system| connected_system(snapshot, system)).collect();
    systems.sort_by_cached_key(|system| (system.name.to_lowercase(), system.id.clone()));
    systems
}

fn connected_system(snapshot: &Snapshot, system: &System) -> ConnectedSystem {
    ConnectedSystem {
        id: system.id.to_string(),
        name: system.name.to_string(),
        system_type: system.system_type.as_str().to_owned(),
        hostname: system.hostname.as_ref().map(ToString::to_string),
        // Ignoring systems is an operator's decision, and there is no such decision yet.
        status: "active".to_owned(),
        health_status: system.status,
        last_seen: snapshot.system_last_seen(system).map(Timestamp::as_millisecond),
        version: system.version.clone(),
        resource_ids: system.members.clone(),
        surfaces: system.surfaces.iter().map(surface).collect(),
        explanation: system.explanation.clone(),
    }
}

fn surface(surface: &muster_estate::Surface) -> Surface {
    Surface { id: surface.id.to_string(), kind: surface.kind.to_string(), label: surface.label.to_string() }
}
