//! Connected infrastructure: rows of systems and of machines that people ignore.

use muster_estate::{InfrastructureRow, connected_infrastructure, controlled};
use muster_model::{ChangeOrigin, HostFacet, IgnorableKind, IgnoredMachine, Record, ResourceKind, SourceKind, Status};

use crate::world::{With, World, at, host, record, report, source};

#[test]
fn a_host_with_agent_engine_and_backup_server_is_one_row() {
    //
    let mut world = World::new();
    let agent = HostFacet { hostname: "vault.lan".into(), agent_version: Some("1.2.0".into()), ..HostFacet::default() };
    world.apply(&report("pbs:b", [pbs("vault.lan")]));
    world.apply(&report("docker:d", [docker_host("vault.lan"), container("web")]));
    world.apply(&report("agent:a", [host("vault.lan").machine("m").dmi("d").host_facet(agent)]));
    assert_eq!(rows(&mut world, &[]), "machine:m vault.lan online 1.2.0 agent=a docker=dock pbs=pbs-main\n");
}

#[test]
fn a_node_and_its_agent_are_linked() {
    //
    let mut world = World::new();
    let node = host("pve1").keyed("node/pve1").machine("m").dmi("d");
    world.apply(&report("proxmox:p", [node.clone(), host("pve2").keyed("node/pve2"), guest()]));
    world.apply(&report("agent:a", [node.keyed("host").named("pve1.lan")]));
    let id = world.id("agent:a", "host");
    let shown = rows(&mut world, &[]);
    let expected = [
        format!("machine:m pve1.lan online - agent=a proxmox=node/pve1 linked={id}"),
        "primary:node:proxmox:p/node/pve2 pve2 online - proxmox=node/pve2".to_owned(),
    ];
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn ignoring_strips_only_what_is_ignored() {
    // R-175, as the test of the rule says
    let mut world = World::new();
    world.apply(&report("pbs:b", [pbs("vault.lan")]));
    world.apply(&report("agent:a", [host("vault.lan").named("Vault")]));
    let machine = ignored(&mut world, IgnorableKind::Agent, "a");
    let before = rows(&mut world, std::slice::from_ref(&machine));
    assert_eq!(before.lines().last(), Some("ignored:agent:a Vault"));
    assert!(before.starts_with("agent:a:host ") && before.contains(" pbs=pbs-main\n"), "{before}");
    assert!(!before.contains("agent=a"), "stripped though it has not left yet: {before}");
    world.estate.ignore(&machine, world.now);
    let backup = world.id("pbs:b", "pbs-main");
    let left = format!("primary:pbs:{backup} Backup online - pbs=pbs-main\nignored:agent:a Vault\n");
    assert_eq!(rows(&mut world, &[machine]), left);
}

#[test]
fn a_row_with_nothing_left_is_hidden() {
    // R-175 as amended: what is ignored alone tells of it.
    let mut world = World::new();
    world.apply(&report("kubernetes:prod", [record(ResourceKind::K8sCluster, "prod-1")]));
    world.apply(&report("docker:d", [docker_host("dock.lan")]));
    for (kind, control_id) in [(IgnorableKind::Kubernetes, "prod"), (IgnorableKind::Docker, "d")] {
        let machine = ignored(&mut world, kind, control_id);
        let shown = rows(&mut world, std::slice::from_ref(&machine));
        assert_eq!(shown.lines().count(), 2, "{shown}");
        assert!(shown.ends_with(&format!("ignored:{kind}:{control_id} {}\n", machine.name)), "{shown}");
    }
}

#[test]
fn every_system_has_its_row_and_nothing_else() {
    //
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world.apply(&report(&format!("agent:{name}"), [host(name).named("Tower"), record(ResourceKind::Storage, "/")]));
    }
    world.apply(&report("pbs:b", [pbs("b")]));
    world.apply(&report("proxmox:p", [host("pve1").keyed("node/pve1"), guest()]));
    world.apply(&report("vmware:v", [host("esx1").keyed("host-1")]));
    world.apply(&report("kubernetes:k", [record(ResourceKind::K8sCluster, "k")]));
    let snapshot = world.snapshot();
    let shown = connected_infrastructure(&snapshot, &[]);
    let mut ids: Vec<_> = shown
        .iter()
        .map(|row| match row {
            InfrastructureRow::Active(active) => active.system.id.clone(),
            InfrastructureRow::Ignored(machine) => panic!("{machine:?} is not ignored"),
        })
        .collect();
    let mut systems: Vec<_> = snapshot.systems().iter().map(|system| system.id.clone()).collect();
    ids.sort_unstable();
    systems.sort_unstable();
    assert_eq!((ids, shown.len()), (systems, 6));
}

#[test]
fn what_a_platform_reports_is_not_ignored_by_itself() {
    //
    let mut world = World::new();
    world.apply(&report("proxmox:p", [host("pve1").keyed("node/pve1")]));
    let snapshot = world.snapshot();
    let [system] = snapshot.systems() else { panic!("one system") };
    assert_eq!(system.surfaces[0].control(), None);
    assert!(IgnorableKind::ALL.iter().all(|kind| controlled(&snapshot, *kind, "p").is_none()));
}

#[test]
fn a_machine_that_leaves_has_a_line_that_says_who_wanted_it_so() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("vault.lan")]));
    let machine = ignored(&mut world, IgnorableKind::Agent, "a");
    let applied = world.estate.ignore(&machine, world.now);
    let [line] = &applied.changes[..] else { panic!("one line, not {:?}", applied.changes) };
    assert_eq!((line.resource_id, line.to.as_deref()), (machine.resource, Some("absent")));
    assert_eq!((line.origin, line.actor.as_deref()), (ChangeOrigin::UserAction, Some("user:anna")));
    assert!(line.reason.as_deref().unwrap_or_default().contains("agent:a is ignored"), "{line:?}");
    assert!(world.snapshot().is_empty());
    assert!(world.estate.ignore(&machine, world.now).changes.is_empty(), "once");
}

#[test]
fn a_machine_that_others_report_stays_and_has_its_line_all_the_same() {
    //
    let mut world = World::new();
    let node = host("pve1").machine("m").dmi("d");
    world.apply(&report("proxmox:p", [node.clone().keyed("node/pve1")]));
    world.apply(&report("agent:a", [node]));
    let machine = ignored(&mut world, IgnorableKind::Agent, "a");
    let applied = world.estate.ignore(&machine, world.now);
    let told: Vec<_> = applied.changes.iter().filter(|line| line.resource_id == machine.resource).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].actor.as_deref(), told[0].to.as_deref()), (Some("user:anna"), None));
    assert_eq!(world.snapshot().rows().len(), 1);

    let back = world.estate.hear_again(&machine, "user:bob", at(60));
    assert_eq!((back.resource_id, back.actor.as_deref()), (machine.resource, Some("user:bob")));
    assert_ne!(back.id, told[0].id);
    let again = world.estate.hear_again(&machine, "user:bob", at(61));
    assert_ne!(back.id, again.id, "another time, another line");
}

/// What would be stored to ignore a connection that is there.
fn ignored(world: &mut World, kind: IgnorableKind, control_id: &str) -> IgnoredMachine {
    let snapshot = world.snapshot();
    let (_, surface) = controlled(&snapshot, kind, control_id).expect("it is connected");
    assert_eq!(surface.source, source(&format!("{kind}:{control_id}")));
    IgnoredMachine {
        kind,
        control_id: control_id.into(),
        source: surface.source.clone(),
        name: surface.label.to_string(),
        hostname: None,
        resource: surface.resource,
        ignored_at: world.now,
        ignored_by: "user:anna".into(),
    }
}

/// The rows, one a line.
fn rows(world: &mut World, ignored: &[IgnoredMachine]) -> String {
    let snapshot = world.snapshot();
    let line = |row: &InfrastructureRow<'_>| match row {
        InfrastructureRow::Active(active) => {
            let system = active.system;
            let version = system.version.as_deref().unwrap_or("-");
            let surfaces: String =
                active.surfaces.iter().map(|surface| format!(" {}={}", surface.kind, surface.id)).collect();
            let linked = active.linked_node.map(|id| format!(" linked={id}")).unwrap_or_default();
            assert_eq!(active.agent_id().is_some(), active.surfaces.iter().any(|it| it.kind == SourceKind::Agent));
            format!("{} {} {} {version}{surfaces}{linked}\n", system.id, system.name, system.status)
        }
        InfrastructureRow::Ignored(machine) => {
            format!("ignored:{}:{} {}\n", machine.kind, machine.control_id, machine.name)
        }
    };
    connected_infrastructure(&snapshot, ignored).iter().map(line).collect()
}

fn pbs(hostname: &str) -> Record {
    let mut pbs = record(ResourceKind::Pbs, "pbs-main").named("Backup").status(Status::Online);
    pbs.identity.hostnames.insert(hostname.into());
    pbs
}

/// A host as its engine sees it.
fn docker_host(name: &str) -> Record {
    host(name).keyed("dock")
}

fn container(name: &str) -> Record {
    record(ResourceKind::AppContainer, name).below("dock")
}

fn guest() -> Record {
    record(ResourceKind::Vm, "qemu/100")
}
