//! Top-level systems: what is shown as one machine or cluster, and why.

use muster_estate::{ReasonKind, System, SystemType};
use muster_model::{ResourceKind, Status};

use crate::world::{With, World, host, record, report};

fn systems(world: &mut World) -> Vec<System> {
    world.snapshot().systems().to_vec()
}

fn pbs(hostname: &str) -> muster_model::Record {
    let mut pbs = record(ResourceKind::Pbs, "pbs-main").named("Backup");
    pbs.identity.hostnames.insert(hostname.into());
    pbs
}

#[test]
fn an_agent_and_a_backup_server_on_one_host_are_one_system() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("vault.lan").named("Vault").machine("m").dmi("d")]));
    world.apply(&report("pbs:b", [pbs("vault.lan").status(Status::Warning)]));
    let [system] = &systems(&mut world)[..] else { panic!("one system") };
    assert_eq!(system.id, "machine:m");
    assert_eq!((system.name.as_str(), system.system_type), ("Vault", SystemType::Host));
    assert_eq!(system.hostname.as_deref(), Some("vault.lan"));
    assert_eq!((system.status, system.source), (Status::Warning, None));
    let reasons: Vec<_> = system.reasons.iter().map(|reason| (reason.kind, reason.signal.as_str())).collect();
    assert_eq!(reasons, [(ReasonKind::ExactHostAttachment, "vault.lan")]);
    let surfaces: Vec<_> = system.surfaces.iter().map(|s| (s.kind.as_str(), s.id.as_str(), s.label.as_str())).collect();
    assert_eq!(surfaces, [("agent", "a", "Vault"), ("pbs", "pbs-main", "Backup")]);
    assert_eq!(system.explanation, "2 resources are one system: they stand on the same host (vault.lan).");
    assert_eq!(world.snapshot().system_last_seen(system), Some(world.now));
}

#[test]
fn attachment_by_short_name_and_by_address() {
    //
    let check = |backup: muster_model::Record, expected: &[ReasonKind]| {
        let mut world = World::new();
        world.apply(&report("agent:a", [host("vault.lan").ip("10.0.0.5")]));
        world.apply(&report("pbs:b", [backup]));
        let systems = systems(&mut world);
        let kinds: Vec<_> = systems.iter().flat_map(|system| system.reasons.iter().map(|reason| reason.kind)).collect();
        assert_eq!(kinds, expected);
    };
    check(pbs("vault"), &[ReasonKind::HostnameFormAttachment]);
    check(pbs("backup").ip("10.0.0.5"), &[ReasonKind::ExactIpAttachment]);
    check(pbs("backup").ip("127.0.0.1"), &[ReasonKind::Standalone, ReasonKind::Standalone]);
}

#[test]
fn thousands_of_one_short_name_are_told_apart_and_their_one_home_takes_all_that_follow() {
    //
    let mut world = World::new();
    let backups = (0..5000).map(|number| pbs(&format!("vault.site{number}.lan")).keyed(&format!("pbs-{number}")));
    world.apply(&report("pbs:b", backups));
    assert_eq!(systems(&mut world).len(), 5000, "nothing better stands there");
    world.apply(&report("agent:a", [host("vault")]));
    let found = systems(&mut world);
    let [system] = found.as_slice() else { panic!("one system, not {}", found.len()) };
    assert_eq!(system.members.len(), 5001);
    world.apply(&report("agent:b", [host("vault.site7.lan")]));
    let sizes = |world: &mut World| {
        let mut sizes: Vec<_> = systems(world).iter().map(|system| system.members.len()).collect();
        sizes.sort_unstable();
        sizes
    };
    assert_eq!(sizes(&mut world), [2, 5000], "its own name goes before the short one");
}

#[test]
fn two_possible_homes_are_none() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("vault.a.lan")]));
    world.apply(&report("agent:b", [host("vault.b.lan")]));
    world.apply(&report("pbs:b", [pbs("vault")]));
    assert_eq!(systems(&mut world).len(), 3);
}

#[test]
fn display_names_are_never_identity() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("one").named("Tower")]));
    world.apply(&report("agent:b", [host("two").named("Tower")]));
    let before: Vec<_> = systems(&mut world).into_iter().map(|system| system.id).collect();
    assert_eq!(before.len(), 2);
    world.apply(&report("agent:b", [host("two").named("Renamed")]));
    let after: std::collections::BTreeSet<_> = systems(&mut world).into_iter().map(|system| system.id).collect();
    assert_eq!(after, before.into_iter().collect());
}

#[test]
fn nodes_that_their_clusters_call_the_same_are_two_systems() {
    //
    let mut world = World::new();
    for (source, cluster) in [("proxmox:a", "attic"), ("proxmox:b", "cellar")] {
        let node = host("pve1").keyed("node/pve1").platform(&format!("{cluster}/node/pve1"));
        world.apply(&report(source, [node]));
    }
    let systems = systems(&mut world);
    let ids: Vec<_> = systems.iter().map(|system| system.id.as_str()).collect();
    assert_eq!(ids, ["primary:node:attic/node/pve1", "primary:node:cellar/node/pve1"]);
}

#[test]
fn clones_are_two_systems() {
    // D-7 over R-19: a machine id does not unite what is known to be different hardware.
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").dmi("d1")]));
    world.apply(&report("agent:b", [host("b").machine("m").dmi("d2")]));
    assert_eq!(systems(&mut world).len(), 2);
    world.apply(&report("agent:c", [host("c").machine("n")]));
    world.apply(&report("agent:d", [host("d").machine("n")]));
    let shared: Vec<_> = systems(&mut world).into_iter().filter(|system| system.members.len() == 2).collect();
    assert_eq!(shared.len(), 1, "shown together, though not joined");
    assert_eq!(shared[0].reasons[0].kind, ReasonKind::SharedIdentity);
}

#[test]
fn clusters_never_attach_and_guests_are_no_systems() {
    //
    let mut world = World::new();
    let mut cluster = record(ResourceKind::K8sCluster, "prod");
    cluster.identity.hostnames.insert("vault.lan".into());
    world.apply(&report("kubernetes:k", [cluster]));
    world.apply(&report("agent:a", [host("vault.lan"), record(ResourceKind::Vm, "vm")]));
    let types: Vec<_> = systems(&mut world).into_iter().map(|system| system.system_type).collect();
    assert_eq!(types, [SystemType::KubernetesCluster, SystemType::Host]);
}

#[test]
fn a_silent_source_explains_the_status() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    world.pass(61);
    world.judge();
    let [system] = &systems(&mut world)[..] else { panic!("one system") };
    assert_eq!(system.status, Status::Warning);
    assert_eq!(
        system.status_reasons.iter().map(|r| (r.kind, r.subject.as_str())).collect::<Vec<_>>(),
        [("source-stale", "agent:a")]
    );
    assert_eq!(system.reasons[0].kind, ReasonKind::Standalone);
}
