//! A source that is let go of leaves nothing behind but history.

use muster_estate::{Estate, Stored};
use muster_model::{ChangeOrigin, Revision, SourceStamp, TenantId};

use crate::world::{With, World, host, report, source};

#[test]
fn what_nobody_else_lists_is_gone_with_a_line_and_the_source_with_it() {
    let mut world = World::new();
    let shared = host("node").machine("m").dmi("d");
    world.apply(&report("agent:a", [shared.clone()]));
    world.apply(&report("proxmox:p", [shared.keyed("node/node"), host("other").keyed("node/other")]));
    let kept = world.id("agent:a", "host");
    let applied = world.dismiss("proxmox:p");

    let removed: Vec<_> = applied.changes.iter().map(|change| (change.to.as_deref(), change.origin)).collect();
    assert!(removed.contains(&(Some("absent"), ChangeOrigin::UserAction)), "{removed:?}");
    let snapshot = world.snapshot();
    assert_eq!(snapshot.rows().iter().map(|row| row.id).collect::<Vec<_>>(), [kept]);
    assert_eq!(snapshot.get(kept).unwrap().sources.len(), 1);
    assert_eq!(snapshot.sources().map(|state| state.id.to_string()).collect::<Vec<_>>(), ["agent:a"]);
    assert!(snapshot.source(&source("proxmox:p")).is_none());
    assert!(snapshot.source(&source("agent:a")).is_some());
}

#[test]
fn letting_go_twice_or_of_nobody_says_nothing() {
    let mut world = World::new();
    assert!(world.dismiss("proxmox:p").entries.is_empty());
    world.apply(&report("proxmox:p", [host("node")]));
    world.dismiss("proxmox:p");
    assert!(world.dismiss("proxmox:p").entries.is_empty());
    world.pass(1000);
    assert!(world.judge().entries.is_empty(), "nobody waits for it");
}

#[test]
fn it_stays_gone_after_a_restart_whatever_stamp_it_left() {
    // D-3
    let mut world = World::new();
    world.apply(&report("proxmox:p", [host("node")]));
    let state = world.estate.sources().next().unwrap();
    let stamp = SourceStamp { source: state.id.clone(), last_seen: state.last_seen.unwrap(), interval: state.interval };
    world.dismiss("proxmox:p");
    let stored = Stored { entries: world.log.clone(), sources: vec![stamp] };
    let mut estate = Estate::restore(TenantId::DEFAULT, stored, Revision(1000), world.now).unwrap();
    let snapshot = estate.snapshot(world.now);
    assert!(snapshot.is_empty());
    assert_eq!(snapshot.sources().count(), 0);
}

#[test]
fn a_source_that_reports_again_finds_its_ids() {
    let mut world = World::new();
    let first = report("proxmox:p", [host("node")]);
    world.apply(&first);
    let id = world.id("proxmox:p", "host");
    world.dismiss("proxmox:p");
    world.apply(&first);
    assert_eq!(world.id("proxmox:p", "host"), id);
    assert_eq!(world.snapshot().sources().count(), 1);
}
