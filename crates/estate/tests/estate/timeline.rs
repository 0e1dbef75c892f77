//! What makes a line in the timeline, and what does not.

use muster_model::{ChangeKind, ChangeOrigin, HostFacet, Metric, Report, ResourceKind, Status};

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
    check(base().ip("10.0.0.5"), ChangeKind::ConfigUpdate, "identity");
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
