//! Snapshots: order, views, deltas, sharing.

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{ResourceKind, Revision};
use muster_testkit::{EstateSpec, SyntheticEstate};

use crate::world::{With, World, host, record, report};

#[test]
fn rows_are_ordered_by_lower_cased_name_then_id() {
    //
    let mut world = World::new();
    let named = |key: &str, name: &str| record(ResourceKind::Storage, key).named(name);
    world
        .apply(&report("agent:a", [named("1", "beta"), named("2", " Alpha"), named("3", "Ähre"), named("4", "alpha")]));
    let check = |world: &mut World| {
        let rows = world.rows();
        let order: Vec<_> = rows.iter().map(|row| (row.display_name.trim().to_lowercase(), row.id)).collect();
        assert!(order.is_sorted(), "{order:?}");
        order.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(check(&mut world), ["alpha", "alpha", "beta", "ähre"]);
    world.apply(&report("agent:a", [named("1", "beta"), named("2", "zeta"), named("4", "alpha"), named("5", "Gamma")]));
    assert_eq!(check(&mut world), ["alpha", "beta", "gamma", "zeta"]);
}

#[test]
fn every_row_is_in_exactly_the_views_of_its_kind() {
    //
    let mut world = World::new();
    let all = ResourceKind::ALL.iter().map(|kind| record(*kind, kind.as_str()));
    world.apply(&report("docker:d", all));
    world.apply(&report("agent:a", [host("a")]));
    world.apply(&report("vmware:v", [host("v"), record(ResourceKind::Vm, "vm-12")]));
    world.apply(&report("proxmox:p", [host("p"), record(ResourceKind::SystemContainer, "lxc/101")]));
    let snapshot = world.snapshot();
    let of = |kinds: &[ResourceKind]| snapshot.rows().iter().filter(|row| kinds.contains(&row.kind)).count();
    use ResourceKind as K;
    let counts = [
        (snapshot.vms().count(), of(&[K::Vm])),
        (snapshot.containers().count(), of(&[K::SystemContainer])),
        (snapshot.docker_containers().count(), of(&[K::AppContainer])),
        (snapshot.storage_pools().count(), of(&[K::Storage])),
        (snapshot.physical_disks().count(), of(&[K::PhysicalDisk])),
        (snapshot.pbs_instances().count(), of(&[K::Pbs])),
        (snapshot.pmg_instances().count(), of(&[K::Pmg])),
        (snapshot.k8s_clusters().count(), of(&[K::K8sCluster])),
        (snapshot.k8s_nodes().count(), of(&[K::K8sNode])),
        (snapshot.pods().count(), of(&[K::Pod])),
        (snapshot.k8s_deployments().count(), of(&[K::K8sDeployment])),
        (snapshot.infrastructure().count(), of(&[K::Agent])),
        (snapshot.workloads().count(), of(&[K::Vm, K::SystemContainer, K::AppContainer])),
        (snapshot.nodes().count(), 1),
        (snapshot.docker_hosts().count(), 1),
        (snapshot.hosts().count(), 2),
    ];
    assert!(counts.iter().all(|(view, rows)| view == rows && *view > 0), "{counts:?}");
    assert_eq!(snapshot.workloads().count(), 5);
}

#[test]
fn a_delta_carries_what_changed_and_nothing_else() {
    // D-25
    let mut world = World::new();
    let fs = |key: &str| record(ResourceKind::Storage, key);
    world.apply(&report("agent:a", [fs("1"), fs("2"), fs("3")]));
    let (removed, changed) = (world.id("agent:a", "3"), world.id("agent:a", "2"));
    let before = world.snapshot();
    world.apply(&report("agent:a", [fs("1"), fs("2").named("two"), fs("4")]));
    let added = world.id("agent:a", "4");
    let after = world.snapshot();
    let delta = after.changed_since(before.revision()).unwrap();
    let upserts: BTreeSet<_> = delta.upserts.iter().map(|row| row.id).collect();
    assert_eq!((upserts, delta.removes), ([changed, added].into(), vec![removed]));
    assert_eq!((delta.from, delta.to), (before.revision(), after.revision()));
    assert!(after.changed_since(after.revision()).unwrap().upserts.is_empty());
    assert_eq!(after.changed_since(after.revision().next()), None, "a revision from another life");
    assert!(after.get(changed).unwrap().revision > before.revision());
    assert_eq!(
        after.get(world.id("agent:a", "1")).map(|row| row.revision),
        before.rows().iter().map(|r| r.revision).min()
    );
}

#[test]
fn deltas_lead_from_any_remembered_revision_to_the_newest() {
    // D-25: applying a delta to what a client has gives what the server has.
    let mut synthetic = SyntheticEstate::new(EstateSpec { resources: 300, seed: 9 });
    let mut world = World::new();
    let mut past = vec![world.snapshot()];
    for round in 0..8 {
        for mut report in synthetic.next_reports(3) {
            if round % 3 == 2 {
                report.records.pop();
                report.samples.clear();
            }
            world.apply(&report);
        }
        past.push(world.snapshot());
    }
    let newest = world.snapshot();
    for then in &past {
        let delta = newest.changed_since(then.revision()).unwrap();
        let mut client: std::collections::BTreeMap<_, _> =
            then.rows().iter().map(|row| (row.id, row.clone())).collect();
        delta.removes.iter().for_each(|id| drop(client.remove(id)));
        client.extend(delta.upserts.iter().map(|row| (row.id, row.clone())));
        let server: std::collections::BTreeMap<_, _> = newest.rows().iter().map(|row| (row.id, row.clone())).collect();
        assert_eq!(client, server, "from {}", then.revision());
    }
}

#[test]
fn nothing_heard_gives_the_same_snapshot() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    let first = world.snapshot();
    world.pass(5);
    assert!(Arc::ptr_eq(&first, &world.snapshot()));
    assert_eq!(World::new().snapshot().revision(), Revision::ZERO);
    assert_eq!(World::new().snapshot().updated_at(), None);
}

#[test]
fn one_change_leaves_all_other_rows_shared() {
    // D-1
    let mut synthetic = SyntheticEstate::new(EstateSpec { resources: 1000, seed: 4 });
    let mut world = World::new();
    world.apply(&synthetic.single_report());
    let before = world.snapshot();
    synthetic.pass(1);
    world.apply(&synthetic.single_report());
    let after = world.snapshot();
    let different = before.rows().iter().zip(after.rows()).filter(|(b, a)| !Arc::ptr_eq(b, a)).count();
    assert_eq!((different, after.len()), (1, 1000));
}
