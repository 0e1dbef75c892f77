//! What a person takes apart (D-5, D-11): former ids come back, records go where they came from, children follow.

use muster_estate::{Leaving, Refusal, Wish};
use muster_model::{Metric, ResourceId, Verdict};

use crate::{
    properties::{compact, comparable, restored},
    world::{With, World, disk, guest, host, named, report, sample},
};

#[test]
fn the_undoing_of_a_join_gives_the_former_id_back() {
    // D-5, R-12: and the two are ruled apart from then on.
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    world.pass(100);
    let ruled = world.rule(Wish::Split { resource: a, leaving: Leaving::Former(b) }).unwrap();
    assert_eq!(ruled.ruling.verdict, Verdict::Distinct { first: a, second: b });
    let check = |world: &mut World| {
        assert_eq!((world.id("agent:a", "host"), world.id("agent:b", "host")), (a, b));
        let snapshot = world.snapshot();
        assert!(snapshot.aliases_of(a).is_empty());
        assert_eq!(snapshot.canonical(b), b);
        let standing: Vec<_> = snapshot.rulings().map(|ruling| ruling.id).collect();
        assert_eq!(standing, [ruled.ruling.id], "the word that made them one stands no more");
    };
    check(&mut world);
    let live = comparable(&world.rows());
    for log in [world.log.clone(), compact(&world.log)] {
        let mut again = restored(&world, log);
        again.apply(&report("agent:a", [host("a").machine("m1").dmi("d1")]));
        again.apply(&report("agent:b", [host("b").machine("m2").dmi("d2")]));
        check(&mut again);
        assert_eq!(comparable(&again.rows()), live);
    }
    // Even what is certain joins nothing any more.
    world.apply(&report("agent:b", [host("a").machine("m1").dmi("d1")]));
    check(&mut world);
}

#[test]
fn both_timelines_tell_from_when_to_when_they_were_one() {
    // D-11
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    let since = world.now;
    world.pass(100);
    let ruled = world.rule(Wish::Split { resource: b, leaving: Leaving::Former(b) }).unwrap();
    let span = format!("from {since} to {} the two were one", world.now);
    for id in [a, b] {
        let line = ruled.applied.changes.iter().find(|change| change.resource_id == id).unwrap();
        assert!(line.reason.as_ref().unwrap().contains(&span), "{:?}", line.reason);
        assert_eq!(line.actor.as_deref(), Some("user:anna"));
    }
}

#[test]
fn what_the_sources_measure_goes_to_the_right_one_at_once() {
    // D-11
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    let mut reported = report("agent:b", [host("b").machine("m2").dmi("d2")]);
    reported.samples = vec![sample(0, Metric::Cpu, 5.0)];
    let measured = |world: &mut World| -> Vec<ResourceId> {
        world.apply(&reported).samples.iter().map(|sample| sample.resource).collect()
    };
    assert_eq!(measured(&mut world), [a]);
    world.rule(Wish::Split { resource: a, leaving: Leaving::Former(b) }).unwrap();
    assert_eq!(measured(&mut world), [b]);
    assert_eq!(world.snapshot().reading(b, Metric::Cpu).value(), Some(&5.0));
    assert_eq!(world.snapshot().reading(a, Metric::Cpu).value(), None);
}

#[test]
fn children_follow_their_records() {
    //
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").dmi("d1"), disk("sda", "s1", "host")]));
    world.pass(10);
    world.apply(&report("agent:b", [host("b").dmi("d2"), disk("sda", "s2", "host")]));
    let (a, b) = (world.id("agent:a", "host"), world.id("agent:b", "host"));
    world.rule(Wish::Join { first: a, second: b }).unwrap();
    assert_eq!((world.row("agent:b", "sda").parent, world.row("agent:a", "host").child_count), (Some(a), 2));
    world.rule(Wish::Split { resource: a, leaving: Leaving::Former(b) }).unwrap();
    assert_eq!((world.row("agent:a", "sda").parent, world.row("agent:b", "sda").parent), (Some(a), Some(b)));
    assert_eq!((world.row("agent:a", "host").child_count, world.row("agent:b", "host").child_count), (1, 1));
}

#[test]
fn records_that_were_wrongly_taken_for_one_thing_get_an_id_of_their_own() {
    // D-5: nothing was absorbed, so a new id is minted.
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m").dmi("d")]));
    world.apply(&report("proxmox:p", [host("b").machine("m").dmi("d").keyed("node")]));
    let id = world.id("agent:a", "host");
    assert_eq!(world.id("proxmox:p", "node"), id);
    let leaving = Leaving::Records(vec![named("proxmox:p", "node")]);
    world.rule(Wish::Split { resource: id, leaving }).unwrap();
    let other = world.id("proxmox:p", "node");
    assert_ne!(other, id);
    assert_eq!(world.id("agent:a", "host"), id);
    world.apply(&report("proxmox:p", []));
    world.apply(&report("proxmox:p", [host("b").machine("m").dmi("d").keyed("node").ip("10.0.0.1")]));
    assert_eq!(world.id("proxmox:p", "node"), other, "it returns to what a person made of it");
}

#[test]
fn a_branch_is_taken_back_with_what_had_joined_it() {
    // D-5: c joined b before b joined a.
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    world.rule(Wish::Split { resource: a, leaving: Leaving::Former(b) }).unwrap();
    let apart = world.snapshot().rulings().next().unwrap().id;
    world.pass(10);
    world.apply(&report("agent:c", [host("c").machine("m3").dmi("d3")]));
    let c = world.id("agent:c", "host");
    world.rule(Wish::Join { first: b, second: c }).unwrap();
    world.rule(Wish::Withdraw { ruling: apart }).unwrap();
    world.rule(Wish::Join { first: a, second: b }).unwrap();
    assert_eq!(world.rows().len(), 1);
    world.rule(Wish::Split { resource: a, leaving: Leaving::Former(b) }).unwrap();
    assert_eq!((world.id("agent:a", "host"), world.id("agent:b", "host"), world.id("agent:c", "host")), (a, b, b));
    // And the last one alone, named by its record.
    world.rule(Wish::Split { resource: b, leaving: Leaving::Records(vec![named("agent:c", "host")]) }).unwrap();
    assert_eq!(world.id("agent:c", "host"), c);
}

#[test]
fn what_is_gone_goes_with_its_former_id() {
    // D-5: it comes back under that id when its source lists it again.
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    world.apply(&report("agent:b", []));
    world.rule(Wish::Split { resource: a, leaving: Leaving::Former(b) }).unwrap();
    assert_eq!(world.rows().len(), 1);
    let mut again = restored(&world, compact(&world.log));
    for world in [&mut world, &mut again] {
        world.apply(&report("agent:b", [host("b").machine("m2").dmi("d2")]));
        assert_eq!(world.id("agent:b", "host"), b);
    }
}

#[test]
fn a_split_that_was_made_is_told_again() {
    // whoever did not hear the answer asks twice.
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    let named_by_its_former_id = Wish::Split { resource: b, leaving: Leaving::Former(b) };
    let made = world.rule(named_by_its_former_id.clone()).unwrap();
    let by_former_id = Wish::Split { resource: a, leaving: Leaving::Former(b) };
    let by_record = Wish::Split { resource: a, leaving: Leaving::Records(vec![named("agent:b", "host")]) };
    for wish in [named_by_its_former_id, by_former_id, by_record] {
        let again = world.rule(wish).unwrap();
        assert_eq!((again.ruling, again.is_new), (made.ruling.clone(), false));
        assert!(again.applied.entries.is_empty() && again.applied.changes.is_empty());
    }
    let other_way = Wish::Split { resource: b, leaving: Leaving::Records(vec![named("agent:b", "host")]) };
    assert_eq!(world.rule(other_way).unwrap_err(), Refusal::NothingStays { resource: b });
}

#[test]
fn a_split_that_cannot_be_says_why() {
    let mut world = joined();
    let (a, b) = (world.id("agent:a", "host"), former(&mut world));
    let split = |world: &mut World, leaving| world.rule(Wish::Split { resource: a, leaving }).unwrap_err();
    assert_eq!(split(&mut world, Leaving::Former(a)), Refusal::NotFormer { resource: a, former: a });
    assert_eq!(split(&mut world, Leaving::Records(vec![])), Refusal::NoRecord);
    let stranger = named("agent:x", "host");
    let expected = Refusal::NotItsRecord { resource: a, record: stranger.clone() };
    assert_eq!(split(&mut world, Leaving::Records(vec![stranger])), expected);
    let all = vec![named("agent:a", "host"), named("agent:b", "host")];
    assert_eq!(split(&mut world, Leaving::Records(all)), Refusal::NothingStays { resource: a });
    let ruling = world.snapshot().rulings().next().unwrap().id;
    let expected = Refusal::NeedsSplit { ruling, survivor: a, absorbed: b };
    assert_eq!(world.rule(Wish::Withdraw { ruling }).unwrap_err(), expected);
}

#[test]
fn a_guest_that_two_connections_list_is_one_again_once_the_ruling_is_taken_back() {
    // nothing about it is reported anew in between.
    let mut world = World::new();
    for connection in ["proxmox:one", "proxmox:two"] {
        world.apply(&report(connection, [guest()]));
    }
    let id = world.id("proxmox:one", "qemu/100");
    assert_eq!(world.id("proxmox:two", "qemu/100"), id);
    let leaving = Leaving::Records(vec![named("proxmox:two", "qemu/100")]);
    let ruled = world.rule(Wish::Split { resource: id, leaving }).unwrap();
    assert_eq!(world.rows().len(), 2);
    world.rule(Wish::Withdraw { ruling: ruled.ruling.id }).unwrap();
    assert_eq!(world.rows().len(), 1);
}

#[test]
fn a_join_by_hand_is_taken_back_even_where_nothing_is_left_of_the_half() {
    // D-5: the number was given to another guest since, which took the record along.
    let mut world = World::new();
    let other = |made: i64| guest().keyed("qemu/101").platform("lab/qemu/101").dmi(&format!("u{made}")).created(made);
    world.apply(&report("proxmox:p", [guest()]));
    world.pass(10);
    world.apply(&report("proxmox:p", [guest(), other(0)]));
    let (one, two) = (world.id("proxmox:p", "qemu/100"), world.id("proxmox:p", "qemu/101"));
    world.rule(Wish::Join { first: one, second: two }).unwrap();
    world.apply(&report("proxmox:p", [guest(), other(500)]));
    assert_ne!(world.id("proxmox:p", "qemu/101"), one, "another guest");
    let ruled = world.rule(Wish::Split { resource: one, leaving: Leaving::Former(two) }).unwrap();
    assert_eq!(ruled.ruling.verdict, Verdict::Distinct { first: one, second: two });
    let mut again = restored(&world, compact(&world.log));
    for world in [&mut world, &mut again] {
        let snapshot = world.snapshot();
        assert_eq!((snapshot.canonical(two), snapshot.aliases_of(one)), (two, &[][..]));
        assert_eq!(snapshot.rulings().map(|ruling| ruling.id).collect::<Vec<_>>(), [ruled.ruling.id]);
    }
}

/// Two hosts that a person joined, the one of `agent:a` being the older.
fn joined() -> World {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("a").machine("m1").dmi("d1")]));
    world.pass(10);
    world.apply(&report("agent:b", [host("b").machine("m2").dmi("d2")]));
    let (first, second) = (world.id("agent:a", "host"), world.id("agent:b", "host"));
    world.rule(Wish::Join { first, second }).expect("two hosts can be one");
    world
}

fn former(world: &mut World) -> ResourceId {
    let id = world.id("agent:a", "host");
    world.snapshot().aliases_of(id)[0]
}
