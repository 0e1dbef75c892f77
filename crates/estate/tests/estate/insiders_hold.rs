//! Who is inside whom is found step by step among those who have to do with each other; a restart finds all of it at
//! once. Both must come to the same.

use muster_estate::{Conflict, ConflictKind, Relationship, Snapshot, Wish};
use muster_model::{Record, ResourceId, ResourceKind};
use proptest::prelude::*;

use crate::{
    restart::restart,
    world::{With, World, guest, host, report},
};

/// What may happen. Names and addresses are few, so that they are often shared.
#[derive(Debug, Clone)]
enum Step {
    Agent { agent: u8, machine: u8, name: u8, card: u8 },
    Platform(Vec<(u8, u8, u8)>),
    Leaves(u8),
    Rule { pick: usize, guest: usize, inside: bool },
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn step_by_step_comes_to_the_same_as_at_once(steps in prop::collection::vec(step(), 1..25)) {
        // R-13, D-3
        let mut world = World::new();
        for step in steps {
            take(&mut world, step);
            let start = world.snapshot().revision().0 + 1;
            let mut restarted = restart(&world, start);
            let (here, there) = (world.snapshot(), restarted.snapshot());
            prop_assert_eq!(related(&here), related(&there));
            prop_assert_eq!(open(&here), open(&there));
        }
    }
}

#[test]
fn a_name_that_thousands_share_costs_each_of_them_one_step() {
    // hosts and guests of one image, before anybody gave them names.
    let mut world = World::new();
    crowd(&mut world, 3000, 3000);
    assert!(related(&world.snapshot()).is_empty() && open(&world.snapshot()).is_empty());
    let renamed = (0..3000).map(|place| host("other").keyed(&format!("host/{place}")));
    world.apply(&report("agent:many", renamed));
    assert!(related(&world.snapshot()).is_empty());
    world.apply(&report("agent:many", [host("localbox").keyed("host/0")]));
    assert!(related(&world.snapshot()).is_empty(), "one host, and guests without end");
}

#[test]
fn a_name_of_more_hosts_than_anybody_could_choose_among_proposes_nothing() {
    // R-13, D-7
    let mut world = World::new();
    crowd(&mut world, 16, 2);
    assert_eq!(open(&world.snapshot()).len(), 32);
    crowd(&mut world, 17, 2);
    assert!(open(&world.snapshot()).is_empty());
    crowd(&mut world, 17, 1);
    assert!(open(&world.snapshot()).is_empty() && related(&world.snapshot()).is_empty());
    crowd(&mut world, 2, 17);
    assert!(open(&world.snapshot()).is_empty());
    crowd(&mut world, 1, 1);
    assert_eq!(related(&world.snapshot()).len(), 2, "told at both ends");
}

fn step() -> impl Strategy<Value = Step> {
    let guest = (0..4_u8, 0..3_u8, 0..4_u8);
    let agent = (0..4_u8, 0..3_u8, 0..3_u8, 0..4_u8);
    prop_oneof![
        4 => agent.prop_map(|(agent, machine, name, card)| Step::Agent { agent, machine, name, card }),
        4 => prop::collection::vec(guest, 0..5).prop_map(Step::Platform),
        1 => (0..4_u8).prop_map(Step::Leaves),
        1 => (any::<usize>(), any::<usize>(), any::<bool>())
            .prop_map(|(pick, guest, inside)| Step::Rule { pick, guest, inside }),
    ]
}

fn take(world: &mut World, step: Step) {
    match step {
        Step::Agent { agent, machine, name, card } => {
            let host = host(&format!("n{name}")).machine(&format!("m{machine}"));
            world.apply(&report(&format!("agent:{agent}"), [carded(host, card)]));
        }
        Step::Platform(guests) => {
            let mut records: Vec<Record> = Vec::new();
            for (vmid, name, card) in guests {
                let key = format!("qemu/{vmid}");
                if records.iter().all(|record| record.key.to_string() != key) {
                    let guest = guest().keyed(&key).platform(&format!("lab/{key}")).named(&format!("n{name}"));
                    records.push(carded(guest, card));
                }
            }
            world.apply(&report("proxmox:p", records));
        }
        Step::Leaves(agent) => {
            world.dismiss(&format!("agent:{agent}"));
        }
        Step::Rule { pick, guest, inside } => rule(world, pick, guest, inside),
    }
}

fn rule(world: &mut World, pick: usize, guest: usize, inside: bool) {
    let snapshot = world.snapshot();
    let of =
        |kind| -> Vec<ResourceId> { snapshot.rows().iter().filter(|row| row.kind == kind).map(|row| row.id).collect() };
    let (hosts, guests) = (of(ResourceKind::Agent), of(ResourceKind::Vm));
    if hosts.is_empty() || guests.is_empty() {
        return;
    }
    let (host, guest) = (hosts[pick % hosts.len()], guests[guest % guests.len()]);
    let wish = if inside { Wish::PlaceInside { host, guest } } else { Wish::SetApart { first: host, second: guest } };
    // What a standing ruling forbids is refused, and changes nothing.
    let _ = world.rule(wish);
}

/// The last card is none.
fn carded(record: Record, card: u8) -> Record {
    if card < 3 { record.mac(&format!("bc:24:11:00:00:0{card}")) } else { record }
}

fn related(snapshot: &Snapshot) -> Vec<(ResourceId, ResourceId)> {
    let each = snapshot.rows().iter().flat_map(|row| snapshot.relationships(row.id));
    let mut ends: Vec<_> = each.map(|Relationship { source_id, target_id, .. }| (source_id, target_id)).collect();
    ends.sort_unstable();
    ends
}

fn open(snapshot: &Snapshot) -> Vec<Conflict> {
    let inside = |conflict: &&Conflict| conflict.kind == ConflictKind::Inside;
    snapshot.conflicts().iter().filter(inside).cloned().collect()
}

/// So many hosts and guests of one name.
fn crowd(world: &mut World, hosts: usize, guests: usize) {
    let hosts = (0..hosts).map(|place| host("localbox").keyed(&format!("host/{place}")));
    let guests = (0..guests).map(|place| format!("qemu/{place}"));
    let guests = guests.map(|key| guest().keyed(&key).platform(&format!("lab/{key}")).named("localbox"));
    world.apply(&report("agent:many", hosts));
    world.apply(&report("proxmox:p", guests));
}
