//! Disks that a platform and an agent report: joined below their host, merged field by field, judged on the whole.

use std::sync::Arc;

use muster_model::{
    EvidenceKind, Facet, Metric, PhysicalDiskFacet, Reading, Record, Report, RiskCode, RiskLevel, SmartFacts,
    SmartHealth, Status, TemperatureBand,
};

use crate::{
    restart::restart,
    world::{With, World, at, disk, host, report, sample},
};

#[test]
fn in_the_first_snapshot_with_both_the_risk_knows_what_the_agent_read() {
    // behind an adapter the platform knows neither verdict nor wear.
    let mut world = World::new();
    world.apply(&platform([by_platform(|_| {})]));
    world.apply(&agent([by_agent(|disk| {
        disk.smart = SmartHealth::Passed;
        disk.condition.percentage_used = Some(97);
    })]));
    let row = world.row(AGENT, "disk:S1");
    assert_eq!(row.sources.len(), 2);
    let shown = row.disk().unwrap();
    assert_eq!((shown.smart, shown.condition.life_left_percent), (SmartHealth::Passed, Some(3)));
    let risk = shown.risk.as_ref().expect("3 % are left");
    let codes: Vec<_> = risk.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(risk.level, RiskLevel::Critical);
    assert_eq!(codes, [RiskCode::WearoutLow, RiskCode::NvmePercentageUsedHigh]);
    assert_eq!(row.status, Status::Warning, "R-8: at risk");
    assert_eq!(row.shown_facets().next().unwrap().1.as_disk(), Some(shown), "and that is what is shown first");
}

#[test]
fn the_agent_fills_what_the_platform_does_not_know() {
    //
    let mut world = World::new();
    world.apply(&platform([by_platform(|disk| disk.size_bytes = Some(4000))]));
    world.apply(&agent([by_agent(|disk| {
        disk.smart = SmartHealth::Passed;
        disk.model = Some("ST4000".into());
        disk.condition.percentage_used = Some(12);
    })]));
    let shown = world.row(AGENT, "disk:S1").disk().unwrap().clone();
    assert_eq!((shown.model.as_deref(), shown.size_bytes), (Some("ST4000"), Some(4000)));
    assert_eq!(shown.condition.life_left_percent, Some(88));
    assert_eq!((world.row(AGENT, "disk:S1").status, shown.risk), (Status::Online, None));
    world.apply(&platform([by_platform(|disk| disk.condition.life_left_percent = Some(91))]));
    let left = |world: &mut World| world.row(AGENT, "disk:S1").disk().unwrap().condition.life_left_percent;
    assert_eq!(left(&mut world), Some(91), "the platform's own word of the life that is left stands");
}

#[test]
fn whoever_says_that_it_fails_is_believed() {
    //
    let check = |platforms: SmartHealth, agents: SmartHealth, model: &str, expected: Status| {
        let mut world = World::new();
        world.apply(&platform([by_platform(|disk| disk.smart = platforms)]));
        world.apply(&agent([by_agent(|disk| {
            disk.smart = agents;
            disk.model = Some(model.into());
        })]));
        assert_eq!(world.row(AGENT, "disk:S1").status, expected, "{platforms:?} {agents:?} {model}");
    };
    let (passed, failed, unknown) = (SmartHealth::Passed, SmartHealth::Failed, SmartHealth::Unknown);
    check(passed, failed, "WD40", Status::Offline);
    check(failed, passed, "WD40", Status::Offline);
    check(unknown, passed, "WD40", Status::Online);
    check(passed, unknown, "WD40", Status::Online);
    check(unknown, unknown, "WD40", Status::Unknown);
    check(failed, passed, "Samsung SSD 990 PRO 2TB", Status::Unknown);
}

#[test]
fn a_disk_that_sleeps_gives_nothing() {
    //
    let mut world = World::new();
    world.apply(&platform([by_platform(|disk| disk.condition.pending_sectors = Some(0))]));
    let sleeping = SmartFacts { standby: true, pending_sectors: Some(9), ..SmartFacts::default() };
    world.apply(&agent([by_agent(|disk| disk.condition = sleeping)]));
    let shown = world.row(AGENT, "disk:S1").disk().unwrap().clone();
    assert_eq!((shown.condition.pending_sectors, shown.risk), (Some(0), None));
    assert!(shown.condition.standby);
}

#[test]
fn between_the_platforms_lists_the_agents_temperature_shows_and_a_silent_one_keeps_its_time() {
    //
    let mut world = World::new();
    world.apply(&measured(platform([by_platform(warm)]), 61.0, 0));
    world.apply(&measured(agent([by_agent(cool)]), 40.0, 0));
    world.pass(10);
    let applied = world.apply(&measured(agent([by_agent(cool)]), 41.0, 10));
    let id = world.id(AGENT, "disk:S1");
    let told = |world: &mut World| match world.snapshot().reading(id, Metric::SmartTemp) {
        Reading::Known { value, at, source } => (value, at, source.to_string()),
        Reading::Unknown { reason } => panic!("{reason:?}"),
    };
    assert_eq!(told(&mut world), (41.0, at(10), AGENT.into()));
    assert_eq!(applied.samples.len(), 1);
    assert_eq!(world.row(AGENT, "disk:S1").disk().unwrap().risk, None, "the platform's list is old");
    assert!(world.apply(&measured(platform([by_platform(warm)]), 61.0, 10)).samples.is_empty());
    world.pass(300);
    world.apply(&measured(platform([by_platform(warm)]), 62.0, 310));
    world.judge();
    assert_eq!(told(&mut world), (62.0, at(310), PLATFORM.into()), "the agent is silent");
    let risk = world.row(AGENT, "disk:S1").disk().unwrap().risk.clone();
    assert_eq!(risk.map(|risk| risk.reasons[0].code), Some(RiskCode::TemperatureHigh));
    world.pass(1000);
    world.judge();
    assert_eq!(told(&mut world), (41.0, at(10), AGENT.into()), "nobody is current: a reading keeps its own time");
}

#[test]
fn a_disk_is_one_by_its_serial_its_name_in_the_world_or_its_unique_device() {
    //
    let check = |platforms: Record, agents: Record, expected: Option<EvidenceKind>| {
        let mut world = World::new();
        world.apply(&platform([platforms.clone()]));
        world.apply(&agent([agents.clone()]));
        let row = world.row(AGENT, "disk:S1");
        let evidence = row.sources.iter().flat_map(|part| &part.evidence).map(|evidence| evidence.kind).next();
        assert_eq!((row.sources.len() == 2, evidence), (expected.is_some(), expected), "{platforms:?} {agents:?}");
    };
    let known = |serial: &str, wwn: &str| (serial.to_owned(), wwn.to_owned());
    let named = |record: Record, (serial, wwn): (String, String)| {
        let mut record = record;
        record.identity.serial = Some(serial).filter(|text| !text.is_empty());
        record.identity.wwn = Some(wwn).filter(|text| !text.is_empty());
        record
    };
    let (theirs, ours) = (|| by_platform(|_| {}), || by_agent(|_| {}));
    let elsewhere = || by_agent(|disk| disk.device = "sdx".into());
    check(theirs(), ours(), Some(EvidenceKind::Serial));
    let (a, b) = (known("A", "0x5000c500a1b2c3d4"), known("B", "naa.5000C500A1B2C3D4"));
    check(named(theirs(), a), named(ours(), b), Some(EvidenceKind::Wwn));
    check(named(theirs(), known("", "")), named(ours(), known("B", "")), Some(EvidenceKind::DevicePath));
    check(named(theirs(), known("", "")), named(elsewhere(), known("", "")), None);
    check(named(theirs(), known("A", "")), named(ours(), known("B", "")), None);
    check(named(theirs(), known("", "0x5000c500a1b2c3d4")), named(ours(), known("", "0x5000c500ffffffff")), None);
    check(theirs(), ours().below("nobody"), None);
}

#[test]
fn two_disks_of_one_name_are_none_that_could_be_meant() {
    // unique, or not at all.
    let mut world = World::new();
    let nameless = |record: Record| {
        let mut record = record;
        record.identity.serial = None;
        record
    };
    let twin = nameless(by_platform(|_| {})).keyed("disk/pve1/twin");
    world.apply(&platform([nameless(by_platform(|_| {})), twin]));
    world.apply(&agent([nameless(by_agent(|_| {}))]));
    assert_eq!(world.row(AGENT, "disk:S1").sources.len(), 1);
}

#[test]
fn a_restart_forgets_no_risk() {
    // R-97 with D-3: risk rests on facts, not on readings.
    let mut world = World::new();
    world.apply(&platform([by_platform(|disk| disk.condition.pending_sectors = Some(3))]));
    world.apply(&agent([by_agent(|disk| disk.condition.reallocated_sectors = Some(1))]));
    let risk = |world: &mut World| world.row(AGENT, "disk:S1").disk().unwrap().risk.clone();
    let before = risk(&mut world);
    assert_eq!(before.as_ref().map(|risk| risk.reasons.len()), Some(2));
    assert_eq!(risk(&mut restart(&world, 1000)), before);
}

#[test]
fn of_a_disk_whose_node_is_away_nobody_knows() {
    // the last verdict is no word of today.
    let mut world = World::new();
    world.apply(&platform([by_platform(|disk| disk.smart = SmartHealth::Passed).status(Status::Unknown)]));
    assert_eq!(world.row(PLATFORM, "disk/pve1/sda").status, Status::Unknown);
}

const PLATFORM: &str = "proxmox:p";
const AGENT: &str = "agent:a";

fn platform(disks: impl IntoIterator<Item = Record>) -> Report {
    let node = host("pve1").keyed("node/pve1").ip("10.0.0.1");
    report(PLATFORM, std::iter::once(node).chain(disks))
}

fn agent(disks: impl IntoIterator<Item = Record>) -> Report {
    report(AGENT, std::iter::once(host("pve1").ip("10.0.0.1")).chain(disks))
}

fn measured(report: Report, celsius: f64, seconds: i64) -> Report {
    Report { samples: vec![sample(1, Metric::SmartTemp, celsius)], reported_at: at(seconds), ..report }
}

#[test]
fn whoever_is_silent_does_not_know_how_warm_it_is_or_whether_it_sleeps() {
    //
    let mut world = World::new();
    let hot = SmartFacts { temperature: Some(TemperatureBand::Hot), pending_sectors: Some(2), ..SmartFacts::default() };
    world.apply(&agent([by_agent(|disk| disk.condition = hot)]));
    let codes = |world: &mut World| {
        let risk = world.row(AGENT, "disk:S1").disk().unwrap().risk.clone().expect("two sectors are pending");
        risk.reasons.iter().map(|reason| reason.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&mut world), [RiskCode::PendingSectors, RiskCode::TemperatureHigh]);
    world.pass(1000);
    world.judge();
    assert_eq!(codes(&mut world), [RiskCode::PendingSectors]);
    assert_eq!(world.row(AGENT, "disk:S1").disk().unwrap().condition.temperature, None);
    let asleep = SmartFacts { standby: true, ..SmartFacts::default() };
    world.apply(&agent([by_agent(|disk| disk.condition = asleep)]));
    assert!(world.row(AGENT, "disk:S1").disk().unwrap().condition.standby);
    world.pass(1000);
    world.judge();
    assert!(!world.row(AGENT, "disk:S1").disk().unwrap().condition.standby);
}

#[test]
fn more_errors_make_a_line_and_warmth_and_wear_make_none() {
    // though the disk was at risk before.
    let at = |pending, with: fn(&mut SmartFacts)| {
        agent([by_agent(|disk| {
            disk.condition = SmartFacts { pending_sectors: Some(pending), ..SmartFacts::default() };
            with(&mut disk.condition);
        })])
    };
    let mut world = World::new();
    world.apply(&at(2, |_| {}));
    assert_eq!(world.apply(&at(3, |_| {})).changes.len(), 1);
    for with in [
        |condition: &mut SmartFacts| condition.temperature = Some(TemperatureBand::Warm),
        |condition: &mut SmartFacts| condition.percentage_used = Some(41),
        |condition: &mut SmartFacts| condition.percentage_used = Some(42),
    ] {
        let changes = world.apply(&at(3, with)).changes;
        assert!(changes.is_empty(), "{changes:?}");
    }
}

fn by_platform(with: impl FnOnce(&mut PhysicalDiskFacet)) -> Record {
    described(disk("disk/pve1/sda", "S1", "node/pve1"), with)
}

fn by_agent(with: impl FnOnce(&mut PhysicalDiskFacet)) -> Record {
    described(disk("disk:S1", "S1", "host"), with)
}

fn described(record: Record, with: impl FnOnce(&mut PhysicalDiskFacet)) -> Record {
    let mut facet = PhysicalDiskFacet { device: "sda".into(), ..PhysicalDiskFacet::default() };
    with(&mut facet);
    Record { facets: vec![Arc::new(Facet::PhysicalDisk(facet.into()))], ..record }
}

fn warm(disk: &mut PhysicalDiskFacet) {
    disk.condition.temperature = Some(TemperatureBand::Warm);
}

fn cool(disk: &mut PhysicalDiskFacet) {
    disk.condition.temperature = Some(TemperatureBand::Normal);
}
