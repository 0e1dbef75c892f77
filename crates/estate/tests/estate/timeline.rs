//! What makes a line in the timeline, and what does not.

use muster_model::{
    ChangeKind, ChangeOrigin, DiskStatus, Facet, GuestAgent, GuestDisk, GuestFacet, GuestInterface, GuestReplication,
    HostFacet, MemorySource, Metric, ReplicationState, Report, ResourceKind, Status,
};
use proptest::prelude::*;

use crate::world::{With, World, host, record, report, sample};

#[test]
fn a_hundred_equal_sweeps_make_no_line() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas"), record(ResourceKind::Storage, "fs").below("host")]));
    let before = world.snapshot();
    for sweep in 0..100 {
        world.pass(10);
        let records = [host("nas"), record(ResourceKind::Storage, "fs").below("host")];
        let samples = vec![sample(0, Metric::Cpu, f64::from(sweep))];
        let applied = world.apply(&Report { samples, ..report("agent:a", records) });
        assert!(applied.entries.is_empty() && applied.changes.is_empty());
    }
    let after = world.snapshot();
    assert_eq!(before.revision(), after.revision());
    assert!(before.rows().iter().zip(after.rows()).all(|(b, a)| std::sync::Arc::ptr_eq(b, a)));
}

#[test]
fn coming_and_going() {
    //
    let mut world = World::new();
    let created = world.apply(&report("agent:a", [host("nas")])).changes;
    let [created] = created.as_slice() else { panic!("one line") };
    assert_eq!((created.from.as_deref(), created.to.as_deref()), (Some("absent"), Some("online")));
    assert_eq!(created.metadata["changeType"], "resource_created");
    let removed = world.apply(&report("agent:a", [])).changes;
    assert_eq!((removed[0].from.as_deref(), removed[0].to.as_deref()), (Some("online"), Some("absent")));
    assert_eq!(removed[0].metadata["changeType"], "resource_removed");
    assert_ne!(created.id, removed[0].id);
}

#[test]
fn one_line_of_the_most_telling_kind() {
    //
    let facet = |boot: &str, version: &str| HostFacet {
        boot_id: Some(boot.into()),
        agent_version: Some(version.into()),
        booted_at: Some(crate::world::at(5)),
        ..HostFacet::default()
    };
    let base = || host("nas").host_facet(facet("b1", "1"));
    let check = |next: muster_model::Record, kind: ChangeKind, fields: &str| {
        let mut world = World::new();
        world.apply(&report("agent:a", [base(), record(ResourceKind::Agent, "rack")]));
        let changes = world.apply(&report("agent:a", [next, record(ResourceKind::Agent, "rack")])).changes;
        let of_host: Vec<_> = changes.iter().filter(|change| change.metadata.contains_key("changedFields")).collect();
        assert_eq!(of_host.len(), 1, "{changes:?}");
        assert_eq!((of_host[0].kind, of_host[0].metadata["changedFields"].as_str()), (kind, fields));
        assert_eq!(of_host[0].origin, ChangeOrigin::Diff);
        of_host[0].clone()
    };
    let restart =
        check(base().host_facet(facet("b2", "1")).status(Status::Warning), ChangeKind::Restart, "status,host");
    assert_eq!(restart.occurred_at, Some(crate::world::at(5)));
    check(base().status(Status::Warning).below("rack"), ChangeKind::StateTransition, "status,parentId");
    check(base().below("rack").named("x"), ChangeKind::RelationshipChange, "name,parentId");
    check(base().host_facet(facet("b1", "2")), ChangeKind::ConfigUpdate, "host");
    let renamed = check(base().named("x"), ChangeKind::ConfigUpdate, "name");
    assert_eq!((renamed.from.as_deref(), renamed.to.as_deref()), (Some("nas"), Some("x")));
}

#[test]
fn what_is_learned_or_forgotten_is_no_change_and_what_differs_from_before_is() {
    //
    let known = || GuestFacet {
        agent: GuestAgent::Running,
        os: Some("Debian 12".into()),
        hostname: Some("web".into()),
        agent_version: Some("8.0".into()),
        memory_source: Some(MemorySource::GuestAgentMeminfo),
        created_at: Some(crate::world::at(7)),
        interfaces: vec![net0("10.0.0.5/24")],
        ..GuestFacet::default()
    };
    // What the configuration says while the agent is silent.
    let forgotten = || GuestFacet {
        agent: GuestAgent::Silent,
        os: Some("l26".into()),
        memory_source: Some(MemorySource::StatusMem),
        disk_status: Some(DiskStatus::AgentNotRunning),
        interfaces: vec![GuestInterface { addresses: vec![], ..net0("10.0.0.5/24") }],
        ..GuestFacet::default()
    };
    let moved = || GuestFacet { interfaces: vec![net0("10.0.0.6/24")], ..known() };
    let upgraded = || GuestFacet { os: Some("Debian 13".into()), ..known() };
    let check = |steps: &[GuestFacet], lines: usize| assert_eq!(told(steps), lines, "{steps:#?}");
    check(&[forgotten(), known()], 0);
    check(&[known(), forgotten()], 0);
    check(&[known(), forgotten(), known(), forgotten(), known()], 0);
    check(&[GuestFacet::default(), forgotten(), known()], 0);
    check(&[known(), upgraded()], 1);
    check(&[known(), forgotten(), upgraded()], 1);
    check(&[known(), forgotten(), forgotten(), upgraded(), upgraded()], 1);
    check(&[known(), moved(), known()], 2);
    check(&[known(), forgotten(), moved()], 1);
    // A second address is a change when the agent told of the first one, and none while it was not heard.
    let more = || GuestInterface { addresses: addresses(&["10.0.0.5/24", "10.0.0.7/24"]), ..net0("10.0.0.5/24") };
    let configured = || GuestFacet { agent: GuestAgent::Unknown, ..known() };
    check(&[known(), GuestFacet { interfaces: vec![more()], ..known() }], 1);
    check(&[configured(), GuestFacet { interfaces: vec![more()], ..known() }], 0);
    check(&[GuestFacet { interfaces: vec![more()], ..known() }, configured()], 0);
}

#[test]
fn a_lock_is_told_unless_it_is_that_of_a_move() {
    //
    let locked = |lock: Option<&str>| GuestFacet { lock: lock.map(str::to_owned), ..GuestFacet::default() };
    assert_eq!(told(&[locked(None), locked(Some("backup")), locked(None)]), 2);
    assert_eq!(told(&[locked(None), locked(Some("migrate")), locked(None)]), 0);
}

#[test]
fn a_replication_that_turns_round_with_its_guest_is_not_told_and_one_that_fails_is() {
    //
    let job = |source: &str, target: &str, state: ReplicationState| GuestFacet {
        replication: vec![GuestReplication {
            id: "100-0".into(),
            source: Some(source.into()),
            target: Some(target.into()),
            state,
            ..GuestReplication::default()
        }],
        ..GuestFacet::default()
    };
    let healthy = ReplicationState::Healthy;
    assert_eq!(told(&[job("a", "b", healthy), job("b", "a", healthy), job("a", "b", healthy)]), 0);
    assert_eq!(told(&[job("a", "b", healthy), job("c", "b", healthy)]), 0, "it copies from where the guest is");
    assert_eq!(told(&[job("a", "b", healthy), job("a", "c", healthy)]), 1);
    assert_eq!(told(&[job("a", "b", healthy), job("a", "b", ReplicationState::Failing)]), 1);
}

#[test]
fn what_comes_and_goes_inside_a_guest_is_not_told_and_what_is_plugged_in_is() {
    //
    let inner = |name: &str| GuestInterface { name: name.into(), ..GuestInterface::default() };
    let with = |interfaces: Vec<GuestInterface>| GuestFacet { interfaces, ..GuestFacet::default() };
    let net0 = || net0("10.0.0.5/24");
    assert_eq!(told(&[with(vec![net0()]), with(vec![net0(), inner("docker0")]), with(vec![net0()])]), 0);
    let other = GuestInterface { bridge: Some("vmbr7".into()), ..net0() };
    assert_eq!(told(&[with(vec![net0()]), with(vec![other])]), 1);
    let more = GuestInterface { name: "net1".into(), ..net0() };
    assert_eq!(told(&[with(vec![net0()]), with(vec![net0(), more])]), 1);
}

#[test]
fn a_guest_that_was_started_anew_is_a_restart_and_one_that_was_moved_is_not() {
    //
    let up = |since: i64, node: &str| GuestFacet {
        node: node.into(),
        started_at: Some(crate::world::at(since)),
        ..GuestFacet::default()
    };
    let kinds = |steps: &[GuestFacet]| lines(steps).iter().map(|line| line.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&[up(0, "a"), up(600, "a")]), [ChangeKind::Restart]);
    assert_eq!(lines(&[up(0, "a"), up(600, "a")])[0].occurred_at, Some(crate::world::at(600)));
    assert_eq!(kinds(&[up(0, "a"), up(600, "b")]), [ChangeKind::ConfigUpdate]);
    assert_eq!(kinds(&[up(0, "a"), up(60, "a")]), [], "the same start, rounded otherwise");
    let not_yet = GuestFacet { started_at: None, ..up(0, "b") };
    assert_eq!(kinds(&[up(0, "a"), not_yet, up(600, "b")]), [ChangeKind::ConfigUpdate], "it counts from its arrival");
}

#[test]
fn facts_of_hosts_are_learned_too() {
    //
    let facet = |kernel: Option<&str>| {
        let mut facet = HostFacet { agent_version: Some("1".into()), ..HostFacet::default() };
        facet.os.kernel = kernel.map(str::to_owned);
        facet
    };
    let check = |steps: &[muster_model::Record], lines: usize| {
        let mut world = World::new();
        let changes = steps.iter().flat_map(|step| world.apply(&report("agent:a", [step.clone()])).changes);
        assert_eq!(changes.skip(1).count(), lines);
    };
    let host = |kernel| host("nas").host_facet(facet(kernel));
    check(&[host(None), host(Some("6.12")), host(None), host(Some("6.12"))], 0);
    check(&[host(Some("6.12")), host(None), host(Some("6.14"))], 1);
    check(&[host(None), host(None).ip("10.0.0.5"), host(None), host(None).ip("10.0.0.5")], 0);
    check(&[host(None).ip("10.0.0.5"), host(None), host(None).ip("10.0.0.6")], 1);
}

proptest! {
    #[test]
    fn whatever_is_known_of_the_same_facts_makes_no_line(known in prop::collection::vec(any::<[bool; 9]>(), 1..12)) {
        // lanes learn and forget in any order; the facts are the same all the while.
        let steps: Vec<_> = known.into_iter().map(partly_known).collect();
        prop_assert_eq!(told(&steps), 0);
    }
}

#[test]
fn silence_is_told_once_and_return_once() {
    // R-9, D-8
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas"), record(ResourceKind::Storage, "fs").status(Status::Offline)]));
    world.pass(60);
    assert!(world.judge().entries.is_empty());
    world.pass(1);
    let silent = world.judge();
    assert_eq!((silent.entries.len(), silent.changes.len()), (1, 1), "what was down already is not worse now");
    assert_eq!(silent.changes[0].to.as_deref(), Some("warning"));
    assert!(silent.changes[0].reason.as_deref().unwrap().contains("agent:a has not reported for more than 60 seconds"));
    assert!(world.judge().entries.is_empty(), "judged once");
    let row = world.row("agent:a", "host");
    assert_eq!((row.status, row.reported_status), (Status::Warning, Status::Online));
    let back =
        world.apply(&report("agent:a", [host("nas"), record(ResourceKind::Storage, "fs").status(Status::Offline)]));
    assert_eq!((back.entries.len(), back.changes.len()), (1, 1));
    assert_eq!(back.changes[0].to.as_deref(), Some("online"));
}

#[test]
fn a_slow_source_is_given_three_of_its_intervals() {
    // D-8
    let mut world = World::new();
    let interval = jiff::SignedDuration::from_secs(300);
    world.apply(&Report { interval, ..report("agent:a", [host("nas")]) });
    world.pass(900);
    assert!(world.judge().entries.is_empty());
    world.pass(1);
    assert_eq!(world.judge().entries.len(), 1);
}

#[test]
fn one_current_source_is_enough() {
    //
    let mut world = World::new();
    let shared = host("nas").machine("m").dmi("d");
    world.apply(&report("proxmox:p", [shared.clone().keyed("node")]));
    world.pass(61);
    world.apply(&report("agent:a", [shared]));
    let judged = world.judge();
    assert_eq!((judged.entries.len(), judged.changes.len()), (1, 0));
    assert_eq!(world.row("agent:a", "host").status, Status::Online);
    world.pass(61);
    world.judge();
    assert_eq!(world.row("agent:a", "host").status, Status::Warning);
}

/// The same guest, of which some facts are not known at the moment.
fn partly_known([os, hostname, agent, memory, disk, addresses, created, disks, host]: [bool; 9]) -> GuestFacet {
    let interface = net0("10.0.0.5/24");
    GuestFacet {
        os: os.then(|| "Debian 12".to_owned()),
        hostname: hostname.then(|| "web".to_owned()),
        agent: if agent { GuestAgent::Running } else { GuestAgent::Unknown },
        agent_version: agent.then(|| "8.0".to_owned()),
        memory_source: memory.then_some(MemorySource::AvailableField),
        disk_status: disk.then_some(DiskStatus::AgentTimeout),
        interfaces: vec![GuestInterface {
            addresses: if addresses { interface.addresses.clone() } else { vec![] },
            ..interface
        }],
        created_at: created.then(|| crate::world::at(7)),
        disks: if disks { vec![GuestDisk { slot: "scsi0".into(), ..GuestDisk::default() }] } else { vec![] },
        ha_state: host.then(|| "started".to_owned()),
        ..GuestFacet::default()
    }
}

/// How many lines a guest makes whose facts are told one after the other, its creation left out.
fn told(steps: &[GuestFacet]) -> usize {
    lines(steps).len()
}

fn lines(steps: &[GuestFacet]) -> Vec<muster_model::ResourceChange> {
    let mut world = World::new();
    let mut guest = |facet: &GuestFacet| {
        let mut guest = record(ResourceKind::Vm, "qemu/100");
        guest.facets = vec![std::sync::Arc::new(Facet::Guest(Box::new(facet.clone())))];
        world.apply(&report("proxmox:lab", [guest])).changes
    };
    steps.iter().flat_map(&mut guest).skip(1).collect()
}

fn addresses(texts: &[&str]) -> Vec<muster_model::AddressWithPrefix> {
    texts.iter().map(|text| text.parse().expect("an address")).collect()
}

fn net0(address: &str) -> GuestInterface {
    GuestInterface {
        name: "net0".into(),
        bridge: Some("vmbr0".into()),
        addresses: vec![address.parse().expect("an address")],
        ..GuestInterface::default()
    }
}
