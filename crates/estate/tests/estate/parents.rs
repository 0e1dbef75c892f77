//! Who belongs to whom: the strongest word counts, and circles lead nowhere.

use std::collections::BTreeMap;

use muster_model::{Record, ResourceId, ResourceKind};
use proptest::prelude::*;

use crate::world::{With, World, disk, host, record, report};

#[test]
fn a_guest_belongs_to_the_node_of_its_own_connection() {
    // two clusters have a node of one name.
    let mut world = World::new();
    for source in ["proxmox:one", "proxmox:two"] {
        let node = host("pve1").keyed("node/pve1").platform(&format!("{source}/node/pve1"));
        let vm = record(ResourceKind::Vm, "qemu/100").below("node/pve1").platform(&format!("{source}/qemu/100"));
        world.apply(&report(source, [vm, node]));
    }
    assert_eq!(world.rows().len(), 4);
    for source in ["proxmox:one", "proxmox:two"] {
        assert_eq!(world.row(source, "qemu/100").parent, Some(world.id(source, "node/pve1")));
    }
}

#[test]
fn the_parent_of_the_strongest_source_wins() {
    // R-15 with R-14: of a disk an agent knows more than a platform.
    let mut world = World::new();
    let nas = host("nas").machine("m").dmi("d");
    let shelf = record(ResourceKind::Storage, "shelf").below("node");
    let api = [nas.clone().keyed("node"), shelf, disk("disk-1", "S1", "node")];
    world.apply(&report("truenas:t", api.clone()));
    world.apply(&report("agent:a", [nas.clone(), disk("sda", "S1", "host")]));
    let disk_id = world.id("agent:a", "sda");
    let [nas_row, shelf_row, mut moved] = api;
    moved.parent = shelf_row.parent.is_some().then(|| shelf_row.key.clone());
    world.apply(&report("truenas:t", [nas_row, shelf_row, moved]));
    assert_eq!(world.id("truenas:t", "disk-1"), disk_id, "what is bound stays bound");
    assert_eq!(world.row("agent:a", "sda").parent, Some(world.id("agent:a", "host")));
    world.apply(&report("agent:a", [nas]));
    assert_eq!(world.row("truenas:t", "disk-1").parent, Some(world.id("truenas:t", "shelf")));
}

#[test]
fn disks_of_api_and_agent_join_below_one_node_only() {
    // the node and its agent are one resource, and so are their disks.
    let mut world = World::new();
    let node = host("pve1").keyed("node/pve1").machine("m").dmi("d");
    let mut api_disk = disk("disk/pve1/sda", "S1", "node/pve1");
    api_disk.identity.wwn = Some("naa.5000c500a1b2c3d4".into());
    world.apply(&report("proxmox:p", [node, api_disk, disk("disk/pve2/sda", "S1", "node/pve2")]));
    let mut agent_disk = disk("sda", "", "host");
    agent_disk.identity.wwn = Some("0x5000c500a1b2c3d4".into());
    world.apply(&report("agent:a", [host("pve1").machine("m").dmi("d"), agent_disk]));
    assert_eq!(world.id("agent:a", "sda"), world.id("proxmox:p", "disk/pve1/sda"));
    assert_ne!(world.id("agent:a", "sda"), world.id("proxmox:p", "disk/pve2/sda"));
}

#[test]
fn claims_that_lead_round_say_nothing() {
    //
    let mut world = World::new();
    let pool = |key: &str, parent: &str| record(ResourceKind::Storage, key).below(parent);
    let circle = || [pool("a", "b"), pool("b", "c"), pool("c", "a"), pool("leaf", "a")];
    world.apply(&report("truenas:t", circle()));
    let parents = |world: &mut World| ["a", "b", "c", "leaf"].map(|key| world.row("truenas:t", key).parent);
    let [a, b, c] = ["a", "b", "c"].map(|key| Some(world.id("truenas:t", key)));
    assert_eq!(parents(&mut world), [None, None, None, a]);
    assert_eq!(world.row("truenas:t", "a").child_count, 1);
    let mut open = circle();
    open[2] = record(ResourceKind::Storage, "c");
    world.apply(&report("truenas:t", open.clone()));
    assert_eq!(parents(&mut world), [b, c, None, a], "whoever was caught in it is free again");
    open[2] = pool("c", "leaf");
    world.apply(&report("truenas:t", open));
    assert_eq!(parents(&mut world), [None, None, None, None]);
    assert!(world.rows().iter().all(|row| row.child_count == 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn parents_depend_on_the_claims_alone(
        steps in prop::collection::vec(prop::collection::vec(prop::option::of(0..6_usize), 6), 1..6),
    ) {
        // whatever was claimed before, the same claims give the same parents and counts.
        let mut world = World::new();
        for claims in &steps {
            world.apply(&report("truenas:t", pools(claims)));
        }
        let mut fresh = World::new();
        let last = steps.last().expect("at least one step");
        fresh.apply(&report("truenas:t", pools(last)));
        let shape = |world: &mut World| -> BTreeMap<ResourceId, (Option<ResourceId>, u32)> {
            world.rows().iter().map(|row| (row.id, (row.parent, row.child_count))).collect()
        };
        prop_assert_eq!(shape(&mut world), shape(&mut fresh));
        for row in world.rows() {
            let above = std::iter::successors(row.parent, |id| world.snapshot().get(*id).and_then(|row| row.parent));
            prop_assert!(above.take(10).count() < 10, "nobody is above himself");
        }
    }
}

fn pools(claims: &[Option<usize>]) -> Vec<Record> {
    let pool = |(number, parent): (usize, &Option<usize>)| {
        let record = record(ResourceKind::Storage, &number.to_string());
        match parent {
            Some(parent) => record.below(&parent.to_string()),
            None => record,
        }
    };
    claims.iter().enumerate().map(pool).collect()
}
