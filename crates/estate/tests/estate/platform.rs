//! Guests, nodes and storages that their platform names over connections, and guests made anew under one number (D-6).

use muster_model::{EvidenceKind, LogOp, Record, ResourceChange, ResourceId, ResourceKind};

use crate::{
    restart::restart,
    world::{With, World, disk, guest, host, record, report},
};

#[test]
fn connections_to_one_cluster_report_one_guest() {
    // D-6
    let mut world = World::new();
    world.apply(&report("proxmox:one", [guest()]));
    world.apply(&report("proxmox:two", [guest()]));
    let row = world.row("proxmox:two", "qemu/100");
    assert_eq!(row.id, ResourceId::mint(ResourceKind::Vm, "platform:lab/qemu/100"));
    assert_eq!(row.sources.len(), 2);
    let evidence: Vec<_> = row.sources[1].evidence.iter().map(|evidence| evidence.kind).collect();
    assert_eq!(evidence, [EvidenceKind::PlatformKey]);
    world.apply(&report("proxmox:three", [guest().platform("other/qemu/100")]));
    assert_eq!(world.rows().len(), 2, "the same number on another cluster is another guest");
}

#[test]
fn a_connection_that_is_removed_and_added_again_finds_everything() {
    // D-5, D-6: as a source it is a new one.
    let mut world = World::new();
    let records = || {
        let storage = record(ResourceKind::Storage, "storage/pve1/local").platform("lab/storage/pve1/local");
        let node = host("pve1").keyed("node/pve1").platform("lab/node/pve1");
        [node, guest().below("node/pve1"), storage.below("node/pve1")]
    };
    world.apply(&report("proxmox:one", records()));
    let before = ids(&mut world);
    world.dismiss("proxmox:one");
    assert!(world.rows().is_empty());
    let mut restarted = restart(&world, 1000);
    for world in [&mut world, &mut restarted] {
        world.apply(&report("proxmox:again", records()));
        assert_eq!(ids(world), before);
        let guest = world.row("proxmox:again", "qemu/100");
        assert_eq!(guest.parent, Some(world.id("proxmox:again", "node/pve1")));
    }
}

#[test]
fn a_cluster_that_gets_another_fingerprint_keeps_every_id() {
    // D-6: its certificate authority was renewed.
    let mut world = World::new();
    world.apply(&report("proxmox:one", [guest()]));
    let id = world.id("proxmox:one", "qemu/100");
    let applied = world.apply(&report("proxmox:one", [guest().platform("renewed/qemu/100")]));
    assert_eq!(world.id("proxmox:one", "qemu/100"), id);
    assert_eq!(applied.entries.len(), 1);
    world.apply(&report("proxmox:two", [guest().platform("renewed/qemu/100")]));
    assert_eq!(world.id("proxmox:two", "qemu/100"), id, "it is found by its new name");
    world.apply(&report("proxmox:three", [guest()]));
    assert_ne!(world.id("proxmox:three", "qemu/100"), id, "and not by the old one");
}

#[test]
fn guests_that_turn_out_to_have_one_name_are_joined() {
    // D-6: the fingerprint was not known when the second connection reported first.
    let mut world = World::new();
    world.apply(&report("proxmox:one", [guest()]));
    let id = world.id("proxmox:one", "qemu/100");
    world.pass(10);
    world.apply(&report("proxmox:two", [guest().platform("two/qemu/100")]));
    let younger = world.id("proxmox:two", "qemu/100");
    assert_ne!(younger, id);
    world.apply(&report("proxmox:two", [guest()]));
    assert_eq!(world.id("proxmox:two", "qemu/100"), id);
    assert_eq!(world.snapshot().aliases_of(id), [younger]);
}

#[test]
fn a_source_that_lists_one_name_twice_lists_two_things() {
    let mut world = World::new();
    world.apply(&report("proxmox:one", [guest(), guest().keyed("qemu/other")]));
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn a_migration_moves_a_guest_and_nothing_else() {
    // D-6: the node is an attribute.
    let mut world = World::new();
    let nodes = ["pve1", "pve2"].map(|name| host(name).keyed(&format!("node/{name}")).platform(name));
    let on = |node: &str| nodes.iter().cloned().chain([guest().below(node)]).collect::<Vec<_>>();
    world.apply(&report("proxmox:one", on("node/pve1")));
    let id = world.id("proxmox:one", "qemu/100");
    let applied = world.apply(&report("proxmox:one", on("node/pve2")));
    assert_eq!(world.id("proxmox:one", "qemu/100"), id);
    let told: Vec<_> = applied.changes.iter().map(|change| change.resource_id).collect();
    assert_eq!(told, [id], "{:?}", applied.changes);
    assert_eq!(applied.changes[0].to, Some(world.id("proxmox:one", "node/pve2").to_string()));
}

#[test]
fn a_guest_made_anew_under_a_number_is_another_guest() {
    // D-6
    let mut world = World::new();
    world.apply(&report("proxmox:one", [made("u1", 1)]));
    let first = world.id("proxmox:one", "qemu/100");
    world.pass(10);
    let applied = world.apply(&report("proxmox:one", [made("u2", 2)]));
    let second = world.id("proxmox:one", "qemu/100");
    assert_ne!(second, first);
    assert_eq!(world.rows().len(), 1);
    assert!(world.snapshot().get(first).is_none(), "the old id leads nowhere");
    assert_eq!(moves(&applied.changes), [(first, "absent", vec![second]), (second, "online", vec![first])]);
    let withdrawn = applied.entries.iter().filter(|entry| matches!(entry.op, LogOp::Withdrawn { .. })).count();
    assert_eq!(withdrawn, 1, "the log says that the first one is gone");
}

#[test]
fn half_a_difference_is_the_same_guest() {
    // D-6
    let check = |other: Record| {
        let mut world = World::new();
        world.apply(&report("proxmox:one", [made("u1", 1)]));
        let id = world.id("proxmox:one", "qemu/100");
        world.apply(&report("proxmox:one", [other]));
        assert_eq!(world.id("proxmox:one", "qemu/100"), id);
    };
    check(made("u2", 1));
    check(made("u1", 2));
    check(guest());
    check(guest().dmi("u2"));
    check(guest().created(2));
    check(made("U1 ", 2));
}

#[test]
fn a_look_that_knew_nothing_does_not_hide_the_change() {
    // D-6: what was known of the guest's making outlives reports that could not tell, and a restart.
    let mut world = World::new();
    world.apply(&report("proxmox:one", [made("u1", 1)]));
    let first = world.id("proxmox:one", "qemu/100");
    world.apply(&report("proxmox:one", [guest()]));
    let compacted = World { log: world.log.split_off(1), ..World::new() };
    let mut restarted = restart(&compacted, 1000);
    assert_eq!(restarted.id("proxmox:one", "qemu/100"), first);
    restarted.apply(&report("proxmox:one", [made("u2", 2)]));
    assert_ne!(restarted.id("proxmox:one", "qemu/100"), first);
}

#[test]
fn an_id_is_never_given_to_a_third_guest() {
    // D-5: not even by a server that has forgotten the first one.
    let mut world = World::new();
    world.apply(&report("proxmox:one", [made("u1", 1)]));
    let first = world.id("proxmox:one", "qemu/100");
    let taken_over = world.apply(&report("proxmox:one", [made("u2", 2)])).entries;
    let second = world.id("proxmox:one", "qemu/100");
    let last = taken_over.into_iter().next_back().expect("the new guest");
    let mut restarted = restart(&World { log: vec![last], ..World::new() }, 1000);
    assert_eq!(restarted.id("proxmox:one", "qemu/100"), second);
    restarted.apply(&report("proxmox:one", [made("u3", 3)]));
    let third = restarted.id("proxmox:one", "qemu/100");
    assert!(third != first && third != second);
    restarted.dismiss("proxmox:one");
    restarted.apply(&report("proxmox:again", [made("u3", 3)]));
    assert_eq!(restarted.id("proxmox:again", "qemu/100"), third);
}

#[test]
fn a_guest_made_anew_while_nobody_looked_is_another_guest() {
    // D-6: its number was gone, with this connection or with the one before it.
    for again in ["proxmox:one", "proxmox:two"] {
        let mut world = World::new();
        world.apply(&report("proxmox:one", [made("u1", 1)]));
        let first = world.id("proxmox:one", "qemu/100");
        world.apply(&report("proxmox:one", []));
        let mut other = restart(&world, 1000);
        other.apply(&report(again, [made("u1", 1)]));
        assert_eq!(other.id(again, "qemu/100"), first);
        world.apply(&report(again, [made("u2", 2)]));
        assert_ne!(world.id(again, "qemu/100"), first);
    }
}

#[test]
fn two_connections_notice_one_after_the_other() {
    // D-6
    let mut world = World::new();
    for source in ["proxmox:one", "proxmox:two"] {
        world.apply(&report(source, [made("u1", 1)]));
    }
    let first = world.id("proxmox:one", "qemu/100");
    world.apply(&report("proxmox:one", [made("u2", 2)]));
    assert_eq!(world.id("proxmox:two", "qemu/100"), first, "its word still stands");
    world.apply(&report("proxmox:two", [made("u2", 2)]));
    let rows = world.rows();
    assert_eq!((rows.len(), rows[0].sources.len()), (1, 2));
    assert_ne!(rows[0].id, first);
}

#[test]
fn a_node_is_found_again_by_its_platforms_name() {
    // D-6, R-13: for hosts as well; hardware that differs still keeps them apart.
    let mut world = World::new();
    let node = |name: &str| host(name).keyed("node/pve1").platform("lab/node/pve1");
    world.apply(&report("proxmox:one", [node("pve1"), disk("disk/pve1/sda", "S1", "node/pve1")]));
    world.apply(&report("proxmox:two", [node("renamed"), disk("disk/pve1/sda", "S1", "node/pve1")]));
    let kinds: Vec<_> = world.rows().iter().map(|row| (row.kind, row.sources.len())).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(kinds.iter().all(|(_, sources)| *sources == 2));
    world.apply(&report("proxmox:three", [node("pve1").dmi("d1")]));
    world.apply(&report("proxmox:four", [node("pve1").dmi("d2")]));
    assert_ne!(world.id("proxmox:three", "node/pve1"), world.id("proxmox:four", "node/pve1"));
}

fn made(uuid: &str, at: i64) -> Record {
    guest().dmi(uuid).created(at)
}

fn ids(world: &mut World) -> Vec<ResourceId> {
    world.rows().iter().map(|row| row.id).collect()
}

/// Who appeared or disappeared, and because of whom.
fn moves(changes: &[ResourceChange]) -> Vec<(ResourceId, &str, Vec<ResourceId>)> {
    let each = changes.iter().map(|change| {
        assert!(change.reason.is_some(), "{change:?}");
        (change.resource_id, change.to.as_deref().unwrap_or_default(), change.related_resources.clone())
    });
    each.collect()
}
