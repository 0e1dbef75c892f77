//! Ceph clusters: on which nodes they run, and what of them makes a line on the timeline.

use std::sync::Arc;

use muster_model::{CephCheck, CephFacet, Facet, NodeFacet, Record, RelationshipType, ResourceKind, Status};

use crate::world::{With, World, host, record, report};

#[test]
fn a_ceph_cluster_runs_on_the_nodes_that_its_own_platform_names() {
    //
    let mut world = World::new();
    let nodes = || [node("pve1"), node("pve2"), node("pve3")];
    world.apply(&report("proxmox:a", nodes().into_iter().chain([ceph(&["pve1", "pve2", "pve9"], &[])])));
    world.apply(&report("proxmox:b", nodes().map(|node| Record { name: "other".into(), ..node })));
    let id = world.id("proxmox:a", "ceph");
    let expected = ["node/pve1", "node/pve2"].map(|key| world.id("proxmox:a", key));
    let snapshot = world.snapshot();
    let relations = snapshot.relationships(id);
    let mut targets: Vec<_> = relations.iter().map(|relation| relation.target_id).collect();
    targets.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(targets, wanted, "not those of another cluster that are called so, nor one that is not there");
    assert!(relations.iter().all(|relation| relation.relationship_type == RelationshipType::RunsOn));
    assert_eq!(snapshot.relationships(expected[0])[0].source_id, id, "the node shows it too");
    assert!(snapshot.relationships(world.id("proxmox:a", "node/pve3")).is_empty());
}

#[test]
fn what_ceph_finds_shows_as_a_status_and_not_as_a_change_of_what_it_is() {
    //
    let mut world = World::new();
    world.apply(&report("proxmox:a", [node("pve1"), ceph(&["pve1"], &[])]));
    let changes = world.apply(&report("proxmox:a", [node("pve1"), ceph(&["pve1"], &["SLOW_OPS"])])).changes;
    assert!(changes.is_empty(), "{changes:?}");
    let row = world.row("proxmox:a", "ceph");
    let shown = row.facets.iter().find_map(|entry| entry.facet.as_ceph()).expect("it is Ceph");
    assert_eq!(shown.checks[0].code, "SLOW_OPS", "but it is shown");
    let warned = ceph(&["pve1"], &["OSD_DOWN"]).status(Status::Warning);
    let changes = world.apply(&report("proxmox:a", [node("pve1"), warned])).changes;
    assert_eq!((changes.len(), changes[0].to.as_deref()), (1, Some("warning")));
}

fn node(name: &str) -> Record {
    let facet = Facet::Node(Box::new(NodeFacet { node: name.into(), ..NodeFacet::default() }));
    Record { facets: vec![Arc::new(facet)], ..host(name) }.keyed(&format!("node/{name}"))
}

fn ceph(nodes: &[&str], checks: &[&str]) -> Record {
    let check = |code: &&str| CephCheck { code: (*code).to_owned(), ..CephCheck::default() };
    let facet = CephFacet {
        nodes: nodes.iter().map(ToString::to_string).collect(),
        checks: checks.iter().map(check).collect(),
        ..CephFacet::default()
    };
    Record { facets: vec![Arc::new(Facet::Ceph(Box::new(facet)))], ..record(ResourceKind::Ceph, "ceph") }
}
