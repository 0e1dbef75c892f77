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
