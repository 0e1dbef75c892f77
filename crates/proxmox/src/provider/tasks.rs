//! The lane of tasks: what was done on the platform becomes lines of the timeline, each once.

use jiff::Timestamp;
use muster_model::{Activity, NativeKey};

use super::{
    Pve,
    api::{List, Refused},
    key::{self, GuestKey, GuestKind},
    state::State,
};
use crate::wire::tasks::TaskRow;

/// Tasks whose effect the estate tells by itself, in one line, when they went well.
const TOLD_OTHERWISE: &[&str] = &["hamigrate", "qmigrate", "vzmigrate"];

/// Reads the tasks that ended.
pub(super) async fn look(pve: &Pve, _due: Timestamp) -> Result<Vec<(&'static str, Refused)>, Refused> {
    let List { rows, odd } = pve.api.tasks().await?;
    let mut state = pve.state();
    let activities = rows.iter().filter_map(|row| state.activity(row)).collect();
    state.activities = activities;
    for row in &rows {
        state.hint(row);
    }
    Ok(odd.map(|odd| ("tasks", odd)).into_iter().collect())
}

impl State {
    /// A task that ended, as something that happened to a guest or a node.
    fn activity(&self, row: &TaskRow) -> Option<Activity> {
        let (kind, status, ended) = (row.kind.clone()?, row.status.as_deref()?, row.endtime?);
        let went_well = status == "OK";
        if went_well && TOLD_OTHERWISE.contains(&kind.as_str()) {
            return None;
        }
        let state = if went_well {
            "ok"
        } else if status.starts_with("WARNINGS") {
            "warning"
        } else {
            "failed"
        };
        Some(Activity {
            key: self.subject(row)?,
            title: Some(title(&kind, row.user.as_deref())),
            activity_type: kind,
            native_id: Some(row.upid.clone()),
            occurred_at: ended,
            state: Some(state.into()),
            message: (!went_well).then(|| status.to_owned()),
        })
    }

    /// The guest that a task was about, or the node that did it.
    fn subject(&self, row: &TaskRow) -> Option<NativeKey> {
        let guest = row.id.as_deref().and_then(|id| id.parse().ok()).and_then(|vmid| self.guest_key(vmid));
        let node = || row.node.as_ref().filter(|node| self.nodes.contains_key(*node));
        guest.map(|key| key::native(&key.to_string())).or_else(|| node().map(|node| key::native(&key::node(node))))
    }

    fn guest_key(&self, vmid: u32) -> Option<GuestKey> {
        let kinds = [GuestKind::Qemu, GuestKind::Lxc].map(|kind| GuestKey { kind, vmid });
        kinds.into_iter().find(|key| self.guests.contains_key(key))
    }

    /// A task on a guest may have changed its configuration.
    fn hint(&mut self, row: &TaskRow) {
        let changes = row.kind.as_deref().is_some_and(|kind| {
            let of_guest = kind.starts_with("qm") || kind.starts_with("vz") || matches!(kind, "resize" | "move_volume");
            of_guest && kind != "vzdump"
        });
        if let Some(ended) = row.endtime.filter(|_| row.kind.as_deref() == Some("vzdump")) {
            self.backups.ended(ended);
        }
        let guest = row.id.as_deref().and_then(|id| id.parse().ok()).and_then(|vmid| self.guest_key(vmid));
        let Some(guest) = guest.filter(|_| changes).and_then(|key| self.guests.get_mut(&key)) else { return };
        let of_snapshots =
            row.kind.as_deref().is_some_and(|kind| kind.contains("snapshot") || kind.contains("rollback"));
        if let Some(ended) = row.endtime.filter(|_| of_snapshots) {
            guest.snapshots_changed(ended);
        }
        guest.config_wanted |= row.endtime.zip(guest.config_read_at).is_some_and(|(ended, read)| ended >= read);
    }
}

/// What was done, and by whom.
fn title(kind: &str, user: Option<&str>) -> String {
    match user.map(str::trim).filter(|user| !user.is_empty()) {
        Some(user) => format!("{kind} by {user}"),
        None => kind.to_owned(),
    }
}
