//! The readings plane: who speaks, what is unknown, what goes on to history.

use muster_estate::Rejected;
use muster_model::{Metric, Reading, Report, ResourceId, ResourceKind, Sample, SampleValue, TenantId, UnknownReason};

use crate::world::{With, World, degraded, host, key, record, report, sample, source};

fn measured(from: &str, samples: Vec<Sample>) -> Report {
    let shared = host("nas").machine("m").dmi("d");
    Report { samples, ..report(from, [shared]) }
}

#[test]
fn unknown_is_never_a_number() {
    // D-9
    let mut world = World::new();
    let no_baseline =
        Sample { record: 0, metric: Metric::NetIn, value: SampleValue::Unknown(UnknownReason::NoBaseline) };
    world.apply(&measured("agent:a", vec![sample(0, Metric::Cpu, 0.0), no_baseline]));
    let (id, snapshot) = (world.id("agent:a", "host"), world.snapshot());
    assert_eq!(snapshot.reading(id, Metric::Cpu).value(), Some(&0.0));
    assert_eq!(snapshot.reading(id, Metric::NetIn), Reading::Unknown { reason: UnknownReason::NoBaseline });
    assert_eq!(snapshot.reading(id, Metric::Swap), Reading::Unknown { reason: UnknownReason::NotReported });
    let nobody = ResourceId::mint(ResourceKind::Vm, "nobody");
    assert_eq!(snapshot.reading(nobody, Metric::Cpu), Reading::Unknown { reason: UnknownReason::NotReported });
    let row = snapshot.get(id).unwrap();
    let metrics: Vec<_> = snapshot.witnesses(row).readings().map(|(metric, _)| metric).collect();
    assert_eq!(metrics, [Metric::Cpu, Metric::NetIn]);
}

#[test]
fn the_witnesses_of_a_row_tell_all_that_is_said_of_it_and_when() {
    //
    let mut world = World::new();
    world.apply(&measured("agent:a", vec![sample(0, Metric::Swap, 5.0), sample(0, Metric::Cpu, 10.0)]));
    world.pass(5);
    world.apply(&measured("proxmox:p", vec![sample(0, Metric::Load1, 2.0), sample(0, Metric::Cpu, 20.0)]));
    let (id, snapshot) = (world.id("agent:a", "host"), world.snapshot());
    let witnesses = snapshot.witnesses(snapshot.get(id).unwrap());
    let known = |metric, value, from| (metric, Reading::Known { value, at: crate::world::at(0), source: source(from) });
    let expected = [
        known(Metric::Cpu, 10.0, "agent:a"),
        known(Metric::Swap, 5.0, "agent:a"),
        known(Metric::Load1, 2.0, "proxmox:p"),
    ];
    assert_eq!(witnesses.readings().collect::<Vec<_>>(), expected);
    let seen: Vec<_> = witnesses.parts().map(|(part, at)| (part.source.to_string(), at)).collect();
    let at = |seconds| Some(crate::world::at(seconds));
    assert_eq!(seen, [("agent:a".to_owned(), at(0)), ("proxmox:p".to_owned(), at(5))]);
    assert_eq!((witnesses.last_seen(), snapshot.last_seen(id)), (at(5), at(5)));
}

#[test]
fn the_strongest_current_source_speaks_and_only_it_is_recorded() {
    //
    let mut world = World::new();
    let node = || measured("proxmox:p", vec![sample(0, Metric::Cpu, 20.0), sample(0, Metric::Load1, 2.0)]);
    assert_eq!(world.apply(&node()).samples.len(), 2);
    let agent = measured("agent:a", vec![sample(0, Metric::Cpu, 10.0)]);
    assert_eq!(world.apply(&agent).samples.len(), 1);
    let recorded: Vec<_> = world.apply(&node()).samples.iter().map(|sample| sample.metric).collect();
    assert_eq!(recorded, [Metric::Load1], "the agent speaks of CPU, nobody else of load");
    let id = world.id("agent:a", "host");
    let speaker = |world: &mut World, metric| match world.snapshot().reading(id, metric) {
        Reading::Known { source, value, .. } => (source.to_string(), value),
        Reading::Unknown { reason } => (reason.as_str().to_owned(), f64::NAN),
    };
    assert_eq!(speaker(&mut world, Metric::Cpu), ("agent:a".into(), 10.0));
    assert_eq!(speaker(&mut world, Metric::Load1), ("proxmox:p".into(), 2.0));
    world.pass(61);
    assert_eq!(world.apply(&node()).samples.len(), 1, "not yet judged silent");
    world.judge();
    assert_eq!(speaker(&mut world, Metric::Cpu), ("proxmox:p".into(), 20.0));
    assert_eq!(world.apply(&node()).samples.len(), 2);
}

#[test]
fn a_sweep_replaces_what_the_source_measured_before() {
    let mut world = World::new();
    world.apply(&measured("agent:a", vec![sample(0, Metric::Cpu, 1.0), sample(0, Metric::Swap, 1.0)]));
    world.apply(&measured("agent:a", vec![sample(0, Metric::Cpu, 2.0)]));
    let (id, snapshot) = (world.id("agent:a", "host"), world.snapshot());
    assert_eq!(snapshot.reading(id, Metric::Cpu).value(), Some(&2.0));
    assert_eq!(snapshot.reading(id, Metric::Swap), Reading::Unknown { reason: UnknownReason::NotReported });
}

#[test]
fn facts_are_shared_while_only_readings_change() {
    // D-1
    let mut world = World::new();
    world.apply(&measured("agent:a", vec![sample(0, Metric::Cpu, 1.0)]));
    let first = world.snapshot();
    world.pass(10);
    world.apply(&measured("agent:a", vec![sample(0, Metric::Cpu, 2.0)]));
    let second = world.snapshot();
    assert!(std::ptr::eq(first.rows().as_ptr(), second.rows().as_ptr()));
    assert_eq!(first.revision(), second.revision());
    let id = world.id("agent:a", "host");
    assert_eq!(
        (first.reading(id, Metric::Cpu).value(), second.reading(id, Metric::Cpu).value()),
        (Some(&1.0), Some(&2.0))
    );
    assert_eq!(second.updated_at(), Some(world.now));
    assert_eq!(second.readings_changed_since(first.readings_sequence()), [id]);
    assert!(second.readings_changed_since(second.readings_sequence()).is_empty());
}

#[test]
fn records_that_move_within_a_report_keep_their_readings() {
    let mut world = World::new();
    let (nas, fs) = (host("nas"), record(ResourceKind::Storage, "fs"));
    world
        .apply(&Report { samples: vec![sample(1, Metric::Used, 5.0)], ..report("agent:a", [nas.clone(), fs.clone()]) });
    world.apply(&Report { samples: vec![sample(0, Metric::Used, 7.0)], ..report("agent:a", [fs, nas]) });
    let (fs, nas) = (world.id("agent:a", "fs"), world.id("agent:a", "host"));
    assert_eq!(world.snapshot().reading(fs, Metric::Used).value(), Some(&7.0));
    assert_eq!(world.snapshot().reading(nas, Metric::Used).value(), None);
}

#[test]
fn what_breaks_the_rules_is_left_out_and_named() {
    let mut world = World::new();
    let samples = vec![
        sample(0, Metric::Cpu, f64::NAN),
        sample(9, Metric::Cpu, 1.0),
        sample(0, Metric::Memory, 1.0),
        sample(0, Metric::Memory, 2.0),
        sample(1, Metric::Memory, 2.0),
    ];
    let applied = world.apply(&Report { samples, ..report("agent:a", [host("nas"), host("twin")]) });
    let expected = [
        Rejected::DuplicateKey { key: key("host"), place: 1 },
        Rejected::NotFinite { place: 0, metric: Metric::Cpu },
        Rejected::UnknownRecord { place: 1, metric: Metric::Cpu, record: 9 },
        Rejected::DuplicateSample { place: 3, metric: Metric::Memory, record: 0 },
        Rejected::UnknownRecord { place: 4, metric: Metric::Memory, record: 1 },
    ];
    assert_eq!(applied.rejected, expected);
    assert_eq!(applied.samples.len(), 1);
    assert_eq!(world.row("agent:a", "host").name, "nas", "the first one counts, the rest applies");
}

#[test]
fn a_facet_given_twice_spoils_its_record_only() {
    let mut world = World::new();
    let mut twice = host("nas").host_facet(muster_model::HostFacet::default());
    twice.facets.push(twice.facets[0].clone());
    let applied = world.apply(&report("agent:a", [twice, record(ResourceKind::Storage, "fs")]));
    assert!(matches!(applied.rejected.as_slice(), [Rejected::DuplicateFacet { .. }]));
    assert_eq!(world.rows().len(), 1);
}

#[test]
fn a_report_of_another_tenant_is_refused_whole() {
    // D-4
    let mut world = World::new();
    let other: TenantId = "other".parse().unwrap();
    let applied = world.apply(&Report { tenant: other, ..report("agent:a", [host("nas")]) });
    assert!(matches!(applied.rejected.as_slice(), [Rejected::WrongTenant { .. }]));
    assert!(world.rows().is_empty() && world.estate.sources().next().is_none());
}

#[test]
fn sources_tell_how_they_are_doing() {
    let mut world = World::new();
    world.apply(&degraded("agent:a", [host("nas"), record(ResourceKind::Storage, "fs")]));
    let snapshot = world.snapshot();
    let state = snapshot.source(&source("agent:a")).unwrap();
    assert_eq!((state.record_count, state.issues.len(), state.last_seen), (2, 1, Some(world.now)));
    assert_eq!(state.interval.as_secs(), 10);
    assert!(snapshot.source(&source("agent:b")).is_none());
}
