//! The lane of what the cluster watches over: high availability, maintenance, replication, Ceph.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{
    Pve,
    api::{List, Refused},
    ceph,
    state::State,
};
use crate::{
    rules::{ha_status, replication},
    wire::tasks::ReplicationRow,
};

/// Looks at all of it. What was refused comes back with the part that it belongs to.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(&'static str, Refused)> {
    let mut refused = Vec::new();
    match pve.api.ha_status().await {
        Ok(List { rows, odd }) => {
            refused.extend(odd.map(|odd| ("high availability", odd)));
            let mut state = pve.state();
            state.cluster.agents = rows.iter().filter_map(ha_status::agent).collect();
            let services = rows.into_iter().filter(|row| row.kind == "service");
            let states = services.filter_map(|row| Some((row.sid?, row.state?)));
            state.cluster.services = states.collect();
        }
        Err(why) => refused.push(("high availability", why)),
    }
    match pve.api.ha_manager().await {
        Ok(status) => {
            let nodes = status.manager_status.map(|manager| manager.node_status);
            let kept = |(name, word): (SmolStr, crate::wire::tasks::Text)| {
                (word.0.as_deref() == Some("maintenance")).then_some(name)
            };
            pve.state().cluster.maintenance = nodes.map(|nodes| nodes.into_iter().filter_map(kept).collect());
        }
        Err(why) if why.is_not_supported() => {}
        Err(why) => refused.push(("maintenance", why)),
    }
    if let Err(why) = replications(pve).await {
        refused.push(("replication", why));
    }
    refused.extend(ceph::look(pve, due).await.map(|why| ("Ceph", why)));
    refused
}

/// Jobs of the cluster, and how they go on the nodes of their guests.
async fn replications(pve: &Pve) -> Result<(), Refused> {
    let defined = match pve.api.replication_jobs().await {
        Ok(defined) => defined,
        Err(why) if why.is_not_supported() => List { rows: Vec::new(), odd: None },
        Err(why) => return Err(why),
    };
    let List { rows: defined, odd: mut refused } = defined;
    let guests: BTreeSet<u32> = defined.iter().filter_map(|job| job.guest).collect();
    let nodes = pve.state().nodes_of(&guests);
    let mut going: HashMap<SmolStr, ReplicationRow> = HashMap::new();
    for node in nodes {
        match pve.api.node_replication(&node).await {
            Ok(List { rows, odd }) => {
                going.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
                refused = refused.or(odd);
            }
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    pve.state().take_replication(&defined, &going);
    refused.map_or(Ok(()), Err)
}

impl State {
    /// The nodes that run these guests.
    fn nodes_of(&self, guests: &BTreeSet<u32>) -> BTreeSet<SmolStr> {
        let running = self.guests.iter().filter(|(key, guest)| guests.contains(&key.vmid) && guest.listed);
        running.map(|(_, guest)| guest.node()).filter(|node| !node.is_empty()).collect()
    }

    fn take_replication(&mut self, defined: &[ReplicationRow], going: &HashMap<SmolStr, ReplicationRow>) {
        let mut by_guest: HashMap<u32, Vec<_>> = HashMap::new();
        for job in defined {
            let Some(guest) = job.guest else { continue };
            by_guest.entry(guest).or_default().push(replication::job(job, going.get(&job.id)));
        }
        for (key, guest) in &mut self.guests {
            guest.replication = by_guest.remove(&key.vmid).unwrap_or_default();
            guest.replication.sort_by(|a, b| a.id.cmp(&b.id));
        }
    }
}
