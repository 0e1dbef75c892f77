//! A restart is not amnesia, and no event of a resource.

use muster_estate::{Estate, RestoreError, Stored};
use muster_model::{LogOp, Revision, SourceFreshness, SourceStamp, Status, TenantId};

use crate::world::{With, World, at, host, report, source};

pub(crate) fn restart(world: &World, start: u64) -> World {
    let stamp = |state: &muster_estate::SourceState| SourceStamp {
        source: state.id.clone(),
        last_seen: state.last_seen.expect("it reported"),
        interval: state.interval,
    };
    let stored = Stored { entries: world.log.clone(), sources: world.estate.sources().map(stamp).collect() };
    let estate =
        Estate::restore(TenantId::DEFAULT, stored, Revision(start), world.now).expect("our own log makes sense");
    World { estate, log: world.log.clone(), now: world.now, rulings: world.rulings }
}

#[test]
fn the_picture_is_there_at_once_and_marked_stale() {
    // D-3
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    let (id, before) = (world.id("agent:a", "host"), world.snapshot());
    world.pass(3600);
    let mut restarted = restart(&world, 1000);
    let snapshot = restarted.snapshot();
    let row = snapshot.get(id).unwrap();
    assert_eq!((row.status, row.reported_status), (Status::Warning, Status::Online));
    assert_eq!(row.sources[0].status, SourceFreshness::Stale);
    assert_eq!(snapshot.revision(), Revision(1000));
    assert_eq!(snapshot.last_seen(id), before.last_seen(id));
    assert_eq!(row.first_seen_at, at(0));
    assert_eq!(snapshot.source(&source("agent:a")).map(|state| state.interval.as_secs()), Some(10));
    assert_eq!(snapshot.changed_since(before.revision()), None, "clients of before get the whole state");
}

#[test]
fn the_first_report_after_it_tells_nothing_unless_something_differs() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    let mut restarted = restart(&world, 1000);
    let stale = restarted.snapshot();
    let applied = restarted.apply(&report("agent:a", [host("nas")]));
    assert!(applied.changes.is_empty(), "{:?}", applied.changes);
    assert!(matches!(applied.entries.as_slice(), [entry] if matches!(entry.op, LogOp::SourceJudged { .. })));
    assert_eq!(applied.entries[0].revision, Revision(1001));
    let delta = restarted.snapshot().changed_since(stale.revision()).unwrap();
    assert_eq!(delta.upserts.iter().map(|row| row.status).collect::<Vec<_>>(), [Status::Online]);
    let mut changed = restart(&world, 1000);
    let applied = changed.apply(&report("agent:a", [host("nas").status(Status::Offline)]));
    assert_eq!(applied.changes.len(), 1);
    assert_eq!(
        (applied.changes[0].from.as_deref(), applied.changes[0].to.as_deref()),
        (Some("online"), Some("offline"))
    );
}

#[test]
fn silence_after_a_restart_is_counted_from_the_restart() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    world.pass(3600);
    let mut restarted = restart(&world, 1000);
    assert!(restarted.judge().entries.is_empty(), "nobody listened in that hour");
    restarted.pass(61);
    let judged = restarted.judge();
    assert_eq!((judged.entries.len(), judged.changes.len()), (1, 1));
    assert_eq!(judged.changes[0].from.as_deref(), Some("online"));
}

#[test]
fn a_source_that_was_silent_before_is_back_with_its_first_report() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas")]));
    world.pass(61);
    world.judge();
    let mut restarted = restart(&world, 1000);
    let applied = restarted.apply(&report("agent:a", [host("nas")]));
    assert_eq!(applied.changes.len(), 1, "that it came back is an event");
    assert_eq!(applied.changes[0].to.as_deref(), Some("online"));
}

#[test]
fn a_second_source_still_awaited_makes_no_noise() {
    let mut world = World::new();
    let shared = host("nas").machine("m").dmi("d");
    world.apply(&report("agent:a", [shared.clone()]));
    world.apply(&report("proxmox:p", [shared.clone().keyed("node").status(Status::Offline)]));
    let mut restarted = restart(&world, 1000);
    assert!(
        restarted
            .apply(&report("proxmox:p", [shared.clone().keyed("node").status(Status::Offline)]))
            .changes
            .is_empty()
    );
    assert!(restarted.apply(&report("agent:a", [shared])).changes.is_empty());
}

#[test]
fn a_log_that_makes_no_sense_is_refused() {
    let mut world = World::new();
    world.apply(&report("agent:a", [host("nas").status(Status::Online)]));
    world.apply(&report("agent:b", [host("two")]));
    let restore = |entries, start| {
        let stored = Stored { entries, sources: vec![] };
        Estate::restore(TenantId::DEFAULT, stored, Revision(start), at(0)).map(|_| ())
    };
    let reversed: Vec<_> = world.log.iter().rev().cloned().collect();
    let expected = RestoreError::OutOfOrder { before: Revision(2), found: Revision(1) };
    assert_eq!(restore(reversed, 10), Err(expected));
    let expected = RestoreError::StartsInThePast { start: Revision(1), last: Revision(2) };
    assert_eq!(restore(world.log.clone(), 1), Err(expected));
    assert_eq!(restore(world.log, 2), Ok(()));
}
