//! What an agent says from inside a guest, and of the node that it stands on, where it speaks and where its platform does.

use std::sync::Arc;

use muster_estate::{BoundSample, Row};
use muster_model::{
    DiskStatus, Facet, GuestDiskSource, GuestFacet, HostFacet, MemoryFacts, MemorySource, Metric, NodeFacet, Reading,
    Record, Report, ResourceKind, SampleValue, Status, UnknownReason,
};

use crate::{
    restart::restart,
    world::{With, World, guest, host, report, sample},
};

const GIB: u64 = 1 << 30;
const PLATFORM: &str = "proxmox:p";
const AGENT: &str = "agent:web";

#[test]
fn the_agent_inside_tells_the_memory_that_the_platform_only_guesses() {
    // R-69, step 4, R-65, R-14: of 8 GiB the kernel manages 7, of which 4 are used; the processor stays the platform's.
    let mut world = World::new();
    world.apply(&platform(vm(|guest| guest.memory_source = Some(MemorySource::StatusMem))));
    let applied = world.apply(&agent());
    let row = world.row(PLATFORM, "qemu/100");
    assert_eq!(memory_source(&row), Some(MemorySource::Agent));
    assert_eq!(memory_source(&row).unwrap().fallback_reason(), Some("host-agent-memory"));
    let snapshot = world.snapshot();
    assert_eq!(told(&mut world, Metric::MemoryUsed), (5.0 * GIB as f64, AGENT.into()));
    assert_eq!(told(&mut world, Metric::Memory), (62.5, AGENT.into()));
    assert_eq!(told(&mut world, Metric::Cpu), (50.0, PLATFORM.into()));
    let recorded = of(&applied.samples, &row);
    assert_eq!(recorded, [(Metric::Memory, 62.5), (Metric::MemoryUsed, 5.0 * GIB as f64), (Metric::Disk, 40.0)]);
    let platforms = world.apply(&platform(vm(|guest| guest.memory_source = Some(MemorySource::StatusMem))));
    assert_eq!(of(&platforms.samples, &row), [(Metric::Cpu, 50.0)], "one of the two is recorded");
    let sequence = snapshot.readings_sequence();
    world.apply(&agent());
    assert!(world.snapshot().readings_changed_since(sequence).contains(&row.id), "clients hear of it");
}

#[test]
fn sources_that_leave_the_cache_out_win_over_the_agent() {
    // its place in the order.
    for source in MemorySource::ALL {
        let mut world = World::new();
        world.apply(&platform(vm(|guest| guest.memory_source = Some(*source))));
        world.apply(&agent());
        let expected = if source.yields_to_agent() { MemorySource::Agent } else { *source };
        assert_eq!(memory_source(&world.row(PLATFORM, "qemu/100")), Some(expected));
        let speaker = if expected == MemorySource::Agent { AGENT } else { PLATFORM };
        let speaker = if *source == MemorySource::Agent { PLATFORM } else { speaker };
        assert_eq!(told(&mut world, Metric::Memory).1, speaker, "{source:?}");
    }
    let low = [MemorySource::StatusMem, MemorySource::StatusFreemem, MemorySource::StatusUnavailable];
    assert!(low.iter().all(|source| source.yields_to_agent()));
    assert!(!MemorySource::RrdMemavailable.yields_to_agent() && !MemorySource::PoweredOff.yields_to_agent());
}

#[test]
fn what_the_platform_does_not_know_at_all_the_agent_tells() {
    // R-69, D-9
    let mut world = World::new();
    let mut unknown = platform(vm(|_| {}));
    unknown.samples[1].value = SampleValue::Unknown(UnknownReason::NotReported);
    world.apply(&unknown);
    world.apply(&agent());
    assert_eq!(told(&mut world, Metric::Memory).1, AGENT);
    assert_eq!(memory_source(&world.row(PLATFORM, "qemu/100")), Some(MemorySource::Agent));
}

#[test]
fn with_the_agents_silence_the_platforms_word_returns() {
    //
    let mut world = World::new();
    let low = || platform(vm(|guest| guest.memory_source = Some(MemorySource::StatusMem)));
    world.apply(&low());
    world.apply(&agent());
    world.pass(61);
    world.apply(&low());
    let before = world.snapshot().revision();
    world.judge();
    let row = world.row(PLATFORM, "qemu/100");
    assert_eq!(memory_source(&row), Some(MemorySource::StatusMem));
    assert!(row.revision > before, "whoever shows it hears of it");
    assert_eq!(told(&mut world, Metric::Memory), (90.0, PLATFORM.into()));
    assert_eq!(of(&world.apply(&low()).samples, &row).len(), 4, "all of the platform's is recorded again");
    world.apply(&agent());
    assert_eq!(told(&mut world, Metric::Memory).1, AGENT, "and with its return it speaks again");
}

#[test]
fn a_restart_gives_nobody_a_word_who_has_not_spoken_since() {
    //
    let mut world = World::new();
    world.apply(&platform(vm(|guest| guest.memory_source = Some(MemorySource::StatusMem))));
    world.apply(&agent());
    let mut restarted = restart(&world, 1000);
    assert_eq!(memory_source(&restarted.row(PLATFORM, "qemu/100")), Some(MemorySource::StatusMem));
    restarted.apply(&platform(vm(|guest| guest.memory_source = Some(MemorySource::StatusMem))));
    restarted.apply(&agent());
    assert_eq!(memory_source(&restarted.row(PLATFORM, "qemu/100")), Some(MemorySource::Agent));
}

#[test]
fn only_a_running_virtual_machine_has_an_agent_to_ask() {
    //
    let check = |guest: Record| {
        let mut world = World::new();
        world.apply(&platform(guest.clone()));
        world.apply(&agent());
        let row = world.row(PLATFORM, guest.key.as_str());
        assert_ne!(memory_source(&row), Some(MemorySource::Agent), "{guest:?}");
        assert_eq!(world.snapshot().relationships(row.id).len(), 1, "they are related all the same");
    };
    check(vm(|_| {}).status(Status::Offline));
    check(Record { kind: ResourceKind::SystemContainer, ..vm(|_| {}) }.keyed("lxc/100"));
}

#[test]
fn of_two_guests_that_it_could_be_in_none_is_told_by_it() {
    // never guess.
    let mut world = World::new();
    let twin = || vm(|_| {}).keyed("qemu/101").platform("lab/qemu/101");
    world.apply(&report(PLATFORM, [vm(|_| {}), twin()]));
    world.apply(&agent());
    assert_eq!(memory_source(&world.row(PLATFORM, "qemu/100")), None);
    world.apply(&report(PLATFORM, [vm(|_| {})]));
    assert_eq!(memory_source(&world.row(PLATFORM, "qemu/100")), Some(MemorySource::Agent), "now there is one");
    world.apply(&report(PLATFORM, [vm(|_| {}), twin()]));
    assert_eq!(memory_source(&world.row(PLATFORM, "qemu/100")), None, "and now there are two again");
}

#[test]
fn the_agent_tells_how_full_the_disks_are_where_the_platforms_agent_does_not() {
    // the reason is cleared and the source told.
    let check = |status: Option<DiskStatus>, source: Option<GuestDiskSource>, expected: &str| {
        let mut world = World::new();
        world.apply(&platform(vm(|guest| {
            guest.memory_source = Some(MemorySource::AvailableField);
            (guest.disk_status, guest.disk_source) = (status, source);
        })));
        world.apply(&agent());
        let row = world.row(PLATFORM, "qemu/100");
        let facet = row.shown_facets().find_map(|(_, facet)| facet.as_guest().cloned()).unwrap();
        let (shown, own) = ((None, Some(GuestDiskSource::Agent)), (status, source));
        let expected_facts = if expected == AGENT { shown } else { own };
        assert_eq!((facet.disk_status, facet.disk_source), expected_facts);
        assert_eq!(facet.memory_source, Some(MemorySource::AvailableField));
        assert_eq!(told(&mut world, Metric::Disk).1, expected, "{status:?}");
    };
    check(None, Some(GuestDiskSource::GuestAgent), PLATFORM);
    check(Some(DiskStatus::AgentNotRunning), None, AGENT);
    check(Some(DiskStatus::NoAgent), None, AGENT);
    check(Some(DiskStatus::PrevAgentTimeout), Some(GuestDiskSource::GuestAgent), AGENT);
}

#[test]
fn a_node_is_told_by_the_agent_that_stands_on_it() {
    // labels follow the readings.
    let mut world = World::new();
    let node = || {
        let facet = NodeFacet {
            memory_source: Some(MemorySource::AvailableField),
            disk_source: Some("node-status-rootfs".into()),
            ..NodeFacet::default()
        };
        let node = host("px1").keyed("node/px1").ip("10.0.0.1");
        report(PLATFORM, [Record { facets: vec![Arc::new(Facet::Node(Box::new(facet)))], ..node }])
    };
    let labels = |world: &mut World| {
        let row = world.row(PLATFORM, "node/px1");
        let facet = row.shown_facets().find_map(|(_, facet)| facet.as_node().cloned()).unwrap();
        (facet.disk_source.unwrap(), facet.memory_source.unwrap())
    };
    let on_it = |disk_bytes| {
        let Record { facets, .. } = inside(disk_bytes);
        report("agent:px1", [Record { facets, ..host("px1").ip("10.0.0.1") }])
    };
    world.apply(&node());
    assert_eq!(labels(&mut world), ("node-status-rootfs".into(), MemorySource::AvailableField));
    world.apply(&on_it(Some(GIB)));
    assert_eq!(labels(&mut world), ("agent".into(), MemorySource::Agent));
    world.apply(&on_it(None));
    assert_eq!(labels(&mut world).0, "node-status-rootfs", "an agent without a summary disk");
    world.apply(&on_it(Some(GIB)));
    world.pass(61);
    world.apply(&node());
    world.judge();
    assert_eq!(labels(&mut world).0, "node-status-rootfs", "an agent that is silent");
}

#[test]
fn a_temperature_comes_by_the_link_and_never_by_the_name() {
    // two nodes of one name, and an agent that could stand on either.
    let mut world = World::new();
    let node = |source: &str, ip: &str| report(source, [host("px1").keyed("node/px1").ip(ip)]);
    world.apply(&node("proxmox:one", "10.0.1.1"));
    world.apply(&node("proxmox:two", "10.0.2.1"));
    let mut hot = report("agent:px1", [host("px1")]);
    hot.samples = vec![sample(0, Metric::Temperature, 55.0)];
    world.apply(&hot);
    let of = |world: &mut World, source: &str| {
        let id = world.id(source, "node/px1");
        world.snapshot().reading(id, Metric::Temperature).value().copied()
    };
    assert_eq!((of(&mut world, "proxmox:one"), of(&mut world, "proxmox:two")), (None, None));
    hot.records = report("agent:px1", [host("px1").ip("10.0.2.1")]).records;
    world.apply(&hot);
    assert_eq!((of(&mut world, "proxmox:one"), of(&mut world, "proxmox:two")), (None, Some(55.0)));
}

/// The virtual machine `web` on its platform: half of a processor, memory and disk at 90 %.
fn platform(guest: Record) -> Report {
    let samples = vec![
        sample(0, Metric::Cpu, 50.0),
        sample(0, Metric::Memory, 90.0),
        sample(0, Metric::MemoryUsed, 90.0),
        sample(0, Metric::Disk, 90.0),
    ];
    Report { samples, ..report(PLATFORM, [guest]) }
}

/// The agent inside it: of 7 GiB 4 are used.
fn agent() -> Report {
    let samples = vec![
        sample(0, Metric::Cpu, 10.0),
        sample(0, Metric::Memory, 57.0),
        sample(0, Metric::MemoryUsed, 4.0 * GIB as f64),
        sample(0, Metric::Disk, 40.0),
    ];
    Report { samples, ..report(AGENT, [inside(Some(GIB))]) }
}

fn vm(with: impl FnOnce(&mut GuestFacet)) -> Record {
    let mut facet = GuestFacet { native_id: "100".into(), memory_bytes: Some(8 * GIB), ..GuestFacet::default() };
    with(&mut facet);
    Record { facets: vec![Arc::new(Facet::Guest(facet.into()))], ..guest().named("web") }
}

fn inside(disk_bytes: Option<u64>) -> Record {
    let memory = MemoryFacts { total_bytes: Some(7 * GIB), swap_total_bytes: None };
    let facet = HostFacet { memory, disk_bytes, ..HostFacet::default() };
    host("web").host_facet(facet)
}

fn memory_source(row: &Row) -> Option<MemorySource> {
    row.shown_facets().find_map(|(_, facet)| facet.as_guest().map(|guest| guest.memory_source))?
}

fn told(world: &mut World, metric: Metric) -> (f64, String) {
    let id = world.id(PLATFORM, "qemu/100");
    match world.snapshot().reading(id, metric) {
        Reading::Known { value, source, .. } => (value, source.to_string()),
        Reading::Unknown { reason } => panic!("{metric}: {reason:?}"),
    }
}

/// What was recorded of a row.
fn of(samples: &[BoundSample], row: &Row) -> Vec<(Metric, f64)> {
    let of_row = samples.iter().filter(|sample| sample.resource == row.id);
    let known = of_row.filter_map(|sample| match sample.value {
        SampleValue::Value(value) => Some((sample.metric, value)),
        SampleValue::Unknown(_) => None,
    });
    known.collect()
}
