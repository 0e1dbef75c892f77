//! The report of everything that is known: nodes, guests, storages, disks, in this order, so that places stay the same
//! from one report to the next.

mod builder;
mod disk;
mod guest;
mod node;
mod storage;

use jiff::Timestamp;
use muster_model::{Completeness, Identity, Issue, Report};

use self::builder::Builder;
use super::{Pve, state::State};

/// Makes the report. Issues are those of parts that decide what exists.
pub(super) fn make(pve: &Pve, state: &mut State, issues: Vec<Issue>, due: Timestamp) -> Report {
    let naming = Naming::of(pve, state);
    let previous = std::mem::take(&mut state.reported);
    let mut builder = Builder::new(previous);
    for node in state.nodes.values() {
        node::record(&mut builder, state, node, &naming, due);
    }
    for (key, guest) in state.guests.iter().filter(|(_, guest)| !guest.is_waiting()) {
        guest::record(&mut builder, state, *key, guest, &naming, due);
    }
    for (key, storage) in &state.storages {
        storage::record(&mut builder, state, key, storage, &naming);
    }
    for (name, node) in &state.nodes {
        for disk in node.disks.iter().flat_map(|disks| disks.values()) {
            disk::record(&mut builder, name, node, disk);
        }
    }
    let Builder { records, samples, reported, .. } = builder;
    state.reported = reported;
    let known = |activity: &&muster_model::Activity| state.reported.contains_key(&activity.key);
    Report {
        tenant: pve.tenant.clone(),
        source: pve.source.clone(),
        reported_at: due,
        interval: pve.interval,
        completeness: Completeness::from_issues(issues),
        activities: state.activities.iter().filter(known).cloned().collect(),
        records,
        samples,
    }
}

/// How things of this cluster are named over connections (D-6).
struct Naming {
    cluster: Option<String>,
    fingerprint: String,
}

impl Naming {
    fn of(pve: &Pve, state: &State) -> Self {
        let cluster = state.cluster.name.as_ref().map(ToString::to_string);
        let fingerprint = state.cluster.fingerprint.clone().unwrap_or_else(|| pve.connection.to_string());
        Self { cluster, fingerprint }
    }

    /// An identity that names a thing of this cluster.
    fn identity(&self, key: &str) -> Identity {
        Identity {
            cluster_name: self.cluster.clone(),
            platform_key: Some(format!("{}/{key}", self.fingerprint)),
            ..Identity::default()
        }
    }
}
