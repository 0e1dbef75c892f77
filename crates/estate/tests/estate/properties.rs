//! Promises that hold for any world: order does not matter, saying it again changes nothing, the log is the state.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use muster_estate::{Estate, Row, Stored};
use muster_model::{
    Evidence, LogEntry, LogOp, Record, Report, ResourceId, ResourceKind, Revision, SourceStamp, TenantId,
};
use proptest::prelude::*;

use crate::world::{With, World, degraded, disk, guest, host, record, report};

/// One machine as one source may see it. What a source does not know, it leaves out; what it says is true.
#[derive(Debug, Clone)]
struct Sight {
    machine: usize,
    knows_machine_id: bool,
    knows_dmi: bool,
    knows_mac: bool,
    offline: bool,
    disks: usize,
}

const KINDS: [&str; 4] = ["agent", "proxmox", "docker", "truenas"];

fn sights(full: bool) -> impl Strategy<Value = Vec<Vec<Sight>>> {
    let knows = move || if full { Just(true).boxed() } else { any::<bool>().boxed() };
    let sight = (0..4_usize, knows(), knows(), knows(), any::<bool>(), 0..3_usize).prop_map(
        |(machine, knows_machine_id, knows_dmi, knows_mac, offline, disks)| Sight {
            machine,
            knows_machine_id,
            knows_dmi,
            knows_mac,
            offline,
            disks,
        },
    );
    // A source lists a machine once.
    let of_source = prop::collection::vec(sight, 0..4).prop_map(|mut sights| {
        let mut listed = BTreeSet::new();
        sights.retain(|sight| listed.insert(sight.machine));
        sights
    });
    prop::collection::vec(of_source, 1..5)
}

/// Machines 0 and 1 are clones: one machine id, different hardware.
fn machine_id(machine: usize) -> String {
    format!("id-{}", machine.max(1))
}

fn see(sight: &Sight) -> Vec<Record> {
    let Sight { machine, knows_machine_id, knows_dmi, knows_mac, offline, disks } = sight;
    let key = format!("host/{machine}");
    let mut it = host(&format!("name{machine}")).keyed(&key);
    if *knows_machine_id {
        it = it.machine(&machine_id(*machine));
    }
    if *knows_dmi {
        it = it.dmi(&format!("dmi-{machine}"));
    }
    if *knows_mac {
        it = it.mac(&format!("ac:1f:6b:00:00:{machine:02x}"));
    }
    if *offline {
        it = it.status(muster_model::Status::Offline);
    }
    let disks =
        (0..*disks).map(|number| disk(&format!("{key}/disk{number}"), &format!("serial-{machine}-{number}"), &key));
    std::iter::once(it).chain(disks).collect()
}

fn reports(sights: &[Vec<Sight>]) -> Vec<Report> {
    let each = sights.iter().enumerate().map(|(number, sights)| {
        let source = format!("{}:{number}", KINDS[number % KINDS.len()]);
        report(&source, sights.iter().flat_map(see))
    });
    each.collect()
}

/// A row without what depends on the order of arrival: ids, and why which record joined which.
type Shape = (ResourceKind, String, String, String, Vec<(String, String)>, Option<Vec<(String, String)>>, u32);

fn seats(row: &Row) -> Vec<(String, String)> {
    row.sources.iter().map(|part| (part.source.to_string(), part.key.to_string())).collect()
}

fn shapes(world: &mut World) -> BTreeSet<Shape> {
    let snapshot = world.snapshot();
    let shape = |row: &Arc<Row>| {
        let parent = row.parent.map(|parent| seats(snapshot.get(parent).expect("a parent is a row")));
        let (identity, status) = (format!("{:?}", row.identity), format!("{:?}/{:?}", row.status, row.reported_status));
        (row.kind, row.name.to_string(), identity, status, seats(row), parent, row.child_count)
    };
    snapshot.rows().iter().map(shape).collect()
}

fn ids(world: &mut World) -> BTreeMap<Vec<(String, String)>, ResourceId> {
    world.rows().iter().map(|row| (seats(row), row.id)).collect()
}

fn world_of<'a>(reports: impl IntoIterator<Item = &'a Report>) -> World {
    let mut world = World::new();
    for report in reports {
        world.apply(report);
    }
    world
}

/// Rows of a world, without their place in the log: a restored row stands at the revision of the restart.
pub(crate) fn comparable(rows: &[Arc<Row>]) -> Vec<Row> {
    let without_revision = |row: &Arc<Row>| {
        let mut row = Row::clone(row);
        row.revision = Revision::ZERO;
        row
    };
    rows.iter().map(without_revision).collect()
}

pub(crate) fn aliases(world: &mut World) -> Vec<Vec<ResourceId>> {
    let snapshot = world.snapshot();
    snapshot.rows().iter().map(|row| snapshot.aliases_of(row.id).to_vec()).collect()
}

pub(crate) fn compact(log: &[LogEntry]) -> Vec<LogEntry> {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (place, entry) in log.iter().enumerate() {
        let name = match &entry.op {
            LogOp::Observed { source, record, .. } => format!("{source} {}", record.key),
            LogOp::Withdrawn { source, key, .. } => format!("{source} {key}"),
            LogOp::SourceJudged { source, .. } => format!("{source} is judged"),
            LogOp::Joined { .. } => format!("join {place}"),
            LogOp::Ruled { ruling, .. } => format!("ruling {}", ruling.id),
            LogOp::RulingWithdrawn { ruling } => format!("ruling {ruling}"),
            LogOp::Split { .. } => format!("split {place}"),
        };
        last.insert(name, place);
    }
    let kept: BTreeSet<usize> = last.into_values().collect();
    kept.into_iter().map(|place| log[place].clone()).collect()
}

pub(crate) fn restored(world: &World, log: Vec<LogEntry>) -> World {
    let stamp = |state: &muster_estate::SourceState| SourceStamp {
        source: state.id.clone(),
        last_seen: state.last_seen.expect("it reported"),
        interval: state.interval,
    };
    let stored = Stored { entries: log, sources: world.estate.sources().map(stamp).collect() };
    let start = Revision(world.estate.revision().0 + 1000);
    let estate = Estate::restore(TenantId::DEFAULT, stored, start, world.now).expect("our own log makes sense");
    World { estate, log: vec![], now: world.now, rulings: world.rulings }
}

fn check_one_hardware_each(world: &mut World) {
    for row in world.rows() {
        let said: Vec<_> = row.sources.iter().map(|part| part.source.clone()).collect();
        let told: BTreeSet<_> = row.sources.iter().map(|part| part.key.to_string()).collect();
        if row.kind == ResourceKind::Agent {
            // Every source names a machine `host/<number>`, so that one resource with two names is two machines.
            assert_eq!(told.len(), 1, "{told:?} from {said:?}");
        }
    }
}

/// Guests that any source may list, made anew now and then, by names that it may not know.
fn guests() -> impl Strategy<Value = Vec<Record>> {
    let known = || prop::option::of(0..3_i64);
    let sight = (0..2_u8, prop::option::of(0..2_u8), known(), known(), prop::option::of(0..2_u8));
    prop::collection::vec(sight, 0..3).prop_map(|guests| {
        let one = |(number, named, uuid, created, below): (u8, Option<u8>, Option<i64>, Option<i64>, Option<u8>)| {
            let mut it = guest().keyed(&format!("qemu/{number}"));
            it.identity.platform_key = named.map(|fingerprint| format!("{fingerprint}/qemu/{number}"));
            if let Some(uuid) = uuid {
                it = it.dmi(&format!("u{uuid}"));
            }
            if let Some(created) = created {
                it = it.created(created);
            }
            if let Some(parent) = below {
                it = it.below(&format!("qemu/{parent}"));
            }
            it
        };
        let mut listed = BTreeSet::new();
        guests.into_iter().map(one).filter(|guest| listed.insert(guest.key.clone())).collect()
    })
}

/// Reports in some order, possibly repeated and changed over time.
pub(crate) fn history() -> impl Strategy<Value = Vec<Report>> {
    let step = (0..4_usize, sights(false), any::<bool>(), guests());
    prop::collection::vec(step, 1..8).prop_map(|steps| {
        let one = |(number, sights, whole, guests): (usize, Vec<Vec<Sight>>, bool, Vec<Record>)| {
            let source = format!("{}:{number}", KINDS[number]);
            let records: Vec<Record> = sights[0].iter().flat_map(see).chain(guests).collect();
            if whole { report(&source, records) } else { degraded(&source, records) }
        };
        steps.into_iter().map(one).collect()
    })
}

/// Identity evidence that lies: any machine id, hardware id and address with any other, links and all.
pub(crate) fn hostile() -> impl Strategy<Value = Vec<Report>> {
    let maybe = || prop::option::of(0..3_u8);
    let host = (0..2_u8, maybe(), maybe(), maybe(), maybe(), prop::option::of(0..4_usize), maybe());
    let step = (0..4_usize, prop::collection::vec(host, 0..3), guests());
    prop::collection::vec(step, 1..12).prop_map(|steps| {
        let hosts = |(number, hosts, guests): (usize, Vec<_>, Vec<Record>)| {
            let mut listed = BTreeSet::new();
            let records = hosts.into_iter().filter_map(|(key, machine, dmi, mac, enrolled, linked, named)| {
                let mut it = host_of(key, machine, dmi, mac, enrolled);
                it.identity.platform_key = Option::map(named, |number: u8| format!("node/{number}"));
                if let Some(to) = linked {
                    it = it.linked(&format!("{}:{to}", KINDS[to]), "host/0");
                }
                listed.insert(it.key.clone()).then_some(it)
            });
            report(&format!("{}:{number}", KINDS[number]), records.chain(guests).collect::<Vec<_>>())
        };
        steps.into_iter().map(hosts).collect()
    })
}

fn host_of(key: u8, machine: Option<u8>, dmi: Option<u8>, mac: Option<u8>, enrolled: Option<u8>) -> Record {
    let mut it = host("same").keyed(&format!("host/{key}"));
    if let Some(machine) = machine {
        it = it.machine(&format!("m{machine}"));
    }
    if let Some(dmi) = dmi {
        it = it.dmi(&format!("d{dmi}"));
    }
    if let Some(mac) = mac {
        it = it.mac(&format!("ac:1f:6b:00:00:0{mac}"));
    }
    if let Some(key) = enrolled {
        it = it.enrolled(&format!("k{key}"));
    }
    it
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_reports_does_not_matter(sights in sights(false), seed in any::<u64>()) {
        // R-14, D-7
        let reports = reports(&sights);
        let mut shuffled: Vec<&Report> = reports.iter().collect();
        shuffled.sort_by_key(|report| report.source.to_string().bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        }));
        let (mut one, mut other) = (world_of(&reports), world_of(shuffled));
        prop_assert_eq!(shapes(&mut one), shapes(&mut other));
        check_one_hardware_each(&mut one);
    }

    #[test]
    fn with_full_evidence_the_ids_do_not_depend_on_it_either(sights in sights(true)) {
        // machine 0 is a clone of machine 1 and takes a made-up id, so it stays out.
        let honest: Vec<Vec<Sight>> =
            sights.into_iter().map(|of| of.into_iter().filter(|sight| sight.machine > 0).collect()).collect();
        let reports = reports(&honest);
        let (mut one, mut other) = (world_of(&reports), world_of(reports.iter().rev()));
        prop_assert_eq!(ids(&mut one), ids(&mut other));
    }

    #[test]
    fn saying_it_again_changes_nothing(sights in sights(false)) {
        //
        let reports = reports(&sights);
        let mut world = world_of(&reports);
        let before = world.snapshot();
        for report in &reports {
            let copied: Vec<_> = report.records.iter().map(|record| Arc::new(Record::clone(record))).collect();
            let applied = world.apply(&Report { records: copied, ..report.clone() });
            prop_assert!(applied.entries.is_empty() && applied.changes.is_empty());
        }
        prop_assert_eq!(world.snapshot().revision(), before.revision());
    }

    #[test]
    fn the_log_is_the_state(
        history in prop_oneof![history(), hostile()],
        pauses in prop::collection::vec((0..100_i64, prop::bool::weighted(0.2)), 12),
    ) {
        // D-3: whole or compacted, it gives the same rows and ids, and nothing to tell.
        let mut world = World::new();
        for (report, (pause, let_go)) in history.iter().zip(&pauses) {
            world.pass(*pause);
            world.judge();
            world.apply(report);
            if *let_go {
                world.dismiss(&report.source.to_string());
            }
        }
        let latest: BTreeMap<String, &Report> = history.iter().map(|report| (report.source.to_string(), report)).collect();
        for report in latest.values() {
            world.apply(report);
        }
        let live = comparable(&world.rows());
        for log in [world.log.clone(), compact(&world.log)] {
            let mut again = restored(&world, log);
            for report in latest.values() {
                let applied = again.apply(report);
                prop_assert!(applied.changes.is_empty(), "{:?}", applied.changes);
                let only_judged = applied.entries.iter().all(|entry| matches!(entry.op, LogOp::SourceJudged { .. }));
                prop_assert!(only_judged, "{:?}", applied.entries);
            }
            prop_assert_eq!(&comparable(&again.rows()), &live);
            prop_assert_eq!(aliases(&mut again), aliases(&mut world));
        }
    }

    #[test]
    fn two_hardware_ids_never_share_a_resource(reports in hostile()) {
        // D-7, whatever the sources claim and in whatever order
        let mut world = World::new();
        let mut said: BTreeMap<(String, String), Arc<Record>> = BTreeMap::new();
        for report in &reports {
            world.apply(report);
            said.retain(|(source, _), _| *source != report.source.to_string());
            for record in &report.records {
                said.insert((report.source.to_string(), record.key.to_string()), record.clone());
            }
            for row in world.rows() {
                if row.kind != ResourceKind::Agent {
                    continue;
                }
                let records: Vec<_> = seats(&row).into_iter().map(|seat| said[&seat].clone()).collect();
                let dmi: BTreeSet<_> = records.iter().filter_map(|record| record.identity.dmi_uuid.clone()).collect();
                let keys: BTreeSet<_> = records.iter().filter_map(|record| record.identity.enrolment_key.clone()).collect();
                prop_assert!(dmi.len() <= 1 && keys.len() <= 1, "{:?}", records);
            }
        }
    }

    #[test]
    fn every_join_is_explained(reports in hostile()) {
        // D-7: a resource of several records says of all but the founding ones why they are here.
        let mut world = world_of(&reports);
        for row in world.rows() {
            let unexplained = |evidence: &Vec<Evidence>| evidence.is_empty();
            let founders = row.sources.iter().filter(|part| unexplained(&part.evidence)).count();
            prop_assert!(founders <= 1, "{:?}", row.sources);
        }
        for change in &world.log {
            if let LogOp::Joined { evidence, .. } = &change.op {
                prop_assert!(!evidence.is_empty());
            }
        }
    }
}

#[test]
fn one_record_is_enough_for_the_compaction_of_many() {
    // D-3: the helper above really compacts.
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world.apply(&report("agent:a", [record(ResourceKind::Storage, "fs").named(name)]));
    }
    assert_eq!((world.log.len(), compact(&world.log).len()), (3, 1));
}
