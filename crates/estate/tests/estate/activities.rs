//! What a platform says has happened becomes lines of the timeline, once.

use muster_model::{Activity, ChangeKind, ChangeOrigin, Report};

use crate::world::{World, at, host, key, report};

fn task(native_id: Option<&str>, title: Option<&str>) -> Activity {
    Activity {
        key: key("host"),
        activity_type: "vzdump".into(),
        native_id: native_id.map(Into::into),
        occurred_at: at(3),
        title: title.map(Into::into),
        state: Some("ok".into()),
        message: None,
    }
}

fn with(activities: Vec<Activity>) -> Report {
    Report { activities, ..report("proxmox:lab", [host("pve1")]) }
}

#[test]
fn a_task_makes_one_line_however_often_it_is_listed() {
    //
    let mut world = World::new();
    world.apply(&with(vec![]));
    let lines = world.apply(&with(vec![task(Some("UPID:1"), Some("Backup"))])).changes;
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    assert_eq!((line.kind, line.origin), (ChangeKind::Activity, ChangeOrigin::PlatformEvent));
    assert_eq!(line.reason.as_deref(), Some("Backup (ok)"));
    assert_eq!(line.occurred_at, Some(at(3)));
    assert_eq!(line.metadata["activity_native_id"], "UPID:1");
    world.pass(10);
    assert_eq!(world.apply(&with(vec![task(Some("UPID:1"), Some("Backup"))])).changes, []);

    // Told again after a pause, it is the same line: the store keeps one.
    world.apply(&with(vec![]));
    let again = world.apply(&with(vec![task(Some("UPID:1"), Some("Backup"))])).changes;
    assert_eq!(again[0].id, line.id);
    let other = world.apply(&with(vec![task(Some("UPID:2"), Some("Backup"))])).changes;
    assert_ne!(other[0].id, line.id);
}

#[test]
fn without_an_id_time_title_and_message_identify_it() {
    //
    let mut world = World::new();
    world.apply(&with(vec![]));
    let first = world.apply(&with(vec![task(None, Some("Reboot"))])).changes;
    let other = world.apply(&with(vec![task(None, Some("Shutdown"))])).changes;
    let again = world.apply(&with(vec![task(None, Some("Reboot"))])).changes;
    assert_eq!(first[0].id, again[0].id);
    assert_ne!(first[0].id, other[0].id);
}

#[test]
fn what_says_nothing_or_belongs_to_nothing_is_rejected_and_named() {
    //
    let mut world = World::new();
    let stray = Activity { key: key("elsewhere"), ..task(Some("UPID:1"), None) };
    let applied = world.apply(&with(vec![task(None, None), stray]));
    assert!(applied.changes.iter().all(|change| change.kind != ChangeKind::Activity));
    let said: Vec<_> = applied.rejected.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("activity 0") && said[1].contains("`elsewhere`"), "{said:?}");
}
