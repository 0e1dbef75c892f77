//! Who is who: ids, joins, conflicts.

use muster_model::{EvidenceKind, LogOp, ResourceId, ResourceKind};

use crate::world::{With, World, degraded, disk, host, record, report};

const MAC: &str = "ac:1f:6b:00:00:01";

#[test]
fn ids_are_minted_from_the_strongest_evidence_and_then_pinned() {
    // R-10, D-5
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas").machine("m1").dmi("d1")]));
    let id = world.id("agent:a", "host");
    assert_eq!(id, ResourceId::mint(ResourceKind::Agent, "machine:m1"));
    world.apply(&report("agent:a", [host("nas")]));
    assert_eq!(world.id("agent:a", "host"), id, "weaker evidence later changes nothing");
    world.apply(&report("docker:b", [record(ResourceKind::AppContainer, "c1")]));
    assert_eq!(world.id("docker:b", "c1"), ResourceId::mint(ResourceKind::AppContainer, "docker:b:c1"));
}

#[test]
fn keys_of_two_connections_never_meet() {
    //
    let mut world = World::new();
    world.apply(&report("truenas:one", [record(ResourceKind::Storage, "pool:tank")]));
    world.apply(&report("truenas:two", [record(ResourceKind::Storage, "pool:tank")]));
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn white_space_is_no_identity() {
    //
    let mut world = World::new();
    world.apply(&report(" agent: a ", [host(" nas ").named(" nas ").machine(" m ").dmi("d")]));
    world.apply(&report("proxmox:p", [host("nas").keyed(" node/nas ").machine("m").dmi(" d ")]));
    let row = world.row("agent:a", "host");
    assert_eq!(row.sources.len(), 2);
    assert_eq!((row.name.as_str(), row.identity.machine_id.as_deref()), ("nas", Some("m")));
    assert_eq!(row.id, ResourceId::mint(ResourceKind::Agent, "machine:m"));
}

#[test]
fn machine_id_alone_proposes_and_with_hardware_it_joins() {
    // D-7, R-12
    let check = |one: muster_model::Record, other: muster_model::Record, joins: bool| {
        let mut world = World::new();
        world.apply(&report("agent:a", [one]));
        world.apply(&report("proxmox:p", [other.keyed("node")]));
        let snapshot = world.snapshot();
        assert_eq!(snapshot.len(), if joins { 1 } else { 2 });
        assert_eq!(snapshot.conflicts().len(), usize::from(!joins));
        snapshot.conflicts().first().map(|conflict| conflict.confidence)
    };
    assert_eq!(check(host("a").machine("m"), host("b").machine("m"), false), Some(1.0));
    check(host("a").machine("m").dmi("d"), host("b").machine("m").dmi("D"), true);
    check(host("a").machine("m").mac(MAC), host("b").machine("m").mac(MAC), true);
    check(host("a").enrolled("k"), host("b").enrolled("k"), true);
    assert_eq!(check(host("a").dmi("d"), host("b").dmi("d"), false), Some(0.99));
    assert_eq!(check(host("a").machine("m").dmi("d"), host("b").machine("m").dmi("e"), false), Some(1.0));
}

#[test]
fn weak_evidence_is_scored_by_the_table() {
    // R-12, one line a row
    let check = |one: muster_model::Record, other: muster_model::Record, expected: Option<f64>| {
        let mut world = World::new();
        world.apply(&report("agent:a", [one]));
        world.apply(&report("agent:b", [other]));
        let snapshot = world.snapshot();
        assert_eq!(snapshot.len(), 2);
        assert_eq!(snapshot.conflicts().first().map(|conflict| conflict.confidence), expected);
    };
    check(host("nas").mac(MAC), host("nas.lan").mac(MAC), Some(0.9));
    check(host("nas").ip("10.0.0.5"), host("nas").ip("10.0.0.5"), Some(0.8));
    check(host("nas"), host("nas.lan"), Some(0.5));
    check(host("a").ip("10.0.0.5"), host("b").ip("10.0.0.5"), Some(0.4));
    check(host("nas.a.lan"), host("nas.b.lan"), None);
    check(host("a").ip("127.0.0.1"), host("b").ip("127.0.0.1"), None);
}

#[test]
fn clones_stay_apart_and_say_why() {
    // D-7: a cloned machine id with other hardware is listed with what speaks against it.
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").dmi("d1")]));
    world.apply(&report("agent:b", [host("b").machine("m").dmi("d2")]));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.len(), 2, "the second id is made different");
    let [conflict] = snapshot.conflicts() else { panic!("one pair") };
    assert_eq!(conflict.evidence[0].kind, EvidenceKind::MachineId);
    assert_eq!(conflict.against, [EvidenceKind::DmiUuid]);
}

#[test]
fn a_hardware_address_that_a_third_machine_has_is_no_proof() {
    // D-7
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").mac(MAC)]));
    world.apply(&report("agent:x", [host("x").machine("other").mac(MAC)]));
    world.apply(&report("agent:b", [host("b").machine("m").mac(MAC)]));
    assert_eq!(world.rows().len(), 3);
}

#[test]
fn a_record_between_two_resources_joins_them() {
    // D-7: the younger one gives way, and its id leads on.
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").dmi("d")]));
    world.pass(10);
    world.apply(&report("agent:b", [host("b").machine("m").mac(MAC)]));
    let (older, younger) = (world.id("agent:a", "host"), world.id("agent:b", "host"));
    assert_ne!(older, younger);
    let applied = world.apply(&report("proxmox:p", [host("c").machine("m").dmi("d").mac(MAC).keyed("n")]));
    let joined = applied.entries.iter().find_map(|entry| match &entry.op {
        LogOp::Joined { survivor, absorbed, evidence, .. } => Some((*survivor, *absorbed, evidence.len())),
        LogOp::Observed { .. }
        | LogOp::Withdrawn { .. }
        | LogOp::SourceJudged { .. }
        | LogOp::Ruled { .. }
        | LogOp::RulingWithdrawn { .. }
        | LogOp::Split { .. } => None,
    });
    assert_eq!(joined, Some((older, younger, 2)));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.len(), 1);
    assert_eq!(snapshot.get(younger).map(|row| row.id), Some(older));
    assert_eq!((snapshot.canonical(younger), snapshot.aliases_of(older)), (older, [younger].as_slice()));
    let told = applied.changes.iter().find(|change| change.resource_id == younger).unwrap();
    assert_eq!((told.to.as_deref(), told.related_resources.as_slice()), (Some("absent"), [older].as_slice()));
}

#[test]
fn a_join_may_make_another_one_certain() {
    // D-7: machine id from one side and hardware from the other are together enough for a third.
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").mac(MAC)]));
    world.apply(&report("agent:b", [host("b").enrolled("k").dmi("d")]));
    world.apply(&report("agent:c", [host("c").machine("m").dmi("d")]));
    assert_eq!(world.rows().len(), 3);
    world.apply(&report("proxmox:p", [host("p").machine("m").mac(MAC).enrolled("k").keyed("node")]));
    assert_eq!(world.rows().len(), 1);
}

#[test]
fn what_an_absorbed_resource_once_was_is_not_forgotten() {
    let mut world = World::new();
    let second = host("b").machine("m").mac(MAC);
    world.apply(&report("agent:a", [host("a").machine("m").dmi("d")]));
    let id = world.id("agent:a", "host");
    world.pass(10);
    world.apply(&report("proxmox:p", [second.clone().keyed("node")]));
    world.apply(&report("docker:x", [second.enrolled("k")]));
    world.apply(&report("docker:x", []));
    world.apply(&report("vmware:v", [host("c").machine("m").dmi("d").mac(MAC).keyed("esx")]));
    for source in ["agent:a", "proxmox:p", "vmware:v"] {
        world.apply(&report(source, []));
    }
    assert!(world.rows().is_empty());
    world.apply(&report("agent:z", [host("z").enrolled("k")]));
    assert_eq!(world.id("agent:z", "host"), id);
}

#[test]
fn a_record_that_fits_two_contradicting_resources_stays_alone() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").dmi("d1").mac(MAC)]));
    world.apply(&report("agent:b", [host("b").machine("m").dmi("d2").mac("ac:1f:6b:00:00:02")]));
    world.apply(&report("agent:c", [host("c").machine("m").mac(MAC).mac("ac:1f:6b:00:00:02")]));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.len(), 3);
    assert_eq!(snapshot.conflicts().len(), 3);
}

#[test]
fn links_join_when_mutual_or_with_a_unique_name() {
    //
    let check = |agent: muster_model::Record, nodes: &[muster_model::Record], rows: usize| {
        // Where the name is not unique, the agent that comes first finds it unique still, and what is joined stays so.
        let orders: &[bool] = if nodes.len() == 1 { &[true, false] } else { &[false] };
        for agent_first in orders.iter().copied() {
            let mut world = World::new();
            let agent = report("agent:a", [agent.clone()]);
            if agent_first {
                world.apply(&agent);
            }
            for (number, node) in nodes.iter().enumerate() {
                world.apply(&report(&format!("proxmox:p{number}"), [node.clone().keyed("node")]));
            }
            world.apply(&agent);
            assert_eq!(world.rows().len(), rows, "agent first: {agent_first}");
        }
    };
    let node = host("px1").linked("agent:a", "host");
    check(host("other").linked("proxmox:p0", "node"), std::slice::from_ref(&node), 1);
    check(host("px1"), std::slice::from_ref(&node), 1);
    check(host("other"), std::slice::from_ref(&node), 2);
    check(host("px1"), &[node, host("px1")], 3);
}

#[test]
fn a_thing_that_returns_gets_its_id_back() {
    // D-5
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas").machine("m").dmi("d")]));
    let id = world.id("agent:a", "host");
    world.apply(&report("agent:a", []));
    assert!(world.rows().is_empty());
    world.pass(60);
    let returned = world.apply(&report("agent:a", [host("nas")]));
    assert_eq!(world.id("agent:a", "host"), id);
    assert_eq!(returned.changes[0].from.as_deref(), Some("absent"));
    world.apply(&report("agent:a", []));
    world.apply(&report("proxmox:p", [host("nas").machine("m").dmi("d").keyed("node")]));
    assert_ne!(world.id("proxmox:p", "node"), id, "what was last known of it was only a name");
}

#[test]
fn another_source_finds_a_thing_of_the_past_by_its_hardware() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas").machine("m").dmi("d")]));
    let id = world.id("agent:a", "host");
    world.apply(&report("agent:a", []));
    world.apply(&report("proxmox:p", [host("nas").machine("m").dmi("d").keyed("node")]));
    assert_eq!(world.id("proxmox:p", "node"), id);
}

#[test]
fn a_record_that_shows_other_hardware_leaves_its_resource() {
    // D-7: two hardware ids never stand in one resource, even where a key stays.
    let mut world = World::new();
    let one = host("nas").machine("m").dmi("d1");
    world.apply(&report("agent:a", [one.clone()]));
    world.apply(&report("proxmox:p", [one.keyed("node")]));
    let id = world.id("agent:a", "host");
    assert_eq!(world.rows().len(), 1);
    world.pass(10);
    world.apply(&report("agent:a", [host("nas").machine("m").dmi("d2")]));
    assert_eq!(world.rows().len(), 2);
    assert_eq!(world.id("proxmox:p", "node"), id);
    world.apply(&report("proxmox:p", [host("nas").machine("m").dmi("d2").keyed("node")]));
    assert_eq!(world.rows().len(), 1, "the board was replaced: both agree again");
    assert_eq!(world.id("agent:a", "host"), id);
}

#[test]
fn disks_join_by_serial_below_the_same_host_only() {
    //
    let mut world = World::new();
    let nas = host("nas").machine("m").dmi("d");
    world.apply(&report("agent:a", [nas.clone(), disk("sda", "S1", "host"), disk("sdb", "UNKNOWN", "host")]));
    let other = host("other").machine("n").dmi("e");
    world.apply(&report("agent:b", [other, disk("sda", "S1", "host")]));
    let api = [nas.keyed("node"), disk("disk-1", "S1", "node"), disk("disk-2", "UNKNOWN", "node")];
    world.apply(&report("proxmox:p", api));
    assert_eq!(world.id("agent:a", "sda"), world.id("proxmox:p", "disk-1"));
    assert_ne!(world.id("agent:a", "sda"), world.id("agent:b", "sda"));
    assert_ne!(world.id("agent:a", "sdb"), world.id("proxmox:p", "disk-2"), "a placeholder proves nothing");
}

#[test]
fn disks_join_when_their_hosts_turn_out_to_be_one() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas"), disk("sda", "S1", "host")]));
    world.apply(&report("proxmox:p", [host("nas2").keyed("node"), disk("disk-1", "S1", "node")]));
    assert_eq!(world.rows().len(), 4);
    world.apply(&report("agent:a", [host("nas").enrolled("k"), disk("sda", "S1", "host")]));
    world.apply(&report("proxmox:p", [host("nas2").enrolled("k").keyed("node"), disk("disk-1", "S1", "node")]));
    let rows = world.rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(world.row("agent:a", "host").child_count, 1);
}

#[test]
fn a_renamed_key_keeps_its_resource_by_its_hardware() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas"), disk("sda", "S1", "host")]));
    let id = world.id("agent:a", "sda");
    let applied = world.apply(&report("agent:a", [host("nas"), disk("sdb", "S1", "host").named("sda")]));
    assert_eq!(world.id("agent:a", "sdb"), id);
    assert!(applied.changes.is_empty(), "{:?}", applied.changes);
}

#[test]
fn two_records_of_one_source_are_two_things() {
    let mut world = World::new();
    let twin = host("nas").machine("m").dmi("d");
    world.apply(&report("vmware:v", [twin.clone().keyed("host:1"), twin.keyed("host:2")]));
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn absence_means_something_in_full_reports_only() {
    let mut world = World::new();
    let both = [host("nas"), record(ResourceKind::Storage, "fs:/").below("host")];
    world.apply(&report("agent:a", both.clone()));
    world.pass(10);
    let applied = world.apply(&degraded("agent:a", [both[0].clone()]));
    assert!(applied.entries.is_empty());
    let (fs, nas) = (world.id("agent:a", "fs:/"), world.id("agent:a", "host"));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.len(), 2);
    assert_eq!(snapshot.last_seen(nas), Some(world.now));
    assert_eq!(snapshot.last_seen(fs), Some(crate::world::at(0)), "it keeps its state and ages");
    world.apply(&report("agent:a", [both[0].clone()]));
    assert_eq!(world.rows().len(), 1);
}
