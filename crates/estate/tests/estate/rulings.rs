//! A person's word on who is who: joins, exclusions, and which host is inside which guest.

use muster_estate::{ConflictKind, Refusal, Relationship, RelationshipBasis, Wish};
use muster_model::{
    ChangeKind, ChangeOrigin, EvidenceKind, Record, ResourceChange, ResourceId, ResourceKind, RulingId, SourceKind,
    Verdict,
};
use uuid::Uuid;

use crate::{
    properties::{compact, restored},
    world::{With, World, disk, guest, host, record, report},
};

#[test]
fn what_a_person_joined_is_one_whatever_speaks_against_it() {
    // a manual link always merges; D-5: the older id stays, the other one leads to it.
    let mut world = two_hosts();
    let (older, younger) = ids(&mut world);
    let ruled = world.rule(Wish::Join { first: younger, second: older }).unwrap();
    assert_eq!(ruled.ruling.verdict, Verdict::Same { survivor: older, absorbed: younger });
    assert_eq!(ruled.against, [EvidenceKind::DmiUuid]);
    assert_one(&mut world, older, younger);
    let row = world.row("agent:b", "host");
    let operator: Vec<_> = row.sources.iter().flat_map(|part| &part.evidence).map(|it| it.kind).collect();
    assert_eq!(operator, [EvidenceKind::Operator]);

    world.apply(&report("agent:b", [host("b").machine("m9").dmi("d9")]));
    assert_one(&mut world, older, younger);
    world.apply(&report("agent:b", []));
    world.apply(&report("agent:b", [host("b").machine("m2").dmi("d2")]));
    assert_one(&mut world, older, younger);
    world.dismiss("agent:a");
    world.apply(&report("agent:a", [host("a").machine("m1").dmi("d1")]));
    assert_one(&mut world, older, younger);
    for log in [world.log.clone(), compact(&world.log)] {
        let mut again = restored(&world, log);
        again.apply(&report("agent:b", [host("b").machine("m3").dmi("d3")]));
        assert_one(&mut again, older, younger);
    }
}

#[test]
fn a_new_connection_to_either_half_finds_the_joined_whole() {
    // the hardware of the half that nobody reports at present still leads there.
    let mut world = two_hosts();
    let (older, younger) = ids(&mut world);
    world.rule(Wish::Join { first: older, second: younger }).unwrap();
    world.dismiss("agent:b");
    world.apply(&report("agent:new", [host("b").machine("m2").dmi("d2")]));
    assert_eq!(world.id("agent:new", "host"), older);
}

#[test]
fn what_a_person_set_apart_stays_apart_and_is_not_asked_again() {
    // a manual exclusion always wins; D-7
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m")]));
    world.apply(&report("agent:b", [host("b").machine("m")]));
    let (one, other) = ids(&mut world);
    assert_eq!(world.snapshot().conflicts().len(), 1);
    let ruled = world.rule(Wish::SetApart { first: other, second: one }).unwrap();
    assert!(world.snapshot().conflicts().is_empty());
    for source in ["agent:a", "agent:b"] {
        world.apply(&report(source, [host("x").machine("m").dmi("d").enrolled("k")]));
    }
    assert_eq!(world.rows().len(), 2);
    let mut again = restored(&world, compact(&world.log));
    again.apply(&report("agent:a", [host("y").machine("m").dmi("d").enrolled("k")]));
    assert_eq!(again.rows().len(), 2);

    world.rule(Wish::Withdraw { ruling: ruled.ruling.id }).unwrap();
    assert_eq!(world.rows().len(), 1, "what it kept from happening happens at once");
}

#[test]
fn an_exclusion_holds_for_what_the_two_have_become() {
    // D-5: it is looked up through the aliases.
    let mut world = two_hosts();
    let (a, b) = ids(&mut world);
    world.apply(&report("agent:c", [host("c").machine("m3").dmi("d3")]));
    let c = world.id("agent:c", "host");
    let apart = world.rule(Wish::SetApart { first: b, second: c }).unwrap().ruling.id;
    world.rule(Wish::Join { first: a, second: b }).unwrap();
    assert_eq!(world.rule(Wish::Join { first: a, second: c }).unwrap_err(), Refusal::Standing { ruling: apart });
}

#[test]
fn of_two_nodes_that_an_agent_could_be_on_the_one_that_is_not_ruled_out_is_left() {
    // a person decides where the rule must not guess.
    let mut world = World::new();
    for connection in ["proxmox:one", "proxmox:two"] {
        world.apply(&report(connection, [host("px1").keyed("node")]));
    }
    world.apply(&report("agent:a", [host("px1")]));
    let wrong = world.id("proxmox:one", "node");
    let agent = world.id("agent:a", "host");
    assert_eq!(world.rows().len(), 3);
    world.rule(Wish::SetApart { first: agent, second: wrong }).unwrap();
    let row = world.row("agent:a", "host");
    assert!(row.is_reported_by(SourceKind::Proxmox));
    assert_ne!(row.id, wrong);
}

#[test]
fn which_host_is_inside_which_guest_is_asked_and_answered() {
    // two guests that an agent could be in are none; a person's word makes the relation.
    let mut world = World::new();
    let web = |key: &str| guest().keyed(key).platform(key).named("web");
    world.apply(&report("proxmox:p", [web("qemu/1"), web("qemu/2")]));
    world.apply(&report("agent:a", [host("web")]));
    let (inside, one) = (world.id("agent:a", "host"), world.id("proxmox:p", "qemu/1"));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.conflicts().len(), 2);
    for conflict in snapshot.conflicts() {
        assert_eq!((conflict.kind, conflict.first), (ConflictKind::Inside, inside));
        assert_eq!(conflict.evidence[0].kind, EvidenceKind::Hostname);
    }
    let ruled = world.rule(Wish::PlaceInside { host: inside, guest: one }).unwrap();
    let check = |world: &mut World| {
        let snapshot = world.snapshot();
        assert!(snapshot.conflicts().is_empty());
        let [relation] = &snapshot.relationships(inside)[..] else { panic!("one relation") };
        assert_eq!((relation.target_id, relation.confidence), (one, 1.0));
        assert_eq!(operator(relation), Some(EvidenceKind::Operator));
    };
    check(&mut world);
    let log = compact(&world.log);
    let mut again = restored(&world, log);
    check(&mut again);

    world.rule(Wish::Withdraw { ruling: ruled.ruling.id }).unwrap();
    assert_eq!(world.snapshot().conflicts().len(), 2);
    world.rule(Wish::SetApart { first: inside, second: one }).unwrap();
    let snapshot = world.snapshot();
    let [relation] = &snapshot.relationships(inside)[..] else { panic!("the other guest is left") };
    assert_ne!(relation.target_id, one);
}

#[test]
fn a_ruling_is_told_on_both_timelines_with_who_and_why() {
    let mut world = two_hosts();
    let (older, younger) = ids(&mut world);
    let ruled = world.rule(Wish::Join { first: older, second: younger }).unwrap();
    let line = |id: ResourceId| ruled.applied.changes.iter().find(|change| change.resource_id == id).unwrap();
    for (id, other) in [(older, younger), (younger, older)] {
        let ResourceChange { origin, actor, reason, related_resources, .. } = line(id);
        assert_eq!((*origin, actor.as_deref()), (ChangeOrigin::UserAction, Some("user:anna")));
        assert!(reason.as_ref().unwrap().ends_with(": seen in the rack"), "{reason:?}");
        assert_eq!(related_resources, &[other]);
    }
    assert_eq!(line(younger).to.as_deref(), Some("absent"));
    world.apply(&report("agent:c", [host("c")]));
    let third = world.id("agent:c", "host");
    let ruled = world.rule(Wish::SetApart { first: third, second: older }).unwrap();
    let kinds: Vec<_> = ruled.applied.changes.iter().map(|change| (change.resource_id, change.kind)).collect();
    assert_eq!(kinds, [(third, ChangeKind::RelationshipChange), (older, ChangeKind::RelationshipChange)]);
}

#[test]
fn saying_it_again_changes_nothing() {
    let mut world = two_hosts();
    let (first, second) = ids(&mut world);
    let again = |world: &mut World, wish: Wish| {
        let made = world.rule(wish.clone()).unwrap();
        assert!(made.is_new);
        let told = world.rule(wish).unwrap();
        assert_eq!((told.is_new, &told.ruling), (false, &made.ruling));
        assert!(told.applied.entries.is_empty() && told.applied.changes.is_empty());
        made.ruling.id
    };
    let ruling = again(&mut world, Wish::SetApart { first, second });
    world.rule(Wish::Withdraw { ruling }).unwrap();
    again(&mut world, Wish::Join { first, second });
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    //
    let mut world = two_hosts();
    let (a, b) = ids(&mut world);
    world.apply(&report("proxmox:p", [host("px").keyed("node"), guest().below("node")]));
    world.apply(&report(
        "docker:d",
        [record(ResourceKind::AppContainer, "c1"), record(ResourceKind::AppContainer, "c2")],
    ));
    let (node, vm) = (world.id("proxmox:p", "node"), world.id("proxmox:p", "qemu/100"));
    let containers = [world.id("docker:d", "c1"), world.id("docker:d", "c2")];
    let nobody = ResourceId::mint(ResourceKind::Agent, "nobody");
    let apart = world.rule(Wish::SetApart { first: a, second: b }).unwrap().ruling.id;
    let before = world.estate.revision();
    let check = |world: &mut World, wish: Wish, expected: Refusal| {
        assert_eq!(world.rule(wish).unwrap_err(), expected);
        assert_eq!(world.estate.revision(), before);
    };
    check(&mut world, Wish::Join { first: a, second: nobody }, Refusal::UnknownResource { id: nobody });
    check(&mut world, Wish::Join { first: a, second: a }, Refusal::AlreadyOne { first: a, second: a });
    check(&mut world, Wish::Join { first: a, second: b }, Refusal::Standing { ruling: apart });
    let kinds = Refusal::DifferentKinds { first: ResourceKind::Agent, second: ResourceKind::Vm };
    check(&mut world, Wish::Join { first: a, second: vm }, kinds);
    let kind = Refusal::KindNotJoined { kind: ResourceKind::AppContainer };
    check(&mut world, Wish::Join { first: containers[0], second: containers[1] }, kind);
    check(&mut world, Wish::PlaceInside { host: vm, guest: a }, Refusal::NotHostAndGuest);
    check(&mut world, Wish::PlaceInside { host: node, guest: vm }, Refusal::Ancestor { above: node, below: vm });
    let unknown = RulingId(Uuid::from_u128(99));
    check(&mut world, Wish::Withdraw { ruling: unknown }, Refusal::UnknownRuling { ruling: unknown });
}

#[test]
fn one_source_may_list_both_halves_if_a_person_says_so() {
    // It is their word; the estate only tells. Of what the source measures, one record speaks.
    let mut world = World::new();
    let disks = || [host("nas"), disk("sda", "s1", "host"), disk("sdb", "s2", "host")];
    let mut both = report("agent:a", disks());
    both.samples = vec![
        crate::world::sample(1, muster_model::Metric::Temperature, 30.0),
        crate::world::sample(2, muster_model::Metric::Temperature, 40.0),
    ];
    world.apply(&both);
    let (first, second) = (world.id("agent:a", "sda"), world.id("agent:a", "sdb"));
    let ruled = world.rule(Wish::Join { first, second }).unwrap();
    assert_eq!(ruled.against, [EvidenceKind::Serial, EvidenceKind::SameSource]);
    let applied = world.apply(&both);
    assert_eq!(applied.samples.len(), 1, "{:?}", applied.samples);
}

#[test]
fn a_guest_made_anew_under_a_number_leaves_even_what_a_person_joined() {
    // D-6
    let mut world = World::new();
    let vm =
        |key: &str, uuid: &str, created: i64| -> Record { guest().keyed(key).platform(key).dmi(uuid).created(created) };
    world.apply(&report("proxmox:p", [vm("qemu/1", "u1", 1), vm("qemu/2", "u2", 2)]));
    let (first, second) = (world.id("proxmox:p", "qemu/1"), world.id("proxmox:p", "qemu/2"));
    world.rule(Wish::Join { first, second }).unwrap();
    assert_eq!(world.rows().len(), 1);
    world.apply(&report("proxmox:p", [vm("qemu/1", "u1", 1), vm("qemu/2", "u3", 3)]));
    assert_eq!(world.rows().len(), 2);
    assert_ne!(world.id("proxmox:p", "qemu/2"), world.id("proxmox:p", "qemu/1"));
}

#[test]
fn a_join_is_known_again_by_former_ids_and_by_later_ones() {
    // R-12, D-5: what was decided may be asked for by any name that the two ever had.
    let mut world = two_hosts();
    let (a, b) = ids(&mut world);
    let first = world.rule(Wish::Join { first: a, second: b }).unwrap().ruling.id;
    world.pass(10);
    world.apply(&report("agent:c", [host("c").machine("m3").dmi("d3")]));
    let c = world.id("agent:c", "host");
    let second = world.rule(Wish::Join { first: b, second: c }).unwrap().ruling.id;
    for (pair, ruling) in [([b, c], second), ([c, a], second), ([b, a], first)] {
        let again = world.rule(Wish::Join { first: pair[0], second: pair[1] }).unwrap();
        assert_eq!((again.is_new, again.ruling.id), (false, ruling), "{pair:?}");
    }
    let refused = world.rule(Wish::Join { first: b, second: b }).unwrap_err();
    assert_eq!(refused, Refusal::AlreadyOne { first: b, second: b });
}

#[test]
fn what_was_said_of_two_hosts_inside_two_guests_holds_for_one_only_if_it_is_one_pair() {
    // a host is inside one guest at most.
    let mut world = two_hosts();
    let (a, b) = ids(&mut world);
    let vm = |key: &str| guest().keyed(key).platform(key).named(key);
    world.apply(&report("proxmox:p", [vm("qemu/1"), vm("qemu/2")]));
    world.apply(&report("proxmox:q", [vm("qemu/2")]));
    let (one, two) = (world.id("proxmox:p", "qemu/1"), world.id("proxmox:p", "qemu/2"));
    world.rule(Wish::PlaceInside { host: a, guest: one }).unwrap();
    world.rule(Wish::PlaceInside { host: b, guest: two }).unwrap();
    let related = |world: &mut World| -> Vec<usize> {
        let snapshot = world.snapshot();
        [a, one, two].map(|id| snapshot.relationships(id).len()).to_vec()
    };
    assert_eq!(related(&mut world), [1, 1, 1]);
    world.rule(Wish::Join { first: a, second: b }).unwrap();
    assert_eq!(related(&mut world), [0, 0, 0], "nobody can say which");
    world.rule(Wish::Join { first: one, second: two }).unwrap();
    let joined = world.id("proxmox:p", "qemu/1");
    assert_eq!(world.snapshot().relationships(joined).len(), 1, "it is one pair, said twice");
}

fn two_hosts() -> World {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m1").dmi("d1")]));
    world.pass(10);
    world.apply(&report("agent:b", [host("b").machine("m2").dmi("d2")]));
    world
}

fn ids(world: &mut World) -> (ResourceId, ResourceId) {
    (world.id("agent:a", "host"), world.id("agent:b", "host"))
}

fn assert_one(world: &mut World, survivor: ResourceId, absorbed: ResourceId) {
    assert_eq!(ids(world), (survivor, survivor));
    let snapshot = world.snapshot();
    assert_eq!((snapshot.len(), snapshot.canonical(absorbed)), (1, survivor));
}

fn operator(relation: &Relationship) -> Option<EvidenceKind> {
    match &relation.basis {
        RelationshipBasis::Evidence(evidence) => Some(evidence.kind),
        RelationshipBasis::Parent => None,
    }
}
