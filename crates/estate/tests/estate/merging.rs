//! Names, status, parents, facets: what several sources make of one row.

use muster_model::{HostFacet, OperatingSystem, RelationshipType, ResourceKind, Status};

use crate::world::{With, World, host, record, report};

#[test]
fn the_strongest_source_names_and_others_fill_the_blanks() {
    //
    let mut world = World::new();
    let shared = host("nas").machine("m").dmi("d");
    let facet = |hostname: &str| HostFacet { hostname: hostname.into(), ..HostFacet::default() };
    let mut node = shared.clone().keyed("node/nas").named("pve-nas").host_facet(facet("pve"));
    node.identity.cluster_name = Some("lab".into());
    node.tags = ["prod".into()].into();
    let mut agent = shared.clone().named("nas.lan").host_facet(facet("nas"));
    agent.tags = ["linux".into()].into();
    world.apply(&report("proxmox:p", [node]));
    assert_eq!(world.row("proxmox:p", "node/nas").name, "pve-nas");
    world.apply(&report("agent:a", [agent]));
    let row = world.row("agent:a", "host");
    assert_eq!(row.name, "nas.lan");
    assert_eq!(row.identity.cluster_name.as_deref(), Some("lab"));
    assert_eq!(row.tags.iter().collect::<Vec<_>>(), ["linux", "prod"]);
    assert_eq!(row.host().map(|host| host.hostname.as_str()), Some("nas"));
    assert_eq!(row.facets.len(), 2, "each source's facets stay its own");
    world.apply(&report("agent:a", [shared.named(" ")]));
    assert_eq!(world.row("agent:a", "host").name, "pve-nas", "an empty name is no name");
}

#[test]
fn a_reporting_sources_facet_is_replaced_whole() {
    //
    let mut world = World::new();
    let with = |os: OperatingSystem| host("nas").host_facet(HostFacet { os, ..HostFacet::default() });
    let full = OperatingSystem { id: Some("debian".into()), version: Some("12".into()), ..OperatingSystem::default() };
    world.apply(&report("agent:a", [with(full)]));
    let less = OperatingSystem { id: Some("debian".into()), ..OperatingSystem::default() };
    world.apply(&report("agent:a", [with(less.clone())]));
    assert_eq!(world.row("agent:a", "host").host().map(|host| &host.os), Some(&less));
}

#[test]
fn status_comes_from_the_strongest_current_source_that_has_one() {
    //
    let mut world = World::new();
    let shared = host("nas").machine("m").dmi("d");
    world.apply(&report("agent:a", [shared.clone().status(Status::Unknown)]));
    world.apply(&report("proxmox:p", [shared.clone().keyed("node").status(Status::Offline)]));
    assert_eq!(world.row("agent:a", "host").status, Status::Offline);
    world.apply(&report("agent:a", [shared.clone()]));
    assert_eq!(world.row("agent:a", "host").status, Status::Online);
    world.pass(61);
    world.apply(&report("proxmox:p", [shared.keyed("node").status(Status::Offline)]));
    world.judge();
    assert_eq!(world.row("agent:a", "host").status, Status::Offline, "a silent agent does not outvote a current node");
}

#[test]
fn derived_names() {
    //
    let mut world = World::new();
    let mut nas = host("nas.lan").named("").host_facet(HostFacet { hostname: "nas".into(), ..HostFacet::default() });
    nas.identity.hostnames.insert("nas".into());
    world.apply(&report("agent:a", [nas.machine("m").dmi("d"), record(ResourceKind::Storage, "fs").named(" ")]));
    let row = world.row("agent:a", "host");
    assert_eq!((row.display_name.as_str(), row.hostname.as_deref()), ("nas.lan", Some("nas.lan")));
    assert_eq!((row.platform_id.as_str(), row.primary_id.to_string()), ("nas", format!("agent:{}", row.id)));
    let fs = world.row("agent:a", "fs");
    assert_eq!((fs.display_name.to_string(), fs.platform_id.to_string()), (fs.id.to_string(), fs.id.to_string()));
    world.apply(&report("proxmox:p", [host("nas").machine("m").dmi("d").keyed("lab-nas").named("nas")]));
    let row = world.row("agent:a", "host");
    assert_eq!((row.platform_id.as_str(), row.primary_id.as_str()), ("nas", "node:proxmox:p/lab-nas"));
    world.apply(&report("proxmox:p", [host("nas").keyed("lab-nas").named("nas").platform("lab/node/nas")]));
    assert_eq!(world.row("agent:a", "host").primary_id, "node:lab/node/nas", "whichever connection asks");
}

#[test]
fn parents_are_found_whatever_comes_first() {
    //
    let mut world = World::new();
    let fs = record(ResourceKind::Storage, "fs:/").below("host");
    world.apply(&report("agent:a", [fs.clone()]));
    assert_eq!(world.row("agent:a", "fs:/").parent, None);
    world.apply(&report("agent:a", [fs.clone(), host("nas")]));
    let nas = world.row("agent:a", "host");
    assert_eq!((world.row("agent:a", "fs:/").parent, nas.child_count), (Some(nas.id), 1));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.children(nas.id), [world.id("agent:a", "fs:/")]);
    world.apply(&report("agent:a", [host("nas")]));
    assert_eq!(world.row("agent:a", "host").child_count, 0);
    world.apply(&report("agent:a", [host("nas").below("host")]));
    assert_eq!(world.row("agent:a", "host").parent, None, "nothing belongs to itself");
}

#[test]
fn relationships_follow_from_parents_and_keep_their_ids() {
    // R-16, D-27
    let mut world = World::new();
    let records = [
        host("nas"),
        record(ResourceKind::Vm, "vm").below("host"),
        record(ResourceKind::Storage, "fs").below("host"),
        record(ResourceKind::NetworkEndpoint, "net").below("host"),
    ];
    world.apply(&report("agent:a", records.clone()));
    let ids = ["vm", "fs", "net"].map(|key| world.id("agent:a", key));
    let first = world.snapshot();
    let types = ids.map(|id| first.relationships(id)[0].relationship_type);
    assert_eq!(types, [RelationshipType::RunsOn, RelationshipType::MountedTo, RelationshipType::OwnedBy]);
    let relation = &first.relationships(ids[0])[0];
    assert!(relation.id.starts_with("relationship_") && relation.id.len() == "relationship_".len() + 32);
    world.apply(&report("agent:a", records.map(|record| record.named("renamed"))));
    assert_eq!(world.snapshot().relationships(ids[0]), first.relationships(ids[0]));
    assert!(first.relationships(world.id("agent:a", "host")).is_empty());
}

#[test]
fn history_is_addressed_by_the_resource() {
    // R-24 with D-11
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    let row = world.row("agent:a", "host");
    assert_eq!(row.metrics_target(), (ResourceKind::Agent, row.id));
}
