//! The report of everything that is known: nodes, guests, storages, pools, disks, Ceph, in this order, so that places
//! stay the same from one report to the next.

mod builder;
mod ceph;
mod disk;
mod guest;
mod node;
mod pool;
mod storage;

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_model::{Completeness, Identity, Issue, Report};

use self::builder::Builder;
use super::{Pve, pools::Pool, state::State};

/// Makes the report. Issues are those of parts that decide what exists.
pub(super) fn make(pve: &Pve, state: &mut State, issues: Vec<Issue>, due: Timestamp) -> Report {
    state.decide_memory(&pve.source, due);
    let naming = Naming::of(pve, state);
    let previous = std::mem::take(&mut state.reported);
    let mut builder = Builder::new(previous);
    for node in state.nodes.values() {
        node::record(&mut builder, state, node, &naming, due);
    }
    for (key, guest) in state.guests.iter().filter(|(_, guest)| !guest.is_waiting()) {
        guest::record(&mut builder, state, *key, guest, &naming, due);
    }
    let mut shown = BTreeSet::new();
    for (key, storage) in &state.storages {
        shown.extend(storage::record(&mut builder, state, key, storage, &naming));
    }
    for (name, node) in &state.nodes {
        let apart = |pool: &&Pool| !shown.contains(&(name, &pool.row.name));
        for pool in node.pools.iter().flat_map(|pools| pools.values()).filter(apart) {
            pool::record(&mut builder, name, node, pool, &naming);
        }
        for disk in node.disks.iter().flat_map(|disks| disks.values()) {
            disk::record(&mut builder, name, node, disk);
        }
    }
    ceph::record(&mut builder, state, &naming, due);
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
