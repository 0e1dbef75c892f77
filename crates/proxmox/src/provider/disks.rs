//! The lane of physical disks: the list every five minutes without waking a disk, SMART every half hour, and the
//! state of ZFS pools.

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::collections::BTreeMap;

use super::{
    Pve,
    api::{List, Refused},
    pools,
    state::{Disk, State},
    sweep::{FEW, Outcome, each_node},
};
use crate::{
    rules::smart::{DiskHealth, attribute, prose},
    wire::disk::{DiskRow, Smart},
};

const SMART_EVERY: SignedDuration = SignedDuration::from_mins(30);

/// Looks at the disks of every node that is there.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let nodes = pve.state().nodes_online().into_iter().map(|node| (node, ())).collect();
    each_node(nodes, FEW, |node, ()| async move { disks(pve, &node, due).await }).await
}

async fn disks(pve: &Pve, name: &SmolStr, now: Timestamp) -> Outcome {
    let listed = pve.api.disks(name).await;
    pve.state().disks_were_tried(name);
    let List { rows: listed, odd } = match listed {
        Ok(listed) => listed,
        Err(refused) if refused.is_node_away() => return Outcome::NodeAway(refused),
        Err(refused) => {
            pve.state().disks_refused(name, &refused);
            return Outcome::Refused(refused);
        }
    };
    let devices = pve.state().take_disks(name, listed, odd.is_none(), now);
    let mut refused = odd.or(pools::look(pve, name, now).await);
    for device in devices.into_iter().filter(|_| pve.settings.asks_smart) {
        match pve.api.smart(name, &device).await {
            Ok(smart) => pve.state().take_smart(name, &device, &smart),
            Err(why) if why.is_node_away() => return Outcome::NodeAway(why),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    refused.map_or(Outcome::Done, Outcome::Refused)
}

impl State {
    /// Where we never could see any, there is nothing of which absence would mean anything.
    fn disks_refused(&mut self, name: &SmolStr, refused: &Refused) {
        if let Some(node) = self.nodes.get_mut(name).filter(|_| refused.is_forbidden() || refused.is_not_supported()) {
            node.disks.get_or_insert_default();
            node.pools.get_or_insert_default();
        }
    }

    fn disks_were_tried(&mut self, name: &SmolStr) {
        if let Some(node) = self.nodes.get_mut(name) {
            node.disks_tried = true;
        }
    }

    /// Takes a list in and gives the disks whose SMART is to be read. What a list lacks that could not be read whole stays.
    fn take_disks(&mut self, name: &SmolStr, listed: Vec<DiskRow>, whole: bool, now: Timestamp) -> Vec<SmolStr> {
        let Some(node) = self.nodes.get_mut(name) else { return Vec::new() };
        let mut known = node.disks.take().unwrap_or_default();
        let taken = |row: DiskRow| {
            let smart = known.remove(&row.devpath).map(|disk: Disk| disk.smart).unwrap_or_default();
            (row.devpath.clone(), Disk { row, smart })
        };
        let mut disks: BTreeMap<SmolStr, Disk> = listed.into_iter().map(taken).collect();
        if !whole {
            disks.extend(known);
        }
        let is_due = node.smart_read_at.is_none_or(|at| now.duration_since(at) >= SMART_EVERY);
        let devices = if is_due { disks.keys().cloned().collect() } else { Vec::new() };
        if is_due {
            node.smart_read_at = Some(now);
        }
        node.disks = Some(disks);
        devices
    }

    fn take_smart(&mut self, name: &SmolStr, device: &SmolStr, smart: &Smart) {
        let disk = self.nodes.get_mut(name).and_then(|node| node.disks.as_mut()?.get_mut(device));
        if let Some(disk) = disk {
            disk.smart = own_words(smart);
        }
    }
}

/// What a disk says of itself.
fn own_words(smart: &Smart) -> DiskHealth {
    let mut values: Vec<_> = smart.text.as_deref().map(prose).unwrap_or_default();
    for row in &smart.attributes {
        let value = row.id.and_then(attribute).zip(row.raw_number());
        if let Some((metric, value)) = value.filter(|(metric, _)| !values.iter().any(|(known, _)| known == metric)) {
            values.push((metric, value as f64));
        }
    }
    DiskHealth { verdict: smart.health.as_deref().map(str::to_owned), life_left: smart.wearout, values }
}

impl Disk {
    /// The list's word filled with the disk's own.
    pub(super) fn health(&self) -> DiskHealth {
        let verdict = self.row.health.as_deref().map(str::to_owned);
        let life_left = self.row.wearout.filter(|left| (0.0..=100.0).contains(left));
        let mut health = DiskHealth { verdict, life_left, values: Vec::new() };
        health.fill(&self.smart);
        health
    }
}
