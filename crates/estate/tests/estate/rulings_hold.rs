//! Rulings hold whatever sources say, in any order and through any restart (D-3, R-12).

use std::collections::{BTreeMap, BTreeSet};

use muster_estate::{Leaving, Wish};
use muster_model::{LogOp, RecordRef, Report, ResourceId, Verdict};
use proptest::prelude::*;

use crate::{
    properties::{aliases, compact, comparable, history, hostile, restored},
    world::World,
};

/// What somebody wants, by the places of things in the list of the moment.
#[derive(Debug, Clone, Copy)]
enum Whim {
    Join(usize, usize),
    SetApart(usize, usize),
    SplitFormer(usize),
    SplitRecord(usize),
    Withdraw(usize),
    Restart,
}

fn whims() -> impl Strategy<Value = Vec<Vec<Whim>>> {
    let place = || 0..6_usize;
    let whim = prop_oneof![
        3 => (place(), place()).prop_map(|(one, other)| Whim::Join(one, other)),
        3 => (place(), place()).prop_map(|(one, other)| Whim::SetApart(one, other)),
        2 => place().prop_map(Whim::SplitFormer),
        2 => place().prop_map(Whim::SplitRecord),
        1 => place().prop_map(Whim::Withdraw),
        1 => Just(Whim::Restart),
    ];
    prop::collection::vec(prop::collection::vec(whim, 0..3), 12)
}

/// Carries a whim out, where there is something to carry it out on. What is refused changes nothing.
fn indulge(world: &mut World, whim: Whim) {
    let snapshot = world.snapshot();
    let ids: Vec<ResourceId> = snapshot.rows().iter().map(|row| row.id).collect();
    let pick = |place: usize| ids.get(place % ids.len().max(1)).copied();
    let wish = match whim {
        Whim::Join(one, other) => pick(one).zip(pick(other)).map(|(first, second)| Wish::Join { first, second }),
        Whim::SetApart(one, other) => {
            pick(one).zip(pick(other)).map(|(first, second)| Wish::SetApart { first, second })
        }
        Whim::SplitFormer(place) => {
            let joined = ids.iter().find(|id| !snapshot.aliases_of(**id).is_empty());
            joined.map(|id| {
                let former = snapshot.aliases_of(*id);
                Wish::Split { resource: *id, leaving: Leaving::Former(former[place % former.len()]) }
            })
        }
        Whim::SplitRecord(place) => {
            let shared = snapshot.rows().iter().find(|row| row.sources.len() > 1);
            shared.map(|row| {
                let part = &row.sources[place % row.sources.len()];
                let record = RecordRef { source: part.source.clone(), key: part.key.clone() };
                Wish::Split { resource: row.id, leaving: Leaving::Records(vec![record]) }
            })
        }
        Whim::Withdraw(place) => {
            let rulings: Vec<_> = snapshot.rulings().collect();
            rulings.get(place % rulings.len().max(1)).map(|ruling| Wish::Withdraw { ruling: ruling.id })
        }
        Whim::Restart => {
            // What is stored is compacted: what went with that is not there for a later replay either.
            world.log = compact(&world.log);
            world.estate = restored(world, world.log.clone()).estate;
            None
        }
    };
    let before = world.estate.revision();
    if let Some(wish) = wish
        && world.rule(wish).is_err()
    {
        assert_eq!(world.estate.revision(), before, "what is refused changes nothing");
    }
}

fn check_rulings(world: &mut World) {
    let snapshot = world.snapshot();
    for ruling in snapshot.rulings() {
        let [one, other] = ruling.verdict.pair().map(|id| snapshot.canonical(id));
        match ruling.verdict {
            Verdict::Same { .. } => assert_eq!(one, other, "{ruling:?}"),
            Verdict::Distinct { .. } | Verdict::Inside { .. } => assert_ne!(one, other, "{ruling:?}"),
        }
    }
    let mut seats = BTreeSet::new();
    for row in snapshot.rows() {
        assert_eq!(snapshot.canonical(row.id), row.id, "a row stands under an id of its own");
        for part in &row.sources {
            assert!(seats.insert((part.source.clone(), part.key.clone())), "a record speaks for one resource");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn rulings_hold_and_the_log_is_the_state(
        history in prop_oneof![history(), hostile()],
        whims in whims(),
        pauses in prop::collection::vec((0..100_i64, prop::bool::weighted(0.1)), 12),
    ) {
        // D-3, R-12: excluded pairs are never one, joined ones never fall apart, and a replay gives the same.
        let mut world = World::new();
        for ((report, whims), (pause, let_go)) in history.iter().zip(&whims).zip(&pauses) {
            world.pass(*pause);
            world.apply(report);
            for whim in whims {
                indulge(&mut world, *whim);
                check_rulings(&mut world);
            }
            if *let_go {
                world.dismiss(&report.source.to_string());
            }
            check_rulings(&mut world);
        }
        let latest: BTreeMap<String, &Report> =
            history.iter().map(|report| (report.source.to_string(), report)).collect();
        for report in latest.values() {
            world.apply(report);
        }
        check_rulings(&mut world);
        let live = comparable(&world.rows());
        for log in [world.log.clone(), compact(&world.log)] {
            let mut again = restored(&world, log);
            for report in latest.values() {
                let applied = again.apply(report);
                prop_assert!(applied.changes.is_empty(), "{:?}", applied.changes);
                let only_judged = applied.entries.iter().all(|entry| matches!(entry.op, LogOp::SourceJudged { .. }));
                prop_assert!(only_judged, "{:?}", applied.entries);
            }
            prop_assert_eq!(&comparable(&again.rows()), &live);
            prop_assert_eq!(aliases(&mut again), aliases(&mut world));
            let standing = |world: &mut World| world.snapshot().rulings().cloned().collect::<Vec<_>>();
            prop_assert_eq!(standing(&mut again), standing(&mut world));
            check_rulings(&mut again);
        }
    }
}
