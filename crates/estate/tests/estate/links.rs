//! Agents on nodes and inside guests: what is linked by itself, and what is left to people.

use muster_estate::{Relationship, RelationshipBasis};
use muster_model::{EvidenceKind, HostFacet, Metric, Record, RelationshipType, Report, ResourceKind, Virtualisation};

use crate::world::{With, World, guest, host, record, report, sample};

const MAC: &str = "bc:24:11:00:00:01";

#[test]
fn an_agent_is_linked_to_the_one_node_of_its_address_else_of_its_name() {
    // R-13, levels 1 and 2, whoever reports first
    let check = |nodes: &[Record], agent: Record, expected: Option<usize>| {
        let nodes = || nodes.iter().enumerate().map(|(at, node)| report(&format!("proxmox:{at}"), [node.clone()]));
        let agent = || std::iter::once(report("agent:a", [agent.clone()]));
        let orders: [Vec<Report>; 2] = [nodes().chain(agent()).collect(), agent().chain(nodes()).collect()];
        // The agent that comes first finds the first node alone: what is linked stays so.
        let orders = if nodes().count() == 1 || expected.is_some() { &orders[..] } else { &orders[..1] };
        for order in orders {
            let mut world = World::new();
            order.iter().for_each(|report| drop(world.apply(report)));
            let linked = nodes().position(|node| world.row(&node.source.to_string(), "node").sources.len() == 2);
            assert_eq!(linked, expected, "{order:?}");
        }
    };
    let node = |name: &str| host(name).keyed("node");
    check(&[node("px1")], host("px1.lan"), Some(0));
    check(&[node("px1.a.lan")], host("px1.b.lan"), None);
    check(&[node("px1"), node("px1")], host("px1"), None);
    let [one, two] = ["10.0.0.1", "10.0.0.2"].map(|ip| node("px1").ip(ip));
    check(&[one.clone(), two.clone()], host("px1").ip("10.0.0.2"), Some(1));
    check(&[one.clone(), two.clone()], host("other").ip("10.0.0.2"), Some(1));
    check(&[one.clone(), two.clone()], host("px1").ip("10.0.0.1").ip("10.0.0.2"), None);
    check(std::slice::from_ref(&one), host("px1").ip("10.0.0.9"), None);
    check(std::slice::from_ref(&one), host("px1"), Some(0));
    check(&[one.dmi("d1")], host("px1").ip("10.0.0.1").dmi("d2"), None);
}

#[test]
fn two_agents_that_could_be_one_node_are_linked_to_none() {
    // never guess, from neither side; people are asked instead.
    let mut world = World::new();
    world.apply(&report("agent:a", [host("px1")]));
    world.apply(&report("agent:b", [host("px1")]));
    world.apply(&report("proxmox:p", [host("px1").keyed("node")]));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.len(), 3);
    assert_eq!(snapshot.conflicts().len(), 3);
    let evidence = &snapshot.conflicts()[0].evidence;
    assert_eq!(evidence[0].kind, EvidenceKind::Hostname);
}

#[test]
fn that_platforms_call_two_nodes_otherwise_speaks_against_their_being_one() {
    // R-13, D-7
    let conflicts = |[one, two]: [Record; 2]| {
        let mut world = World::new();
        world.apply(&report("proxmox:a", [one]));
        world.apply(&report("proxmox:b", [two]));
        world.snapshot().conflicts().to_vec()
    };
    let nodes = ["attic", "cellar"].map(|cluster| host("pve1").platform(&format!("{cluster}/node/pve1")));
    assert_eq!(conflicts(nodes.clone()), [], "no more than a name that every cluster has");
    let found = conflicts(nodes.map(|node| node.ip("10.0.0.1")));
    assert_eq!(found.iter().map(|conflict| conflict.confidence).collect::<Vec<_>>(), [0.8]);
    assert_eq!(found[0].against, [EvidenceKind::PlatformKey]);
}

#[test]
fn an_agent_inside_a_guest_that_is_called_like_its_node_is_not_the_node() {
    let mut world = World::new();
    let virtualisation = Virtualisation::Machine { technology: "kvm".into() };
    let inside = host("px1").host_facet(HostFacet { virtualisation, ..HostFacet::default() });
    world.apply(&report("proxmox:p", [host("px1").keyed("node")]));
    world.apply(&report("agent:a", [inside]));
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn of_a_node_with_an_agent_the_agent_measures_and_the_platform_fills_in() {
    // R-13 with R-14: one resource; memory and processor from the agent, what only the platform knows from it.
    let mut world = World::new();
    let mut node = report("proxmox:p", [host("px1").keyed("node").ip("10.0.0.1")]);
    node.samples = vec![sample(0, Metric::Cpu, 10.0), sample(0, Metric::Memory, 20.0), sample(0, Metric::Disk, 30.0)];
    let mut agent = report("agent:a", [host("px1").ip("10.0.0.1")]);
    agent.samples = vec![sample(0, Metric::Cpu, 11.0), sample(0, Metric::Memory, 21.0)];
    world.apply(&node);
    world.apply(&agent);
    world.apply(&node);
    let id = world.id("agent:a", "host");
    assert_eq!(world.id("proxmox:p", "node"), id);
    let snapshot = world.snapshot();
    let values =
        [Metric::Cpu, Metric::Memory, Metric::Disk].map(|metric| snapshot.reading(id, metric).value().copied());
    assert_eq!(values, [Some(11.0), Some(21.0), Some(30.0)]);
}

#[test]
fn a_host_is_related_to_the_guest_that_it_runs_in() {
    // R-13, levels 3 and 4, below hardware; shown on both pages.
    let check = |guest: Record, inside: Record, expected: Option<EvidenceKind>| {
        let mut world = World::new();
        world.apply(&report("proxmox:p", [guest.clone()]));
        world.apply(&report("agent:a", [inside]));
        let (host, guest) = (world.id("agent:a", "host"), world.id("proxmox:p", guest.key.as_str()));
        assert_ne!(host, guest, "they stay two resources");
        let snapshot = world.snapshot();
        let related = snapshot.relationships(host);
        assert_eq!(related, snapshot.relationships(guest));
        let found = related.first().map(|relation| {
            assert_eq!((relation.source_id, relation.target_id), (host, guest));
            assert_eq!(relation.relationship_type, RelationshipType::RunsOn);
            evidence(relation)
        });
        assert_eq!(found, expected);
    };
    let vm = || guest().named("web");
    let container = || record(ResourceKind::SystemContainer, "lxc/101").named("web");
    check(vm().dmi("u1"), host("other").dmi("U1"), Some(EvidenceKind::DmiUuid));
    check(vm().mac(MAC), host("other").mac(MAC), Some(EvidenceKind::MacAddress));
    check(container().mac(MAC), host("other").mac(MAC), Some(EvidenceKind::MacAddress));
    check(vm(), host("web.lan"), Some(EvidenceKind::Hostname));
    check(container(), host("web"), Some(EvidenceKind::Hostname));
    check(container().dmi("u1"), host("other").dmi("u1"), None);
    check(vm().mac(MAC), host("web").mac("bc:24:11:00:00:02"), None);
    check(vm(), host("other"), None);
}

#[test]
fn two_possible_guests_are_none() {
    // never guess.
    let web = |key: &str| guest().keyed(key).platform(key).named("web");
    let related = |guests: &[Record], hosts: &[Record]| {
        let mut world = World::new();
        world.apply(&report("proxmox:p", guests.to_vec()));
        for (at, host) in hosts.iter().enumerate() {
            world.apply(&report(&format!("agent:{at}"), [host.clone()]));
        }
        let host = world.id("agent:0", "host");
        world.snapshot().relationships(host).len()
    };
    assert_eq!(related(&[web("qemu/1")], &[host("web")]), 1);
    assert_eq!(related(&[web("qemu/1"), web("qemu/2")], &[host("web")]), 0);
    assert_eq!(related(&[web("qemu/1")], &[host("web"), host("web")]), 0);
    let container = record(ResourceKind::SystemContainer, "lxc/3").named("web");
    assert_eq!(related(&[web("qemu/1"), container.clone()], &[host("web")]), 1, "machines come before containers");
    assert_eq!(related(&[web("qemu/1"), web("qemu/2"), container], &[host("web")]), 0, "the first level decides");
    assert_eq!(related(&[web("qemu/1"), web("qemu/2").dmi("u")], &[host("web").dmi("u")]), 1, "hardware comes first");
}

#[test]
fn relations_say_whether_they_are_current_and_keep_their_ids() {
    //
    let mut world = World::new();
    let records = || [host("px1").keyed("node"), guest().named("web").below("node")];
    world.apply(&report("proxmox:p", records()));
    world.apply(&report("agent:a", [host("web")]));
    let id = world.id("proxmox:p", "qemu/100");
    let before = world.snapshot().relationships(id);
    assert_eq!(before.len(), 2, "to its node, and to the system inside");
    assert!(before.iter().all(|relation| relation.active));
    assert_ne!(before[0].id, before[1].id);
    assert_eq!(before[0].basis, RelationshipBasis::Parent);
    world.pass(100);
    world.apply(&report("agent:a", [host("web")]));
    world.judge();
    let after = world.snapshot().relationships(id);
    let ids = |relations: &[Relationship]| relations.iter().map(|relation| relation.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&after), ids(&before));
    assert_eq!(after.iter().map(|relation| relation.active).collect::<Vec<_>>(), [false, true]);
}

fn evidence(relation: &Relationship) -> EvidenceKind {
    match &relation.basis {
        RelationshipBasis::Evidence(evidence) => evidence.kind,
        RelationshipBasis::Parent => panic!("no parent was named"),
    }
}
